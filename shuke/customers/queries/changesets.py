"""Sets of changes: progress, result, what went wrong, and what somebody changed since."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shuke.customers.models import ChangeProblem, ChangeSet, Customer, FieldChange
from shuke.customers.queries.changes import FieldChange as ShownChange
from shuke.customers.queries.changes import reading_of
from shuke.customers.queries.day_words import birthday_shown
from shuke.customers.queries.records import (
    birthday_of,
    display_name,
    visible_customers,
)
from shuke.team.queries import Actor
from shuke.team.rules import NO_ROLE, may

SHOWN = 100


@dataclass(frozen=True)
class Trouble:
    """A customer a set could not change or put back, and why. No name for who is out of reach."""

    customer_id: int
    name: str
    reason: str
    is_of_undo: bool


@dataclass(frozen=True)
class KeptChange:
    """A field that undoing left alone because it was changed since: what it would go back to, and what is there `now`."""

    customer_id: int
    name: str
    change: ShownChange
    now: str


def visible_changesets(actor: Actor) -> QuerySet[ChangeSet]:
    """One's own sets, and everybody's for who may take back what others did; the newest first."""
    rows = ChangeSet.objects.order_by("-pk")
    role = getattr(actor, "ready_role", NO_ROLE)
    if may(role, "customers.undo"):
        return rows
    if not may(role, "customers.edit"):
        return rows.none()
    return rows.filter(actor_id=actor.id)


def troubles_of(actor: Actor, changeset_id: int, *, limit: int = SHOWN) -> list[Trouble]:
    """The first customers with whom something went wrong."""
    rows = list(ChangeProblem.objects.filter(change_set_id=changeset_id).order_by("pk")[:limit])
    names = _names(actor, [row.customer_id for row in rows])
    return [
        Trouble(row.customer_id, names.get(row.customer_id, ""), _(row.reason), row.is_of_undo)
        for row in rows
    ]


def kept_changes(actor: Actor, changeset_id: int, *, limit: int = SHOWN) -> list[KeptChange]:
    """The first fields that undoing left alone, of customers within reach."""
    rows = FieldChange.objects.filter(change_set_id=changeset_id, undo=FieldChange.Undo.KEPT)
    found = list(rows.filter(customer__in=visible_customers(actor)).order_by("-pk")[:limit])
    people = visible_customers(actor).in_bulk([row.customer_id for row in found])
    reading = reading_of(actor)
    return [
        KeptChange(
            row.customer_id,
            display_name(people[row.customer_id]),
            ShownChange(
                row.field,
                reading.read(row.field, row.before),
                reading.read(row.field, row.after),
                row.pk,
                row.undo,
            ),
            reading.read(row.field, _present(people[row.customer_id], row)),
        )
        for row in found
        if row.customer_id in people
    ]


def _present(customer: Customer, row: FieldChange) -> Any:
    """What a field holds now; for fields that are no columns, what the set wrote."""
    if row.field == "birthday":
        return birthday_shown(birthday_of(customer))
    return getattr(customer, row.field, row.after)


def count_kept(changeset_id: int) -> int:
    """How many fields undoing left alone."""
    return FieldChange.objects.filter(change_set_id=changeset_id, undo=FieldChange.Undo.KEPT).count()


def _names(actor: Actor, ids: list[int]) -> dict[int, str]:
    people = visible_customers(actor).only("pk", "name", "phone", "member_number").in_bulk(ids)
    return {pk: display_name(one) for pk, one in people.items()}
