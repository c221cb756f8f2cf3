# ruff: noqa: E501 - the rows of an export read best unbroken
"""Customers and contacts of other systems end to end: recognised, found again, updated by the shop's rules, taken back."""

from pathlib import Path
from typing import Any

import pytest

from shuke.customers.models import CompanyContact, Customer, Identity
from shuke.imports import queries, services
from shuke.imports.models import ImportReject, ImportRun, ImportWaiting
from shuke.imports.testing import csv_bytes
from shuke.team.queries import SYSTEM, Actor
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
