"""Fields answered by the words of a record (`customers.queries.facet`): one index for all of them."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise

from shuke.customers.queries import common_values, customers_with, facet
from shuke.desk.ports import IN, NO, NONE, NOT, SOME, YES, Asked, FilterField, Kind
from shuke.desk.queries.filtering.columns import Choices, kept_choices

Words = str | Promise


def facet_field(
    column: str, label: Words, section: Words, *, choices: Sequence[tuple[str, Words]] = ()
) -> FilterField:
    """What a column of the record holds: one of `choices`, or words typed."""
    offered: Choices = [choice for choice in choices if choice[0]]
    return FilterField(
        column,
        label,
        section,
        Kind.CHOICE if offered else Kind.TEXT,
        (IN, NOT, NONE, SOME),
        partial(_values, column),
        choices=lambda actor: offered,
        suggestions=partial(_common, column) if not offered else lambda actor: (),
    )


def has_field(word: str, label: Words, section: Words) -> FilterField:
    """Whether something is there."""
    return FilterField(f"has_{word}"[:40], label, section, Kind.FLAG, (YES, NO), partial(_there, word))


def _values(column: str, asked: Asked) -> Q:
    if asked.op in (NONE, SOME):
        return _there(column, Asked(asked.actor, YES if asked.op == SOME else NO, (), asked.today))
    wanted = [facet(column, value) for value in asked.values if value.strip()]
    if not wanted:
        raise ValueError(asked.values)
    found = Q(facets__overlap=wanted)
    return ~found if asked.op == NOT else found


def _there(word: str, asked: Asked) -> Q:
    kept = customers_with(word)
    found = Q(facets__contains=[word]) if kept is None else Q(customer_id__in=kept)
    return ~found if asked.op == NO else found


def _common(column: str, actor: Any) -> Sequence[str]:
    ask = lambda: [(value, value) for value in common_values(column)]  # noqa: E731
    return [value for value, _label in kept_choices(actor, f"common:{column}", ask)]
