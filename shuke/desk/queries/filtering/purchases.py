"""Fields about what was bought, where, and what came back: answered by `orders.queries.marks`."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shuke.desk.ports import (
    ALL,
    DAYS_SIGN,
    IN,
    LIKE,
    NO,
    NOT,
    SIGNED,
    SPAN,
    TIMES_SIGN,
    YES,
    Asked,
    FilterField,
    Kind,
    span_of,
)
from shuke.desk.queries.filtering.columns import (
    DAYS,
    MOST_CHOICES,
    PURCHASES,
    TIMES,
    Choices,
    field,
    kept_choices,
)
from shuke.orders.queries import marks
from shuke.orders.queries.marks import Bought
from shuke.team.queries import visible_stores

MarksOf = Callable[[Sequence[str], bool], list[int]]


def _bought(marks_of: MarksOf, asked: Asked) -> Q:
    """Bought one of these (all of them; none of them), at least so many times, the last within so many days."""
    names = [value.strip() for value in asked.values if value.strip() and not SIGNED.match(value)]
    if not names:
        raise ValueError(asked.values)
    least = _signed(asked.values, TIMES_SIGN) or 1
    days = _signed(asked.values, DAYS_SIGN)
    since = asked.today - timedelta(days=min(days, 36_500)) if days else None

    def one(wanted: Sequence[str]) -> Q:
        return marks.who_bought(Bought(marks_of(wanted, asked.op == LIKE), least, since))

    # who bought it lately came lately: said again of the row, so that a walk by last visit begins there
    lately = Q(last_on__gte=since) if since and asked.op != NOT else Q()
    if asked.op == ALL:
        found = lately
        for name in names:
            found &= one([name])
        return found
    return ~one(names) if asked.op == NOT else lately & one(names)


def _signed(values: Sequence[str], sign: str) -> int | None:
    found = [value for value in values if value.startswith(sign) and SIGNED.match(value)]
    return int(found[-1][1:]) if found else None


def _products(names: Sequence[str], is_part: bool) -> list[int]:
    return marks.marks_of_products(names, is_part=is_part)


def _marks(kind: str, names: Sequence[str], is_part: bool) -> list[int]:
    return marks.marks_of(kind, names)


def _returned(asked: Asked) -> Q:
    found = marks.who_bought(Bought(_return_marks()))
    return ~found if asked.op == NO else found


def _returned_times(asked: Asked) -> Q:
    low, high = span_of(asked, most=30_000)
    found = marks.who_bought(Bought(_return_marks(), max(low or 1, 1)))
    return found & ~(marks.who_bought(Bought(_return_marks(), high + 1))) if high is not None else found


def _returned_lately(asked: Asked) -> Q:
    low, high = span_of(asked, most=36_500)
    since = asked.today - timedelta(days=high) if high is not None else None
    found = marks.who_bought(Bought(_return_marks(), since=since))
    if low:
        found &= ~(marks.who_bought(Bought(_return_marks(), since=asked.today - timedelta(days=low - 1))))
    return found


def _return_marks() -> list[int]:
    return marks.marks_of(marks.RETURN, [""])


def _known(kind: str, actor: Any) -> Choices:
    return kept_choices(actor, f"marks:{kind}", lambda: [(key, key) for key in marks.known_marks(kind)])


def _stores(actor: Any) -> Choices:
    ask = lambda: [(str(one.pk), one.name) for one in visible_stores(actor)[:MOST_CHOICES]]  # noqa: E731
    return kept_choices(actor, "stores", ask)


def _names(actor: Any) -> Sequence[str]:
    ask = lambda: [(name, name) for name in marks.product_names()]  # noqa: E731
    return [value for value, _label in kept_choices(actor, "products", ask)]


BUYING: tuple[FilterField, ...] = (
    field(
        "product",
        _("买过的商品"),
        PURCHASES,
        Kind.BOUGHT,
        f"{IN} {LIKE} {ALL} {NOT}",
        partial(_bought, _products),
        suggestions=_names,
    ),
    field(
        "category",
        _("买过的品类"),
        PURCHASES,
        Kind.BOUGHT,
        f"{IN} {ALL} {NOT}",
        partial(_bought, partial(_marks, marks.CATEGORY)),
        choices=partial(_known, marks.CATEGORY),
    ),
    field(
        "bought_at",
        _("在哪家店买过"),
        PURCHASES,
        Kind.BOUGHT,
        f"{IN} {ALL} {NOT}",
        partial(_bought, partial(_marks, marks.STORE)),
        choices=_stores,
    ),
    field(
        "bought_through",
        _("在什么渠道买过"),
        PURCHASES,
        Kind.BOUGHT,
        f"{IN} {ALL} {NOT}",
        partial(_bought, partial(_marks, marks.CHANNEL)),
        choices=partial(_known, marks.CHANNEL),
    ),
    field("returned", _("退过货"), PURCHASES, Kind.FLAG, f"{YES} {NO}", _returned),
    field("returns", _("退货次数"), PURCHASES, Kind.NUMBER, SPAN, _returned_times, unit=TIMES),
    field("returned_in", _("最近退货"), PURCHASES, Kind.DAYS, SPAN, _returned_lately, unit=DAYS),
)
