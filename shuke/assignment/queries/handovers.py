"""Handovers as pages show them: what would move, to whom, and who left something behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from shuke.assignment.models import Handover, HandoverShare
from shuke.assignment.queries.workload import Workload, items_of, workloads_of
from shuke.customers import ports
from shuke.customers.queries.holding import (
    HELPED,
    MANAGED,
    STEPS,
    first_held,
    holding_of,
    managed_counts,
    reached_names,
)
from shuke.team.queries import SYSTEM, Actor, staff_of
from shuke.team.rules import NO_ROLE, may

SHOWN = 3
LISTED = 60
MOST_WEIGHED = 20_000


@dataclass(frozen=True)
class Part:
    """Something that moves: how many, and the first of them in words."""

    code: str
    label: Any
    count: int
    first: tuple[str, ...]


@dataclass(frozen=True)
class Taker:
    """What somebody would get, and how full that makes them."""

    workload: Workload
    customers: int
    more_load: int

    @property
    def percent_after(self) -> int:
        return round((self.workload.load + self.more_load) / max(self.workload.duty.capacity, 1) * 100)


@dataclass(frozen=True)
class Line:
    """One customer of a proposal."""

    customer_id: int
    name: str
    taker: str


@dataclass(frozen=True)
class Leaver:
    """Somebody who left and still has customers."""

    staff_id: int
    name: str
    customers: int


def may_hand_over(actor: Actor) -> bool:
    """Whether the actor hands customers over at all."""
    return may(getattr(actor, "ready_role", NO_ROLE), "assignment.hand_over")


def parts_of(staff_id: int) -> list[Part]:
    """What a person holds, kind by kind; kinds of which there is nothing left out."""
    held = holding_of(staff_id)
    own = [
        Part(code, label, count, tuple(first_held(staff_id, code, SHOWN)))
        for code, label, count in (
            (MANAGED, ports.MANAGED_WORDS, held.managed),
            (HELPED, ports.HELPED_WORDS, held.helped),
            (STEPS, ports.STEPS_WORDS, held.steps),
        )
        if count
    ]
    return [*own, *_other_parts(staff_id)]


def _other_parts(staff_id: int) -> list[Part]:
    found = []
    for kind in ports.handover_kinds():
        rows = kind.held(staff_id, None)
        if rows:
            first = tuple(row.words for row in rows[:SHOWN])
            found.append(Part(kind.code, kind.label, len(rows), first))
    return found


def part_choices() -> list[tuple[str, Any]]:
    """Everything that may move when customers of several people are handed over."""
    others = [(kind.code, kind.label) for kind in ports.handover_kinds() if not kind.is_personal]
    return [(MANAGED, ports.MANAGED_WORDS), (STEPS, ports.STEPS_WORDS), *others]


def takers_of(actor: Actor, handover: Handover) -> list[Taker]:
    """Who would get how many, whoever gets most first."""
    rows = HandoverShare.objects.filter(handover=handover)
    counts = dict(rows.order_by().values_list("to_staff_id").annotate(n=Count("pk")))
    if handover.first_taker_id:
        counts.setdefault(handover.first_taker_id, 0)
    weight = _weights(rows) if sum(counts.values()) <= MOST_WEIGHED else {}
    known = workloads_of(list(counts))
    found = [Taker(one, counts[one.staff_id], weight.get(one.staff_id, 0)) for one in known]
    return sorted(found, key=lambda one: (-one.customers, one.workload.staff_id))


def _weights(rows: "QuerySet[HandoverShare]") -> dict[int, int]:
    to = dict(rows.values_list("customer_id", "to_staff_id"))
    found: dict[int, int] = {}
    for item in items_of(list(to)):
        found[to[item.customer_id]] = found.get(to[item.customer_id], 0) + item.weight
    return found


def lines_of(actor: Actor, handover: Handover, limit: int = LISTED) -> list[Line]:
    """The first customers of a proposal, and who gets them."""
    rows = HandoverShare.objects.filter(handover=handover).order_by("to_staff_id", "customer_id")[:limit]
    pairs = list(rows.values_list("customer_id", "to_staff_id"))
    names = reached_names(actor, [pk for pk, _who in pairs])
    people = _names([who for _pk, who in pairs])
    return [Line(pk, names[pk], people.get(who, "")) for pk, who in pairs if pk in names]


def _names(staff_ids: Sequence[int]) -> dict[int, str]:
    return dict(staff_of(SYSTEM).filter(pk__in=staff_ids).values_list("pk", "name"))


def visible_handovers(actor: Actor) -> "QuerySet[Handover]":
    """Handovers made by the actor, and everybody's for who may take back what others did; the newest first."""
    rows = Handover.objects.select_related("from_staff", "made_by", "change_set", "first_taker")
    rows = rows.order_by("-pk")
    if not may_hand_over(actor):
        return rows.none()
    return rows if actor.may("customers.undo") else rows.filter(made_by_id=actor.id)


def handover_of_set(change_set_id: int) -> int | None:
    """The handover that a set of changes belongs to."""
    return Handover.objects.filter(change_set_id=change_set_id).values_list("pk", flat=True).first()


def leavers(actor: Actor) -> list[Leaver]:
    """People who no longer work here and still look after customers; for whoever may hand those over."""
    if not may_hand_over(actor):
        return []
    gone = {one.pk: one.name for one in staff_of(actor).filter(is_active=False)}
    counts = managed_counts(list(gone)) if gone else {}
    found = [Leaver(pk, gone[pk], n) for pk, n in counts.items() if n]
    return sorted(found, key=lambda one: (-one.customers, one.staff_id))


def last_handover_at(staff_id: int) -> datetime | None:
    """When something of this person was handed over last."""
    rows = Handover.objects.filter(from_staff_id=staff_id, change_set__isnull=False)
    return rows.order_by("-pk").values_list("created_at", flat=True).first()
