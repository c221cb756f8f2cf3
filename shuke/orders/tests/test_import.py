"""Order files end to end: platforms, encodings, twice, undone, interrupted, bad rows, bad files."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from shuke.customers.models import Customer, Identity, IdentityConflict
from shuke.imports import queries, services
from shuke.imports.models import ImportReject, ImportRun
from shuke.imports.testing import EXPORTS, POS, YOUZAN, csv_bytes, import_rows, parquet_bytes, xlsx_bytes
from shuke.orders import queries as order_queries
from shuke.orders.importing.target import OrderTarget
from shuke.orders.models import Order, OrderBefore, OrderLine, Product
from shuke.team.models import Store
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def sums_up(run: ImportRun) -> bool:
    tally = queries.tally_of(run)
    parts = tally.created + tally.updated + tally.unchanged + tally.skipped + tally.rejected
    return tally.read == parts


def database() -> dict[str, list[Any]]:
    """All rows of what an import writes, as text."""
    found = {}
    tables = ("orders_order", "orders_orderline", "orders_product", "customers_customer", "customers_identity",
              "customers_identityconflict", "orders_orderbefore")  # fmt: skip
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"select t::text from {table} t order by 1")
            found[table] = cursor.fetchall()
    return found


@pytest.mark.parametrize("platform", list(EXPORTS))
def test_an_export_of_each_platform_gives_the_same_three_sales(platform: str, tmp_path: Path) -> None:
    run = import_rows(tmp_path, csv_bytes(EXPORTS[platform]))
    assert run.state == "done"
    assert run.source is not None and run.source.name == platform
    orders = list(Order.objects.order_by("ordered_at").values_list("amount_fen", "ordered_on"))
    assert [(amount, str(day)) for amount, day in orders] == [
        (42800, "2025-03-01"), (9990, "2025-03-02"), (2000, "2025-03-05"),
    ]  # fmt: skip
    assert Customer.objects.count() == 2
    first, _second, third = Order.objects.order_by("ordered_at")
    assert first.customer_id == third.customer_id
    assert sum(OrderLine.objects.filter(order=first).values_list("amount_fen", flat=True)) == 42800
    assert sums_up(run) and run.rows_rejected == 0


def test_order_totals_repeated_on_each_line_are_shared_out_not_added(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes(YOUZAN))
    lines = OrderLine.objects.filter(order__number="E1").order_by("line_number")
    assert [(line.amount_fen, line.quantity) for line in lines] == [(36800, 1), (6000, 2)]


def test_masked_phones_are_nobodys_identity(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes(EXPORTS["淘宝"]))
    assert set(Identity.objects.values_list("namespace", "value")) == {
        ("external:淘宝", "茶友一"), ("external:淘宝", "茶友二"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        csv_bytes(YOUZAN),
        csv_bytes(YOUZAN, encoding="utf-8-sig"),
        csv_bytes(YOUZAN, encoding="gb18030"),
        csv_bytes(YOUZAN, encoding="utf-16"),
        csv_bytes(YOUZAN, encoding="utf-16-le"),
        csv_bytes(YOUZAN, encoding="utf-16-be"),
        csv_bytes(YOUZAN, delimiter="\t"),
        csv_bytes(YOUZAN, delimiter=";"),
        csv_bytes(YOUZAN, delimiter="|"),
        csv_bytes(YOUZAN).replace(b"\r\n", b"\n"),
        xlsx_bytes(YOUZAN),
        parquet_bytes(YOUZAN),
    ],
    ids="utf8 bom gb18030 utf16 utf16le utf16be tab semicolon bar lf xlsx parquet".split(),
)
def test_encodings_delimiters_and_formats_are_found_by_looking(content: bytes, tmp_path: Path) -> None:
    run = import_rows(tmp_path, content)
    assert (run.state, Order.objects.count(), Customer.objects.get(phone="15400000001").name) == (
        "done",
        3,
        "王测试",
    )


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes(YOUZAN))
    before = database()
    again = import_rows(tmp_path, csv_bytes(YOUZAN))
    assert queries.tally_of(again).unchanged == 4
    assert database() == before


def test_equal_rows_without_order_number_both_count_and_are_known_again(tmp_path: Path) -> None:
    content = csv_bytes([["日期", "会员号", "金额"], ["2025-01-02", "M1", "10"], ["2025-01-02", "M1", "10"]])
    import_rows(tmp_path, content)
    assert Order.objects.count() == 2
    again = import_rows(tmp_path, content)
    assert (Order.objects.count(), queries.tally_of(again).unchanged) == (2, 2)


def test_a_changed_order_is_replaced_and_undo_restores_everything(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes(YOUZAN))
    before = database()
    changed = [row[:] for row in map(list, YOUZAN)]
    changed[3][8] = changed[3][9] = "89.90"
    changed.append(["E9", "交易完成", "2025-03-09 10:00:00", "茶里小店", "新茶", "XC09", "9.00", "1", "9.00", "9.00", "赵测试",
                    "15400000009", "茶友九"])  # fmt: skip
    run = import_rows(tmp_path, csv_bytes(changed))
    tally = queries.tally_of(run)
    assert (tally.created, tally.updated, tally.unchanged, tally.skipped) == (1, 1, 3, 1)
    assert Order.objects.get(number="E2").amount_fen == 8990
    services.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    assert services.undo_import(run.pk).state == "undone"
    assert database() == before


def test_undoing_the_only_import_leaves_nothing(tmp_path: Path) -> None:
    run = import_rows(tmp_path, csv_bytes(POS))
    services.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    services.undo_import(run.pk)
    assert {table: len(rows) for table, rows in database().items() if rows} == {}
    assert not Product.objects.exists() and not OrderBefore.objects.exists()


def test_lines_of_an_order_that_lie_apart_become_one_order(tmp_path: Path) -> None:
    rows = [["订单号", "下单时间", "会员号", "货号", "金额"]]
    rows += [
        [f"P{i % 500}", f"2025-01-{i % 28 + 1:02d}", f"M{i % 500 % 40}", f"S{i % 7}", str(i)]
        for i in range(2000)
    ]
    for row in rows[1:]:
        row[1] = f"2025-01-{int(row[0][1:]) % 28 + 1:02d}"
    content = csv_bytes(rows)
    for expected in ("created", "unchanged"):
        run = services.receive_file(actor=SYSTEM, name="x.csv", chunks=[content])
        services.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)
        run = services.run_import(run.pk, block=8_000)
        assert getattr(queries.tally_of(run), expected) == 2000, run.counts
        assert sums_up(run)
        assert (Order.objects.count(), OrderLine.objects.count()) == (500, 2000)
        assert Order.objects.get(number="P3").amount_fen == (3 + 503 + 1003 + 1503) * 100
    assert not OrderBefore.objects.exists()


def test_a_key_taken_by_somebody_else_during_a_run_brings_the_orders_to_them(tmp_path: Path) -> None:
    rows = [["订单号", "下单时间", "手机号", "货号", "金额"]]
    rows += [[f"P{i}", "2025-01-02", str(15400000000 + i), "S1", "10"] for i in range(600)]
    run = services.receive_file(actor=SYSTEM, name="x.csv", chunks=[csv_bytes(rows)])
    services.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    taken: list[int] = []

    def take_the_last_phone(_done: int, _total: int) -> None:
        if not taken:
            rival = Customer.objects.create(name="测试客户")
            Identity.objects.create(namespace="phone", value="+8615400000599", customer=rival)
            taken.append(rival.pk)

    run = services.run_import(run.pk, block=2_000, watch=take_the_last_phone)
    assert (run.state, run.counts["rows_created"], run.counts["customers_created"]) == ("done", 600, 599)
    assert Order.objects.get(number="P599").customer_id == taken[0]
    assert (Customer.objects.count(), Identity.objects.count()) == (600, 600)
    assert order_queries.orphaned_orders() == 0


def test_bad_rows_come_back_with_line_column_value_and_reason(tmp_path: Path) -> None:
    rows = [["订单号", "下单时间", "手机号", "实付金额"], ["A1", "2025-01-02", "15400000001", "10"],
            ["A2", "明天", "15400000001", "10"], ["A3", "2025-01-02", "15400000001", "一百块"],
            ["A4", "2025-01-02", "1540000", "=1+1"], ["", "2025-01-02", "15400000001", "5"],
            ["A6", "2025-01-02", "15400000002", "7"]]  # fmt: skip
    run = import_rows(tmp_path, csv_bytes(rows) + b"A7,2025-01-02,15400000001,1,2,3\r\n")
    found = list(
        ImportReject.objects.filter(run=run)
        .order_by("line_number")
        .values_list("line_number", "column", "value")
    )
    assert found == [
        (3, "下单时间", "明天"),
        (4, "实付金额", "一百块"),
        (5, "实付金额", "=1+1"),
        (6, "订单号", ""),
        (8, "", ""),
    ]
    assert sorted(Order.objects.values_list("number", flat=True)) == ["A1", "A6"]
    assert sums_up(run)
    lines = (
        b"".join(queries.reject_file(run, ("行号", "列", "原值", "原因"))).decode("utf-8-sig").splitlines()
    )
    assert lines[1].startswith("3,下单时间,明天,看不懂的时间")
    assert "'=1+1" in lines[3]


def test_a_card_and_a_phone_of_two_people_raise_a_conflict_and_never_merge(tmp_path: Path) -> None:
    head = ["订单号", "下单时间", "会员号", "手机号", "金额"]
    import_rows(
        tmp_path,
        csv_bytes(
            [head, ["A1", "2025-01-02", "M1", "", "10"], ["A2", "2025-01-02", "", "15400000002", "20"]]
        ),
    )
    import_rows(tmp_path, csv_bytes([head, ["A3", "2025-01-03", "M1", "15400000002", "30"]]))
    card = Identity.objects.get(namespace="member", value="M1").customer_id
    assert Order.objects.get(number="A3").customer_id == card
    assert Customer.objects.count() == 2
    assert IdentityConflict.objects.count() == 1


def test_two_currencies_are_kept_apart_and_never_in_one_order(tmp_path: Path) -> None:
    rows = [["订单号", "下单时间", "手机号", "实付金额", "币种"], ["A1", "2025-01-02", "15400000001", "10", "人民币"],
            ["A2", "2025-01-02", "15400000001", "20", "USD"], ["A2", "2025-01-02", "15400000001", "20", "EUR"]]  # fmt: skip
    run = import_rows(tmp_path, csv_bytes(rows))
    assert list(Order.objects.order_by("number").values_list("currency", "amount_fen")) == [
        ("CNY", 1000),
        ("USD", 2000),
    ]
    assert run.rows_rejected == 1


def test_the_mapping_is_remembered_for_files_with_the_same_headers(tmp_path: Path) -> None:
    content = csv_bytes([["甲", "乙", "丙"], ["2025-01-02", "M1", "10"]])
    run = services.receive_file(actor=SYSTEM, name="x.csv", chunks=[content])
    assert run.mapping == {}
    services.set_mapping(
        actor=SYSTEM,
        run_id=run.pk,
        mapping={"moment": "c0", "member": "c1", "amount": "c2"},
        options={},
        source="老系统",
    )
    services.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    assert services.run_import(run.pk).state == "done"
    later = services.receive_file(actor=SYSTEM, name="y.csv", chunks=[content.replace(b"10", b"11")])
    assert later.mapping == {"moment": "c0", "member": "c1", "amount": "c2"}
    assert later.source is not None and later.source.name == "老系统"


def test_a_run_that_lacks_the_day_does_not_start(tmp_path: Path) -> None:
    run = services.receive_file(
        actor=SYSTEM, name="x.csv", chunks=[csv_bytes([["甲", "金额"], ["啊", "10"]])]
    )
    with pytest.raises(ValueError, match="下单时间"):
        services.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)


def test_new_customers_belong_to_the_store_and_channel_of_their_first_order(tmp_path: Path) -> None:
    import_rows(tmp_path, csv_bytes(POS))
    customer = Customer.objects.get(member_number="M001")
    assert customer.store_id == Store.objects.get(name="测试总店").pk
    assert Order.objects.filter(store__name="测试总店").count() == 3


def test_lines_of_an_order_that_lie_apart_in_one_batch_are_one_order(tmp_path: Path) -> None:
    rows = [["订单号", "下单时间", "会员号", "金额"]]
    rows += [
        [number, "2025-01-02", "M1", amount]
        for number, amount in (("A", "1"), ("B", "2"), ("A", "4"), ("C", "8"))
    ]
    import_rows(tmp_path, csv_bytes(rows))
    assert dict(Order.objects.values_list("number", "amount_fen")) == {"A": 500, "B": 200, "C": 800}


KILLED = """
    import os, sys
    import django
    django.setup()
    from shuke.imports.services import running
    running.MANY_ROWS = 1_000
    done = []
    def watch(rows, total):
        done.append(rows)
        if len(done) == 3:
            os.kill(os.getpid(), 9)
    running.run_import(int(sys.argv[1]), watch=watch, block=20_000)
"""


def indexes_of(table: str) -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, table))


@pytest.mark.django_db(transaction=True)
def test_a_run_killed_in_the_middle_goes_on_where_it_stood(tmp_path: Path) -> None:
    rows = [["订单号", "下单时间", "手机号", "货号", "金额"]]
    rows += [[f"P{i // 2}", f"2025-01-{i // 2 % 28 + 1:02d}", str(15400000000 + i // 2 % 300), f"S{i % 7}", str(i)]
             for i in range(4000)]  # fmt: skip
    run = services.receive_file(actor=SYSTEM, name="x.csv", chunks=[csv_bytes(rows)])
    services.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    where = connection.settings_dict
    url = f"postgresql://{where['USER']}@{where['HOST'].replace('/', '%2F')}:{where['PORT']}/{where['NAME']}"
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(run.pk)],
        env=os.environ | {"DATABASE_URL": url}, check=False, capture_output=True,
    )  # fmt: skip
    assert killed.returncode == -9, killed.stderr.decode()
    run.refresh_from_db()
    assert 0 < run.rows_done < 4000
    assert OrderLine.objects.count() == run.rows_done
    late = OrderTarget.late_indexes["orders_order"]
    assert not set(late) & indexes_of("orders_order")
    run = services.run_import(run.pk)
    assert set(late) <= indexes_of("orders_order")
    assert (run.state, run.rows_done, queries.tally_of(run).created) == ("done", 4000, 4000)
    assert (Order.objects.count(), OrderLine.objects.count(), Customer.objects.count()) == (2000, 4000, 300)
    assert sum(Order.objects.values_list("amount_fen", flat=True)) == sum(range(4000)) * 100


def test_a_place_in_one_cell_is_kept_in_its_parts(tmp_path: Path) -> None:
    header = ["订单号", "下单时间", "手机号", "收货地区", "城市", "金额"]
    rows = [
        ["1", "2025-01-01", "15400000001", "浙江省杭州市西湖区", "", "1"],
        ["2", "2025-01-01", "15400000002", "上海市 浦东新区", "", "2"],
        ["3", "2025-01-01", "15400000003", "浙江省杭州市西湖区", "宁波市", "3"],
        ["4", "2025-01-01", "15400000004", "", "", "4"],
    ]
    import_rows(tmp_path, csv_bytes([header, *rows]))
    places = Customer.objects.order_by("phone").values_list("province", "city", "district")
    assert list(places) == [
        ("浙江省", "杭州市", "西湖区"), ("上海市", "上海市", "浦东新区"), ("浙江省", "宁波市", "西湖区"), ("", "", ""),
    ]  # fmt: skip


def test_mended_rows_join_the_order_they_were_left_out_of_and_only_once(tmp_path: Path) -> None:
    header = ["订单号", "下单时间", "手机号", "货号", "数量", "实付金额"]
    good = [
        ["A", "2025-01-01", "15400000001", "S1", "1", "10"],
        ["A", "2025-01-01", "15400000001", "S2", "1", "20"],
    ]
    run = import_rows(
        tmp_path, csv_bytes([header, *good, ["A", "2025-01-01", "15400000001", "S3", "1", "三十"]])
    )
    assert run.rows_rejected == 1
    given_back = b"".join(queries.reject_file(run, ("原文件行号", "问题列", "原值", "原因"))).decode(
        "utf-8-sig"
    )
    before, _cell, after = given_back.rpartition("三十")
    mended_file = f"{before}30{after}".encode()
    full = database()
    again = import_rows(tmp_path, mended_file)
    order = Order.objects.get()
    assert (order.amount_fen, OrderLine.objects.count()) == (6000, 3)
    assert sums_up(again) and queries.tally_of(again).updated == 1
    twice = import_rows(tmp_path, mended_file)
    assert (Order.objects.get().amount_fen, OrderLine.objects.count()) == (6000, 3)
    assert sums_up(twice) and queries.tally_of(twice).unchanged == 1
    whole = import_rows(
        tmp_path, csv_bytes([header, *good, ["A", "2025-01-01", "15400000001", "S3", "1", "30"]])
    )
    assert queries.tally_of(whole).unchanged == 3
    for done in (whole, twice, again):
        services.undo_run(actor=SYSTEM, run_id=done.pk, in_background=False)
        services.undo_import(done.pk)
    assert database() == full
