"""Pure decisions of the desk, by named cases."""

from datetime import date

import pytest
from django.http import QueryDict

from shuke.desk import rules
from shuke.desk.forms import read_filter
from shuke.desk.queries.filtering import Narrowed, written
from shuke.desk.rules import Candidate
from shuke.desk.wording import Situation, figures, greeting_name, headline


def one(customer: int, reason: str, weight: int) -> Candidate:
    return Candidate(customer, reason, "1", weight)


def test_promises_come_on_top_of_the_capacity() -> None:
    promised = [one(n, rules.FOLLOW_UP, 1) for n in range(20)]
    others = [one(100 + n, rules.SLIPPING, 5) for n in range(20)]
    assert len(rules.choose([*promised, *others], 12)) == 32


def test_a_list_mixes_reasons_by_their_shares() -> None:
    all_reasons = [
        one(n * 10 + place, reason, 100 - n)
        for place, reason in enumerate(rules.REASONS[1:])
        for n in range(20)
    ]
    chosen = rules.choose(all_reasons, 12)
    found = [sum(c.reason == reason for c in chosen) for reason in rules.REASONS[1:]]
    assert found == [5, 3, 2, 2]


def test_room_left_by_one_reason_goes_to_whoever_weighs_most() -> None:
    chosen = rules.choose([one(n, rules.SLIPPING, n) for n in range(30)], 12)
    assert sorted(c.weight for c in chosen) == list(range(18, 30))


def test_nobody_is_chosen_twice() -> None:
    chosen = rules.choose(
        [one(1, rules.FOLLOW_UP, 1), one(1, rules.SLIPPING, 9), one(1, rules.BIRTHDAY, 9)], 12
    )
    assert [c.reason for c in chosen] == [rules.FOLLOW_UP]


@pytest.mark.parametrize(
    ("name", "gender", "called"),
    [
        ("王秀兰", "female", "王姐"),
        ("陈建国", "male", "陈先生"),
        ("欧阳静", "female", "欧阳姐"),
        ("罗静磊", "", "罗静磊您好"),
        ("Anna Li", "female", "Anna Li您好"),
        ("", "female", "您好"),
    ],
)
def test_a_customer_is_addressed_by_what_is_known(name: str, gender: str, called: str) -> None:
    assert greeting_name(name, gender) == called


@pytest.mark.parametrize(
    ("name", "typed", "marked"),
    [
        ("罗静磊", "静", [("罗", False), ("静", True), ("磊", False)]),
        ("罗静磊", "luoj", [("罗静", True), ("磊", False)]),
        ("罗静磊", "jl", [("罗", False), ("静磊", True)]),
        ("王伟", "6621", [("王伟", False)]),
        ("<b>x", "<b>", [("<b>", True), ("x", False)]),
    ],
)
def test_what_was_typed_is_marked_in_the_name(name: str, typed: str, marked: list[tuple[str, bool]]) -> None:
    assert rules.marked(name, typed) == marked


def test_an_address_full_of_nonsense_asks_for_everybody() -> None:
    query = QueryDict(
        "level=x&r=9999999999999&r=-1&store=abc&birthday=13&last=x&spent=&slipping=yes&manager=é"
    )
    assert read_filter(query) == Narrowed()


def test_short_forms_of_an_address_are_read_into_a_filter() -> None:
    query = QueryDict(
        "level=high&level=low&r=5&fm=4&store=2&manager=0&last=31-90&spent=5000-&birthday=11&slipping=1"
    )
    assert written(read_filter(query).wanted) == (
        "level.in.low,high~r.in.5~fm.in.4~store.in.2~manager.in.0~last.span.31-90~spent.span.5000-"
        "~birthday.in.11~slipping.yes"
    )


def test_the_reason_is_told_in_figures() -> None:
    situation = Situation(
        reason=rules.SLIPPING,
        name="王秀兰",
        gender="female",
        today=date(2026, 11, 22),
        last_on=date(2026, 10, 8),
        usual_gap_days=21,
        leaving_chance=0.7,
        at_stake_fen=286_049,
        last_item="白茶礼盒",
        last_amount_fen=36_800,
    )
    assert headline(situation) == "45 天没来（通常 21 天一次）"
    assert figures(situation) == [
        "再不联系，7 成可能不再来",
        "每年约 ¥2,860 会跟着走",
        "上次买 白茶礼盒 ¥368",
    ]


def test_a_morning_takes_the_dearest_of_each_reason_in_turn() -> None:
    weighed = [
        ("follow_up", "promise 1"),
        ("slipping", "slipping 1"),
        ("", "birthday ahead"),
        ("slipping", "slipping 2"),
        ("follow_up", "promise 2"),
        ("slipping", "slipping 3"),
        ("birthday", "birthday today"),
    ]
    assert rules.mixed(weighed) == [
        "slipping 1",
        "promise 1",
        "birthday today",
        "slipping 2",
        "promise 2",
        "slipping 3",
        "birthday ahead",
    ]
    assert rules.mixed([]) == []
