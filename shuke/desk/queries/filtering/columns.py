"""How a condition becomes one on a column of the row, and how a field is written down in one line."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shuke.desk import rules
from shuke.desk.models import NO_DAY
from shuke.desk.ports import IN, NO, NONE, NOT, Asked, FilterField, Kind, numbers_of, span_of
from shuke.desk.queries.filtering import words
from shuke.team.queries import reach_of

VALUE, BEHAVIOUR, PURCHASES, CARE, TRAITS, PROFILE, MORE = (
    _("价值"), _("消费"), _("买过什么"), _("联系与归属"), _("兴趣与需要"), _("资料"), _("还有什么")
)  # fmt: skip
YUAN, TIMES, DAYS, YEARS, PERCENT = _("元"), _("次"), _("天"), _("岁"), "%"
NEVER, EARLIEST = date.fromisoformat(NO_DAY), date(1900, 1, 1)
NAMES_KEPT_SECONDS, MOST_CHOICES = 20, 200
ME = "me"
Choices = Sequence[tuple[str, str | Promise]]


def one_of(column: str, numbers: list[int], op: str) -> Q:
    """One of these numbers; with NOT none of them."""
    found = Q(**{column: numbers[0]}) if len(numbers) == 1 else Q(**{f"{column}__in": numbers})
    return ~found if op == NOT else found


def word_column(column: str, vocabulary: tuple[str, ...], asked: Asked) -> Q:
    """A column that holds positions in a vocabulary; "unknown" asks for the empty word."""
    known = ["" if value == "unknown" else value for value in asked.values]
    found = rules.positions(tuple(known), vocabulary)
    if not found:
        raise ValueError(asked.values)
    return one_of(column, found, asked.op)


def number_column(column: str, times: float, asked: Asked) -> Q:
    """A column of numbers, asked for in units that are `times` as large."""
    low, high = span_of(asked)
    found = Q(**{f"{column}__gte": low * times}) if low is not None else Q()
    return found & Q(**{f"{column}__lte": high * times}) if high is not None else found


def id_column(column: str, asked: Asked) -> Q:
    """A column of ids; "me" is whoever asks."""
    own = [str(asked.actor.id) if value == ME else value for value in asked.values]
    return one_of(column, numbers_of(Asked(asked.actor, asked.op, tuple(own), asked.today)), asked.op)


def days_column(column: str, asked: Asked) -> Q:
    """So many days ago; never is a day long past."""
    if asked.op == NONE:
        return Q(**{column: NEVER})
    low, high = span_of(asked, most=36_500)
    found = Q(**{f"{column}__lte": asked.today - timedelta(days=low)}) if low is not None else Q()
    earliest = asked.today - timedelta(days=high) if high is not None else EARLIEST
    return found & Q(**{f"{column}__gte": earliest})


def between_days(column: str, asked: Asked) -> Q:
    """Between two days of the calendar, written 20260131."""
    low, high = span_of(asked)
    found = Q(**{f"{column}__gte": day_of(low)}) if low is not None else Q(**{f"{column}__gte": EARLIEST})
    return found & Q(**{f"{column}__lte": day_of(high)}) if high is not None else found


def day_of(number: int) -> date:
    """20261128 as a day. Raises ValueError."""
    return date(number // 10_000, number // 100 % 100, number % 100)


def text_column(column: str, asked: Asked) -> Q:
    """Exactly one of these words."""
    if asked.op == NONE:
        return Q(**{column: ""})
    wanted = [value.strip() for value in asked.values if value.strip()]
    if not wanted:
        raise ValueError(asked.values)
    found = Q(**{f"{column}__in": wanted})
    return ~found if asked.op == NOT else found


def flag(yes: Q, asked: Asked) -> Q:
    """Whether that holds."""
    return ~yes if asked.op == NO else yes


def fixed(choices: words.Words) -> Callable[[Any], Choices]:
    """Choices that are the same for everybody."""
    return lambda actor: list(choices.items())


def kept_choices(actor: Any, what: str, ask: Callable[[], Choices]) -> Choices:
    """Choices asked for once in some seconds, by what the actor reaches."""
    found = cache.get_or_set(f"desk.{what}:{reach_of(actor).key}", ask, NAMES_KEPT_SECONDS)
    return found or ()


def field(code: str, label: Any, section: Any, kind: Kind, ops: str, build: Any, **more: Any) -> FilterField:
    """A field in one line."""
    return FilterField(code, label, section, kind, tuple(ops.split()), build, **more)


def words_field(code: str, label: Any, section: Any, column: str, beside: tuple[Any, Any]) -> FilterField:
    """A field of a vocabulary: its words by position, and how they are said."""
    vocabulary, known = beside
    build = partial(word_column, column, vocabulary)
    return field(code, label, section, Kind.CHOICE, f"{IN} {NOT}", build, choices=fixed(known))
