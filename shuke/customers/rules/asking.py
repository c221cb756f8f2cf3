"""Asking customers about their own data: what they may change at once, and how it is shown to whoever opens the link. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from shuke.customers import rules

ASKED = ("name", "phone", "wechat", "email", "birthday", "gender", "address", "preferred_channel")
IDENTITIES = frozenset({"phone", "wechat", "email"})
PLACE = ("province", "city", "district", "address")
NOTHING, BLANKS, BUT_IDENTITIES = "nothing", "blanks", "but_identities"
TAKES = (BLANKS, NOTHING, BUT_IDENTITIES)
LEAST_DAYS, MOST_DAYS = 1, 30
UNREACHED_DAYS, LATER_DAYS = 14, (7, 30, 90)
HIDDEN = "*"


@dataclass(frozen=True)
class Sorted:
    """What becomes of an answer: fields that are written at once, and fields that somebody has to look at first."""

    at_once: tuple[str, ...]
    proposed: tuple[str, ...]


def sort_answer(given: Mapping[str, bool], takes: str) -> Sorted:
    """Sort fields that a customer wants changed; `given` says of each whether it is blank so far.

    Phone, WeChat and e-mail recognise a customer: they are never written at once, so that nobody who gets hold of a link can
    make a record their own. Of the rest: nothing, only blanks, or all, as the shop wants it; anything else means nothing.
    """

    def is_at_once(code: str, is_blank: bool) -> bool:
        if code in IDENTITIES:
            return False
        return takes == BUT_IDENTITIES or (takes == BLANKS and is_blank)

    at_once = tuple(code for code in ASKED if code in given and is_at_once(code, given[code]))
    return Sorted(at_once, tuple(code for code in ASKED if code in given and code not in at_once))


def mask_name(name: str) -> str:
    """陈茶香 → 陈**: the one it is about knows; a stranger learns a surname."""
    name = name.strip()
    return name[:1] + HIDDEN * min(max(len(name) - 1, 1), 4) if name else ""


def mask_street(street: str) -> str:
    """龙井路 18 号 → 龙井****: where somebody lives is not for whoever holds the link."""
    street = street.strip()
    return street[:2] + HIDDEN * 4 if street else ""


def masked(code: str, value: str) -> str:
    """A value as the page behind the link shows it."""
    if code == "name":
        return mask_name(value)
    if code == "phone":
        return rules.mask_phone(value)
    if code == "email":
        return rules.mask_email(value)
    return rules.mask_word(value) if code == "wechat" else value
