"""跟进, its calendar and plans, notices, logging from the customer page: what visitors see and who is turned away."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shuke.customers import services
from shuke.customers.models import (
    ContactPermit,
    Customer,
    CustomerFollower,
    FollowUp,
    FollowUpPlan,
    Interaction,
)
from shuke.customers.services import NextStep, Touch
from shuke.customers.testing import customer, regular_chen
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.models import Notice, Staff

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
TODAY = date(2026, 11, 20)
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def friday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def planned(actor: Staff, customer_id: int, days: int, purpose: str = "回访", **more: Any) -> FollowUp:
    step = NextStep(purpose, TODAY + timedelta(days=days), **more)
    return services.plan_follow_up(actor=actor, customer_id=customer_id, step=step)


def purposes(client: Client, **query: str) -> list[str]:
    lines = client.get(reverse("customers:follow_ups"), query).context["lines"]
    return [line["step"].purpose for line in lines]


def test_the_list_shows_what_is_due_by_span_mine_or_the_stores() -> None:
    cast, chen = team.cast(), regular_chen()
    far = customer("远客", store_id=cast.other_store.pk)
    for days, purpose in ((-3, "逾期的"), (0, "今天的"), (1, "周六的"), (9, "以后的")):
        planned(cast.wang, chen.pk, days, purpose)
    planned(cast.lin, chen.pk, 0, "店长的")
    planned(cast.zhou, far.pk, 0, "别店的")
    wang = signed_in(cast.wang)
    assert purposes(wang) == ["今天的"]
    assert purposes(wang, span="overdue") == ["逾期的"]
    assert purposes(wang, span="week") == ["周六的"]
    assert purposes(wang, span="later") == ["以后的"]
    assert purposes(wang, span="all") == ["逾期的", "今天的", "周六的", "以后的"]
    assert purposes(wang, who="all") == ["今天的", "店长的"]
    assert purposes(signed_in(cast.owner), who="all") == ["今天的", "店长的", "别店的"]
    body = wang.get(reverse("customers:follow_ups"), {"span": "overdue"}).content.decode()
    assert "逾期 3 天" in body
    assert chen.phone not in body


def test_with_nothing_for_today_the_list_opens_on_what_is_late() -> None:
    cast, chen = team.cast(), regular_chen()
    planned(cast.wang, chen.pk, -1, "逾期的")
    assert purposes(signed_in(cast.wang)) == ["逾期的"]


@pytest.mark.parametrize("name", ["follow_ups", "calendar", "feed_settings"])
def test_who_may_not_follow_up_sees_no_list(name: str) -> None:
    cast, address = team.cast(), reverse(f"customers:{name}")
    assert Client().get(address).status_code == 302
    codes = [
        signed_in(person).get(address).status_code for person in (cast.stranger, cast.analyst, cast.wang)
    ]
    assert codes == [403, 403, 200]


def test_done_in_the_list_with_the_next_one_and_taken_back() -> None:
    cast, chen = team.cast(), regular_chen()
    step, wang = planned(cast.wang, chen.pk, 0), signed_in(cast.wang)
    given = {
        "place": "list",
        "result": "下周来",
        "touch_kind": "call",
        "purpose": "等他来",
        "due_on": "2026-11-27",
    }
    answer = wang.post(reverse("customers:finish_follow_up", args=[step.pk]), given, headers=HTMX)
    assert answer.content == b""
    told = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert told["undo"] == reverse("customers:reopen_follow_up", args=[step.pk])
    assert list(Interaction.objects.values_list("kind", "body")) == [("call", "下周来")]
    assert list(FollowUp.objects.order_by("pk").values_list("purpose", "state")) == [
        ("回访", "done"), ("等他来", "open")
    ]  # fmt: skip
    wang.post(told["undo"], headers=HTMX)
    assert list(FollowUp.objects.order_by("pk").values_list("state", flat=True)) == ["open", "cancelled"]
    assert not Interaction.objects.exists()


def test_put_off_from_the_list_and_back() -> None:
    cast, chen = team.cast(), regular_chen()
    step, wang = planned(cast.wang, chen.pk, 0), signed_in(cast.wang)
    address = reverse("customers:postpone_follow_up", args=[step.pk])
    answer = wang.post(address, {"place": "list", "due_on": "2026-11-30"}, headers=HTMX)
    assert FollowUp.objects.get().due_on == date(2026, 11, 30)
    wang.post(json.loads(answer.headers["HX-Trigger"])["toast"]["undo"], headers=HTMX)
    assert FollowUp.objects.get().due_on == TODAY
    refused = wang.post(address, {"place": "list", "due_on": "9999-99-99"}, headers=HTMX)
    assert (refused.status_code, refused.content.decode()) == (400, "请选改到哪一天。")
    assert signed_in(cast.zhou).post(address, {"due_on": "2026-12-01"}).status_code == 404
    assert FollowUp.objects.get().due_on == TODAY


def test_the_calendar_shows_each_day_and_how_many_more() -> None:
    cast, chen = team.cast(), regular_chen()
    for n in range(6):
        planned(cast.wang, chen.pk, 3, f"第{n}件")
    planned(cast.wang, chen.pk, 0, HOSTILE)
    wang = signed_in(cast.wang)
    answer = wang.get(reverse("customers:calendar"))
    days = {one.day: one for one in answer.context["days"]}
    assert (min(days), max(days)) == (date(2026, 10, 26), date(2026, 12, 6))
    monday = days[date(2026, 11, 23)]
    assert ([step.purpose for step in monday.steps], monday.more) == (["第0件", "第1件", "第2件", "第3件"], 2)
    assert (days[date(2026, 11, 22)].names, days[date(2026, 11, 22)].is_working) == (("小雪",), False)
    assert HOSTILE not in answer.content.decode()
    assert "&lt;img src=x" in answer.content.decode()
    week = wang.get(reverse("customers:calendar"), {"view": "week", "day": "2026-11-25"}).context["days"]
    assert [one.day.day for one in week] == [23, 24, 25, 26, 27, 28, 29]
    assert wang.get(reverse("customers:calendar"), {"day": "2026-13-45"}).status_code == 200


def test_pages_of_follow_ups_keep_their_budgets(django_assert_max_num_queries: Any) -> None:
    cast = team.cast()
    for n in range(60):
        row = customer(f"客{n}", store_id=cast.store.pk, phone=f"1540000{n:04}")
        planned(cast.wang, row.pk, n % 10)
    wang = signed_in(cast.wang)
    wang.get("/")
    with django_assert_max_num_queries(10):
        body = wang.get(reverse("customers:follow_ups"), {"span": "all"}).content
    assert len(body) < 130_000
    with django_assert_max_num_queries(8):
        wang.get(reverse("customers:calendar"))
    with django_assert_max_num_queries(5):
        wang.get(reverse("team:notices"))


def test_a_plan_is_made_on_its_page_and_paused_and_taken_back() -> None:
    cast = team.cast()
    owner = signed_in(cast.owner)
    given = {
        "name": HOSTILE,
        "purpose": "回访",
        "audience": "level:high",
        "every_days": "30",
        "starts_on": "2026-11-20",
        "assign_to": "manager",
        "most_a_day": "10",
        "is_working_days_only": "on",
    }
    assert owner.post(reverse("customers:plan_add"), given).status_code == 302
    plan = FollowUpPlan.objects.get()
    assert (plan.audience, plan.every_days, plan.store_id, plan.is_working_days_only) == (
        "level:high",
        30,
        None,
        True,
    )
    body = owner.get(reverse("customers:plans")).content.decode()
    assert "价值：高价值" in body
    assert HOSTILE not in body
    active = reverse("customers:plan_active", args=[plan.pk])
    owner.post(active, {"active": "0"})
    assert not FollowUpPlan.objects.get().is_active
    owner.post(active)  # what 撤销 posts
    assert FollowUpPlan.objects.get().is_active
    wrong = owner.post(reverse("customers:plan_add"), {**given, "until_on": "2026-11-01"})
    assert wrong.status_code == 422
    assert "结束日期不能早于开始日期。" in wrong.content.decode()
    lin = signed_in(cast.lin)
    assert lin.post(active, {"active": "0"}).status_code == 403
    assert lin.get(reverse("customers:plan", args=[plan.pk])).status_code == 403
    assert lin.get(reverse("customers:plans")).status_code == 200
    assert FollowUpPlan.objects.get().is_active


@pytest.mark.parametrize(
    ("name", "codes"), [("plans", [403, 403, 403, 200, 200]), ("contact_policy", [403, 403, 403, 403, 200])]
)
def test_who_may_set_plans_and_limits(name: str, codes: list[int]) -> None:
    cast, address = team.cast(), reverse(f"customers:{name}")
    people = (cast.stranger, cast.analyst, cast.wang, cast.lin, cast.owner)
    assert [signed_in(person).get(address).status_code for person in people] == codes


def test_the_limit_is_shown_on_the_customer_page_and_a_manager_lets_it_through() -> None:
    cast, chen = team.cast(), regular_chen()
    for days in (1, 2, 3):
        touch = Touch("call", "x", happened_at=NOW - timedelta(days=days))
        services.log_interaction(actor=cast.wang, customer_id=chen.pk, touch=touch)
    address = reverse("desk:customer", args=[chen.pk])
    wang, lin = signed_in(cast.wang), signed_in(cast.lin)
    body = wang.get(address).content.decode()
    assert "7 天内已联系 3 次" in body
    assert "确有必要，请店长破例。" in body
    assert "data-dial" not in body.split("person-grid")[0]
    permit = reverse("customers:permit", args=[chen.pk])
    assert wang.post(permit, {"reason": "想打"}).status_code == 403
    assert not ContactPermit.objects.exists()
    assert lin.post(permit, {"reason": " "}, headers=HTMX).status_code == 400
    lin.post(permit, {"reason": "客户约了今天"}, headers=HTMX)
    body = wang.get(address).content.decode()
    assert "店长已允许今天破例联系。" in body
    assert f'data-dial-url="{reverse("customers:reveal", args=[chen.pk, "phone"])}"' in body


def test_a_call_is_logged_from_the_customer_page_with_its_time_and_direction() -> None:
    cast, chen = team.cast(), regular_chen()
    wang = signed_in(cast.wang)
    given = {
        "stay": "1",
        "kind": "call",
        "direction": "in",
        "body": "问新茶",
        "happened_at": "2026-11-20T09:30",
    }
    answer = wang.post(reverse("customers:log", args=[chen.pk]), given, headers=HTMX)
    assert answer.status_code == 204
    assert json.loads(answer.headers["HX-Trigger"])["touched"] == {}
    row = Interaction.objects.get()
    assert (row.kind, row.direction, row.happened_at) == (
        "call",
        "in",
        datetime(2026, 11, 20, 1, 30, tzinfo=UTC),
    )
    late = wang.post(
        reverse("customers:log", args=[chen.pk]), {**given, "happened_at": "2026-11-21T09:30"}, headers=HTMX
    )
    assert (late.status_code, late.content.decode()) == (400, "这个时间还没到。要约以后的事，请安排下一步。")
    assert Interaction.objects.count() == 1


def test_a_touch_is_mended_in_the_drawer_by_its_author_only() -> None:
    cast, chen = team.cast(), regular_chen()
    row = services.log_interaction(actor=cast.wang, customer_id=chen.pk, touch=Touch("call", HOSTILE))
    address, wang = reverse("customers:touch", args=[row.pk]), signed_in(cast.wang)
    assert HOSTILE not in wang.get(address, headers=HTMX).content.decode()
    answer = wang.post(address, {"kind": "wechat", "direction": "out", "body": "改好"}, headers=HTMX)
    told = json.loads(answer.headers["HX-Trigger"])
    assert set(told) == {"touched", "closedialog", "toast"}
    wang.post(told["toast"]["undo"], headers=HTMX)
    assert Interaction.objects.get().body == HOSTILE
    for person, code in ((cast.lin, 403), (cast.zhou, 404), (cast.analyst, 403), (cast.stranger, 403)):
        assert signed_in(person).post(address, {"kind": "sms", "body": "x"}).status_code == code
    assert Interaction.objects.get().kind == "call"
    gone = wang.post(reverse("customers:remove_touch", args=[row.pk]), {"place": "drawer"}, headers=HTMX)
    assert not Interaction.objects.exists()
    wang.post(json.loads(gone.headers["HX-Trigger"])["toast"]["undo"], headers=HTMX)
    assert Interaction.objects.count() == 1


def test_colleagues_who_see_the_customer_are_offered_by_name_pinyin_and_initials() -> None:
    cast, chen = team.cast(), regular_chen()
    wang, address = signed_in(cast.wang), reverse("customers:colleagues", args=[chen.pk])
    found = {
        typed: [person.username for person in wang.get(address, {"q": typed}).context["colleagues"]]
        for typed in ("", "林", "lindian", "wxc", "周", "\x00")
    }
    assert found == {
        "": ["su", "lin", "wang", "chen"], "林": ["lin"], "lindian": ["lin"], "wxc": ["wang"], "周": [], "\x00": []
    }  # fmt: skip
    assert signed_in(cast.zhou).get(address).status_code == 404
    assert signed_in(cast.analyst).get(address).status_code == 403


def test_following_is_one_click_there_and_back() -> None:
    cast, chen = team.cast(), regular_chen()
    address, wang = reverse("customers:watch", args=[chen.pk]), signed_in(cast.wang)
    assert "已关注" in wang.post(address, headers=HTMX).content.decode()
    assert CustomerFollower.objects.get().staff_id == cast.wang.pk
    wang.post(address, headers=HTMX)
    assert not CustomerFollower.objects.exists()
    assert signed_in(cast.zhou).post(address).status_code == 404
    assert signed_in(cast.stranger).post(address).status_code == 403
    assert not CustomerFollower.objects.exists()


def test_notices_are_ones_own_and_silent_about_customers_out_of_reach() -> None:
    cast, chen = team.cast(), regular_chen()
    said = Touch("note", f"@林店长 {HOSTILE}")
    row = services.log_interaction(actor=cast.wang, customer_id=chen.pk, touch=said)
    services.tell_of_touch(row.pk)
    lin = signed_in(cast.lin)
    body = lin.get(reverse("team:notices")).content.decode()
    assert "王小茶在 陈茶香 的记录里提到你：@林店长 &lt;img" in body
    assert HOSTILE not in body
    assert 'class="top-bell-count num" aria-hidden="true">1<' in body
    notice = Notice.objects.get()
    address = reverse("team:notice", args=[notice.pk])
    assert signed_in(cast.wang).post(address).status_code == 404
    assert lin.post(address).headers["Location"] == f"/customers/{chen.pk}/"
    assert "top-bell-count" not in lin.get(reverse("team:notices")).content.decode()
    Customer.objects.filter(pk=chen.pk).update(store=cast.other_store)
    assert "陈茶香" not in lin.get(reverse("team:notices")).content.decode()


def test_a_calendar_address_is_shown_once_and_read_without_signing_in() -> None:
    cast, chen = team.cast(), regular_chen()
    planned(cast.wang, chen.pk, 0)
    wang = signed_in(cast.wang)
    made = wang.post(reverse("customers:feed_settings"))
    address = made.context["address"]
    assert made.headers["Cache-Control"] == "no-store"
    assert address not in wang.get(reverse("customers:feed_settings")).content.decode()
    answer = Client().get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert "SUMMARY:陈茶香：回访" in answer.content.decode()
    for wrong in (
        address.replace(".ics", "x.ics"),
        address.split("/feed/")[0] + "/feed/" + "a" * 300 + ".ics",
    ):
        assert Client().get(wrong).status_code == 404
    wang.post(reverse("customers:revoke_feed"))
    assert Client().get(address).status_code == 404


def test_a_day_of_the_calendar_opens_as_a_list() -> None:
    cast, chen = team.cast(), regular_chen()
    planned(cast.wang, chen.pk, 3, "周一的")
    planned(cast.wang, chen.pk, 4, "周二的")
    assert purposes(signed_in(cast.wang), on="2026-11-23") == ["周一的"]
