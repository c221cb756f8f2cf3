"""Indexes put off till a load has ended."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from shuke.kernel.late_indexes import build_late, put_off
from shuke.kernel.models import LateIndex


@pytest.fixture
def table(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("create table late_try (word text, place int)")
        cursor.execute("create index late_try_place on late_try (place desc) where word <> ''")
    yield
    LateIndex.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("drop table late_try")


def definition() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_indexdef(to_regclass('late_try_place'))")
        found: str | None = cursor.fetchone()[0]
        return found


@pytest.mark.usefixtures("table")
def test_an_index_put_off_is_built_as_it_was() -> None:
    before = definition()
    assert put_off("late_try", ["late_try_place"])
    assert definition() is None
    assert build_late() == 1
    assert definition() == before
    assert build_late() == 0


@pytest.mark.usefixtures("table")
def test_a_table_with_rows_keeps_its_indexes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("insert into late_try values ('a', 1)")
    assert not put_off("late_try", ["late_try_place"])
    assert definition() is not None


@pytest.mark.usefixtures("table")
def test_nothing_is_put_off_within_a_transaction() -> None:
    with transaction.atomic():
        assert not put_off("late_try", ["late_try_place"])
    assert definition() is not None


@pytest.mark.usefixtures("table")
def test_a_table_in_use_keeps_its_indexes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shuke.kernel.late_indexes.PATIENCE", "20ms")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute("select count(*) from late_try")
            assert not put_off("late_try", ["late_try_place"])
    finally:
        other.close()
    assert definition() is not None


@pytest.mark.usefixtures("table")
def test_a_migration_finds_what_was_put_off() -> None:
    from django.core.management import call_command

    put_off("late_try", ["late_try_place"])
    call_command("migrate", "kernel", verbosity=0)
    assert definition() is not None
