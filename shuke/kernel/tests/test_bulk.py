"""Ids by the block, and work on a second connection."""

import pytest
from django.db import connection, transaction

from shuke.kernel.bulk import BLOCK_OF_IDS, beside, take_ids


def next_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select nextval('orders_order_id_seq')")
        return int(cursor.fetchone()[0])


def put(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("insert into bulk_beside values (%s)", [text])


def held() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select word from bulk_beside order by 1")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, BLOCK_OF_IDS - 1, BLOCK_OF_IDS, 50_000])
def test_reserved_ids_are_never_given_again(count: int) -> None:
    before = next_id()
    first, second = set(take_ids("orders_order", count)), set(take_ids("orders_order", count))
    assert len(first) == len(second) == count
    assert not first & second
    assert min(first | second) > before
    assert next_id() not in first | second


@pytest.mark.django_db
def test_no_ids_are_no_ids() -> None:
    assert list(take_ids("orders_order", 0)) == []


@pytest.fixture
def table(transactional_db: None) -> object:
    with connection.cursor() as cursor:
        cursor.execute("create table bulk_beside (word text)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("drop table bulk_beside")


def test_what_went_beside_stays_when_the_body_is_rolled_back(table: object) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        with beside(lambda: put("beside")):
            put("body")
        raise ZeroDivisionError
    assert held() == ["beside"]


def test_the_body_is_rolled_back_when_what_went_beside_fails(table: object) -> None:
    def fails() -> None:
        put("beside")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic(), beside(fails):
        put("body")
    assert held() == []


def test_within_a_further_transaction_all_is_one(table: object) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        with transaction.atomic(), beside(lambda: put("beside")):
            put("body")
        assert held() == ["beside", "body"]
        raise ZeroDivisionError
    assert held() == []
