# ruff: noqa: E501 - the rows of an export read best unbroken
"""Whole exports of 纷享销客, HubSpot and 有赞 through the pages: dropped, recognised, checked, run; they find each other by number."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from shuke.customers.models import CompanyContact, Customer, CustomerTag, FollowUp, Identity, Interaction
from shuke.imports import queries, services
from shuke.imports.models import ImportRun
from shuke.imports.testing import csv_bytes, xlsx_bytes
from shuke.orders.models import Order, OrderLine
from shuke.team import testing as team
from shuke.zh.fictional import phone

pytestmark = pytest.mark.django_db
Rows = list[list[str]]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.force_login(team.owner())
    return client


def brought_in(
    client: Client, rows: Rows, *, recognised: str, name: str = "export.xlsx"
) -> tuple[str, tuple[int, ...]]:
    """Drop the file, look at what the page makes of it, start; what the rows were taken for, and what became of them."""
    content = xlsx_bytes(rows) if name.endswith("xlsx") else csv_bytes(rows)
    client.post(reverse("imports:new"), {"file": SimpleUploadedFile(name, content)})
    run = ImportRun.objects.latest("pk")
    page = client.get(reverse("imports:run", args=[run.pk])).content.decode()
    assert f"认出来了：{recognised}" in page
    fields = {f"column_{column[1:]}": code for code, column in run.mapping.items()}
    fields |= {f"option_{code}": str(value) for code, value in run.options.items()}
    source = run.source.name if run.source else ""
    client.post(reverse("imports:mapping", args=[run.pk]), fields | {"source": source, "start": "1"})
    run = services.run_import(run.pk)
    assert "完成" in client.get(reverse("imports:run", args=[run.pk])).content.decode()
    tally = queries.tally_of(run)
    return run.target, (tally.created, tally.updated, tally.unchanged, tally.skipped, tally.rejected)


def numbers(source: str) -> dict[str, str]:
    rows = Identity.objects.filter(namespace=f"external:{source}").exclude(verified_by="company-name")
    return dict(rows.values_list("value", "customer__name"))


FXIAOKE_CUSTOMERS = [
    ["客户名称", "客户编号", "客户级别", "来源", "负责人", "负责人主属部门", "归属部门", "电话", "传真", "邮件", "国家", "省", "市", "区", "详细地址", "一级行业",
     "成交状态", "生命状态", "锁定状态", "备注", "创建人", "创建时间", "最后修改时间", "唯一性ID"],
    ["示例食品有限公司", "C0001", "重点", "展会", "苏老板", "销售部", "销售部", "021-60000001", "", "info@example.com", "中国", "上海市", "上海市", "徐汇区", "示例路 2 号", "食品",
     "已成交", "正常", "未锁定", "年框客户", "周业务", "2023-03-01 10:00", "2024-01-05 09:00", "5f01a0000000000000000001"],
    ["示例茶业有限公司", "C0002", "普通", "转介绍", "周业务", "销售部", "销售部", "", "", "", "中国", "浙江省", "杭州市", "西湖区", "示例路 8 号", "零售",
     "未成交", "正常", "未锁定", "", "周业务", "2023-03-02 10:00", "2024-01-05 09:00", "5f01a0000000000000000002"],
]  # fmt: skip
FXIAOKE_CONTACTS = [
    ["姓名", "客户名称", "客户名称_ID", "部门", "职务", "手机1", "手机2", "电话1", "邮件", "性别", "生日", "决策角色", "生命状态", "负责人主属部门", "负责人", "备注", "创建时间", "唯一性ID"],
    ["孙采购", "示例食品有限公司", "5f01a0000000000000000001", "采购部", "采购经理", phone(4001), "", "", "sun@example.com", "女", "1988-08-15", "决策人", "正常", "销售部", "苏老板", "爱喝白茶", "2023-03-03 10:00", "5f02b0000000000000000001"],
    ["钱店长", "示例茶业有限公司", "5f01a0000000000000000002", "门店", "店长", phone(4002), "", "", "", "男", "", "使用者", "正常", "销售部", "苏老板", "", "2023-03-04 10:00", "5f02b0000000000000000002"],
]  # fmt: skip
FXIAOKE_RECORDS = [
    ["销售记录编号", "销售记录类型", "销售记录内容", "客户名称", "联系人", "创建人", "创建时间", "最后修改时间", "归属部门", "生命状态", "唯一性ID"],
    ["R1", "电话", "谈好了年框", "示例食品有限公司", "孙采购", "周业务", "2023-04-01 10:00", "2023-04-01 10:00", "销售部", "正常", "5f03c0000000000000000001"],
    ["R2", "拜访", "看了门店", "示例茶业有限公司", "", "苏老板", "2023-04-02 15:00", "2023-04-03 09:00", "销售部", "正常", "5f03c0000000000000000002"],
    ["R3", "电话", "没有的客户", "别家有限公司", "", "周业务", "2023-04-03 10:00", "", "销售部", "正常", "5f03c0000000000000000003"],
]  # fmt: skip
FXIAOKE_ORDERS = [
    ["销售订单编号", "客户名称", "下单日期", "销售订单金额(元)", "产品合计", "订单状态", "生命状态", "发货状态", "归属部门", "产品名称", "数量", "小计", "负责人"],
    ["SO-1", "示例食品有限公司", "2023-05-01", "12,000.00", "12,000.00", "已确认", "正常", "已发货", "销售部", "定制礼盒", "100", "10,000.00", "苏老板"],
    ["SO-1", "示例食品有限公司", "2023-05-01", "12,000.00", "12,000.00", "已确认", "正常", "已发货", "销售部", "白茶饼", "20", "2,000.00", "苏老板"],
    ["SO-2", "示例茶业有限公司", "2023-05-03", "300.00", "300.00", "已作废", "作废", "", "销售部", "白茶饼", "3", "300.00", "苏老板"],
]  # fmt: skip


def test_fxiaoke_comes_in_whole(owner: Client) -> None:
    assert brought_in(owner, FXIAOKE_CUSTOMERS, recognised="纷享销客的客户") == ("customers", (2, 0, 0, 0, 0))
    food = Customer.objects.get(name="示例食品有限公司")
    assert (food.kind, food.phone, food.email, food.province, food.city, food.district, food.address) == (
        "company", "02160000001", "info@example.com", "上海市", "上海市", "徐汇区", "示例路 2 号",
    )  # fmt: skip
    assert (food.industry, food.first_channel, food.account_manager and food.account_manager.name) == (
        "食品",
        "展会",
        "苏老板",
    )
    for words in ("年框客户", "客户级别：重点", "成交状态：已成交"):
        assert words in food.note
    assert "周业务" in Customer.objects.get(name="示例茶业有限公司").note  # a manager who is nobody here

    assert brought_in(owner, FXIAOKE_CONTACTS, recognised="纷享销客的联系人") == ("contacts", (2, 0, 0, 0, 0))
    links = CompanyContact.objects.order_by("pk").values_list("company__name", "person__name", "role")
    assert list(links) == [("示例食品有限公司", "孙采购", "采购经理"), ("示例茶业有限公司", "钱店长", "店长")]
    sun = Customer.objects.get(name="孙采购")
    assert (sun.kind, sun.phone, sun.email, sun.gender) == (
        "person",
        phone(4001),
        "sun@example.com",
        "female",
    )
    assert (sun.birthday_month, sun.birthday_day, sun.birth_year) == (8, 15, 1988)

    assert brought_in(owner, FXIAOKE_RECORDS, recognised="纷享销客的销售记录") == (
        "communications",
        (2, 0, 0, 0, 1),
    )
    first, second = Interaction.objects.order_by("happened_at")
    assert (first.kind, first.author_name, first.customer_id, first.changed_at) == (
        "call",
        "周业务",
        sun.pk,
        None,
    )
    assert (
        first.body.startswith("谈好了年框") and first.happened_at.isoformat() == "2023-04-01T02:00:00+00:00"
    )
    assert (second.kind, second.staff and second.staff.name, second.customer.name) == (
        "visit",
        "苏老板",
        "示例茶业有限公司",
    )
    assert second.changed_at is not None and second.changed_at.isoformat() == "2023-04-03T01:00:00+00:00"

    assert brought_in(owner, FXIAOKE_ORDERS, recognised="纷享销客的销售订单") == ("orders", (2, 0, 0, 1, 0))
    order = Order.objects.get()
    assert (order.number, order.amount_fen, order.customer_id) == ("SO-1", 1_200_000, food.pk)
    lines = OrderLine.objects.order_by("line_number").values_list("product__name", "quantity", "amount_fen")
    assert [(name, int(quantity), fen) for name, quantity, fen in lines] == [
        ("定制礼盒", 100, 1_000_000),
        ("白茶饼", 20, 200_000),
    ]
    assert numbers("纷享销客") == {
        "5f01a0000000000000000001": "示例食品有限公司", "5f01a0000000000000000002": "示例茶业有限公司",
        "5f02b0000000000000000001": "孙采购", "5f02b0000000000000000002": "钱店长",
    }  # fmt: skip


def test_fxiaoke_again_finds_everybody_by_number_whatever_they_are_called_now(owner: Client) -> None:
    brought_in(owner, FXIAOKE_CUSTOMERS, recognised="纷享销客的客户")
    brought_in(owner, FXIAOKE_CONTACTS, recognised="纷享销客的联系人")
    renamed = [list(row) for row in FXIAOKE_CUSTOMERS]
    renamed[1][0] = "示例食品（集团）有限公司"
    assert brought_in(owner, renamed, recognised="纷享销客的客户") == ("customers", (0, 1, 1, 0, 0))
    assert brought_in(owner, FXIAOKE_CONTACTS, recognised="纷享销客的联系人") == ("contacts", (0, 0, 2, 0, 0))
    assert set(Customer.objects.filter(kind="company").values_list("name", flat=True)) == {
        "示例食品（集团）有限公司",
        "示例茶业有限公司",
    }
    assert CompanyContact.objects.count() == 2


HUBSPOT_COMPANIES = [
    ["Record ID", "Company name", "Company owner", "Create Date", "Phone Number", "Last Activity Date", "City", "State/Region", "Country/Region", "Industry",
     "Company Domain Name", "Number of Employees", "Annual Revenue"],
    ["501", "Example Tea Ltd", "Example Owner", "2023-02-01 09:00", "+44 20 7946 0000", "2023-06-01", "London", "", "United Kingdom", "Retail", "tea.example.com", "12", "250000"],
    ["502", "Example Trading", "苏老板", "2023-02-02 09:00", "", "", "杭州", "浙江", "China", "Wholesale", "trading.example.com", "40", ""],
]  # fmt: skip
HUBSPOT_CONTACTS = [
    ["Record ID", "First Name", "Last Name", "Email", "Phone Number", "Mobile Phone Number", "Contact owner", "Associated Company", "Associated Company IDs", "Job Title",
     "Last Activity Date", "Lead Status", "Lifecycle Stage", "Marketing contact status", "Create Date", "City"],
    ["501", "Ann", "Example", "ann@example.com", "", phone(5001), "苏老板", "Example Tea Ltd", "501", "Buyer", "2023-06-01", "Open", "Customer", "Marketing contact", "2023-02-03 10:00", "London"],
    ["601", "小茶", "王", "cha@example.com", "", phone(5002), "", "Example Trading", "502", "Owner", "", "", "Lead", "", "2023-02-04 10:00", "杭州"],
]  # fmt: skip
HUBSPOT_DEALS = [
    ["Record ID", "Deal Name", "Deal Stage", "Close Date", "Deal owner", "Amount", "Pipeline", "Create Date", "Associated Contact IDs", "Associated Company IDs"],
    ["501", "Spring boxes", "Contract sent", "2023-09-01", "苏老板", "12000", "Sales", "2023-07-01 10:00", "501", "501"],
    ["702", "Refill", "Closed won", "2023-10-01", "Example Owner", "800", "Sales", "2023-07-02 10:00", "", "502"],
]  # fmt: skip
HUBSPOT_CALLS = [
    ["Record ID", "Activity date", "Activity assigned to", "Engagement Type", "Call Title", "Call notes", "Call outcome", "Call duration", "Call direction", "Associated Contact IDs", "Associated Company IDs"],
    ["501", "2023-07-05 10:00", "苏老板", "Call", "Samples", "Wants spring tea", "Connected", "200", "Inbound", "601", "502"],
]  # fmt: skip


def test_hubspot_comes_in_whole_with_equal_numbers_of_different_things(owner: Client) -> None:
    assert brought_in(
        owner, HUBSPOT_COMPANIES, recognised="HubSpot 的公司（Companies）", name="companies.csv"
    ) == ("customers", (2, 0, 0, 0, 0))
    assert brought_in(
        owner, HUBSPOT_CONTACTS, recognised="HubSpot 的联系人（Contacts）", name="contacts.csv"
    ) == ("contacts", (2, 0, 0, 0, 0))
    assert brought_in(owner, HUBSPOT_DEALS, recognised="HubSpot 的商机（Deals）", name="deals.csv") == (
        "communications",
        (2, 0, 0, 0, 0),
    )
    calls = "HubSpot 的互动（Notes、Calls、Emails）"
    assert brought_in(owner, HUBSPOT_CALLS, recognised=calls, name="calls.csv") == (
        "communications",
        (1, 0, 0, 0, 0),
    )

    assert numbers("HubSpot") == {
        "company-501": "Example Tea Ltd", "company-502": "Example Trading", "501": "Ann Example", "601": "王小茶",
    }  # fmt: skip
    tea, ann = Customer.objects.get(name="Example Tea Ltd"), Customer.objects.get(name="Ann Example")
    assert (tea.kind, tea.phone, tea.city, tea.industry) == ("company", "+442079460000", "London", "Retail")
    assert "Annual Revenue：250000" in tea.note and "Company Domain Name：tea.example.com" in tea.note
    assert (ann.phone, ann.email, ann.occupation, ann.account_manager and ann.account_manager.name) == (
        phone(5001),
        "ann@example.com",
        "Buyer",
        "苏老板",
    )
    links = CompanyContact.objects.order_by("pk").values_list("company__name", "person__name", "role")
    assert list(links) == [
        ("Example Tea Ltd", "Ann Example", "Buyer"),
        ("Example Trading", "王小茶", "Owner"),
    ]

    boxes, refill, call = Interaction.objects.order_by("happened_at")
    assert (boxes.kind, boxes.customer_id, boxes.result, boxes.staff and boxes.staff.name) == (
        "note",
        ann.pk,
        "Contract sent",
        "苏老板",
    )
    assert "Amount：12000" in boxes.body
    assert (refill.customer.name, refill.author_name) == ("Example Trading", "Example Owner")
    assert (call.kind, call.direction, call.customer.name, call.result) == (
        "call",
        "in",
        "王小茶",
        "Connected",
    )
    assert call.body.startswith("Samples\nWants spring tea")
    assert brought_in(owner, HUBSPOT_CALLS, recognised=calls, name="calls.csv")[1] == (0, 0, 1, 0, 0)


YOUZAN_CUSTOMERS = [
    ["客户姓名", "客户昵称", "客户手机号", "性别", "生日", "客户身份", "免费等级", "客户积分", "客户储值余额", "累计消费金额", "购买次数", "最近消费时间", "客户标签", "归属门店", "归属导购", "来源渠道",
     "成为客户时间", "备注", "有赞用户ID"],
    ["王测试", "茶友一", phone(6001), "女", "1990-05-06", "会员", "银卡", "1,280", "0.00", "448.00", "2", "2025-03-05 18:30:00", "白茶,送礼", "茶里小店", "苏老板", "公众号", "2024-01-01 10:00:00", "周末来", "yz9001"],
    ["", "茶友二", "154****6002", "未知", "", "客户", "", "0", "0.00", "99.90", "1", "2025-03-02 10:00:00", "", "", "", "", "2024-02-01 10:00:00", "", "yz9002"],
]  # fmt: skip
YOUZAN_ORDERS = [
    ["订单号", "订单状态", "下单时间", "归属网店", "商品名称", "商品编码", "商品单价", "商品数量", "商品实际成交金额", "订单实付金额", "收货人姓名", "收货人手机号", "买家昵称"],
    ["E1", "交易完成", "2025-03-01 09:05:00", "茶里小店", "白茶礼盒", "BC01", "368.00", "1", "368.00", "428.00", "王测试", phone(6001), "茶友一"],
    ["E1", "交易完成", "2025-03-01 09:05:00", "茶里小店", "茉莉花茶", "MH02", "30.00", "2", "60.00", "428.00", "王测试", phone(6001), "茶友一"],
    ["E2", "交易关闭", "2025-03-06 18:30:00", "茶里小店", "茶杯", "CB03", "20.00", "1", "20.00", "20.00", "王测试", phone(6001), "茶友一"],
]  # fmt: skip


def test_youzan_comes_in_whole_and_its_orders_find_its_customers(owner: Client) -> None:
    assert brought_in(owner, YOUZAN_CUSTOMERS, recognised="有赞的客户") == ("customers", (2, 0, 0, 0, 0))
    wang, second = Customer.objects.get(name="王测试"), Customer.objects.get(name="茶友二")
    assert (wang.phone, wang.gender, wang.first_channel, wang.birthday_month, wang.birth_year) == (
        phone(6001),
        "female",
        "公众号",
        5,
        1990,
    )
    assert (wang.account_manager and wang.account_manager.name, second.phone) == ("苏老板", "")
    assert set(CustomerTag.objects.filter(customer=wang).values_list("tag__name", flat=True)) == {
        "白茶",
        "送礼",
    }
    assert "周末来" in wang.note and "客户积分：1,280" in wang.note
    assert numbers("有赞") == {"yz9001": "王测试", "yz9002": "茶友二"}

    owner.post(reverse("imports:new"), {"file": SimpleUploadedFile("orders.csv", csv_bytes(YOUZAN_ORDERS))})
    run = ImportRun.objects.latest("pk")
    assert (run.target, run.source and run.source.name) == ("orders", "有赞")
    owner.post(reverse("imports:start", args=[run.pk]))
    tally = queries.tally_of(services.run_import(run.pk))
    assert (tally.created, tally.skipped, tally.rejected) == (2, 1, 0)
    order = Order.objects.get()
    assert (order.customer_id, order.amount_fen, order.store and order.store.name) == (
        wang.pk,
        42800,
        "茶里小店",
    )
    assert list(OrderLine.objects.order_by("line_number").values_list("product__name", "amount_fen")) == [
        ("白茶礼盒", 36800),
        ("茉莉花茶", 6000),
    ]
    assert Customer.objects.count() == 2 and FollowUp.objects.count() == 0
