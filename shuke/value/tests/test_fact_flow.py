"""What flows into the facts is what the orders say, whoever wrote them and whatever dies; and nobody stays who is gone."""

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyarrow.parquet as pq
import pytest
from django.db import connection

from shuke.customers.services import delete_customers, merging, purge_customers
from shuke.imports import services as imports
from shuke.imports.testing import csv_bytes
from shuke.orders.models import Order, OrderChange
from shuke.orders.testing import sell
from shuke.team.queries import SYSTEM
from shuke.team.testing import cast
from shuke.value.models import FactsState
from shuke.value.services import bring_up_to_date, fact_flow
from shuke.value.services.facts import day_of
from shuke.value.testing import TODAY, add_order, add_people, small_shop

Told = dict[int, list[tuple[date, int, int]]]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> None:
    settings.SHUKE_DATA = settings.MEDIA_ROOT = tmp_path


def of_orders() -> Told:
    """(day, sold, returned) by customer, counted in Python from the table itself."""
    found: Told = defaultdict(list)
    for row in Order.objects.exclude(customer=None).filter(currency="CNY"):
        is_return = row.kind == "return" or row.amount_fen < 0
        sold = 0 if is_return else max(row.amount_fen - row.refund_fen, 0)
        found[row.customer_id].append((row.ordered_on, sold, abs(row.amount_fen) if is_return else 0))
    return {who: sorted(rows) for who, rows in found.items()}


def of_facts() -> Told:
    """The same as the facts say it now, without letting anything flow."""
    store = fact_flow.FactStore(fact_flow.facts_folder())
    manifest = store.manifest()
    assert manifest is not None
    found: Told = defaultdict(list)
    for row in store.read(manifest).to_pylist():
        found[row["customer"]].append((day_of(row["day"]), row["sold_fen"], row["returned_fen"]))
    return {who: sorted(rows) for who, rows in found.items()}


def flows() -> int | None:
    """Let it flow; the facts must then say what the orders say. How many customers were told anew."""
    told = bring_up_to_date()
    assert of_facts() == of_orders()
    assert not OrderChange.objects.exists()
    return told


def numbers_in_files() -> set[int]:
    """Every customer number in any Parquet file."""
    found: set[int] = set()
    for path in fact_flow.facts_folder().glob("*.parquet"):
        found |= set(pq.read_table(path)["customer"].to_pylist())
    return found


@pytest.mark.django_db
def test_the_first_flow_tells_everybody_and_the_next_only_who_changed():
    ids = small_shop(60)
    assert flows() is None
    assert flows() == 0
    sell("new", customer_id=ids[3], on=TODAY, amount_fen=88_800)
    assert flows() == 1
    sell("new", customer_id=ids[4], on=TODAY, amount_fen=100)  # the same order, another buyer and amount
    assert flows() == 2


@pytest.mark.django_db
def test_whoever_changes_orders_is_noticed():
    ids = small_shop(60)
    flows()
    with connection.cursor() as cursor:
        cursor.execute("update orders_order set refund_fen = 1 where customer_id = any(%s)", [ids[:3]])
        cursor.execute("delete from orders_order where customer_id = %s", [ids[5]])
        cursor.execute("update orders_order set currency = 'USD' where customer_id = %s", [ids[7]])
    add_order(ids[59], TODAY, 5_000, number="by COPY")
    Order.objects.filter(customer_id=ids[8]).update(customer_id=ids[9])
    assert flows() == 8
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("truncate orders_order cascade")
    assert flows() is None and of_facts() == {}


@pytest.mark.django_db
def test_an_import_and_its_undoing_flow():
    small_shop(30)
    flows()
    rows = [["订单号", "下单时间", "手机号", "货号", "金额"]]
    rows += [
        [f"P{i}", f"2025-01-{i % 28 + 1:02d}", str(15400000000 + i // 3), "S1", str(i)] for i in range(60)
    ]
    run = imports.receive_file(actor=SYSTEM, name="x.csv", chunks=[csv_bytes(rows)])
    imports.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    imports.run_import(run.pk)
    assert OrderChange.objects.filter(first_order_id__isnull=False).count() == 1
    before = of_facts()
    assert flows() == 20 and of_facts() != before
    imports.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    imports.undo_import(run.pk)
    assert flows() == 20 and of_facts() == before


@pytest.mark.django_db
def test_merging_and_parting_flow():
    one, two = add_people(2)
    add_order(one, TODAY, 1_000, number="1")
    add_order(two, TODAY - timedelta(days=1), 2_000, number="2")
    flows()
    merge = merging.merge_customers(actor=SYSTEM, winner_id=one, loser_id=two)
    assert flows() == 2 and set(of_facts()) == {one}
    assert two not in numbers_in_files()
    merging.unmerge(actor=SYSTEM, merge_id=merge.pk)
    assert flows() == 2 and set(of_facts()) == {one, two}


@pytest.mark.django_db
def test_who_is_deleted_for_good_is_in_no_file_any_more(monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(fact_flow, "enqueue_named", asked.append)
    house, (gone, stays) = cast(), add_people(2)
    for number, who in (("1", gone), ("2", stays)):
        add_order(who, TODAY, 1_000, number=number)
    flows()
    sell("3", customer_id=gone, on=TODAY)
    flows()  # in the base and in a layer
    assert numbers_in_files() == {gone, stays}
    delete_customers(actor=house.owner, customer_ids=[gone])
    purge_customers(actor=house.owner, customer_ids=[gone])
    assert asked == ["value.keep_facts"]
    flows()
    assert numbers_in_files() == {stays}


@pytest.mark.django_db
def test_killed_before_the_commit_the_next_flow_makes_it_good():
    ids = small_shop(40)
    flows()
    sell("new", customer_id=ids[0], on=TODAY)
    token = FactsState.objects.get().token
    with pytest.raises(RuntimeError), fact_flow.facts():
        raise RuntimeError("power cut")
    assert FactsState.objects.get().token == token and OrderChange.objects.count() > 0
    assert of_facts() == of_orders()  # the files are one state ahead of the database
    sell("another", customer_id=ids[1], on=TODAY)
    assert flows() == 2


@pytest.mark.django_db
def test_facts_of_another_database_or_currency_are_told_anew():
    ids = small_shop(40)
    flows()
    FactsState.objects.update(token="of a backup restored")
    Order.objects.filter(customer_id=ids[0]).update(amount_fen=7)
    OrderChange.objects.all().delete()  # the backup is older: nothing is marked in it
    assert flows() is None
    for path in fact_flow.facts_folder().glob("*"):
        path.unlink()
    assert flows() is None
    assert bring_up_to_date(anew=True) is None


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_when_transactions_commit_out_of_order():
    early, late = add_people(2)
    bring_up_to_date()
    where = connection.get_connection_params()
    known = {name: where[name] for name in ("dbname", "user", "host", "port", "password") if where.get(name)}
    with psycopg.connect(**known) as slow:
        slow.execute(
            "insert into orders_order (source, number, kind, customer_id, ordered_at, ordered_on, amount_fen, recorded_at)"
            " values ('pos', 'slow', 'sale', %s, now(), %s, 500, now())",
            [early, TODAY],
        )
        sell("quick", customer_id=late, on=TODAY)  # begun later, committed earlier
        assert bring_up_to_date() == 1
        assert set(of_facts()) == {late}
        slow.commit()
    assert flows() == 1 and set(of_facts()) == {early, late}


@pytest.mark.django_db
def test_the_facts_hold_ids_days_and_amounts_only():
    small_shop(10)
    flows()
    for path in fact_flow.facts_folder().glob("*.parquet"):
        assert set(pq.read_schema(path).names) <= {
            "customer", "day", "sold_fen", "returned_fen", "order", "store", "layer"
        }  # fmt: skip
        assert all(np.issubdtype(kind.to_pandas_dtype(), np.integer) for kind in pq.read_schema(path).types)
