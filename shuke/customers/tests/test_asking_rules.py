"""What a customer may change at once, and how little of their data the page behind a link shows: tables of cases."""

import pytest

from shuke.customers.rules import asking as rules
from shuke.customers.rules.asking import BLANKS, BUT_IDENTITIES, NOTHING

ALL_BLANK = dict.fromkeys(rules.ASKED, True)
ALL_FILLED = dict.fromkeys(rules.ASKED, False)
REST = ("name", "birthday", "gender", "address", "preferred_channel")


@pytest.mark.parametrize(
    ("name", "given", "takes", "at_once"),
    [
        ("blanks are filled in", ALL_BLANK, BLANKS, REST),
        ("what is there waits", ALL_FILLED, BLANKS, ()),
        ("a shop may want to see everything", ALL_BLANK, NOTHING, ()),
        ("or trust all but what recognises a customer", ALL_FILLED, BUT_IDENTITIES, REST),
        ("an unknown wish writes nothing", ALL_BLANK, "everything", ()),
        ("what is not a field is left out", {"points": True}, BUT_IDENTITIES, ()),
        ("nothing given, nothing done", {}, BLANKS, ()),
    ],
)
def test_what_is_written_at_once(
    name: str, given: dict[str, bool], takes: str, at_once: tuple[str, ...]
) -> None:
    found = rules.sort_answer(given, takes)
    assert found.at_once == at_once, name
    assert set(found.at_once) | set(found.proposed) == given.keys() & set(rules.ASKED)


@pytest.mark.parametrize("takes", [*rules.TAKES, "", "anything"])
def test_phone_wechat_and_email_are_never_written_at_once(takes: str) -> None:
    assert not set(rules.sort_answer(ALL_BLANK, takes).at_once) & {"phone", "wechat", "email"}


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("name", "陈茶香", "陈**"),
        ("name", "王", "王*"),
        ("name", "", ""),
        ("name", "Li Wei Zhang Long Name", "L****"),
        ("phone", "15400006621", "154****6621"),
        ("email", "chen@example.com", "c***@example.com"),
        ("wechat", "chen_tea", "c***a"),
        ("gender", "female", "female"),
    ],
)
def test_values_are_masked(code: str, value: str, shown: str) -> None:
    assert rules.masked(code, value) == shown


def test_a_street_shows_its_first_two_signs() -> None:
    assert rules.mask_street("龙井路 18 号 2 单元") == "龙井****"
    assert rules.mask_street("") == ""
