"""Who is in a segment, as far as the actor sees them, and what they are worth together."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Count, F, Q, QuerySet, Sum

from shuke.desk import rules
from shuke.desk.queries.filtering import Narrowed
from shuke.desk.queries.rows import matching_rows
from shuke.kernel import clock
from shuke.segments.models import Member
from shuke.team.queries import Actor, reach_of

WHOLE_KEPT_SECONDS = 300
NOBODY = Narrowed()


@dataclass(frozen=True)
class Sums:
    """Customers, what they spent in all, and what they may be worth within the year."""

    customers: int
    spent_fen: int
    clv_year_fen: int


@dataclass(frozen=True)
class Summary:
    """A segment in figures: its own, those of everybody within reach, and how many are of each value level."""

    own: Sums
    whole: Sums
    by_level: dict[str, int]

    @property
    def customer_share(self) -> float:
        return self.own.customers / self.whole.customers if self.whole.customers else 0.0

    @property
    def spent_share(self) -> float:
        return self.own.spent_fen / self.whole.spent_fen if self.whole.spent_fen else 0.0


def rows_in_reach(actor: Actor) -> QuerySet[Any]:
    """The list's rows of everybody the actor sees."""
    return matching_rows(actor, NOBODY, clock.today())


def members_of(actor: Actor, segment_id: int) -> QuerySet[Any]:
    """The list's rows of those members whom the actor sees."""
    return rows_in_reach(actor).filter(customer_id__in=member_ids([segment_id]))


def member_ids(segment_ids: Collection[int]) -> QuerySet[Any]:
    """Ids of who is in any of these segments, to stand in `customer_id__in`; who asks narrows them to a reach."""
    return Member.objects.filter(segment_id__in=list(segment_ids)).values("customer_id")


def sizes_of(actor: Actor, segment_ids: Collection[int]) -> Mapping[int, int]:
    """How many members of each the actor sees."""
    seen = rows_in_reach(actor).values("customer_id")
    found = Member.objects.filter(segment_id__in=list(segment_ids), customer_id__in=seen)
    return dict(found.values_list("segment_id").annotate(Count("pk")).order_by())


def summary_of(actor: Actor, segment_id: int) -> Summary:
    """What the members within reach come to, beside everybody within reach."""
    rows = members_of(actor, segment_id)
    levels = {code: Count("pk", filter=Q(level=place)) for place, code in enumerate(rules.LEVELS) if code}
    counted = rows.aggregate(**_SUMS, **levels)
    key = f"segments.whole:{reach_of(actor).key}:{clock.today()}"
    whole = cache.get_or_set(key, lambda: _sums(rows_in_reach(actor).aggregate(**_SUMS)), WHOLE_KEPT_SECONDS)
    by_level = {code: counted[code] for code in reversed(rules.LEVELS) if code}
    by_level[""] = counted["customers"] - sum(by_level.values())
    return Summary(_sums(counted), whole or _sums(counted), by_level)


_SUMS = {
    "customers": Count("pk"),
    "spent": Sum(F("spent_fen"), default=0),
    "clv": Sum(F("clv_year_fen"), default=0),
}


def _sums(found: Mapping[str, Any]) -> Sums:
    return Sums(found["customers"], int(found["spent"]), int(found["clv"]))
