# ruff: noqa: E501 - the rows of an export read best unbroken
"""Communications and follow-ups of other systems: whose they are, who wrote them, when; the exports of four systems."""

from pathlib import Path
from typing import Any

import pytest

from shuke.customers import jobs
from shuke.customers.models import CompanyContact, Customer, FollowUp, Identity, Interaction
from shuke.customers.queries import search_customers
from shuke.customers.testing import customer
from shuke.customers.tests.test_import_people import ACCOUNTS, CONTACTS, figures, imported, reasons
from shuke.imports import services
from shuke.imports.models import ImportRun
from shuke.team import testing as team
from shuke.team.queries import SYSTEM
from shuke.zh.fictional import phone

pytestmark = pytest.mark.django_db

NOTES = [
    [
        "Record Id",
        "Note Owner.id",
        "Note Owner",
        "Note Title",
        "Note Content",
        "Parent ID.id",
        "Parent ID",
        "Created Time",
        "Modified Time",
    ],
    [
        "zcrm_5001",
        "zcrm_u1",
        "Example Owner",
        "首次拜访",
        "想要定制礼盒",
        "zcrm_2001",
        "王小茶",
        "2023-07-01 15:30:00",
        "2023-07-01 15:30:00",
    ],
    [
        "zcrm_5002",
        "zcrm_u2",
        "苏老板",
        "",
        "公司搬家了",
        "zcrm_1001",
        "示例茶业有限公司",
        "2023-07-02 09:00:00",
        "2023-07-02 09:00:00",
    ],
    [
        "zcrm_5003",
        "zcrm_u1",
        "Example Owner",
        "",
        "不知道是谁的",
        "zcrm_7777",
        "没有的人",
        "2023-07-03 09:00:00",
        "",
    ],
    [
        "zcrm_5004",
        "zcrm_u1",
        "Example Owner",
        "",
        "报价已发",
        "zcrm_6001",
        "礼盒订单",
        "2023-07-04 09:00:00",
        "",
    ],
]
DEALS = [
    [
        "Record Id",
        "Deal Owner",
        "Deal Name",
        "Amount",
        "Stage",
        "Closing Date",
        "Account Name.id",
        "Account Name",
        "Contact Name.id",
        "Contact Name",
        "Probability",
        "Created Time",
    ],
    [
        "zcrm_6001",
        "Example Owner",
        "礼盒订单",
        "12000",
        "Proposal",
        "2023-12-31",
        "zcrm_1001",
        "示例茶业有限公司",
        "zcrm_2001",
        "王小茶",
        "60",
        "2023-07-01 10:00:00",
    ],
]
CALLS = [
    [
        "Record Id",
        "Call Owner",
        "Subject",
        "Call Type",
        "Call Start Time",
        "Call Duration",
        "Call Purpose",
        "Contact Name.id",
        "Contact Name",
        "Call Result",
        "Description",
    ],
    [
        "zcrm_8001",
        "Example Owner",
        "问新茶",
        "Inbound",
        "2023-07-05 10:00:00",
        "03:20",
        "Prospecting",
        "zcrm_2001",
        "王小茶",
        "Interested",
        "想试春茶",
    ],
]
TASKS = [
    [
        "Record Id",
        "Task Owner",
        "Subject",
        "Due Date",
        "Status",
        "Priority",
        "Contact Name.id",
        "Contact Name",
        "Closed Time",
    ],
    ["zcrm_9001", "苏老板", "寄样品", "2027-01-15", "Not Started", "High", "zcrm_2001", "王小茶", ""],
    [
        "zcrm_9002",
        "Example Owner",
        "回访",
        "2024-01-15",
        "Completed",
        "High",
        "zcrm_2001",
        "王小茶",
        "2024-01-16 10:00:00",
    ],
]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def zoho() -> Customer:
    team.owner()
    imported(ACCOUNTS)
    imported(CONTACTS)
    return Customer.objects.get(name="王小茶")


def test_what_was_said_is_found_by_its_words(zoho: Customer) -> None:
    imported(CALLS)
    jobs.index_pending()
    found = search_customers(SYSTEM, "春茶")
    assert zoho.pk in {row.id for row in found}


def told(touch: Interaction) -> tuple[str, str, str, str, str]:
    return touch.kind, touch.direction, touch.body, touch.author_name, touch.happened_at.isoformat()[:16]


def test_notes_keep_their_author_and_date_and_find_their_record(zoho: Customer) -> None:
    imported(DEALS)
    run = imported(NOTES)
    assert (run.target, figures(run)) == ("communications", (3, 0, 0, 0, 1))
    assert reasons(run) == [(4, "Parent ID.id", "找不到这一行说的客户。请")]
    notes = {touch.origin.split(":")[-1]: touch for touch in Interaction.objects.all() if touch.origin}
    assert told(notes["zcrm_5001"]) == (
        "note",
        "out",
        "首次拜访\n想要定制礼盒\n【原系统其他信息 · Zoho CRM】\nNote Owner.id：zcrm_u1\nParent ID：王小茶\nModified Time：2023-07-01 15:30:00",
        "Example Owner",
        "2023-07-01T07:30",
    )
    assert notes["zcrm_5001"].staff_id is None
    assert notes["zcrm_5002"].customer.name == "示例茶业有限公司"
    assert notes["zcrm_5002"].staff is not None and notes["zcrm_5002"].staff.name == "苏老板"
    assert notes["zcrm_5002"].author_name == ""
    assert notes["zcrm_5004"].customer_id == zoho.pk  # through the deal
    deal = notes["zcrm_6001"]
    assert (deal.customer_id, deal.result) == (zoho.pk, "Proposal") and "Amount：12000" in deal.body


def test_calls_say_which_way_they_went_and_how_long_they_took(zoho: Customer) -> None:
    assert figures(imported(CALLS)) == (1, 0, 0, 0, 0)
    call = Interaction.objects.get()
    assert (call.kind, call.direction, call.result, call.customer_id) == ("call", "in", "Interested", zoho.pk)
    assert call.body.startswith("问新茶\n想试春茶\n时长：03:20")


def test_the_past_again_changes_nothing_a_changed_row_is_updated_and_undo_takes_it_back(
    zoho: Customer,
) -> None:
    imported(CALLS)
    assert figures(imported(CALLS)) == (0, 0, 1, 0, 0)
    changed = [CALLS[0], [*CALLS[1][:-1], "想试春茶和红茶"]]
    run = imported(changed)
    assert figures(run) == (0, 1, 0, 0, 0)
    assert "红茶" in Interaction.objects.get().body
    services.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    services.undo_import(run.pk)
    assert "红茶" not in Interaction.objects.get().body
    first = ImportRun.objects.filter(target="communications").earliest("pk")
    services.undo_run(actor=SYSTEM, run_id=first.pk, in_background=False)
    run = services.undo_import(first.pk)
    assert (Interaction.everything.count(), run.counts["interactions_removed"]) == (0, 1)


def test_tasks_become_follow_ups_open_or_done(zoho: Customer) -> None:
    run = imported(TASKS)
    assert (run.target, figures(run)) == ("follow_ups", (2, 0, 0, 0, 0))
    todo, done = FollowUp.objects.order_by("-due_on")
    assert (todo.purpose, str(todo.due_on), todo.state, todo.assignee and todo.assignee.name) == (
        "寄样品",
        "2027-01-15",
        "open",
        "苏老板",
    )
    assert (done.state, str(done.done_at)[:10], done.result) == (
        "done",
        "2024-01-16",
        "原负责人：Example Owner",
    )
    assert figures(imported(TASKS)) == (0, 0, 2, 0, 0)


def test_rows_without_number_are_known_by_what_they_say() -> None:
    customer("陈茶香", phone=phone(3001))
    rows = [["手机号", "跟进时间", "跟进方式", "跟进内容", "记录人"],
            [phone(3001), "2025-03-01 10:00", "微信", "问了价格", "小李"],
            [phone(3001), "2025-03-01 10:00", "微信", "问了价格", "小李"],
            [phone(3009), "2025-03-01 10:00", "电话", "没有这个人", "小李"]]  # fmt: skip
    run = imported(rows)
    assert (run.target, figures(run)) == ("communications", (2, 0, 0, 0, 1))
    assert figures(imported(rows)) == (0, 0, 2, 0, 1)
    assert set(Interaction.objects.values_list("kind", "author_name")) == {("wechat", "小李")}


# --- the other systems ---


def test_hubspot_numbers_of_companies_and_contacts_do_not_collide() -> None:
    companies = imported([
        ["Record ID", "Company name", "Company owner", "Company Domain Name", "Industry", "City", "Create Date"],
        ["101", "Example Tea Ltd", "Example Owner", "example.com", "Retail", "Hangzhou", "2024-01-01 10:00"],
    ])  # fmt: skip
    assert (companies.target, figures(companies)) == ("customers", (1, 0, 0, 0, 0))
    contacts = imported([
        ["Record ID", "First Name", "Last Name", "Email", "Phone Number", "Contact owner", "Lifecycle Stage", "Lead Status", "Associated Company", "Associated Company IDs", "Create Date"],
        ["101", "Mei", "Chen", "mei@example.com", phone(4101), "Example Owner", "Customer", "", "Example Tea Ltd", "101", "2024-01-02 10:00"],
    ])  # fmt: skip
    assert (contacts.target, figures(contacts)) == ("contacts", (1, 0, 0, 0, 0))
    link = CompanyContact.objects.get()
    assert (link.company.name, link.person.name) == ("Example Tea Ltd", "Mei Chen")
    notes = imported([
        ["Record ID", "Note body", "Activity date", "Activity assigned to", "Associated Contact IDs", "Associated Company IDs"],
        ["101", "<b>Likes oolong</b>", "2024-02-01 10:00", "Example Owner", "101", "101"],
        ["102", "For the company", "2024-02-01 10:00", "Example Owner", "", "101"],
    ])  # fmt: skip
    assert (notes.target, figures(notes)) == ("communications", (2, 0, 0, 0, 0))
    assert {touch.customer.name for touch in Interaction.objects.all()} == {"Mei Chen", "Example Tea Ltd"}


def test_youzan_customers_are_recognised_and_hidden_phones_are_no_keys() -> None:
    run = imported([
        ["客户姓名", "客户昵称", "免费等级", "付费等级", "客户手机号", "客户积分", "客户储值余额", "成为客户时间"],
        ["陈测试", "茶友一", "VIP1", "", phone(4201), "120", "50.00", "2024-01-01 10:00:00"],
        ["李测试", "茶友二", "", "", "138****1234", "0", "0.00", "2024-01-02 10:00:00"],
    ])  # fmt: skip
    assert (run.target, run.source and run.source.name, figures(run)) == (
        "customers",
        "有赞",
        (2, 0, 0, 0, 0),
    )
    first, second = Customer.objects.order_by("pk")
    assert first.phone == phone(4201) and "客户积分：120" in first.note
    assert second.phone == "" and "138****1234" in second.note
    assert set(Identity.objects.values_list("namespace", flat=True)) == {"phone"}


@pytest.mark.parametrize(("mode", "expected"), [("create", (1, 0, 0, 1, 0)), ("update", (0, 1, 0, 1, 0))])
def test_only_new_or_only_known_touches(zoho: Customer, mode: str, expected: tuple[int, ...]) -> None:
    imported(CALLS)
    later = [list(row) for row in CALLS]
    later[1][CALLS[0].index("Call Result")] = "Not interested"
    new = list(later[1])
    new[0] = "zcrm_8099"
    assert figures(imported([*later, new], mode=mode)) == expected
    results = dict(Interaction.objects.values_list("origin", "result"))
    assert results["Zoho CRM:zcrm_8001" if "Zoho CRM:zcrm_8001" in results else next(iter(results))] == (
        "Interested" if mode == "create" else "Not interested"
    )


@pytest.mark.parametrize(("mode", "expected"), [("create", (0, 0, 0, 2, 0)), ("update", (0, 0, 2, 0, 0))])
def test_only_new_or_only_known_follow_ups(zoho: Customer, mode: str, expected: tuple[int, ...]) -> None:
    imported(TASKS)
    assert figures(imported(TASKS, mode=mode)) == expected
    assert FollowUp.objects.count() == 2


LEADS = [
    ["Record Id", "Lead Owner", "Company", "First Name", "Last Name", "Title", "Email", "Mobile", "Lead Source", "Lead Status",
     "Rating", "Annual Revenue", "No of Employees", "City", "Created Time", "Modified Time", "Description"],
    ["zcrm_4001", "苏老板", "还没建档的茶楼", "白露", "周", "店长", "zhou@example.com", phone(4001), "展会", "Contacted", "热",
     "500000", "12", "湖州", "2024-03-01 10:00:00", "2024-03-02 10:00:00", "想要白茶"],
    ["zcrm_4002", "Example Owner", "", "", "郑", "", "", phone(4002), "", "Lost Lead", "", "", "", "", "", "", ""],
]  # fmt: skip


def test_leads_become_people_and_nothing_they_say_is_lost() -> None:
    team.owner()
    run = imported(LEADS)
    assert (run.target, run.source and run.source.name, figures(run)) == (
        "contacts",
        "Zoho CRM",
        (2, 0, 0, 0, 0),
    )
    zhou = Customer.objects.get(phone=phone(4001))
    assert (zhou.name, zhou.first_channel, zhou.occupation, zhou.city) == ("周白露", "展会", "店长", "湖州")
    for words in (
        "想要白茶",
        "所属公司：还没建档的茶楼",
        "Lead Status：Contacted",
        "Rating：热",
        "Annual Revenue：500000",
    ):
        assert words in zhou.note
    assert Customer.objects.get(phone=phone(4002)).name == "郑"
    assert figures(imported(LEADS)) == (0, 0, 2, 0, 0)


def test_a_deal_is_kept_with_all_it_says_until_there_is_a_room_for_it(zoho: Customer) -> None:
    run = imported(DEALS)
    assert (run.target, figures(run)) == ("communications", (1, 0, 0, 0, 0))
    deal = Interaction.objects.get()
    assert (deal.kind, deal.result, deal.customer_id) == ("note", "Proposal", zoho.pk)
    for words in ("礼盒订单", "Amount：12000", "Closing Date：2023-12-31", "Probability：60"):
        assert words in deal.body
    assert deal.origin is not None and deal.origin.endswith("zcrm_6001")
