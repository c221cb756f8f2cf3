"""Pure decisions of the desk: what a list asks for, and in which words a suggestion speaks."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

from shuke.zh import pinyin
from shuke.zh.script import is_han
from shuke.zh.surnames import COMPOUND_SURNAMES

Item = TypeVar("Item")

LEVELS = ("", "low", "potential", "high")
GROUPS = (
    "",
    "key_value",
    "key_grow",
    "key_keep",
    "key_rescue",
    "value",
    "grow",
    "keep",
    "rescue",
)
STAGES = ("prospect", "first", "repeat", "loyal", "lapsed")
PHASES = ("acquire", "grow", "mature", "decline", "leave")
TRENDS = ("", "falling", "steady", "rising")
KINDS = ("person", "company")
GENDERS = ("", "female", "male")
TOUCHES = ("", "call", "sms", "wechat", "email", "visit", "meeting", "gift")

SORTS = {
    "name": "name_key",
    "value": "clv_year_fen",
    "spent": "spent_fen",
    "last": "last_on",
    "next": "next_expected_on",
    "stake": "at_stake_fen",
    "added": "created_at",
    "times": "purchases",
    "touched": "touched_on",
    "quality": "quality",
}
DEFAULT_SORT = "-value"
COUNT_CAP = 10_000
PAGE_SIZE = 32
SLIPPING_FROM = 0.5


def sort_column(sort: str) -> str:
    """The row's column of a sort word, "-" kept; an unknown word sorts by value."""
    word = sort.removeprefix("-")
    if word not in SORTS:
        return sort_column(DEFAULT_SORT)
    return ("-" if sort.startswith("-") else "") + SORTS[word]


def positions(words: tuple[str, ...], vocabulary: tuple[str, ...]) -> list[int]:
    """Where the words stand in their vocabulary; unknown words are left out."""
    return [vocabulary.index(word) for word in words if word in vocabulary]


def birthday_keys(month: int) -> tuple[int, int]:
    """The first and last key of a month: (1101, 1131)."""
    return month * 100 + 1, month * 100 + 31


FOLLOW_UP, BIRTHDAY, SLIPPING, OVERDUE, SECOND = "follow_up", "birthday", "slipping", "overdue", "second"
POOL = "pool"  # will go back to the pool unless somebody gets in touch
PROMISED = (POOL, FOLLOW_UP)  # on top of the capacity: never cut off
REASONS = (FOLLOW_UP, SLIPPING, BIRTHDAY, OVERDUE, SECOND)
SHARES = {SLIPPING: 0.42, BIRTHDAY: 0.25, OVERDUE: 0.17, SECOND: 0.17}
RESULTS = ("coming", "thinking", "no_answer", "unwanted", "other")
UNWANTED = "unwanted"
LATER_DAYS = (3, 7)
QUIET_DAYS = 21
CARRIED_DAYS = 3
BIRTHDAY_AHEAD_DAYS = 7
SECOND_FROM_DAYS, SECOND_TO_DAYS = 14, 75
MOSTLY_GONE_FROM = (
    0.95  # a morning's calls go to those who can still be kept; the others wait in the slipping list
)
OVERDUE_FROM_DAYS, OVERDUE_TO_DAYS = 7, 120


@dataclass(frozen=True)
class Candidate:
    """Somebody worth a word today, and why."""

    customer_id: int
    reason: str
    occurrence: str
    weight: int  # fen
    store_id: int | None = None
    account_manager_id: int | None = None
    facts: tuple[tuple[str, str], ...] = ()


def choose(candidates: list[Candidate], capacity: int) -> list[Candidate]:
    """Whom to put on one store's list: promises first, then each reason up to its share, then whoever weighs most.

    Nobody appears twice. Promised follow-ups, and customers about to go back to the pool, come on top of the capacity: they
    are never cut off.
    """
    promised = {one.customer_id: one for reason in PROMISED for one in _ranked(candidates, reason)}
    free = [one for one in candidates if one.customer_id not in promised]
    chosen: dict[int, Candidate] = {}
    for reason in REASONS[1:]:
        room = min(capacity - len(chosen), _share(reason, capacity))
        new = [one for one in _ranked(free, reason) if one.customer_id not in chosen]
        chosen.update({one.customer_id: one for one in new[: max(room, 0)]})
    for candidate in sorted(free, key=lambda one: -one.weight):
        if len(chosen) >= capacity:
            break
        chosen.setdefault(candidate.customer_id, candidate)
    return [*promised.values(), *chosen.values()]


def _ranked(candidates: list[Candidate], reason: str) -> list[Candidate]:
    return sorted((one for one in candidates if one.reason == reason), key=lambda one: -one.weight)


def _share(reason: str, capacity: int) -> int:
    return max(1, round(SHARES[reason] * capacity))


def change_share(now: int, before: int) -> float | None:
    """By what share a figure changed; nothing to compare with gives None."""
    return (now - before) / before if before > 0 else None


def bar_percent(value_fen: int, highest_fen: int) -> int:
    """Length of a value bar: the square root keeps the small ones visible beside the greatest."""
    if value_fen <= 0 or highest_fen <= 0:
        return 0
    return max(2, min(100, round((value_fen / highest_fen) ** 0.5 * 100)))


def split_name(name: str) -> tuple[str, str]:
    """Surname and given name of a Chinese personal name of 2 to 4 characters; ("", "") for anything else."""
    if not 2 <= len(name) <= 4 or not all(is_han(char) for char in name):
        return "", ""
    cut = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return (name[:cut], name[cut:]) if len(name) - cut <= 2 else ("", "")


def marked(name: str, typed: str) -> list[tuple[str, bool]]:
    """The name cut into stretches, those that were typed marked: 罗静磊 by 静 is 罗, [静], 磊.

    Letters mark the characters whose pinyin they begin (luoj, lj), when they do so from one place on.
    """
    for word in typed.split() or [""]:
        start = name.lower().find(word.lower()) if word else -1
        if start >= 0:
            return _cut(name, start, start + len(word))
    start, length = _spelt(name, typed.replace(" ", "").lower())
    return _cut(name, start, start + length) if length else [(name, False)]


def _cut(name: str, start: int, end: int) -> list[tuple[str, bool]]:
    parts = [(name[:start], False), (name[start:end], True), (name[end:], False)]
    return [part for part in parts if part[0]]


def _spelt(name: str, letters: str) -> tuple[int, int]:
    """Where in the name the letters spell characters, and how many of them."""
    if not letters.isascii() or not letters.isalpha():
        return 0, 0
    for start in range(len(name)):
        length = _spelt_from(name[start:], letters)
        if length:
            return start, length
    return 0, 0


def _spelt_from(name: str, letters: str) -> int:
    left = letters
    for place, char in enumerate(name):
        reading = pinyin.full(char)
        if not reading or not left:
            return place if not left else 0
        taken = next((n for n in range(min(len(reading), len(left)), 0, -1) if reading[:n] == left[:n]), 0)
        if not taken:
            return 0
        left = left[taken:]
    return 0 if left else len(name)


TURNS = (SLIPPING, FOLLOW_UP, BIRTHDAY, OVERDUE, SECOND)


def mixed(weighed: Iterable[tuple[str, Item]]) -> list[Item]:
    """Items in turns by their kind (`TURNS`; other kinds last), keeping their order within a kind."""
    piles: dict[str, list[Item]] = {}
    for kind, item in weighed:
        piles.setdefault(kind, []).append(item)
    turns = [piles[kind] for kind in TURNS if kind in piles]
    rest = [item for kind, pile in piles.items() if kind not in TURNS for item in pile]
    return [item for turn in zip_longest(*turns) for item in turn if item is not None] + rest
