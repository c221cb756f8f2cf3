"""How values are normalised, masked, checked and compared."""

import pytest

from shuke.customers import rules
from shuke.customers.rules import Compared, IdentityKeys
from shuke.zh.calendar import Birthday


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("15400006621", "+8615400006621"),
        ("154 0000 6621", "+8615400006621"),
        ("154-0000-6621", "+8615400006621"),
        ("+86 15400006621", "+8615400006621"),
        ("0086-15400006621", "+8615400006621"),
        ("8615400006621", "+8615400006621"),
        ("１５４００００６６２１", "+8615400006621"),
        ("0571-88001234", "+8657188001234"),
        ("(0571) 8800 1234", "+8657188001234"),
        ("+86 571 8800 1234", "+8657188001234"),
        ("010-88889999", "+861088889999"),
        ("400-800-1234", "+864008001234"),
        ("+852 9123 4567", "+85291234567"),
        ("0085291234567", "+85291234567"),
        ("12345", None),
        ("88001234", None),
        ("154000066211", None),
        ("12800006621", None),
        ("abc", None),
        ("", None),
        ("=1+1", None),
    ],
)
def test_a_phone_is_read_as_people_write_it(written: str, e164: str | None) -> None:
    assert rules.normalise_phone(written) == e164


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("15400006621", "154****6621"),
        ("+8615400006621", "154****6621"),
        ("057188001234", "0571****1234"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_a_masked_phone_shows_its_head_and_tail(phone: str, masked: str) -> None:
    assert rules.mask_phone(phone) == masked


def test_other_contacts_are_masked_too() -> None:
    assert rules.mask_email("chen@example.com") == "c***@example.com"
    assert rules.mask_word("cha_chen") == "c***n"
    assert rules.mask_email("") == rules.mask_word("") == ""


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        (" Chen@Example.COM ", "chen@example.com"),
        ("ｃｈｅｎ＠example.com", "chen@example.com"),
        ("chen@example", None),
        ("chen", None),
        ("a b@example.com", None),
        ("<script>@example.com", None),
        ("@example.com", None),
    ],
)
def test_an_address_is_read_or_refused(written: str, normal: str | None) -> None:
    assert rules.normalise_email(written) == normal


def test_control_and_direction_characters_never_get_in() -> None:
    assert rules.clean_line("王\u202e伟\x00\n 茶\u200b") == "王伟 茶"
    assert rules.clean_text("第一行\r\n第二行\x07") == "第一行\n第二行"


def test_only_a_name_or_a_phone_is_required() -> None:
    assert rules.problems_of(name="王", phone="") == []
    assert rules.problems_of(name="", phone="15400006621") == []
    assert [p.field for p in rules.problems_of(name=" ", phone="\u200b")] == ["name"]


def test_what_is_wrong_is_said_per_field() -> None:
    found = rules.problems_of(name="王" * 81, phone="123", email="x", birthday=Birthday("solar", 2, 30))
    assert [p.field for p in found] == ["name", "phone", "email", "birthday_day"]


def test_keys_are_listed_by_trust_and_unreadable_ones_left_out() -> None:
    keys = IdentityKeys(
        member_number=" M1 ", phone="bad", email="A@Example.com", external=(("youzan", "77"), ("till", ""))
    )
    assert keys.pairs() == [("member", "M1"), ("email", "a@example.com"), ("external:youzan", "77")]


CHEN = Compared(name="陈茶香", phones=frozenset({"+8615400006621"}))


@pytest.mark.parametrize(
    ("other", "score"),
    [
        (Compared(name="陈茶香", phones=frozenset({"+8615400006621"})), 99),
        (Compared(name="陳茶香"), 40),
        (Compared(name="陈察香"), 25),
        (Compared(name="赵松烟", phones=frozenset({"+8615400006621"})), 35),
        (Compared(phones=frozenset({"+8615400006621"})), 60),
        (Compared(name="赵松烟"), 0),
        (Compared(), 0),
    ],
)
def test_likeness_needs_more_than_a_shared_phone(other: Compared, score: int) -> None:
    assert rules.likeness(CHEN, other).score == score


def test_possible_duplicates_come_likeliest_first_and_weak_ones_not_at_all() -> None:
    others = [(1, Compared(name="赵松烟")), (2, Compared(name="陈茶香")), (3, CHEN)]
    assert [key for key, _likeness in rules.possible_duplicates(CHEN, others)] == [3, 2]


@pytest.mark.parametrize(
    ("birthday", "is_wrong"),
    [
        (Birthday("lunar", 6, 15, is_leap=True), False),
        (Birthday("lunar", 12, 30), False),
        (Birthday("lunar", 12, 30, is_leap=True), True),
        (Birthday("lunar", 1, 1, is_leap=True), True),
        (Birthday("solar", 2, 29), False),
    ],
)
def test_a_birthday_in_a_leap_month_that_never_comes_is_asked_about(
    birthday: Birthday, is_wrong: bool
) -> None:
    problems = rules.problems_of(name="王", phone="", birthday=birthday)
    assert bool(problems) is is_wrong
