"""What Ctrl+K can do. Rooms register their actions; each visitor finds those they may do, by words, pinyin or initials.

    palette.register(Action("log_call", _("记一笔"), "customers:log", "phone-call", for_customer=True))

Pages need no registering: every entry of `ui.navigation` that the visitor may open is found as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import override

from shuke.ui.navigation import Visitor
from shuke.zh import marking, pinyin, script
from shuke.zh.marking import Piece

CHINESE = "zh-hans"


@dataclass(frozen=True)
class Action:
    """Something to do from anywhere. `for_customer`: done for one customer, whose id the address takes.

    `keys` are words it is also found by (English, other words for it). `query` is added to the address.
    """

    key: str
    label: str | Promise
    url_name: str
    icon: str
    permission: str | None = None
    keys: str = ""
    order: int = 50
    shortcut: str = ""
    for_customer: bool = False
    query: tuple[tuple[str, str], ...] = ()

    def address(self, customer_id: int | None = None) -> str | None:
        """Where it is done; nothing when that page does not exist."""
        try:
            path = reverse(self.url_name, args=[customer_id] if self.for_customer else None)
        except NoReverseMatch:
            return None
        return f"{path}?{urlencode(self.query)}" if self.query else path


@dataclass(frozen=True)
class Answer:
    """How well a label answers to what was typed, with the matching part marked. `is_whole`: it is just that."""

    pieces: tuple[Piece, ...]
    is_whole: bool


_actions: dict[str, Action] = {}


def register(action: Action) -> None:
    """Add or replace an action by its key."""
    _actions[action.key] = action


def action_named(request: HttpRequest, key: str) -> Action | None:
    """The action of that key, if the visitor may do it."""
    return next((action for action in actions_for(request) if action.key == key), None)


def actions_for(request: HttpRequest) -> list[Action]:
    """What this visitor may do, in order; actions whose page is not there are left out."""
    visitor: Visitor | None = getattr(request, "user", None)
    if visitor is None or not visitor.is_authenticated:
        return []
    ordered = sorted(_actions.values(), key=lambda action: (action.order, action.key))
    allowed = [one for one in ordered if one.permission is None or visitor.may(one.permission)]
    return [one for one in allowed if one.address(1 if one.for_customer else None) is not None]


def answer(typed: str, label: str | Promise, keys: str = "") -> Answer | None:
    """Whether every typed word is found in the label (Chinese, pinyin, initials; also the language shown) or begins a key."""
    words = script.even(typed).split()
    shown = str(label)
    if not words:
        return Answer(marking.plain(shown), is_whole=False)
    labels = {shown, _in_chinese(label)}
    known = script.even(keys).split()
    if not all(_is_answered(word, labels, known) for word in words):
        return None
    return Answer(marking.in_name(shown, " ".join(words)), _is_whole(script.fold(typed), labels, known))


def _is_answered(word: str, labels: Iterable[str], keys: list[str]) -> bool:
    if any(key.startswith(word) for key in keys):
        return True
    return any(piece.is_hit for label in labels for piece in marking.in_name(label, word))


def _is_whole(folded: str, labels: Iterable[str], keys: list[str]) -> bool:
    return folded in keys or any(folded in _whole(label) for label in labels)


@lru_cache(maxsize=512)
def _whole(label: str) -> frozenset[str]:
    """Everything that spells the whole label: 导入, daoru, dr."""
    units = script.split_units(label)
    parts = pinyin.readings(units)
    return frozenset({script.fold(label), *pinyin.spellings(parts), *pinyin.initial_spellings(parts)})


def _in_chinese(label: str | Promise) -> str:
    with override(CHINESE):
        return str(label)
