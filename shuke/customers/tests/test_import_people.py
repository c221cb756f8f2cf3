# ruff: noqa: E501 - the rows of an export read best unbroken
"""Customers and contacts of other systems end to end: recognised, found again, updated by the shop's rules, taken back."""

from pathlib import Path
from typing import Any

import pytest

from shuke.customers.models import CompanyContact, ContactPoint, Customer, FieldChange, Identity
from shuke.customers.services import Touch, change_customer, log_interaction
from shuke.customers.testing import customer
from shuke.imports import queries, services
from shuke.imports.models import ImportReject, ImportRun, ImportWaiting
from shuke.imports.testing import csv_bytes
from shuke.team.queries import SYSTEM, Actor
from shuke.team.testing import cast as team_cast
from shuke.zh.fictional import phone

pytestmark = pytest.mark.django_db

ACCOUNTS = [
    ["Record Id", "Account Owner", "Account Name", "Phone", "Industry", "Account Type", "Billing City", "Billing Street",
     "Employees", "Description", "Created Time", "Modified Time"],
    ["zcrm_1001", "苏老板", "示例茶业有限公司", "0571-88000001", "零售", "Customer", "杭州", "示例路 1 号", "30", "老客户",
     "2023-05-01 09:00:00", "2025-01-02 10:00:00"],
    ["zcrm_1002", "Example Owner", "示例礼品公司", "", "礼品", "Prospect", "上海", "", "", "", "2024-01-01 09:00:00", "2025-01-02 10:00:00"],
]  # fmt: skip
CONTACTS = [
    ["Record Id", "Contact Owner", "Lead Source", "First Name", "Last Name", "Account Name.id", "Account Name", "Email", "Title",
     "Phone", "Mobile", "Mailing City", "Skype ID", "Created Time", "Modified Time", "Description"],
    ["zcrm_2001", "苏老板", "展会", "小茶", "王", "zcrm_1001", "示例茶业有限公司", "wang@example.com", "采购经理", "0571-88000001",
     phone(2001), "杭州", "wang.tea", "2023-06-01 09:00:00", "2025-02-02 10:00:00", "喜欢白茶"],
    ["zcrm_2002", "Example Owner", "", "Wei", "Li", "zcrm_1001", "示例茶业有限公司", "li@example.com", "", "0571-88000001",
     phone(2002), "杭州", "", "2023-06-02 09:00:00", "2025-02-02 10:00:00", ""],
    ["zcrm_2003", "", "", "", "赵", "zcrm_9999", "没有这家公司", "zhao@example.com", "", "", phone(2003), "", "", "", "", ""],
    ["zcrm_2004", "", "", "", "钱", "", "", "not-an-email", "", "", phone(2004), "", "", "", "", ""],
]  # fmt: skip


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def received(
    rows: list[list[str]], *, actor: Actor = SYSTEM, target: str = services.GUESS, **options: str
) -> ImportRun:
    run = services.receive_file(actor=actor, name="people.csv", chunks=[csv_bytes(rows)], target=target)
    if options:
        source = options.pop("source", run.source.name if run.source else "")
        run = services.set_mapping(
            actor=actor, run_id=run.pk, mapping=run.mapping, options=run.options | options, source=source
        )
    return run


def imported(rows: list[list[str]], **options: Any) -> ImportRun:
    run = received(rows, **options)
    services.start_run(actor=options.get("actor", SYSTEM), run_id=run.pk, in_background=False)
    run = services.run_import(run.pk)
    assert run.state == "done"
    tally = queries.tally_of(run)
    assert tally.read == tally.created + tally.updated + tally.unchanged + tally.skipped + tally.rejected
    return run


def figures(run: ImportRun) -> tuple[int, int, int, int, int]:
    tally = queries.tally_of(run)
    return tally.created, tally.updated, tally.unchanged, tally.skipped, tally.rejected


def reasons(run: ImportRun) -> list[tuple[int, str, str]]:
    rows = ImportReject.objects.filter(run=run).order_by("line_number")
    return [(row.line_number, row.column, row.reason[:12]) for row in rows]


def everybody() -> list[dict[str, Any]]:
    left_out = ("updated_at", "created_at", "import_run_id", "id")
    rows = Customer.objects.order_by("pk").values()
    return [{key: value for key, value in row.items() if key not in left_out} for row in rows]


def test_zoho_contacts_find_their_accounts_and_bad_rows_come_back() -> None:
    accounts = imported(ACCOUNTS)
    assert (accounts.target, accounts.source and accounts.source.name) == ("customers", "Zoho CRM")
    assert figures(accounts) == (2, 0, 0, 0, 0)
    company = Customer.objects.get(name="示例茶业有限公司")
    assert (company.kind, company.industry, company.city, company.phone) == (
        "company",
        "零售",
        "杭州",
        "057188000001",
    )
    assert str(company.created_at.date()) == "2023-05-01"
    assert (
        company.note
        == "老客户\n\n【原系统其他信息 · Zoho CRM】\nAccount Type：Customer\nEmployees：30\n负责人：苏老板"
    )
    run = imported(CONTACTS)
    assert run.target == "contacts"
    assert figures(run) == (2, 0, 0, 0, 2)
    assert reasons(run) == [
        (4, "Account Name.id", "找不到这一行所属的公司。"),
        (5, "Email", "这不像邮箱，应像 nam"),
    ]
    wang = Customer.objects.get(name="王小茶")
    assert (wang.phone, wang.email, wang.occupation, wang.first_channel) == (
        phone(2001),
        "wang@example.com",
        "采购经理",
        "展会",
    )
    assert "Skype ID：wang.tea" in wang.note and wang.note.startswith("喜欢白茶")
    places = CompanyContact.objects.filter(company=company).order_by("pk")
    assert [(place.person.name, place.role) for place in places] == [("王小茶", "采购经理"), ("Wei Li", "")]
    spaces = dict(Identity.objects.filter(customer=wang).values_list("namespace", "value"))
    assert spaces["external:Zoho CRM"] == "zcrm_2001" and spaces["phone"] == f"+86{phone(2001)}"
    assert not ImportWaiting.objects.exists()


def test_the_same_files_again_change_nothing() -> None:
    imported(ACCOUNTS)
    imported(CONTACTS)
    before = everybody()
    moments = list(Customer.objects.order_by("pk").values_list("updated_at", flat=True))
    assert figures(imported(ACCOUNTS)) == (0, 0, 2, 0, 0)
    assert figures(imported(CONTACTS)) == (0, 0, 2, 0, 2)
    assert everybody() == before
    assert list(Customer.objects.order_by("pk").values_list("updated_at", flat=True)) == moments


PLAIN = ["客户编号", "姓名", "手机号", "城市", "生日", "标签", "最后修改时间", "备注"]


def plain(*rows: list[str]) -> list[list[str]]:
    return [PLAIN, *rows]


def test_what_wins_is_chosen_field_by_field_and_undo_puts_back_what_nobody_touched() -> None:
    chen = customer("陈茶香", phone=phone(3001), city="苏州", note="老客户")
    zhao = customer("赵松烟", phone=phone(3002))
    rows = plain(
        ["K1", "陈茶香茶友", phone(3001), "杭州", "农历八月十五", "送礼，爱白茶", "", "爱喝白茶"],
        ["K2", "赵松", phone(3002), "上海", "1988-08-15", "", "", ""],
    )
    run = imported(rows, source="旧系统", wins="blanks", wins_city="file", wins_note="ours")
    assert (run.target, figures(run)) == ("customers", (0, 2, 0, 0, 0))
    chen.refresh_from_db()
    assert (chen.name, chen.city, chen.note) == ("陈茶香", "杭州", "老客户")
    assert (chen.birthday_calendar, chen.birthday_month, chen.birthday_day) == ("lunar", 8, 15)
    assert sorted(link.tag.name for link in chen.tag_links.all()) == ["爱白茶", "送礼"]
    history = FieldChange.objects.filter(customer=chen, field="city").values_list("before", "after")
    assert list(history) == [("苏州", "杭州")]
    change_customer(actor=SYSTEM, customer_id=zhao.pk, city="宁波")
    services.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    run = services.undo_import(run.pk)
    chen.refresh_from_db()
    zhao.refresh_from_db()
    assert (chen.city, chen.birthday_month, chen.tag_links.count()) == ("苏州", None, 0)
    assert (zhao.city, zhao.birthday_month, zhao.birth_year) == ("宁波", None, None)
    assert (run.counts["customers_restored"], run.counts["fields_left"]) == (2, 1)
    assert not Identity.objects.filter(namespace="external:旧系统").exists()


@pytest.mark.parametrize(
    ("modified", "city"), [("2020-01-01 00:00", "苏州"), ("2026-11-20 00:00", "杭州"), ("", "苏州")]
)
def test_the_newer_wins_where_the_shop_says_so(modified: str, city: str, settings: Any) -> None:
    chen = customer("陈茶香", phone=phone(3001), city="苏州")
    Customer.objects.filter(pk=chen.pk).update(updated_at="2025-06-01T00:00:00+08:00")
    imported(plain(["K1", "陈茶香", phone(3001), "杭州", "", "", modified, ""]), wins="newer")
    chen.refresh_from_db()
    assert chen.city == city


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("create", (1, 0, 0, 1, 0)), ("update", (0, 1, 0, 1, 0)), ("both", (1, 1, 0, 0, 0))],
)
def test_a_run_may_only_create_or_only_update(mode: str, expected: tuple[int, ...]) -> None:
    customer("陈茶香", phone=phone(3001), city="苏州")
    rows = plain(
        ["K1", "陈茶香", phone(3001), "杭州", "", "", "", ""],
        ["K2", "新茶友", phone(3009), "", "", "", "", ""],
    )
    assert figures(imported(rows, mode=mode)) == expected


def test_two_people_at_one_switchboard_stay_two_and_both_keep_the_number() -> None:
    imported(ACCOUNTS)
    rows = [list(row) for row in CONTACTS[:3]]
    for row in rows[1:]:
        row[10] = ""
    run = imported(rows)
    assert figures(run) == (2, 0, 0, 0, 0)
    wang, li = Customer.objects.get(name="王小茶"), Customer.objects.get(name="Wei Li")
    assert wang.phone == li.phone == "057188000001"
    assert ContactPoint.objects.filter(customer__in=[wang, li], is_shared=True).count() == 2
    assert Identity.objects.get(namespace="phone", value="+8657188000001").customer.name == "示例茶业有限公司"
    assert run.counts.get("conflicts", 0) == 0


def test_a_company_that_is_not_there_can_be_made_or_left_out() -> None:
    run = imported(CONTACTS[:4], link="create")
    assert figures(run) == (3, 0, 0, 0, 0)
    companies = set(Customer.objects.filter(kind="company").values_list("name", flat=True))
    assert companies == {"示例茶业有限公司", "没有这家公司"}
    services.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    services.undo_import(run.pk)
    assert (Customer.objects.count(), Identity.objects.count(), CompanyContact.objects.count()) == (0, 0, 0)
    imported(CONTACTS[:4], link="without")
    assert "所属公司：没有这家公司" in Customer.objects.get(name="赵").note


def test_a_company_later_in_the_same_file_is_found_at_the_end() -> None:
    rows = [
        ["客户编号", "客户名称", "类型", "上级客户"],
        ["C2", "示例分公司", "公司", "示例总公司"],
        ["C1", "示例总公司", "公司", ""],
    ]
    run = imported(rows, target="customers")
    assert figures(run) == (2, 0, 0, 0, 0)
    link = CompanyContact.objects.get()
    assert (link.company.name, link.person.name) == ("示例总公司", "示例分公司")


def test_bad_cells_are_kept_in_words_where_the_shop_wants_it() -> None:
    rows = plain(["K1", "陈茶香", "12345", "", "8月32日", "", "昨天", ""])
    run = imported(rows, bad_cells="keep")
    assert figures(run) == (1, 0, 0, 0, 0)
    assert (
        Customer.objects.get().note
        == "【原系统其他信息 · 其他】\n手机号：12345\n生日：8月32日\n原系统修改时间：昨天"
    )


def test_hostile_cells_stay_words() -> None:
    evil = '=HYPERLINK("http://example.com","x")<script>alert(1)</script>\u202e\x00'
    imported(plain(["K1", evil, phone(3001), "'; drop table x; --", "", "=1+1", "", evil]))
    found = Customer.objects.get()
    assert found.name == '=HYPERLINK("http://example.com","x")<script>alert(1)</script>'
    assert found.city == "; drop table x; --"
    assert found.note == found.name


def test_who_is_out_of_the_managers_reach_is_not_changed() -> None:
    cast = team_cast()
    mine = customer("陈茶香", phone=phone(3001), store_id=cast.store.pk)
    theirs = customer("赵松烟", phone=phone(3002), store_id=cast.other_store.pk, city="苏州")
    rows = plain(
        ["K1", "陈茶香", phone(3001), "杭州", "", "", "", ""],
        ["K2", "赵松烟", phone(3002), "杭州", "", "", "", ""],
        ["K3", "新茶友", phone(3003), "", "", "", "", ""],
    )
    run = imported(rows, actor=cast.lin)
    assert figures(run) == (1, 1, 0, 0, 1)
    assert reasons(run) == [(3, "", "这位客户不归您的门店管，")]
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.city, theirs.city) == ("杭州", "苏州")
    assert not Identity.objects.filter(value="K2").exists()
    assert Customer.objects.get(name="新茶友").store_id == cast.store.pk


def test_customers_with_orders_stay_when_their_import_is_undone() -> None:
    run = imported(
        plain(
            ["K1", "陈茶香", phone(3001), "", "", "", "", ""],
            ["K2", "赵松烟", phone(3002), "", "", "", "", ""],
        )
    )
    chen = Customer.objects.get(name="陈茶香")
    log_interaction(actor=SYSTEM, customer_id=chen.pk, touch=Touch("note", "来过店里"))
    services.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    run = services.undo_import(run.pk)
    assert list(Customer.objects.values_list("name", flat=True)) == ["陈茶香"]
    assert (run.counts["customers_removed"], run.counts["customers_kept"]) == (1, 1)


def test_companies_whose_people_came_later_stay_when_their_import_is_undone() -> None:
    accounts = imported(ACCOUNTS)
    imported(CONTACTS)
    services.undo_run(actor=SYSTEM, run_id=accounts.pk, in_background=False)
    run = services.undo_import(accounts.pk)
    companies = Customer.objects.filter(kind="company").values_list("name", flat=True)
    assert list(companies) == ["示例茶业有限公司"]
    assert (run.counts["customers_removed"], CompanyContact.objects.count()) == (1, 2)


def test_one_company_number_under_two_spellings_makes_one_company() -> None:
    rows = [list(row) for row in CONTACTS[:3]]
    rows[2][6] = "示例茶业"
    run = imported(rows, link="create")
    assert figures(run) == (2, 0, 0, 0, 0)
    assert [company.name for company in Customer.objects.filter(kind="company")] == ["示例茶业有限公司"]
    assert CompanyContact.objects.count() == 2


def test_a_manager_hangs_people_only_on_companies_within_reach() -> None:
    cast = team_cast()
    customer("示例茶业有限公司", kind="company", store_id=cast.other_store.pk)
    rows = [CONTACTS[0], *([*row[:5], "", *row[6:]] for row in CONTACTS[1:3])]
    run = imported(rows, actor=cast.lin)
    assert figures(run) == (0, 0, 0, 0, 2)
    assert not CompanyContact.objects.exists() and not Customer.objects.filter(kind="person").exists()


def test_words_longer_than_their_place_cost_no_run() -> None:
    rows = [["客户编号", "姓名", "会员号", "微信号", "职业", "备注"],
            ["K1", "长" * 300, "M" * 41, "", "", ""],
            ["K" * 201, "乙", "", "", "", ""],
            ["K3", "长" * 300, "", "w" * 300, "业" * 300, "注" * 5000]]  # fmt: skip
    run = imported(rows)
    assert figures(run) == (1, 0, 0, 0, 2)
    found = Customer.objects.get()
    assert (len(found.name), len(found.wechat), len(found.occupation)) == (80, 60, 60)
    assert figures(imported(rows)) == (0, 0, 1, 0, 2)


def test_a_nickname_is_a_name_only_for_who_has_none() -> None:
    customer("王阿姨", phone=phone(1))
    customer("", phone=phone(2))
    rows = [
        ["昵称", "姓名", "手机号"],
        ["茶友一", "", phone(1)],
        ["茶友二", "", phone(2)],
        ["茶友三", "", phone(3)],
        ["茶友四", "陈测试", phone(4)],
    ]
    assert figures(imported(rows, source="有赞")) == (2, 1, 1, 0, 0)
    names = list(Customer.objects.order_by("phone").values_list("name", "note"))
    assert names[:3] == [("王阿姨", ""), ("茶友二", ""), ("茶友三", "")]
    assert names[3][0] == "陈测试" and "昵称：茶友四" in names[3][1]
