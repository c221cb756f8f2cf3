"""Orders that are there and say something else than the file: each field goes by its rule, and nothing is taken twice."""

from pathlib import Path
from typing import Any

import pytest

from shuke.customers.models import Customer
from shuke.imports import queries, services
from shuke.imports.models import ImportRun
from shuke.imports.testing import csv_bytes, import_rows
from shuke.orders.models import Order, OrderLine
from shuke.orders.queries import order_card
from shuke.team.models import Store
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db

HEAD = ["小票号", "销售时间", "门店", "渠道", "手机号", "商品名称", "条码", "数量", "金额"]
FIRST = [
    HEAD,
    ["P1", "2025-03-01 09:05", "东街店", "到店", "15400000001", "白茶礼盒", "BC01", "1", "368"],
    ["P1", "2025-03-01 09:05", "东街店", "到店", "15400000001", "茉莉花茶", "MH02", "2", "60"],
    ["P2", "2025-03-02 10:00", "东街店", "", "15400000002", "茶杯", "CB03", "1", "20"],
]
LATER = [
    HEAD,
    ["P1", "2025-03-01 11:30", "西街店", "小程序", "15400000009", "白茶礼盒", "BC01", "1", "300"],
    ["P2", "2025-03-02 10:00", "东街店", "小程序", "15400000002", "茶杯", "CB03", "1", "20"],
]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def told(number: str) -> tuple[str, str, str, str, int, int]:
    order = Order.objects.get(number=number)
    at = order.ordered_at.isoformat()[11:16]
    phone = order.customer.phone[-1] if order.customer else ""
    store = order.store.name if order.store else ""
    return store, order.channel, at, phone, order.amount_fen, OrderLine.objects.filter(order=order).count()


def figures(run: ImportRun) -> tuple[int, int, int]:
    tally = queries.tally_of(run)
    return tally.created, tally.updated, tally.unchanged


OURS = ("东街店", "到店", "01:05", "1", 42800, 2)
THEIRS = ("西街店", "小程序", "03:30", "9", 30000, 1)


@pytest.mark.parametrize(
    ("rules", "first", "second_channel"),
    [
        ({}, THEIRS, "小程序"),
        ({"wins": "ours"}, OURS, ""),
        ({"wins": "blanks"}, OURS, "小程序"),
        ({"wins": "ours", "wins_channel": "file"}, ("东街店", "小程序", "01:05", "1", 42800, 2), "小程序"),
        ({"wins_goods": "ours"}, ("西街店", "小程序", "03:30", "9", 42800, 2), "小程序"),
        ({"wins_customer": "ours"}, ("西街店", "小程序", "03:30", "1", 30000, 1), "小程序"),
        (
            {"wins_moment": "ours", "wins_store": "ours"},
            ("东街店", "小程序", "01:05", "9", 30000, 1),
            "小程序",
        ),
    ],
)
def test_of_an_order_that_differs_each_field_goes_by_its_rule(
    tmp_path: Path, rules: dict[str, str], first: tuple[Any, ...], second_channel: str
) -> None:
    import_rows(tmp_path, csv_bytes(FIRST))
    before = list(Order.objects.order_by("number").values())
    lines = list(
        OrderLine.objects.order_by("order", "line_number").values_list("order", "product", "amount_fen")
    )

    run = import_rows(tmp_path, csv_bytes(LATER), **rules)

    assert told("P1") == first
    assert told("P2") == ("东街店", second_channel, "02:00", "2", 2000, 1)
    assert (
        run.counts["fields_differing"] == 4
    )  # store, channel, time, amount of P1; the channel of P2 fills a gap
    assert figures(run) == (
        (0, 0, 2) if first == OURS and not second_channel else (0, 1, 1) if first == OURS else (0, 2, 0)
    )
    services.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    services.undo_import(run.pk)
    assert list(Order.objects.order_by("number").values()) == before
    assert lines == list(
        OrderLine.objects.order_by("order", "line_number").values_list("order", "product", "amount_fen")
    )


@pytest.mark.parametrize(
    "rules", [{"wins": "ours"}, {"wins_store": "ours"}, {"wins_goods": "ours"}, {"wins": "blanks"}]
)
def test_the_same_file_by_the_same_rules_changes_nothing_the_second_time(
    tmp_path: Path, rules: dict[str, str]
) -> None:
    import_rows(tmp_path, csv_bytes(FIRST))
    import_rows(tmp_path, csv_bytes(LATER), **rules)
    assert figures(import_rows(tmp_path, csv_bytes(LATER), **rules)) == (0, 0, 2)


def test_what_a_rule_left_is_taken_when_the_same_file_comes_by_another_rule(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes(FIRST))
    import_rows(tmp_path, csv_bytes(LATER), wins_store="ours")
    run = import_rows(tmp_path, csv_bytes(LATER), wins_store="file")
    assert told("P1") == THEIRS
    assert figures(run) == (0, 1, 1)


def test_an_orders_customer_who_stays_makes_nobody_of_the_file(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes(FIRST))
    import_rows(tmp_path, csv_bytes(LATER), wins_customer="ours")
    assert set(Customer.objects.values_list("phone", flat=True)) == {"15400000001", "15400000002"}


def test_an_order_of_nobody_gets_the_files_customer_also_where_ours_stay(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes(FIRST))
    Order.objects.filter(number="P1").update(customer=None)
    import_rows(tmp_path, csv_bytes(LATER), wins_customer="ours")
    assert told("P1")[3] == "9"


def test_a_file_without_a_column_empties_no_order(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes(FIRST))
    without = [
        [cell for place, cell in enumerate(row) if HEAD[place] not in ("门店", "渠道", "手机号")]
        for row in LATER
    ]
    import_rows(tmp_path, csv_bytes(without), source="收银")
    assert told("P1") == ("东街店", "到店", "03:30", "1", 30000, 1)


def test_lines_of_an_order_that_stays_are_not_doubled_when_they_lie_apart(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes(FIRST))
    apart = [
        HEAD,
        LATER[1],
        *[[f"N{n}", *LATER[2][1:]] for n in range(3)],
        [*LATER[1][:5], "茶杯", "CB03", "1", "20"],
    ]
    import_rows(tmp_path, csv_bytes(apart), wins_goods="ours", wins_channel="file")
    assert told("P1")[1:] == ("小程序", "03:30", "9", 42800, 2)


def test_an_order_called_off_stays_where_our_goods_win(tmp_path: Path) -> None:
    head = [*HEAD, "订单状态"]
    import_rows(tmp_path, csv_bytes([head, *[[*row, "已完成"] for row in FIRST[1:]]]))
    closed = csv_bytes([head, *[[*row, "交易关闭"] for row in FIRST[1:]]])
    import_rows(tmp_path, closed, wins_goods="ours")
    assert Order.objects.get(number="P1").refund_fen == 0
    import_rows(tmp_path, closed, wins_goods="file")
    assert Order.objects.get(number="P1").refund_fen == 42800


def test_the_check_page_shows_where_file_and_order_differ(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes(FIRST))
    run = services.receive_file(actor=SYSTEM, name="o.csv", chunks=[csv_bytes(LATER)])
    run = services.set_mapping(
        actor=SYSTEM,
        run_id=run.pk,
        mapping=run.mapping,
        options=run.options | {"wins_store": "ours"},
        source="收银",
    )
    shown = [(one.line, one.who, one.field, one.ours, one.theirs, one.is_taken)
             for one in services.preview_run(run).differences]  # fmt: skip
    assert shown == [
        (2, "P1", "amount", "428.00", "300.00", True),
        (2, "P1", "channel", "到店", "小程序", True),
        (2, "P1", "moment", "2025-03-01 01:05", "2025-03-01 03:30", True),
        (2, "P1", "store", "东街店", "西街店", False),
    ]
    assert told("P1") == OURS and Store.objects.filter(name="西街店").count() == 0
    assert order_card(SYSTEM, Order.objects.get(number="P1").pk) is not None
