"""An order file fills what is blank on customers who were there before, and nothing else; undoing makes it blank again."""

from pathlib import Path
from typing import Any

import pytest

from shuke.customers.models import Customer, FieldChange, Identity
from shuke.customers.services import change_customer
from shuke.customers.testing import customer
from shuke.imports import services
from shuke.imports.models import ImportRun
from shuke.imports.testing import csv_bytes, import_rows
from shuke.orders.models import Order
from shuke.team import services as team
from shuke.team.queries import SYSTEM
from shuke.team.testing import manager_lin

pytestmark = pytest.mark.django_db

HEADER = ["订单号", "下单时间", "会员号", "手机号", "姓名", "省份", "城市", "地址", "门店", "金额"]
PHONE, OTHER = "15400000001", "15400000002"


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def member(number: str = "M1", **fields: Any) -> Customer:
    made = Customer.objects.create(member_number=number, **{"name": "", "name_key": "~"} | fields)
    Identity.objects.create(customer=made, namespace="member", value=number, verified_by="import")
    return made


def order(number: str = "A", who: str = "M1", **cells: str) -> list[str]:
    said = {"订单号": number, "下单时间": "2025-01-02", "会员号": who, "金额": "10"} | cells
    return [said.get(column, "") for column in HEADER]


def imported(folder: Path, *rows: list[str]) -> ImportRun:
    return import_rows(folder, csv_bytes([HEADER, *rows]))


def record(pk: int) -> tuple[Any, ...]:
    return Customer.objects.values_list(
        "name", "name_key", "phone", "province", "city", "address", "store__name", "updated_at"
    ).get(pk=pk)


def undo(run: ImportRun) -> ImportRun:
    services.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    return services.undo_import(run.pk)


FULL = {
    "手机号": PHONE,
    "姓名": "王测试",
    "省份": "浙江省",
    "城市": "杭州市",
    "地址": "示例路 1 号",
    "门店": "测试总店",
}


def test_blank_fields_are_filled_and_blank_again_when_the_run_is_taken_back(tmp_path: Path) -> None:
    made = member()
    before = record(made.pk)
    run = imported(tmp_path, order(**FULL))
    assert record(made.pk)[:7] == (
        "王测试", "wang2王 ce4测 shi4试", PHONE, "浙江省", "杭州市", "示例路 1 号", "测试总店",
    )  # fmt: skip
    assert run.counts["customers_filled"] == 1
    assert Order.objects.get().customer_id == made.pk
    assert set(FieldChange.objects.filter(customer=made).values_list("field", flat=True)) >= {"name", "phone"}
    undone = undo(run)
    assert record(made.pk) == before
    assert (undone.counts["customers_restored"], undone.counts["stores_removed"]) == (1, 0)
    assert not Identity.objects.filter(value__endswith=PHONE).exists()


def test_what_the_record_says_is_never_overwritten(tmp_path: Path) -> None:
    store = team.add_store(actor=SYSTEM, name="老店")
    made = member(name="老王", name_key="laowang", phone=OTHER, city="宁波市", store_id=store.pk)
    imported(tmp_path, order(**FULL))
    name, _key, phone, province, city, address, store_name, _at = record(made.pk)
    assert (name, phone, store_name) == ("老王", OTHER, "老店")
    assert (province, city, address) == ("", "宁波市", ""), "parts of two places never make one"


def test_the_rest_of_the_same_place_is_filled(tmp_path: Path) -> None:
    made = member(city="杭州市")
    imported(tmp_path, order(**FULL))
    assert record(made.pk)[3:6] == ("浙江省", "杭州市", "示例路 1 号")


def test_a_number_that_is_somebody_elses_is_not_shown(tmp_path: Path) -> None:
    customer("旁人", phone=PHONE)
    made = member()
    imported(tmp_path, order(**FULL))
    assert record(made.pk)[0] == "王测试"
    assert record(made.pk)[2] == ""


def test_later_rows_and_batches_fill_what_earlier_ones_left(tmp_path: Path) -> None:
    made = member()
    run = services.receive_file(
        actor=SYSTEM,
        name="x.csv",
        chunks=[
            csv_bytes(
                [
                    HEADER,
                    order("A", 姓名="王测试"),
                    order("B", 姓名="王某", 城市="杭州市"),
                    order("C", 手机号=PHONE),
                ]
            )
        ],
    )
    services.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    services.run_import(run.pk, block=120)
    assert record(made.pk)[0:6] == ("王测试", "wang2王 ce4测 shi4试", PHONE, "", "杭州市", "")


def test_customers_of_the_run_itself_keep_what_their_first_order_said(tmp_path: Path) -> None:
    run = imported(tmp_path, order("A", 姓名="王测试"), order("B", 姓名="王某", 城市="杭州市"))
    assert run.counts.get("customers_filled", 0) == 0
    assert FieldChange.objects.count() == 0


def test_what_somebody_changed_since_stays_when_the_run_is_taken_back(tmp_path: Path) -> None:
    made = member()
    run = imported(tmp_path, order(**FULL))
    change_customer(actor=SYSTEM, customer_id=made.pk, name="王小测")
    undone = undo(run)
    assert record(made.pk)[0] == "王小测"
    assert record(made.pk)[4] == ""
    assert undone.counts["fields_left"] == 1


def test_who_reaches_one_store_fills_nothing_on_customers_of_another(tmp_path: Path) -> None:
    other = team.add_store(actor=SYSTEM, name="别家店")
    lin = manager_lin()
    assert other.pk not in lin.stores.values_list("pk", flat=True)
    made = member(store_id=other.pk)
    run = services.receive_file(actor=lin, name="x.csv", chunks=[csv_bytes([HEADER, order(**FULL)])])
    services.start_run(actor=lin, run_id=run.pk, in_background=False)
    run = services.run_import(run.pk)
    assert (record(made.pk)[0], run.counts.get("customers_filled", 0)) == ("", 0)
    assert Order.objects.get().customer_id == made.pk


def test_the_same_file_again_fills_nothing_more(tmp_path: Path) -> None:
    made = member()
    imported(tmp_path, order(**FULL))
    filled = record(made.pk)
    again = imported(tmp_path, order(**FULL))
    assert record(made.pk) == filled
    assert again.counts.get("customers_filled", 0) == 0
