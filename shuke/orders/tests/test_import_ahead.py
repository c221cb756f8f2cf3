"""People and lines go in on a second connection, a moment before their orders: nothing of that may stay alone."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from shuke.customers.models import Customer
from shuke.imports import queries, services
from shuke.imports.models import ImportRun
from shuke.imports.testing import csv_bytes
from shuke.kernel.bulk import ReadyRows
from shuke.orders.importing.ahead import announce_lines, drop_lines_ahead
from shuke.orders.models import LinesAhead, Order, OrderLine
from shuke.orders.queries import orphaned_orders
from shuke.team.queries import SYSTEM

BLOCK = 30_000
ROWS = 4000


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


class PowerCut(RuntimeError):
    """What the second batch of orders meets."""


def received() -> ImportRun:
    rows = [["订单号", "下单时间", "手机号", "货号", "金额"]]
    rows += [
        [f"P{i // 2:06d}", f"2025-01-{i // 2 % 28 + 1:02d}", str(15400000000 + i // 8), f"S{i % 7}", str(i)]
        for i in range(ROWS)
    ]
    run = services.receive_file(actor=SYSTEM, name="x.csv", chunks=[csv_bytes(rows)])
    return services.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)


def lonely_lines() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from orders_orderline l where not exists (select 1 from orders_order o where o.id = l.order_id)"
        )
        return int(cursor.fetchone()[0])


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Orders of the third batch do not arrive, the first time."""
    write, seen = ReadyRows.write, []

    def failing(self: ReadyRows) -> None:
        if self.table == "orders_order":
            seen.append(1)
            if len(seen) == 3:
                raise PowerCut
        write(self)

    monkeypatch.setattr(ReadyRows, "write", failing)
    return seen


@pytest.mark.django_db(transaction=True)
def test_lines_whose_orders_never_came_are_dropped_when_the_run_goes_on(cut: Any) -> None:
    run = received()
    with pytest.raises(PowerCut):
        services.run_import(run.pk, block=BLOCK)
    assert lonely_lines() > 0
    assert LinesAhead.objects.count() == 1
    services.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    run = services.run_import(run.pk, block=BLOCK)
    assert (run.state, queries.tally_of(run).created) == ("done", ROWS)
    assert (lonely_lines(), LinesAhead.objects.count(), orphaned_orders()) == (0, 0, 0)
    assert (Order.objects.count(), OrderLine.objects.count(), Customer.objects.count()) == (2000, ROWS, 500)
    assert run.counts["customers_created"] == 500


@pytest.mark.django_db(transaction=True)
def test_an_undone_run_leaves_nothing_of_what_went_ahead(cut: Any) -> None:
    run = received()
    with pytest.raises(PowerCut):
        services.run_import(run.pk, block=BLOCK)
    services.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    services.undo_import(run.pk)
    assert (Order.objects.count(), OrderLine.objects.count(), Customer.objects.count()) == (0, 0, 0)
    assert LinesAhead.objects.count() == 0


@pytest.mark.django_db
def test_only_lines_without_their_order_are_dropped() -> None:
    import polars as pl

    order = Order.objects.create(
        source="t", number="1", ordered_at="2025-01-01T00:00Z", ordered_on="2025-01-01", amount_fen=1
    )
    OrderLine.objects.create(order=order, line_number=0, quantity=1, amount_fen=1)
    OrderLine.objects.create(order_id=order.pk + 1, line_number=0, quantity=1, amount_fen=1)
    announce_lines(7, pl.Series([order.pk, order.pk + 1]))
    drop_lines_ahead(8)
    assert OrderLine.objects.count() == 2
    drop_lines_ahead(7)
    assert list(OrderLine.objects.values_list("order_id", flat=True)) == [order.pk]
