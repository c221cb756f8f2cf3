"""人群 among the conditions of every list."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shuke.desk.ports import IN, NOT, Asked, FilterField, Kind, numbers_of
from shuke.segments.queries.members import member_ids
from shuke.segments.queries.segments import FIELD, visible_segments

MOST_CHOICES = 200


def segment_fields(actor: Any) -> Iterable[FilterField]:
    """One field: being in segments, or in none of them."""
    yield FilterField(FIELD, _("人群"), _("人群"), Kind.CHOICE, (IN, NOT), _is_in, choices=_choices)


def _choices(actor: Any) -> list[tuple[str, str]]:
    found = visible_segments(actor).order_by("name").values_list("pk", "name")[:MOST_CHOICES]
    return [(str(pk), name) for pk, name in found]


def _is_in(asked: Asked) -> Q:
    """Raises ValueError for a segment that the actor does not see: a list never shows more than meant."""
    wanted = set(numbers_of(asked))
    if visible_segments(asked.actor).filter(pk__in=wanted).count() != len(wanted):
        raise ValueError(asked.values)
    found = Q(customer_id__in=member_ids(sorted(wanted)))
    return ~found if asked.op == NOT else found
