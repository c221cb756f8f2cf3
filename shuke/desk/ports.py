"""What other rooms and features add to lists: fields to filter by, and what is made of conditions."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise

Words = str | Promise


class Kind(StrEnum):
    """How a field's values are asked for and said."""

    CHOICE = "choice"  # one or several of `choices`
    NUMBER = "number"  # from – to
    MONEY = "money"  # from – to, in yuan
    DAYS = "days"  # so many days ago, from – to
    AHEAD = "ahead"  # within so many days from today, from – to
    DAY = "day"  # a day, from – to
    TEXT = "text"  # words typed
    FLAG = "flag"  # yes or no
    BOUGHT = "bought"  # words typed or one of `choices`, at least so many times, the last within so many days


MINUS = "−"  # below zero, in the ends of a span: "-" stands between them

# what may be asked: any of, none of, all of, from–to, nothing there, something there, yes, no, contains
IN, NOT, ALL, SPAN, NONE, SOME, YES, NO, LIKE = (
    "in",
    "not",
    "all",
    "span",
    "none",
    "some",
    "yes",
    "no",
    "like",
)


TIMES_SIGN, DAYS_SIGN = (
    "*",
    "<",
)  # among the values of BOUGHT: *3 at least three times, <90 within ninety days
SIGNED = re.compile(r"[*<]\d{1,5}\Z")


@dataclass(frozen=True)
class Asked:
    """One condition as it reaches its field: who asks, how, and for which values; texts as typed into an address."""

    actor: Any
    op: str
    values: tuple[str, ...]
    today: date


@dataclass(frozen=True)
class FilterField:
    """Something lists can be filtered by.

    `build` gives the condition on `desk.CustomerRow`; a field of another table answers with
    `Q(customer_id__in=<queryset of customer ids>)`. It raises ValueError for values that make no sense: the condition is then
    left out and the page says so. It must be answered within 200 ms for a million customers: by an index.
    """

    code: str
    label: Words
    section: Words
    kind: Kind
    ops: tuple[str, ...]
    build: Callable[[Asked], Q]
    choices: Callable[[Any], Sequence[tuple[str, Words]]] = lambda actor: ()
    unit: Words = ""
    suggestions: Callable[[Any], Sequence[str]] = lambda actor: ()  # words that help typing
    has_decimals: bool = False  # a NUMBER or MONEY with places after the point, and below zero
    has_blanks: bool = False  # a TEXT whose values hold blanks: several are parted by commas only


FieldSource = Callable[[Any], Iterable[FilterField]]
_sources: list[FieldSource] = []


def register_filter_fields(source: FieldSource) -> None:
    """Add fields to the filters of lists: `source(actor)` is asked anew for every page, so fields may come and go."""
    if source not in _sources:
        _sources.append(source)


def filter_fields(actor: Any) -> dict[str, FilterField]:
    """Every field the actor may filter by, in the order they were registered."""
    return {field.code: field for source in _sources for field in source(actor)}


@dataclass(frozen=True)
class FilterUse:
    """Something made of a list's conditions. The page `url_name` gets them as `f`, and as `about` what they are for."""

    code: str
    label: Words  # among what can be kept of a list
    heading: Words  # of the builder, opened for it
    submit: Words  # its button
    url_name: str
    permission: str


_uses: dict[str, FilterUse] = {}


def register_filter_use(use: FilterUse) -> None:
    """Offer to make something of the conditions of a list; the builder opened with `use=<code>` leads there."""
    _uses[use.code] = use


def filter_uses() -> list[FilterUse]:
    """Everything that conditions are used for, in the order it was registered."""
    return list(_uses.values())


def filter_use(code: str) -> FilterUse | None:
    """The use of that code."""
    return _uses.get(code)


def span_of(asked: Asked, *, most: int = 10**12) -> tuple[int | None, int | None]:
    """The ends of "100-200", "100-" or "-200". Raises ValueError."""
    low, dash, high = (asked.values[0] if asked.values else "").partition("-")
    ends = [_number(text, most) for text in (low, high)]
    if not dash or ends == [None, None]:
        raise ValueError(asked.values)
    return ends[0], ends[1]


def _number(text: str, most: int) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        raise ValueError(text)
    return min(int(text), most)


def numbers_of(asked: Asked) -> list[int]:
    """Values that are ids. Raises ValueError."""
    found = [_number(value, 2**31 - 1) for value in asked.values]
    ids = [number for number in found if number is not None]
    if not ids:
        raise ValueError(asked.values)
    return ids
