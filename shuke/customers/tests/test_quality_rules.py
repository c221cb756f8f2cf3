"""What makes a profile good: a table of cases."""

import pytest

from shuke.customers.rules import quality as rules
from shuke.customers.rules.quality import DOUBTFUL, MISSING, STALE, FieldState, Reason, Scheme

USUAL = Scheme()
FRESH, OLD = FieldState(is_filled=True), FieldState(is_filled=True, months=25)
UNSURE = FieldState(is_filled=True, months=1, is_doubtful=True)
PERSON = ("name", "phone", "wechat", "email", "birthday", "gender", "address", "preferred_channel", "tags")
WHOLE_PERSON = dict.fromkeys(PERSON, FRESH)


@pytest.mark.parametrize(
    ("name", "kind", "states", "expected"),
    [
        ("nothing known", "person", {}, 0),
        ("everything, fresh", "person", WHOLE_PERSON, 100),
        ("only a name", "person", {"name": FRESH}, 15),
        ("name and phone", "person", {"name": FRESH, "phone": FRESH}, 45),
        ("the phone one half-life old earns three quarters", "person", {"phone": FieldState(True, 24)}, 23),
        (
            "the phone ten years old earns little more than half",
            "person",
            {"phone": FieldState(True, 120)},
            15,
        ),
        ("a doubtful phone earns a quarter", "person", {"phone": UNSURE}, 8),
        ("a birthday never ages", "person", {"birthday": FieldState(True, 120)}, 15),
        ("a doubtful birthday does not count whole", "person", {"birthday": UNSURE}, 4),
        ("what is empty cannot be doubtful", "person", {"phone": FieldState(is_doubtful=True)}, 0),
        ("a company needs somebody to talk to", "company", {"name": FRESH, "contact": FRESH}, 35),
        ("a company needs no birthday", "company", {"birthday": FRESH, "gender": FRESH}, 0),
    ],
)
def test_a_score_is_the_share_of_what_counts(
    name: str, kind: str, states: dict[str, FieldState], expected: int
) -> None:
    assert rules.score(kind, states, USUAL) == expected, name


@pytest.mark.parametrize(
    ("months", "half_life_days", "expected"),
    [(0, 730, 1000), (12, 360, 750), (24, 360, 625), (120, 360, 500), (500, 360, 500), (60, 0, 1000)],
)
def test_what_a_field_earns_halves_towards_one_half(months: int, half_life_days: int, expected: int) -> None:
    assert rules.credit(months, half_life_days) == expected


def test_a_shop_decides_what_counts() -> None:
    scheme = Scheme(person=dict.fromkeys(PERSON, 0) | {"birthday": 10, "wechat": 30})
    assert rules.score("person", {"birthday": FRESH}, scheme) == 25
    assert rules.score("company", {"name": FRESH}, scheme) == 20
    assert rules.score("person", {"wechat": FieldState(True, 12)}, Scheme(half_lives={"wechat": 360})) == 8


def test_where_nothing_counts_every_profile_is_whole() -> None:
    assert rules.score("person", {}, Scheme(person=dict.fromkeys(PERSON, 0))) == 100


def test_completeness_and_freshness_are_told_apart() -> None:
    states = {"name": FRESH, "phone": FieldState(True, 24), "birthday": FRESH}
    assert rules.completeness("person", states, USUAL) == 60
    assert rules.freshness("person", states, USUAL) == 50
    assert rules.freshness("person", {"name": FRESH}, USUAL) == 100
    assert rules.freshness("person", {"phone": UNSURE}, USUAL) == 0


def test_reasons_begin_with_what_costs_most() -> None:
    states = {**WHOLE_PERSON, "phone": UNSURE, "address": OLD, "birthday": FieldState()}
    assert rules.reasons("person", states, USUAL) == [
        Reason(DOUBTFUL, "phone", 1),
        Reason(MISSING, "birthday"),
        Reason(STALE, "address", 25),
    ]


def test_a_field_is_stale_only_after_its_half_life() -> None:
    assert not rules.is_stale(FieldState(True, 24), 720)
    assert rules.is_stale(FieldState(True, 25), 720)
    assert not rules.is_stale(FieldState(True, 120), 0)
    assert not rules.is_stale(FieldState(False, 120), 720)


def test_one_asks_about_doubts_first_then_about_gaps() -> None:
    states = {"name": FRESH, "phone": OLD, "email": UNSURE, "wechat": FRESH}
    asked = rules.to_ask(states, "person", USUAL)
    assert asked == ["phone", "email", "birthday", "address", "gender", "preferred_channel"]


def test_masks_hold_fields_as_bits() -> None:
    assert rules.mask(["name", "birthday"]) == 0b10001
    assert rules.unmask(0b10001) == ("name", "birthday")
    assert rules.unmask(rules.mask(rules.CODES)) == rules.CODES
    assert rules.mask(rules.CODES) < 2**15  # a smallint holds it


@pytest.mark.parametrize(
    ("score", "worth_fen", "needs_asking", "expected"),
    [
        (40, 100_000, True, 630),
        (40, 0, True, 30),
        (40, 100_000, False, 0),
        (90, -5, True, 5),
        (0, 10**15, True, 2 * 10**9),
    ],
)
def test_whom_to_ask_first_is_worth_times_what_is_lacking(
    score: int, worth_fen: int, needs_asking: bool, expected: int
) -> None:
    assert rules.urgency(score, worth_fen, needs_asking=needs_asking) == expected


def test_what_a_shop_types_is_kept_within_bounds_and_usual_values_are_not_kept() -> None:
    assert rules.tidy_weights({"phone": 30, "email": 500, "gender": -3, "shoe": 9}, "person") == {
        "email": 100,
        "gender": 0,
    }
    assert rules.tidy_half_lives({"phone": 720, "address": 99_999, "birthday": 0}) == {"address": 3650}
