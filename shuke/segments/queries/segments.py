"""Which segments an actor sees, and what their conditions come to."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from shuke.desk.ports import filter_fields
from shuke.desk.queries.filtering import BadFilter, Group, Matching, Said, matching, read, said
from shuke.segments.models import Segment
from shuke.team.queries import SYSTEM, Actor
from shuke.team.rules import NO_ROLE, may

FIELD = "segment"  # of the filters of lists


def visible_segments(actor: Actor) -> QuerySet[Segment]:
    """The segments the actor sees. One that asks about a field they may not ask about is not theirs to see."""
    living = Segment.objects.filter(deleted_at=None)
    if actor is SYSTEM:
        return living
    if not may(getattr(actor, "ready_role", NO_ROLE), "segments.view"):
        return living.none()
    secret = filter_fields(SYSTEM).keys() - filter_fields(actor).keys()
    return living.exclude(fields__overlap=sorted(secret)) if secret else living


@dataclass(frozen=True)
class Asked:
    """A segment's conditions, read; and what they are on the rows of the list, for the house as a whole."""

    wanted: Group
    found: Matching


def asked_by(conditions: str, today: date) -> Asked | None:
    """None when a condition cannot be read or asked (any more): nobody may then enter or leave for it."""
    try:
        wanted = read(conditions)
    except BadFilter:
        return None
    found = matching(SYSTEM, wanted, today)
    return Asked(wanted, found) if wanted.nodes and not found.left_out else None


def words_of(actor: Actor, conditions: str) -> list[Said]:
    """The conditions in words; nothing when they cannot be read."""
    try:
        return said(actor, read(conditions))
    except BadFilter:
        return []
