"""How a segment grows: members day by day, and who came and went lately, as far as the actor sees them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet

from shuke.customers.queries import people_reached
from shuke.kernel import clock
from shuke.segments.models import Move, Segment
from shuke.segments.queries.members import members_of, rows_in_reach
from shuke.segments.rules import Change, sizes_by_day
from shuke.team.queries import Actor

LONGEST_DAYS, LATELY_DAYS, MOST_SHOWN = 180, 30, 8


@dataclass(frozen=True)
class Mover:
    """A customer who entered or left lately."""

    customer_id: int
    name: str
    moved_on: date
    is_redefined: bool


@dataclass(frozen=True)
class Growth:
    """Members at the end of each day, and who entered and left within the last 30 days."""

    days: list[date]
    sizes: list[int]
    entered: int
    left: int
    latest_in: list[Mover]
    latest_out: list[Mover]
    redefined_on: list[date]


def growth_of(actor: Actor, segment: Segment) -> Growth:
    """Counted back from today by the moves that are kept: nobody beyond reach is in any of the figures."""
    today = clock.today()
    first = max(segment.followed_from or today, today - timedelta(days=LONGEST_DAYS))
    moves = _seen_moves(actor, [segment.pk])
    rows = (
        moves.filter(moved_on__gt=first)
        .values("moved_on")
        .annotate(
            entered=Count("pk", filter=Q(is_entry=True)),
            left=Count("pk", filter=Q(is_entry=False)),
            redefined=Count("pk", filter=Q(is_redefined=True)),
        )
        .order_by("moved_on")
    )
    changes = {row["moved_on"]: Change(row["entered"], row["left"]) for row in rows}
    sizes = sizes_by_day(members_of(actor, segment.pk).count(), changes, first, today)
    lately = [change for day, change in changes.items() if day > today - timedelta(days=LATELY_DAYS)]
    return Growth(
        days=[first + timedelta(days=step) for step in range(len(sizes))],
        sizes=sizes,
        entered=sum(one.entered for one in lately),
        left=sum(one.left for one in lately),
        latest_in=_movers(actor, moves, is_entry=True),
        latest_out=_movers(actor, moves, is_entry=False),
        redefined_on=[row["moved_on"] for row in rows if row["redefined"]],
    )


def _seen_moves(actor: Actor, segment_ids: Collection[int]) -> QuerySet[Move]:
    seen = rows_in_reach(actor).values("customer_id")
    return Move.objects.filter(segment_id__in=list(segment_ids), customer_id__in=seen)


def _movers(actor: Actor, moves: QuerySet[Move], *, is_entry: bool) -> list[Mover]:
    since = clock.today() - timedelta(days=LATELY_DAYS)
    found = list(
        moves.filter(is_entry=is_entry, moved_on__gt=since).order_by("-moved_on", "-pk")[:MOST_SHOWN]
    )
    people = people_reached(actor, [one.customer_id for one in found])
    return [
        Mover(one.customer_id, people[one.customer_id].name, one.moved_on, one.is_redefined)
        for one in found
        if one.customer_id in people
    ]


def changes_lately(actor: Actor, segment_ids: Collection[int]) -> Mapping[int, Change]:
    """How many entered and left each segment within the last 30 days."""
    since = clock.today() - timedelta(days=LATELY_DAYS)
    rows = (
        _seen_moves(actor, segment_ids)
        .filter(moved_on__gt=since)
        .values("segment_id")
        .annotate(entered=Count("pk", filter=Q(is_entry=True)), left=Count("pk", filter=Q(is_entry=False)))
        .order_by()
    )
    return {row["segment_id"]: Change(row["entered"], row["left"]) for row in rows}
