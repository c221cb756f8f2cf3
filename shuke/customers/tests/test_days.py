"""The timeline, birthdays and the columns for lists."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from shuke.customers import queries, services
from shuke.customers.services import NextStep, Touch
from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.kernel import clock
from shuke.kernel.timeline import TimelineWanted, cursor_of
from shuke.team import testing as team
from shuke.team.queries import SYSTEM
from shuke.zh.calendar import Birthday

pytestmark = pytest.mark.django_db


def test_the_timeline_tells_touches_finished_steps_and_the_beginning_newest_first() -> None:
    chen, wang = regular_chen(), team.clerk_wang()
    old = datetime(2020, 1, 5, 9, tzinfo=UTC)
    touch = Touch("wechat", "想要礼盒", direction="in", result="约好再联系", happened_at=old)
    services.log_interaction(actor=wang, customer_id=chen.pk, touch=touch)
    step = services.plan_follow_up(actor=wang, customer_id=chen.pk, step=NextStep("回访", clock.today()))
    services.finish_follow_up(actor=wang, follow_up_id=step.pk, result="满意")
    entries = queries.timeline_entries([chen.pk])
    assert [(entry.kind, entry.body) for entry in entries] == [
        ("follow_up", "满意"), ("change", ""), ("wechat", "想要礼盒")
    ]  # fmt: skip
    said = entries[-1]
    assert (said.title, said.direction, said.who, said.happened_at) == (
        "微信 · 约好再联系",
        "in",
        "王小茶",
        old,
    )
    older = queries.timeline_entries([chen.pk], TimelineWanted(after=cursor_of(entries[1])))
    assert [entry.kind for entry in older] == ["wechat"]
    first = queries.timeline_entries([chen.pk], TimelineWanted(limit=1))
    assert [entry.kind for entry in first] == ["follow_up"]


def test_birthdays_solar_and_lunar_come_by_day_and_within_reach() -> None:
    cast = team.cast()
    regular_chen(birthday=Birthday("lunar", 10, 14))  # kept on 22 November 2026
    lapsed_zhao(birthday=Birthday("solar", 11, 20))
    customer("别店", store_id=cast.other_store.pk, birthday=Birthday("solar", 11, 21))
    customer("以后", store_id=cast.store.pk, birthday=Birthday("solar", 12, 21))
    found = queries.birthdays_between(cast.wang, date(2026, 11, 20), date(2026, 11, 26))
    assert [(ahead.name, ahead.on, ahead.words, ahead.is_lunar) for ahead in found] == [
        ("赵松烟", date(2026, 11, 20), "11月20日", False),
        ("陈茶香", date(2026, 11, 22), "农历十月十四", True),
    ]
    assert queries.birthdays_between(cast.stranger, date(2026, 11, 20), date(2026, 11, 26)) == []
    assert queries.birthdays_between(cast.wang, date(2026, 11, 26), date(2026, 11, 20)) == []


def test_a_card_is_masked_for_a_clerk_and_out_of_reach_for_others() -> None:
    cast, chen = team.cast(), regular_chen(email="chen@example.com", birthday=Birthday("lunar", 10, 4))
    card = queries.customer_card(cast.wang, chen.pk)
    assert (card.contacts.phone, card.contacts.email, card.contacts.is_masked) == (
        "154****6621", "c***@example.com", True
    )  # fmt: skip
    assert (card.birthday_words, card.store_name) == ("农历十月初四", "湖畔店")
    assert queries.customer_card(cast.lin, chen.pk).contacts.phone == "15400006621"
    for actor in (cast.zhou, cast.stranger):
        with pytest.raises(type(chen).DoesNotExist):
            queries.customer_card(actor, chen.pk)


def test_rows_for_lists_carry_ids_birthday_and_tags() -> None:
    chen = regular_chen(tags=("乙", "甲"), birthday=Birthday("lunar", 10, 4))
    merged = lapsed_zhao()
    type(chen).objects.filter(pk=merged.pk).update(merged_into=chen)
    row = queries.card_rows().get()
    assert row["id"] == chen.pk
    assert row["name_key"] == "chen2陈 cha2茶 xiang1香"
    assert (row["birthday_calendar"], row["birthday_month"], row["birthday_day"]) == ("lunar", 10, 4)
    assert len(row["tag_ids"]) == 2
    assert not queries.card_rows([merged.pk]).exists()


def test_likely_doubles_are_masked_and_only_within_reach() -> None:
    cast, chen = team.cast(), regular_chen()
    customer("陈茶香", store_id=cast.other_store.pk)
    (double,) = queries.likely_doubles(cast.wang, name="陳茶香", phone="+86 154 0000 6621")
    assert (double.id, double.phone, double.is_sure) == (chen.pk, "154****6621", True)
    assert double.reasons == ("电话相同", "姓名相同")
    assert queries.likely_doubles(cast.wang, name="", phone="15400006621")[0].id == chen.pk
    assert queries.likely_doubles(cast.stranger, name="陈茶香", phone="15400006621") == []
    assert queries.likely_doubles(cast.wang, name="陈茶香", phone="", excluding=chen.pk) == []
    assert queries.likely_doubles(SYSTEM, name="没有的人", phone="123") == []


def test_searching_costs_few_queries(django_assert_max_num_queries: object) -> None:
    for n in range(30):
        customer(f"王伟{'光明茶香露'[n % 5]}")
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert len(queries.search_customers(SYSTEM, "王伟")) == 8
    wang = team.clerk_wang()
    # Two words, each looked for among names, tags and what was written about people, within one store.
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        queries.search_customers(wang, "wang w")


def test_a_week_of_birthdays_costs_one_query(django_assert_num_queries: object) -> None:
    regular_chen(birthday=Birthday("solar", 11, 22))
    with django_assert_num_queries(1):  # type: ignore[operator]
        queries.birthdays_between(SYSTEM, date(2026, 11, 20), date(2026, 11, 20) + timedelta(days=6))


@pytest.mark.parametrize(
    ("language", "lunar", "leap", "solar", "festival"),
    [
        ("zh-hans", "农历腊月初八", "农历闰六月十五", "3月8日", "立春"),
        ("zh-hant", "農曆臘月初八", "農曆閏六月十五", "3月8日", "立春"),
        ("en", "lunar month 12, day 8", "lunar leap month 6, day 15", "8 March", "Start of Spring"),
    ],
)
def test_birthdays_and_festivals_are_said_in_the_readers_language_and_kept_in_chinese(
    language: str, lunar: str, leap: str, solar: str, festival: str
) -> None:
    laba, summer = Birthday("lunar", 12, 8), Birthday("lunar", 6, 15, is_leap=True)
    with translation.override(language):
        assert [queries.birthday_shown(one) for one in (laba, summer, Birthday("solar", 3, 8), None)] == [
            lunar, leap, solar, "",
        ]  # fmt: skip
        assert queries.day_names_shown(date(2026, 2, 4)) == (festival,)
        assert queries.birthday_words(laba) == "农历腊月初八"


def test_every_festival_has_a_name_in_english() -> None:
    with translation.override("en"):
        said = {name for n in range(366) for name in queries.day_names_shown(date(2028, 1, 1) + timedelta(n))}
    assert [name for name in said if not name.isascii()] == []
