# ruff: noqa: E501 - the rows of an export read best unbroken
"""Communications and follow-ups of other systems: whose they are, who wrote them, when; the exports of four systems."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from shuke.customers import jobs
from shuke.customers import services as services_of_touches
from shuke.customers.models import CompanyContact, Customer, FollowUp, Identity, Interaction
from shuke.customers.queries import search_customers
from shuke.customers.services import Touch
from shuke.customers.testing import customer
from shuke.customers.tests.test_import_people import ACCOUNTS, CONTACTS, figures, imported, reasons
from shuke.imports import services
from shuke.imports.models import ImportRun
from shuke.kernel import clock
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
        "首次拜访\n想要定制礼盒\n【原系统其他信息 · Zoho CRM】\nNote Owner.id：zcrm_u1\nParent ID：王小茶",
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


NUMBERED = ["记录编号", "方式", "内容", "结果", "跟进人", "跟进时间", "最后修改时间", "客户手机号"]


def said(body: str, *, result: str = "", author: str = "周业务", modified: str = "") -> list[list[str]]:
    return [NUMBERED, ["R1", "电话", body, result, author, "2023-04-01 10:00", modified, phone(11)]]


@pytest.fixture
def noted() -> Interaction:
    """A call that came by a file and that somebody mended here later."""
    customer("王小茶", phone=phone(11))
    imported(said("谈好了年框"), source="旧系统")
    touch = Interaction.objects.get()
    services_of_touches.change_interaction(
        actor=SYSTEM, interaction_id=touch.pk, touch=Touch(kind="call", body="年框谈好了，下周签")
    )
    return touch


@pytest.mark.parametrize(
    ("rules", "body", "result"),
    [
        ({}, "年框没谈成", "拒绝"),
        ({"wins": "ours"}, "年框谈好了，下周签", ""),
        ({"wins": "blanks"}, "年框谈好了，下周签", "拒绝"),
        ({"wins": "ours", "wins_result": "file"}, "年框谈好了，下周签", "拒绝"),
        ({"wins_body": "ours"}, "年框谈好了，下周签", "拒绝"),
        ({"wins": "newer"}, "年框谈好了，下周签", "拒绝"),
    ],
)
def test_of_a_touch_that_differs_each_field_goes_by_its_rule(
    noted: Interaction, rules: dict[str, str], body: str, result: str
) -> None:
    run = imported(said("年框没谈成", result="拒绝", modified="2023-05-01 10:00"), source="旧系统", **rules)
    noted.refresh_from_db()
    assert (noted.body, noted.result) == (body, result)
    assert figures(run) == ((0, 0, 1, 0, 0) if rules == {"wins": "ours"} else (0, 1, 0, 0, 0))
    assert run.counts["fields_differing"] == 1


def test_the_newer_of_two_touches_is_the_files_when_it_was_changed_there_after_us(noted: Interaction) -> None:
    later = f"{clock.now() + timedelta(days=1):%Y-%m-%d %H:%M}"
    run = imported(said("年框没谈成", modified=later), source="旧系统", wins="newer")
    noted.refresh_from_db()
    assert noted.body == "年框没谈成" and figures(run) == (0, 1, 0, 0, 0)


def test_undoing_gives_a_touch_all_its_former_fields_back(noted: Interaction) -> None:
    team.owner()
    before = Interaction.objects.filter(pk=noted.pk).values().get()
    rows = said("年框没谈成", result="拒绝", author="苏老板", modified="2023-05-01 10:00")
    rows[1][5] = "2023-04-02 11:30"
    run = imported(rows, source="旧系统")
    touch = Interaction.objects.get()
    assert (touch.staff and touch.staff.name, touch.author_name) == ("苏老板", "")
    assert touch.happened_at.isoformat() == "2023-04-02T03:30:00+00:00"
    services.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    services.undo_import(run.pk)
    assert Interaction.objects.filter(pk=noted.pk).values().get() == before


def test_a_touch_whose_column_is_not_in_the_file_keeps_what_it_says(noted: Interaction) -> None:
    Interaction.objects.update(result="考虑中", direction="in")
    imported(
        [["记录编号", "内容", "跟进时间", "客户手机号"], ["R1", "年框没谈成", "2023-04-01 10:00", phone(11)]],
        source="旧系统",
    )
    noted.refresh_from_db()
    assert (noted.body, noted.result, noted.direction) == ("年框没谈成", "考虑中", "in")


STEPS = ["记录编号", "做什么", "计划日期", "状态", "结果", "执行人", "客户手机号"]


def planned(
    purpose: str, *, due: str = "2027-01-15", state: str = "待办", result: str = "", who: str = ""
) -> list[list[str]]:
    return [STEPS, ["S1", purpose, due, state, result, who, phone(11)]]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, ("寄春茶", "2027-02-01", "done", "寄出了")),
        ({"wins": "ours"}, ("寄样品", "2027-01-20", "open", "")),
        ({"wins": "blanks"}, ("寄样品", "2027-01-20", "open", "寄出了")),
        ({"wins": "ours", "wins_state": "file"}, ("寄样品", "2027-01-20", "done", "")),
        ({"wins_due": "ours"}, ("寄春茶", "2027-01-20", "done", "寄出了")),
    ],
)
def test_of_a_follow_up_that_differs_each_field_goes_by_its_rule(
    rules: dict[str, str], expected: tuple[str, ...]
) -> None:
    customer("王小茶", phone=phone(11))
    imported(planned("寄样品"), source="旧系统")
    FollowUp.objects.update(due_on=date(2027, 1, 20))
    before = FollowUp.objects.values().get()
    run = imported(
        planned("寄春茶", due="2027-02-01", state="已完成", result="寄出了"), source="旧系统", **rules
    )
    step = FollowUp.objects.get()
    assert (step.purpose, str(step.due_on), step.state, step.result) == expected
    assert (step.done_at is not None) == (step.state == "done")
    services.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    services.undo_import(run.pk)
    assert FollowUp.objects.values().get() == before


def test_whose_it_formerly_was_never_takes_the_place_of_a_result() -> None:
    customer("王小茶", phone=phone(11))
    imported(planned("寄样品", who="离开的人"), source="旧系统")
    assert FollowUp.objects.get().result == "原负责人：离开的人"
    FollowUp.objects.update(result="电话没人接")
    assert figures(imported(planned("寄样品", who="离开的人"), source="旧系统")) == (0, 0, 1, 0, 0)
    assert FollowUp.objects.get().result == "电话没人接"
