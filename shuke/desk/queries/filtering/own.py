"""The shop's own fields among the filters of lists: the ops that go with each kind, answered by the index of its column."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from django.contrib.postgres.fields.array import ArrayContains, ArrayOverlap  # type: ignore[attr-defined]
from django.db.models import Q
from django.db.models.lookups import Contains, Exact, GreaterThan, GreaterThanOrEqual, In, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from shuke.customers.queries.custom import Definition
from shuke.customers.rules import clean_line, custom
from shuke.desk.models import NO_DAY
from shuke.desk.ports import (
    ALL,
    IN,
    LIKE,
    MINUS,
    NONE,
    NOT,
    SOME,
    SPAN,
    Asked,
    FilterField,
    Kind,
    Words,
    numbers_of,
    span_of,
)
from shuke.desk.queries.filtering.columns import day_of
from shuke.desk.queries.own import NO, NO_NUMBER, SCALE, YES, OwnColumn, OwnParts, listed_fields

OWN = _("自定义字段")
NOTHING: dict[str, Any] = {
    custom.NUMBER: NO_NUMBER,
    custom.MONEY: NO_NUMBER,
    custom.DATE: date.fromisoformat(NO_DAY),
    custom.MANY: [],
    custom.TEXT: "",
    custom.LINK: "",
}
LONGEST_PART = 3  # as in the database function
STATES = {"yes": YES, "no": NO, "none": 0}
STATE_WORDS = (("yes", _("是")), ("no", _("否")), ("none", _("没填")))
FILLED_WORDS = (("some", _("填了")), ("none", _("没填")))

Build = Callable[[Definition, Asked], Q]
Choices = Sequence[tuple[str, Words]]


def _is_nothing(field: Definition) -> Q:
    return Q(Exact(OwnColumn(field), NOTHING.get(field.kind, 0)))


def _is_something(field: Definition) -> Q:
    """Above nothing: a range that the column's index answers, as "not nothing" is not. Arrays have no such index."""
    if field.kind == custom.MANY:
        return ~_is_nothing(field)
    return Q(GreaterThan(OwnColumn(field), NOTHING.get(field.kind, 0)))


def _or_nothing(build: Build, field: Definition, asked: Asked) -> Q:
    """Nothing there, something there, or what the kind asks."""
    if asked.op in (NONE, SOME):
        return _is_nothing(field) if asked.op == NONE else _is_something(field)
    return build(field, asked)


def _number(times: int, field: Definition, asked: Asked) -> Q:
    low, high = decimals_of(asked)
    found = Q(GreaterThan(OwnColumn(field), NO_NUMBER))
    if low is not None:
        found = Q(GreaterThanOrEqual(OwnColumn(field), -int(-low * times // 1)))
    return found & Q(LessThanOrEqual(OwnColumn(field), int(high * times // 1))) if high is not None else found


def decimals_of(asked: Asked) -> tuple[Decimal | None, Decimal | None]:
    """The ends of "1.5-3" or "−2-". Raises ValueError."""
    low, dash, high = (asked.values[0] if asked.values else "").partition("-")
    ends = [_decimal(text) for text in (low, high)]
    if not dash or ends == [None, None]:
        raise ValueError(asked.values)
    return ends[0], ends[1]


def _decimal(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        number = Decimal(text.replace(MINUS, "-"))
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not number.is_finite() or abs(number) > custom.NUMBER_LIMIT:
        raise ValueError(text)
    return number


def _days(field: Definition, asked: Asked) -> Q:
    low, high = span_of(asked)
    first = day_of(low) if low is not None else custom.FIRST_DAY
    found = Q(GreaterThanOrEqual(OwnColumn(field), first))
    return found & Q(LessThanOrEqual(OwnColumn(field), day_of(high))) if high is not None else found


def _texts(field: Definition, asked: Asked) -> Q:
    wanted = [one for one in (clean_line(value).lower() for value in asked.values) if one]
    if not wanted:
        raise ValueError(asked.values)
    if asked.op == LIKE:
        found = Q()
        for one in wanted:
            found |= _contains(field, one)
        return found
    return _in(field, wanted, asked.op)


def _contains(field: Definition, word: str) -> Q:
    """Those with all parts of the word, by their index, that hold the word itself; one character has no parts."""
    size = min(len(word), LONGEST_PART)
    parts = sorted({word[place : place + size] for place in range(len(word) - size + 1)})
    found = _is_something(field) & Q(Contains(OwnColumn(field), word))
    return found & Q(ArrayContains(OwnParts(OwnColumn(field)), parts)) if size > 1 else found


def _in(field: Definition, wanted: list[Any], op: str) -> Q:
    found = Q(Exact(OwnColumn(field), wanted[0])) if len(wanted) == 1 else Q(In(OwnColumn(field), wanted))
    return ~found if op == NOT else found


def _choice(field: Definition, asked: Asked) -> Q:
    return _in(field, numbers_of(asked), asked.op)


def _many(field: Definition, asked: Asked) -> Q:
    ids = numbers_of(asked)
    if asked.op == ALL:
        return Q(ArrayContains(OwnColumn(field), ids))
    found = Q(ArrayOverlap(OwnColumn(field), ids))
    return ~found if asked.op == NOT else found


def _flag(field: Definition, asked: Asked) -> Q:
    wanted = [STATES[value] for value in asked.values if value in STATES]
    if not wanted:
        raise ValueError(asked.values)
    return _in(field, wanted, asked.op)


def _filled(field: Definition, asked: Asked) -> Q:
    if len(asked.values) != 1 or asked.values[0] not in (NONE, SOME):
        raise ValueError(asked.values)
    return _is_nothing(field) if asked.values[0] == NONE else _is_something(field)


def _names(field: Definition, actor: Any) -> Choices:
    return [(str(one.id), one.name) for one in field.choices]


def _fixed(words: Choices, actor: Any) -> Choices:
    return words


# how each kind is asked for: the desk's kind, the ops, what builds the condition, and fixed choices
_BY_KIND: dict[str, tuple[Kind, tuple[str, ...], Build, Any]] = {
    custom.TEXT: (Kind.TEXT, (IN, LIKE, NOT, NONE, SOME), _texts, ()),
    custom.LINK: (Kind.TEXT, (LIKE, IN, NOT, NONE, SOME), _texts, ()),
    custom.LONG: (Kind.CHOICE, (IN,), _filled, FILLED_WORDS),
    custom.NUMBER: (Kind.NUMBER, (SPAN, NONE, SOME), partial(_number, SCALE), ()),
    custom.MONEY: (Kind.MONEY, (SPAN, NONE, SOME), partial(_number, 100), ()),
    custom.DATE: (Kind.DAY, (SPAN, NONE, SOME), _days, ()),
    custom.CHOICE: (Kind.CHOICE, (IN, NOT, NONE, SOME), _choice, None),
    custom.MANY: (Kind.CHOICE, (IN, ALL, NOT, NONE, SOME), _many, None),
    custom.FLAG: (Kind.CHOICE, (IN, NOT), _flag, STATE_WORDS),
}


def own_fields(actor: Any) -> Iterable[FilterField]:
    """A filter for each of the shop's own fields whose column is ready."""
    for field in listed_fields(actor):
        kind, ops, build, fixed = _BY_KIND[field.kind]
        yield FilterField(
            code=field.code,
            label=field.name,
            section=OWN,
            kind=kind,
            ops=ops,
            build=partial(_or_nothing, build, field),
            choices=partial(_names, field) if fixed is None else partial(_fixed, fixed),
            unit=_("元") if field.kind == custom.MONEY else "",
            has_decimals=field.kind in (custom.NUMBER, custom.MONEY),
            has_blanks=True,
        )
