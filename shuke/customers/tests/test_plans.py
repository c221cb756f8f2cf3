"""Plans of follow-ups, the contact limit, reminders and the calendar feed."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from shuke.customers import queries, services
from shuke.customers.models import CalendarFeed, Customer, FollowUp, FollowUpPlan
from shuke.customers.ports import Audience, register_audience
from shuke.customers.queries.follow_ups import feed_text, feed_with
from shuke.customers.services import NextStep, PlanForm, PolicyForm, Touch
from shuke.customers.services.feeds import digest_of
from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.models import Notice

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)  # Friday 20 November, ten in the morning in the shop
FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)


@pytest.fixture(autouse=True)
def friday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    everybody = Audience("test", "试验", (("all", "所有人"), ("women", "女客")), lambda code: _members(code))
    register_audience(everybody)


def _members(code: str) -> Any:
    rows = Customer.objects.all() if code == "all" else Customer.objects.filter(gender="female")
    return rows.values("pk")


def form(**changes: Any) -> PlanForm:
    given: dict[str, Any] = {
        "name": "月访",
        "purpose": "回访",
        "audience": "test:all",
        "every_days": 30,
        "starts_on": FRIDAY,
    }
    return PlanForm(**{**given, **changes})


def plan(**changes: Any) -> FollowUpPlan:
    return services.save_plan(actor=team.owner(), form=form(**changes))


def made() -> list[tuple[str, date]]:
    return list(
        FollowUp.objects.filter(state="open").order_by("due_on", "pk").values_list("customer__name", "due_on")
    )


def test_a_plan_makes_one_follow_up_each_and_running_it_again_none() -> None:
    regular_chen(), lapsed_zhao()
    one = plan()
    assert services.run_plan(plan_id=one.pk) == 2
    assert services.run_plan(plan_id=one.pk) == 0
    assert made() == [("陈茶香", FRIDAY), ("赵松烟", FRIDAY)]


def test_the_last_touch_counts_and_weekends_are_left_free() -> None:
    chen, wang = regular_chen(), team.clerk_wang()
    touched = NOW - timedelta(days=29)  # due on Saturday
    services.log_interaction(actor=wang, customer_id=chen.pk, touch=Touch("call", "x", happened_at=touched))
    services.run_plan(plan_id=plan().pk)
    assert made() == [("陈茶香", MONDAY)]


def test_a_plan_that_works_on_weekends_says_so() -> None:
    chen, wang = regular_chen(), team.clerk_wang()
    touched = NOW - timedelta(days=29)
    services.log_interaction(actor=wang, customer_id=chen.pk, touch=Touch("call", "x", happened_at=touched))
    services.run_plan(plan_id=plan(is_working_days_only=False).pk)
    assert made() == [("陈茶香", date(2026, 11, 21))]


def test_festivals_are_left_free_and_years_without_a_calendar_do_not_stop_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    regular_chen()
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 10, 1, 2, tzinfo=UTC))  # 国庆, until the 7th
    services.run_plan(plan_id=plan(starts_on=date(2026, 10, 1)).pk)
    assert made() == [("陈茶香", date(2026, 10, 8))]
    FollowUp.objects.all().delete()
    monkeypatch.setattr(clock, "now", lambda: datetime(2090, 1, 7, 2, tzinfo=UTC))  # a Saturday
    services.run_plan(plan_id=FollowUpPlan.objects.get().pk)
    assert made() == [("陈茶香", date(2090, 1, 9))]


def test_nobody_gets_more_on_a_day_than_the_plan_says() -> None:
    lin, wang = team.manager_lin(), team.clerk_wang()
    for n in range(3):
        customer(f"林客{n}", account_manager_id=lin.pk)
    customer("王客", account_manager_id=wang.pk)
    services.run_plan(plan_id=plan(most_a_day=2).pk)
    assert made() == [("林客0", FRIDAY), ("林客1", FRIDAY), ("王客", FRIDAY), ("林客2", MONDAY)]
    assert set(FollowUp.objects.values_list("assignee__username", flat=True)) == {"lin", "wang"}


def test_what_is_done_comes_again_after_the_days_of_the_plan() -> None:
    chen, owner = regular_chen(), team.owner()
    one = plan(every_days=10)
    services.run_plan(plan_id=one.pk)
    services.finish_follow_up(actor=owner, follow_up_id=FollowUp.objects.get().pk, result="好")
    assert services.run_plan(plan_id=one.pk) == 1
    assert made() == [("陈茶香", date(2026, 11, 30))]
    first = FollowUp.objects.get(state="done")
    with pytest.raises(ValidationError, match="已经排了下一次"):
        services.reopen_follow_up(actor=owner, follow_up_id=first.pk)
    assert queries.follow_ups_of(chen.pk).count() == 1


def test_a_plan_ends_and_a_customer_who_leaves_its_audience_is_left_alone() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    one = plan(audience="test:women", starts_on=MONDAY)
    services.run_plan(plan_id=one.pk)
    assert made() == [("陈茶香", MONDAY)]
    Customer.objects.filter(pk=chen.pk).update(gender="male")
    Customer.objects.filter(pk=zhao.pk).update(gender="female")
    services.run_plan(plan_id=one.pk)
    assert made() == [("赵松烟", MONDAY)]
    ended = plan(audience="test:women", name="过期", starts_on=date(2026, 1, 1), until_on=date(2026, 11, 19))
    assert services.run_plan(plan_id=ended.pk) == 0


def test_pausing_takes_back_what_is_open_and_going_on_makes_it_again() -> None:
    regular_chen()
    one = plan()
    services.run_plan(plan_id=one.pk)
    services.set_plan_active(actor=team.owner(), plan_id=one.pk, is_active=False)
    assert made() == []
    assert services.run_plan(plan_id=one.pk) == 0
    services.set_plan_active(actor=team.owner(), plan_id=one.pk, is_active=True)
    services.run_plan(plan_id=one.pk)
    assert made() == [("陈茶香", FRIDAY)]


def test_merged_and_deleted_customers_get_none() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    Customer.objects.filter(pk=zhao.pk).update(merged_into=chen)
    gone = customer("删了")
    Customer.objects.filter(pk=gone.pk).update(deleted_at=NOW)
    services.run_plan(plan_id=plan().pk)
    assert made() == [("陈茶香", FRIDAY)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"purpose": "\u200b"}, "purpose"),
        ({"audience": "test:nobody"}, "audience"),
        ({"audience": ""}, "audience"),
        ({"every_days": 0}, "every_days"),
        ({"most_a_day": 201}, "most_a_day"),
        ({"until_on": date(2026, 11, 19)}, "until_on"),
        ({"kind": "fax"}, "kind"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        plan(**changes)
    assert list(refused.value.message_dict) == [field]
    assert not FollowUpPlan.objects.exists()


@pytest.mark.parametrize("who", ["wang", "analyst", "stranger"])
def test_a_clerk_makes_no_plans(who: str) -> None:
    with pytest.raises(PermissionDenied):
        services.save_plan(actor=getattr(team.cast(), who), form=form())
    assert not FollowUpPlan.objects.exists()


def test_a_manager_plans_for_their_own_store_only() -> None:
    cast = team.cast()
    for store_id in (None, cast.other_store.pk):
        with pytest.raises(PermissionDenied):
            services.save_plan(actor=cast.lin, form=form(store_id=store_id))
    regular_chen(), customer("别店", store_id=cast.other_store.pk)
    one = services.save_plan(actor=cast.lin, form=form(store_id=cast.store.pk, assign_to="store"))
    services.run_plan(plan_id=one.pk)
    assert made() == [("陈茶香", FRIDAY)]
    assert FollowUp.objects.get().assignee_id is None


def touch(customer_id: int, days_ago: int, kind: str = "call", direction: str = "out") -> None:
    moment = NOW - timedelta(days=days_ago)
    given = Touch(kind, "x", direction=direction, happened_at=moment)
    services.log_interaction(actor=team.owner(), customer_id=customer_id, touch=given)


def test_the_limit_counts_all_channels_and_says_why_and_until_when() -> None:
    chen = regular_chen()
    for days, kind in ((5, "call"), (3, "email"), (9, "sms")):
        touch(chen.pk, days, kind)
    touch(chen.pk, 1, "note")
    touch(chen.pk, 1, "wechat", "in")
    assert queries.contact_allowed(chen.pk, "sms").is_allowed
    touch(chen.pk, 1, "visit")
    verdict = queries.contact_allowed(chen.pk, "email")
    assert (verdict.is_allowed, verdict.code) == (False, "too_often")
    assert verdict.reason == "7 天内已联系 3 次，店里规定最多 3 次。11月22日 10:00 之后可以再联系。"
    assert queries.contact_allowed(chen.pk, "note").is_allowed
    assert queries.contact_allowed(chen.pk, "email", NOW + timedelta(days=3)).is_allowed


def test_at_night_nobody_is_called_and_who_wants_no_contact_gets_none() -> None:
    chen = regular_chen()
    night = datetime(2026, 11, 20, 14, tzinfo=UTC)  # ten in the evening
    verdict = queries.contact_allowed(chen.pk, "call", night)
    assert (verdict.is_allowed, verdict.code) == (False, "quiet")
    assert verdict.reason == "现在是安静时间（21:00 到 09:00），先别打扰。11月21日 09:00 之后可以联系。"
    Customer.objects.filter(pk=chen.pk).update(preferred_channel="none")
    assert queries.contact_allowed(chen.pk, "email").code == "unwanted"


def test_a_manager_lets_somebody_through_for_the_day_with_a_reason() -> None:
    cast, chen = team.cast(), regular_chen()
    for _n in range(3):
        touch(chen.pk, 1)
    for actor in (cast.wang, cast.analyst, cast.stranger, cast.zhou):
        with pytest.raises(PermissionDenied):
            services.permit_contact(actor=actor, customer_id=chen.pk, reason="想打")
    with pytest.raises(ValidationError):
        services.permit_contact(actor=cast.lin, customer_id=chen.pk, reason=" ")
    assert not queries.contact_allowed(chen.pk, "call").is_allowed
    given = services.permit_contact(actor=cast.lin, customer_id=chen.pk, reason="客户约了今天")
    verdict = queries.contact_allowed(chen.pk, "call")
    assert (verdict.is_allowed, verdict.is_permitted, verdict.code) == (True, True, "too_often")
    assert not queries.contact_allowed(chen.pk, "call", NOW + timedelta(days=1)).is_allowed
    services.withdraw_permit(actor=cast.lin, permit_id=given.pk)
    assert not queries.contact_allowed(chen.pk, "call").is_allowed


def test_only_the_owner_changes_the_limit() -> None:
    cast = team.cast()
    policy = PolicyForm(1, 30, time(20), time(10), 5)
    for actor in (cast.lin, cast.wang, cast.stranger):
        with pytest.raises(PermissionDenied):
            services.save_contact_policy(actor=actor, form=policy)
    assert queries.contact_policy().most_touches == 3
    services.save_contact_policy(actor=cast.owner, form=policy)
    chen = regular_chen()
    touch(chen.pk, 29)
    assert not queries.contact_allowed(chen.pk, "call").is_allowed
    with pytest.raises(ValidationError):
        services.save_contact_policy(actor=cast.owner, form=PolicyForm(1, 0, time(20), time(10), 5))


def late(customer_id: int, days: int, assignee_id: int | None) -> FollowUp:
    return FollowUp.objects.create(
        customer_id=customer_id,
        purpose="回访",
        due_on=FRIDAY - timedelta(days=days),
        assignee_id=assignee_id,
    )


def test_the_late_are_reminded_once_a_day_and_the_manager_hears_after_three() -> None:
    cast, chen = team.cast(), regular_chen()
    late(chen.pk, 1, cast.wang.pk)
    old = late(chen.pk, 3, cast.wang.pk)
    late(chen.pk, 0, cast.wang.pk)
    for _twice in range(2):
        services.remind_overdue()
    assert (services.escalate_overdue(), services.escalate_overdue()) == (1, 0)
    told = Notice.objects.order_by("pk").values_list("staff__username", "kind", "facts__count")
    assert list(told) == [("wang", "overdue", 2), ("lin", "escalated", 1)]
    old.refresh_from_db()
    assert old.escalated_on == FRIDAY


def test_without_a_manager_the_owner_hears() -> None:
    owner, far = team.owner(), customer("无店")
    late(far.pk, 30, None)
    services.escalate_overdue()
    assert list(Notice.objects.values_list("staff_id", "kind")) == [(owner.pk, "escalated")]


def test_a_calendar_is_read_by_its_secret_alone_and_holds_no_numbers() -> None:
    cast, chen = team.cast(), regular_chen()
    nameless = customer(phone="15400001234", store_id=cast.store.pk)
    far = customer("别店客", store_id=cast.other_store.pk)
    for pk, purpose in ((chen.pk, f"回电 {chen.phone}"), (nameless.pk, "问尺码; a,b")):
        step = NextStep(purpose, MONDAY, due_time=time(15, 30) if pk == chen.pk else None)
        services.plan_follow_up(actor=cast.wang, customer_id=pk, step=step)
    FollowUp.objects.create(customer=far, purpose="够不着", due_on=MONDAY, assignee=cast.wang)
    FollowUp.objects.create(customer=chen, purpose="别人的", due_on=MONDAY, assignee=cast.lin)
    secret = services.issue_feed(actor=cast.wang)
    assert secret not in str(CalendarFeed.objects.values())
    found = feed_with(digest_of(secret))
    assert found is not None
    text = feed_text(found.staff).replace("\r\n ", "")
    assert [line for line in text.split("\r\n") if line.startswith(("SUMMARY", "DTSTART"))] == [
        "DTSTART:20261123T073000Z",
        "SUMMARY:陈茶香：回电 …",
        "DTSTART;VALUE=DATE:20261123",
        "SUMMARY:…：问尺码\\; a\\,b",
    ]
    assert "154" not in text


def test_a_new_address_ends_the_old_one_and_leaving_ends_them_all() -> None:
    wang = team.clerk_wang()
    first = services.issue_feed(actor=wang)
    second = services.issue_feed(actor=wang)
    assert feed_with(digest_of(first)) is None
    assert feed_with(digest_of(second)) is not None
    wang.is_active = False
    wang.save()
    assert feed_with(digest_of(second)) is None
    wang.is_active = True
    wang.save()
    services.revoke_feed(actor=wang)
    assert feed_with(digest_of(second)) is None
    with pytest.raises(PermissionDenied):
        services.issue_feed(actor=team.analyst_chen())


def test_many_customers_are_planned_in_a_few_queries(django_assert_max_num_queries: Any) -> None:
    Customer.objects.bulk_create([Customer(name=f"客{n}") for n in range(300)])
    one = plan(most_a_day=200)
    with django_assert_max_num_queries(12):
        assert services.run_plan(plan_id=one.pk) == 300
