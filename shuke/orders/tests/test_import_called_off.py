"""Orders that are closed in a later export, and orders with more lines than an order has."""

from pathlib import Path
from typing import Any

import pytest

from shuke.imports import queries, services
from shuke.imports.models import ImportReject
from shuke.imports.testing import csv_bytes, import_rows
from shuke.orders.importing import lines
from shuke.orders.models import Order, OrderLine
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db

HEADER = ["订单编号", "订单状态", "下单时间", "手机号", "宝贝标题", "实付金额"]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def row(number: str, status: str, title: str = "白茶", amount: str = "100") -> list[str]:
    return [number, status, "2025-03-01 10:00:00", "15400000001", title, amount]


def money() -> list[tuple[str, int, int]]:
    return list(Order.objects.order_by("number").values_list("number", "amount_fen", "refund_fen"))


def test_an_order_closed_in_a_later_export_is_refunded_in_full_and_comes_back_when_undone(
    tmp_path: Path,
) -> None:
    import_rows(tmp_path, csv_bytes([HEADER, row("A", "交易成功"), row("B", "交易成功")]))
    later = csv_bytes([HEADER, row("A", "交易关闭"), row("B", "交易成功"), row("C", "交易关闭")])
    run = import_rows(tmp_path, later)
    assert money() == [("A", 10000, 10000), ("B", 10000, 0)]
    assert sum(OrderLine.objects.filter(order__number="A").values_list("refund_fen", flat=True)) == 10000
    assert run.counts["orders_called_off"] == 1
    tally = queries.tally_of(run)
    assert (tally.read, tally.unchanged, tally.skipped) == (3, 1, 2)
    again = import_rows(tmp_path, later)
    assert again.counts.get("orders_called_off", 0) == 0
    services.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    services.undo_import(run.pk)
    assert money() == [("A", 10000, 0), ("B", 10000, 0)]


def test_one_closed_line_among_sold_ones_does_not_close_the_order(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes([HEADER, row("A", "交易成功"), row("A", "交易成功", "红茶", "50")]))
    import_rows(tmp_path, csv_bytes([HEADER, row("A", "交易成功"), row("A", "交易关闭", "红茶", "50")]))
    assert money() == [("A", 10000, 0)]


def test_an_order_that_is_merely_unpaid_in_a_later_export_stays_as_it_was(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes([HEADER, row("A", "交易成功")]))
    import_rows(tmp_path, csv_bytes([HEADER, row("A", "等待买家付款")]))
    assert money() == [("A", 10000, 0)]


@pytest.mark.parametrize("block", [1 << 20, 2_000])
def test_lines_past_what_one_order_can_have_come_back_with_their_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(lines, "MOST_LINES", 60)
    rows = [row("A", "交易成功", f"茶{i}", str(i + 1)) for i in range(100)]
    run = services.receive_file(
        actor=SYSTEM, name="x.csv", chunks=[csv_bytes([HEADER, *rows, row("B", "交易成功")])]
    )
    services.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    run = services.run_import(run.pk, block=block)
    assert money() == [("A", 183000, 0), ("B", 10000, 0)]
    assert OrderLine.objects.count() == 61
    rejects = list(ImportReject.objects.order_by("line_number").values_list("line_number", "column", "value"))
    assert rejects == [(i, "订单编号", "A") for i in range(62, 102)]
    assert "30000" in ImportReject.objects.earliest("pk").reason
