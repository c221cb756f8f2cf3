"""When a customer may be contacted, when the next follow-up falls, who is mentioned."""

from datetime import date, datetime, time, timedelta, timezone

import pytest

from shuke.customers.rules import keeping
from shuke.customers.rules.keeping import Held, Limits

CHINA = timezone(timedelta(hours=8))
LIMITS = Limits(most_touches=3, within_days=7, quiet_from=time(21), quiet_until=time(9))


def at(day: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("channel", "now", "past", "held"),
    [
        ("call", at(20), [], Held()),
        ("call", at(20), [at(15), at(16)], Held()),
        ("call", at(20), [at(15), at(16), at(17)], Held("too_often", at(22))),
        ("email", at(20), [at(15), at(16), at(17)], Held("too_often", at(22))),
        ("visit", at(20), [at(14, 22), at(16), at(17)], Held("too_often", at(21, 22))),
        ("call", at(20), [at(14, 22), at(16), at(17)], Held("too_often", at(22, 9))),  # 22:00 is quiet
        ("call", at(20), [at(13), at(16), at(17)], Held()),  # exactly seven days ago counts no more
        ("call", at(20), [at(14), at(15), at(16), at(17)], Held("too_often", at(22))),
        ("note", at(20, 23), [at(18), at(19), at(20)], Held()),
        ("call", at(20, 21), [], Held("quiet", at(21, 9))),
        ("sms", at(20, 8, 59), [], Held("quiet", at(20, 9))),
        ("sms", at(20, 9), [], Held()),
        ("visit", at(20, 22), [], Held()),
    ],
)
def test_too_often_and_at_night_is_held_with_when_it_is_free(
    channel: str, now: datetime, past: list[datetime], held: Held
) -> None:
    assert keeping.contact_hold(LIMITS, channel, now, past) == held


def test_nought_is_no_limit_and_the_same_hour_twice_is_no_quiet() -> None:
    free = Limits(0, 7, time(9), time(9))
    assert keeping.contact_hold(free, "call", at(20, 23), [at(19), at(19), at(19), at(19)]) == Held()
    noon = Limits(0, 7, time(12), time(14))
    assert keeping.contact_hold(noon, "call", at(20, 13), []) == Held("quiet", at(20, 14))
    assert keeping.contact_hold(noon, "call", at(20, 23), []) == Held()


@pytest.mark.parametrize(
    ("last", "starts_on", "day"),
    [
        (None, date(2026, 11, 1), date(2026, 11, 20)),
        (None, date(2026, 12, 1), date(2026, 12, 1)),
        (date(2026, 11, 10), date(2026, 11, 1), date(2026, 12, 10)),
        (date(2026, 1, 1), date(2026, 11, 1), date(2026, 11, 20)),
    ],
)
def test_the_next_one_falls_so_many_days_after_the_last(
    last: date | None, starts_on: date, day: date
) -> None:
    found = keeping.due_day(last=last, every_days=30, starts_on=starts_on, today=date(2026, 11, 20))
    assert found == day


def test_a_full_day_passes_on_to_the_next_free_one_longest_waiting_first() -> None:
    friday = date(2026, 11, 20)
    wanted = [(friday, 3), (date(2026, 11, 19), 9), (friday, 1), (friday, 2), (friday, 4)]
    is_weekday = lambda day: day.weekday() < 5  # noqa: E731
    found = keeping.spread(wanted, {friday: 1}, 2, date(2026, 11, 23), is_weekday)
    assert found == [
        (date(2026, 11, 19), 9), (friday, 1), (date(2026, 11, 23), 2), (date(2026, 11, 23), 3)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("请 @王小茶 看看", {1}),
        ("@王小茶和@林店长", {1, 2}),
        ("＠王小茶:好", {1}),
        ("@王小 在", {4}),
        ("@王小茶", {1}),
        ("王小茶", set()),
        ("mail a@b.c @莫", set()),
        ("@周小满", {3, 5}),
        ("@", set()),
    ],
)
def test_the_longest_name_after_the_sign_is_meant(text: str, found: set[int]) -> None:
    people = {1: "王小茶", 2: "林店长", 3: "周小满", 4: "王小", 5: "周小满", 6: ""}
    assert keeping.mentioned(text, people) == found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("陈茶香：回电 154 0000-6621 约茶", "陈茶香：回电 … 约茶"),
        ("154****6621：回访", "…：回访"),
        ("+8615400006621", "…"),
        ("寄到 chen@example.com。谢", "寄到 …。谢"),
        ("2026 白茶 3 盒", "2026 白茶 3 盒"),
    ],
)
def test_numbers_and_addresses_stay_in_the_house(text: str, shown: str) -> None:
    assert keeping.without_contacts(text) == shown
