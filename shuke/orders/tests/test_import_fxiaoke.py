# ruff: noqa: E501 - the rows of an export read best unbroken
"""The four files of 纷享销客: a company, its contact, what was said, what it bought; they find each other."""

from pathlib import Path
from typing import Any

import pytest

from shuke.customers.models import CompanyContact, Customer, Interaction
from shuke.customers.tests.test_import_people import figures
from shuke.imports import services
from shuke.imports.models import ImportRun
from shuke.imports.testing import xlsx_bytes
from shuke.orders.models import Order
from shuke.team.queries import SYSTEM
from shuke.zh.fictional import phone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def run_xlsx(rows: list[list[str]]) -> ImportRun:
    run = services.receive_file(
        actor=SYSTEM, name="export.xlsx", chunks=[xlsx_bytes(rows)], target=services.GUESS
    )
    services.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    return services.run_import(run.pk)


def test_fxiaoke_customers_contacts_records_and_orders_belong_together() -> None:
    customers = run_xlsx([
        ["客户名称", "客户编号", "客户级别", "来源", "负责人", "归属部门", "电话", "省", "市", "区", "详细地址", "一级行业", "成交状态", "生命状态", "备注", "创建时间"],
        ["示例食品有限公司", "C20230001", "重点", "展会", "苏老板", "销售部", "021-60000001", "上海", "上海", "徐汇区", "示例路 2 号", "食品", "已成交", "正常", "年框客户", "2023-03-01 10:00"],
    ])  # fmt: skip
    assert (customers.target, customers.source and customers.source.name, figures(customers)) == (
        "customers",
        "纷享销客",
        (1, 0, 0, 0, 0),
    )
    contacts = run_xlsx([
        ["姓名", "客户名称", "职务", "部门", "手机1", "电话1", "邮件", "生命状态", "负责人主属部门", "主要联系人"],
        ["孙采购", "示例食品有限公司", "采购", "采购部", phone(4001), "", "sun@example.com", "正常", "销售部", "是"],
    ])  # fmt: skip
    assert (contacts.target, figures(contacts)) == ("contacts", (1, 0, 0, 0, 0))
    link = CompanyContact.objects.get()
    assert (link.company.name, link.person.name, link.role) == ("示例食品有限公司", "孙采购", "采购")
    records = run_xlsx([
        ["销售记录编号", "销售记录类型", "销售记录内容", "客户名称", "创建人", "创建时间", "归属部门"],
        ["R1", "电话", "谈好了年框", "示例食品有限公司", "周业务", "2023-04-01 10:00", "销售部"],
    ])  # fmt: skip
    assert (records.target, figures(records)) == ("communications", (1, 0, 0, 0, 0))
    touch = Interaction.objects.get()
    assert (touch.kind, touch.author_name, touch.customer_id) == ("call", "周业务", link.company_id)
    orders = run_xlsx([
        ["销售订单编号", "客户名称", "下单日期", "销售订单金额(元)", "订单状态", "归属部门"],
        ["SO-1", "示例食品有限公司", "2023-05-01", "12,000.00", "已确认", "销售部"],
    ])  # fmt: skip
    assert (orders.target, orders.state) == ("orders", "done")
    order = Order.objects.get()
    assert (order.amount_fen, order.customer_id) == (1_200_000, link.company_id)
    assert Customer.objects.count() == 2
