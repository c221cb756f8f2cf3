"""Two or three segments beside each other: who is in several of them, and how their customers differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet

from shuke.desk.ports import IN, Asked, filter_fields
from shuke.kernel import clock
from shuke.segments.models import Member
from shuke.segments.queries.members import members_of, rows_in_reach
from shuke.segments.rules import parts_of
from shuke.team.queries import Actor

LATELY_DAYS = 90
LEVEL, STAGE, CHANNEL = "level", "stage", "bought_through"
MOST_PARTS = 12


@dataclass(frozen=True)
class Overlap:
    """One part of what the segments share: in which of them its customers are, and how many they are."""

    is_in: tuple[bool, ...]
    customers: int


@dataclass(frozen=True)
class Part:
    """Those of a segment's customers who share something: its value in a filter, its name, how many they are."""

    value: str
    label: str
    customers: int
    share: float


@dataclass(frozen=True)
class Profile:
    """What a segment's customers are like on average, and how they divide."""

    customers: int
    clv_year_fen: int
    spent_fen: int
    basket_fen: int
    purchases: float
    came_lately: float
    leaving_chance: float
    levels: list[Part]
    stages: list[Part]
    channels: list[Part]


def overlaps(actor: Actor, segment_ids: Sequence[int]) -> list[Overlap]:
    """Every part that the segments divide their members within reach into: one look at the rows for all of them."""
    marks = {
        f"in_{place}": Exists(Member.objects.filter(segment_id=pk, customer_id=OuterRef("customer_id")))
        for place, pk in enumerate(segment_ids)
    }
    anyone = Member.objects.filter(segment_id__in=list(segment_ids)).values("customer_id")
    rows = (
        rows_in_reach(actor)
        .filter(customer_id__in=anyone)
        .annotate(**marks)
        .values(*marks)
        .annotate(n=Count("pk"))
        .order_by()
    )
    counted = {tuple(bool(row[mark]) for mark in marks): row["n"] for row in rows}
    return [Overlap(part, counted.get(part, 0)) for part in parts_of(len(segment_ids))]


def profile_of(actor: Actor, segment_id: int) -> Profile:
    """The members whom the actor sees, described."""
    rows = members_of(actor, segment_id)
    bought = Q(purchases__gt=0)
    lately = Q(last_on__gt=clock.today() - timedelta(days=LATELY_DAYS))
    found: dict[str, Any] = rows.aggregate(
        customers=Count("pk"),
        clv=Avg("clv_year_fen", default=0),
        spent=Avg("spent_fen", default=0),
        basket=Avg("mean_spend_fen", filter=bought, default=0),
        times=Avg("purchases", default=0),
        lately=Count("pk", filter=lately),
        leaving=Avg("leaving_chance", filter=bought, default=0),
    )
    return Profile(
        customers=found["customers"],
        clv_year_fen=round(found["clv"]),
        spent_fen=round(found["spent"]),
        basket_fen=round(found["basket"]),
        purchases=float(found["times"]),
        came_lately=found["lately"] / found["customers"] if found["customers"] else 0.0,
        leaving_chance=float(found["leaving"]),
        levels=_parts(actor, rows, LEVEL),
        stages=_parts(actor, rows, STAGE),
        channels=_parts(actor, rows, CHANNEL),
    )


def _parts(actor: Actor, rows: QuerySet[Any], code: str) -> list[Part]:
    """The rows by a field of choices; all of it counted in one statement, nothing capped."""
    field = filter_fields(actor)[code]
    choices = list(field.choices(actor))[:MOST_PARTS]
    today = clock.today()
    counts = {
        f"n{place}": Count("pk", filter=field.build(Asked(actor, IN, (value,), today)))
        for place, (value, _label) in enumerate(choices)
    }
    found = rows.aggregate(all=Count("pk"), **counts)
    return [
        Part(value, str(label), found[f"n{place}"], found[f"n{place}"] / max(found["all"], 1))
        for place, (value, label) in enumerate(choices)
    ]
