"""Exports as an actor sees them, and the columns they may choose."""

from django.db.models import QuerySet

from shuke.customers import ports
from shuke.customers.models import Export, ExportRule
from shuke.customers.ports import ExportColumn
from shuke.team.queries import Actor, reach_of, staff_of
from shuke.team.rules import NO_ROLE, Scope, may

DEFAULT_LIMIT = 500


def approval_limit() -> int:
    """How many customers somebody may take out without being asked."""
    found = ExportRule.objects.values_list("approval_above", flat=True).first()
    return DEFAULT_LIMIT if found is None else found


def offered_columns(actor: Actor) -> list[ExportColumn]:
    """Every column the actor may take out, in order."""
    role = getattr(actor, "ready_role", NO_ROLE)
    return [
        column
        for room in ports.export_columns()
        for column in room.columns(actor)
        if not column.permission or may(role, column.permission)
    ]


def visible_exports(actor: Actor) -> QuerySet[Export]:
    """One's own exports, and for who may allow them those of the people they may allow; the newest first."""
    rows = Export.objects.select_related("asked_by").order_by("-pk")
    role = getattr(actor, "ready_role", NO_ROLE)
    if not may(role, "customers.export"):
        return rows.none()
    if may(role, "customers.allow_export") and reach_of(actor).scope is Scope.ALL:
        return rows
    own = rows.filter(asked_by_id=actor.id)
    if not may(role, "customers.allow_export"):
        return own
    return rows.filter(asked_by_id__in=[actor.id, *_decidable_people(actor)])


def _decidable_people(actor: Actor) -> list[int]:
    """Colleagues of the actor's stores who see no more than stores themselves."""
    people = staff_of(actor)
    return [one.pk for one in people if one.ready_role.scope in (Scope.STORE, Scope.OWN)]


def may_decide(actor: Actor, row: Export) -> bool:
    """Whether this actor may allow that export: never one's own, and only of people whose reach is not wider."""
    role = getattr(actor, "ready_role", NO_ROLE)
    if not may(role, "customers.allow_export") or (actor.id is not None and row.asked_by_id == actor.id):
        return False
    return reach_of(actor).scope is Scope.ALL or row.asked_by_id in _decidable_people(actor)


def exports_to_decide(actor: Actor) -> list[Export]:
    """What waits for this actor's word, the oldest first."""
    waiting = Export.objects.filter(state=Export.State.WAITING).select_related("asked_by").order_by("pk")
    return [row for row in waiting[:100] if may_decide(actor, row)]
