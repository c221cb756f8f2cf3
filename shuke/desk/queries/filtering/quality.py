"""Fields about how good a profile is: its score, what it lacks, what nobody has confirmed for long."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shuke.customers.queries.quality import field_words, ids_lacking, ids_unconfirmed
from shuke.customers.rules.quality import CODES
from shuke.desk.ports import IN, SPAN, Asked, FilterField, Kind
from shuke.desk.queries.filtering.columns import PROFILE, Choices, field, number_column


def _profile(ids_of: Callable[[Sequence[str]], Any], asked: Asked) -> Q:
    """Whose profile lacks a field, or has one that nobody has confirmed for long."""
    if not asked.values or not set(asked.values) <= set(CODES):
        raise ValueError(asked.values)
    return Q(customer_id__in=ids_of(asked.values))


def _fields(actor: Any) -> Choices:
    return [(code, field_words(code)) for code in CODES]


QUALITY: tuple[FilterField, ...] = (
    field(
        "quality",
        _("资料完整度"),
        PROFILE,
        Kind.NUMBER,
        SPAN,
        partial(number_column, "quality", 1),
        unit=_("分"),
    ),
    field("lacks", _("资料缺"), PROFILE, Kind.CHOICE, IN, partial(_profile, ids_lacking), choices=_fields),
    field(
        "unsure",
        _("资料待核实"),
        PROFILE,
        Kind.CHOICE,
        IN,
        partial(_profile, ids_unconfirmed),
        choices=_fields,
    ),
)
