"""Touches are mended, taken back and put back; the timeline keeps its order; colleagues hear of them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from shuke.customers import handlers, queries, services
from shuke.customers.events import InteractionChanged, InteractionRemoved
from shuke.customers.models import CustomerFollower, Interaction
from shuke.customers.services import NextStep, PastTouch, Touch
from shuke.customers.testing import customer, regular_chen
from shuke.kernel import clock
from shuke.kernel.timeline import TimelineEntry, TimelineWanted, cursor_of
from shuke.team import testing as team
from shuke.team.models import AuditEntry, Notice
from shuke.team.queries import SYSTEM, unread_notices
from shuke.team.services import read_notices

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


def shown(customer_id: int, **wanted: object) -> list[TimelineEntry]:
    return queries.timeline_entries([customer_id], TimelineWanted(**wanted))  # type: ignore[arg-type]


def touches(customer_id: int, **wanted: object) -> list[str]:
    return [one.body for one in shown(customer_id, **wanted) if one.source == "touch"]


def test_a_touch_is_mended_and_the_change_taken_back() -> None:
    chen, wang = regular_chen(), team.clerk_wang()
    row = services.log_interaction(
        actor=wang, customer_id=chen.pk, touch=Touch("call", "问新茶", happened_at=NOON)
    )
    mended = Touch("wechat", "问新茶\u202e价", direction="in", result="说会来")
    services.change_interaction(actor=wang, interaction_id=row.pk, touch=mended)
    row.refresh_from_db()
    assert (row.kind, row.body, row.direction, row.result, row.happened_at, row.staff_id) == (
        "wechat", "问新茶价", "in", "说会来", NOON, wang.pk
    )  # fmt: skip
    assert shown(chen.pk, kinds=frozenset({"wechat"}))[0].is_changed
    services.revert_interaction(actor=wang, interaction_id=row.pk)
    row.refresh_from_db()
    assert (row.kind, row.body, row.direction, row.result, row.happened_at) == (
        "call",
        "问新茶",
        "out",
        "",
        NOON,
    )
    assert AuditEntry.objects.filter(action="interaction_changed").count() == 2


def test_a_touch_taken_back_is_out_of_sight_and_can_be_put_back() -> None:
    chen, wang = regular_chen(), team.clerk_wang()
    row = services.log_interaction(actor=wang, customer_id=chen.pk, touch=Touch("call", "记错了"))
    services.remove_interaction(actor=wang, interaction_id=row.pk)
    assert touches(chen.pk) == []
    assert not queries.recent_touches(chen.pk).exists()
    services.restore_interaction(actor=wang, interaction_id=row.pk)
    assert touches(chen.pk) == ["记错了"]


@pytest.mark.parametrize("who", ["lin", "zhou", "analyst", "stranger"])
def test_only_its_author_or_the_owner_mends_a_touch(who: str) -> None:
    cast, chen = team.cast(), regular_chen()
    row = services.log_interaction(actor=cast.wang, customer_id=chen.pk, touch=Touch("call", "原话"))
    actor = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        services.change_interaction(actor=actor, interaction_id=row.pk, touch=Touch("call", "改了"))
    with pytest.raises(PermissionDenied):
        services.remove_interaction(actor=actor, interaction_id=row.pk)
    row.refresh_from_db()
    assert (row.body, row.removed_at) == ("原话", None)
    services.change_interaction(actor=cast.owner, interaction_id=row.pk, touch=Touch("call", "店主改的"))
    row.refresh_from_db()
    assert (row.body, row.staff_id) == ("店主改的", cast.wang.pk)


def test_a_mended_note_needs_words_too() -> None:
    chen, wang = regular_chen(), team.clerk_wang()
    row = services.log_interaction(actor=wang, customer_id=chen.pk, touch=Touch("note", "有话"))
    with pytest.raises(ValidationError):
        services.change_interaction(actor=wang, interaction_id=row.pk, touch=Touch("note", " \u200b "))
    row.refresh_from_db()
    assert row.body == "有话"


def test_history_keeps_an_author_who_is_no_staff_and_its_date() -> None:
    chen = regular_chen()
    past = PastTouch(
        chen.pk, "call", "in", "问过运费", "", None, NOON, author_name="前同事 老赵", channel="Zoho"
    )
    services.add_past(actor=SYSTEM, touches=[past], steps=[])
    entry = shown(chen.pk, author="前同事 老赵")[0]
    assert (entry.who, entry.channel, entry.direction, entry.happened_at) == (
        "前同事 老赵",
        "Zoho",
        "in",
        NOON,
    )
    assert queries.timeline_people(chen.pk) == [queries.TimelinePerson(None, "前同事 老赵")]
    assert queries.touch_channels(chen.pk) == ["Zoho"]


def test_the_timeline_narrows_by_everything_it_shows() -> None:
    chen, cast = regular_chen(), team.cast()
    given = [
        (cast.wang, Touch("call", "白茶 100% 到货", result="没接", happened_at=NOON, channel="总机")),
        (cast.lin, Touch("wechat", "要礼盒", direction="in", happened_at=NOON + timedelta(days=1))),
        (cast.wang, Touch("note", "怕苦", happened_at=NOON + timedelta(days=2))),
    ]
    for actor, touch in given:
        services.log_interaction(actor=actor, customer_id=chen.pk, touch=touch)
    assert touches(chen.pk) == ["怕苦", "要礼盒", "白茶 100% 到货"]
    assert touches(chen.pk, kinds=frozenset({"call", "note"})) == ["怕苦", "白茶 100% 到货"]
    assert touches(chen.pk, direction="in") == ["要礼盒"]
    assert touches(chen.pk, direction="out") == ["白茶 100% 到货"]  # a note goes nowhere
    assert touches(chen.pk, channel="总机") == ["白茶 100% 到货"]
    assert touches(chen.pk, staff_id=cast.lin.pk) == ["要礼盒"]
    assert touches(chen.pk, since=NOON + timedelta(days=1)) == ["怕苦", "要礼盒"]
    assert touches(chen.pk, until=NOON + timedelta(days=1)) == ["白茶 100% 到货"]
    assert touches(chen.pk, text="没接") == ["白茶 100% 到货"]
    assert touches(chen.pk, text="0%") == ["白茶 100% 到货"]
    assert touches(chen.pk, text="%怕") == []


def test_no_entry_is_lost_or_doubled_when_hundreds_share_one_moment() -> None:
    chen, wang = regular_chen(), team.clerk_wang()
    rows = [PastTouch(chen.pk, "note", "out", f"第{n:03}条", "", wang.pk, NOON) for n in range(95)]
    services.add_past(actor=SYSTEM, touches=rows, steps=[])
    seen: list[str] = []
    after = None
    for _page in range(20):
        page = shown(chen.pk, after=after, limit=10)
        if not page:
            break
        seen += [one.body for one in page if one.source == "touch"]
        after = cursor_of(page[-1])
    assert seen == [f"第{n:03}条" for n in reversed(range(95))]


def test_a_change_of_the_record_stands_on_the_timeline_with_who_made_it() -> None:
    chen, lin = regular_chen(), team.manager_lin()
    services.change_customer(actor=lin, customer_id=chen.pk, occupation="老师", tags=("送礼",))
    entry = shown(chen.pk, kinds=frozenset({"change"}))[0]
    assert (entry.title, entry.who, entry.source) == ("修改资料", "林店长", "change")
    assert sorted(entry.body.split("、")) == ["标签", "职业"]
    assert [one.title for one in shown(chen.pk, staff_id=lin.pk)] == ["修改资料"]


def test_a_mentioned_colleague_who_sees_the_customer_is_told_once() -> None:
    cast, chen = team.cast(), regular_chen()
    said = "@林店长 帮忙看看，@周小满 @莫路人 @王小茶"
    row = services.log_interaction(actor=cast.wang, customer_id=chen.pk, touch=Touch("note", said))
    for _twice in range(2):
        services.tell_of_touch(row.pk)
    assert list(Notice.objects.values_list("staff__username", "kind", "facts", "url")) == [
        (
            "lin",
            "mentioned",
            {"customer": chen.pk, "touch": row.pk, "by": cast.wang.pk},
            f"/customers/{chen.pk}/",
        )
    ]
    assert unread_notices(cast.lin) == 1
    read_notices(actor=cast.wang, notice_id=Notice.objects.get().pk)
    assert unread_notices(cast.lin) == 1  # somebody else's notice stays unread
    read_notices(actor=cast.lin)
    assert unread_notices(cast.lin) == 0


def test_followers_hear_of_what_others_do_while_they_see_the_customer() -> None:
    cast, chen = team.cast(), regular_chen()
    services.follow_customer(actor=cast.lin, customer_id=chen.pk)
    services.follow_customer(actor=cast.lin, customer_id=chen.pk)
    services.follow_customer(actor=cast.owner, customer_id=chen.pk)
    CustomerFollower.objects.create(customer=chen, staff=cast.zhou)  # sees the customer no more
    assert CustomerFollower.objects.count() == 3
    row = services.log_interaction(actor=cast.lin, customer_id=chen.pk, touch=Touch("call", "聊了聊"))
    services.tell_of_touch(row.pk)
    services.tell_of_touch(row.pk)
    assert list(Notice.objects.values_list("staff__username", "kind", "key")) == [
        ("su", "followed", f"call:{row.pk}")
    ]
    services.unfollow_customer(actor=cast.owner, customer_id=chen.pk)
    assert services.tell_followers(customer_id=chen.pk, what="order", key="9", besides=[cast.lin.pk]) == 0


def test_a_change_is_told_once_a_day_and_not_to_whoever_made_it() -> None:
    cast, chen = team.cast(), regular_chen()
    for person in (cast.lin, cast.wang):
        services.follow_customer(actor=person, customer_id=chen.pk)
    for job in ("老师", "医生"):
        services.change_customer(actor=cast.lin, customer_id=chen.pk, occupation=job)
        services.tell_of_change(chen.pk)
    assert list(Notice.objects.values_list("staff__username", "facts__what")) == [("wang", "changed")]


@pytest.mark.parametrize("who", ["zhou", "stranger"])
def test_nobody_follows_a_customer_they_do_not_see(who: str) -> None:
    cast, chen = team.cast(), regular_chen()
    with pytest.raises(PermissionDenied):
        services.follow_customer(actor=getattr(cast, who), customer_id=chen.pk)
    assert not CustomerFollower.objects.exists()


def test_a_colleague_is_told_what_was_given_to_them() -> None:
    cast, chen = team.cast(), regular_chen()
    step = NextStep("送样茶", clock.today(), assignee_id=cast.wang.pk)
    given = services.plan_follow_up(actor=cast.lin, customer_id=chen.pk, step=step)
    own = services.plan_follow_up(actor=cast.lin, customer_id=chen.pk, step=NextStep("自己做", clock.today()))
    for row in (given, own):
        services.tell_of_step(row.pk)
    assert list(Notice.objects.values_list("staff__username", "kind", "facts__step")) == [
        ("wang", "assigned", given.pk)
    ]


def test_somebody_of_another_store_is_given_nothing_to_do() -> None:
    cast, chen = team.cast(), regular_chen()
    step = NextStep("送样茶", clock.today(), assignee_id=cast.zhou.pk)
    with pytest.raises(ValidationError):
        services.plan_follow_up(actor=cast.wang, customer_id=chen.pk, step=step)
    assert not queries.follow_ups_of(chen.pk).exists()


def test_doing_it_by_phone_writes_the_call_down_and_taking_it_back_takes_both_back() -> None:
    wang, chen = team.clerk_wang(), regular_chen()
    planned = NextStep("回访", clock.today(), for_store=True)
    step = services.plan_follow_up(actor=wang, customer_id=chen.pk, step=planned)
    assert step.assignee_id is None
    services.finish_follow_up(
        actor=wang,
        follow_up_id=step.pk,
        result="下周来",
        touch=Touch("call", "下周来"),
        following=NextStep("等他来", clock.today() + timedelta(days=7)),
    )
    step.refresh_from_db()
    assert (step.state, step.assignee_id) == ("done", wang.pk)
    assert [(one.kind, one.body) for one in shown(chen.pk)][:2] == [("follow_up", ""), ("call", "下周来")]
    services.reopen_follow_up(actor=wang, follow_up_id=step.pk)
    assert [row.purpose for row in queries.follow_ups_of(chen.pk)] == ["回访"]
    assert not Interaction.objects.exists()


def test_a_day_put_off_can_be_put_back() -> None:
    wang, chen, today = team.clerk_wang(), regular_chen(), clock.today()
    step = services.plan_follow_up(actor=wang, customer_id=chen.pk, step=NextStep("回访", today))
    was = services.postpone_follow_up(actor=wang, follow_up_id=step.pk, due_on=today + timedelta(days=3))
    assert was == today
    step.refresh_from_db()
    assert step.due_on == today + timedelta(days=3)
    with pytest.raises(PermissionDenied):
        services.postpone_follow_up(actor=team.clerk_zhou(), follow_up_id=step.pk, due_on=today)
    services.postpone_follow_up(actor=wang, follow_up_id=step.pk, due_on=was)
    step.refresh_from_db()
    assert step.due_on == today


def test_the_timeline_of_a_customer_of_ten_thousand_entries_costs_the_same(
    django_assert_num_queries: object,
) -> None:
    chen, wang = customer("多事"), team.clerk_wang()
    rows = [
        PastTouch(chen.pk, "note", "out", f"{n}", "", wang.pk, NOON - timedelta(minutes=n))
        for n in range(3_000)
    ]
    services.add_past(actor=SYSTEM, touches=rows, steps=[])
    with django_assert_num_queries(7):  # type: ignore[operator]
        assert len(shown(chen.pk, limit=31)) == 31


def test_search_forgets_the_words_of_a_touch_taken_back_and_learns_mended_ones() -> None:
    cast, chen = team.cast(), regular_chen()
    row = services.log_interaction(actor=cast.wang, customer_id=chen.pk, touch=Touch("call", "想要紫砂壶"))
    services.index_texts([chen.pk])

    def found(words: str) -> list[int]:
        return [one.id for one in queries.search_customers(cast.wang, words)]

    assert found("紫砂壶") == [chen.pk]
    services.change_interaction(actor=cast.wang, interaction_id=row.pk, touch=Touch("call", "想要建盏"))
    handlers.index_words_of_mended_touch(InteractionChanged(customer_id=chen.pk, interaction_id=row.pk))
    assert (found("紫砂壶"), found("建盏")) == ([], [chen.pk])
    services.remove_interaction(actor=cast.wang, interaction_id=row.pk)
    handlers.forget_words_of_removed_touch(InteractionRemoved(customer_id=chen.pk, interaction_id=row.pk))
    assert found("建盏") == []
