"""Who holds how much: customers as account manager, places as collaborator, open follow-ups. For jobs and managers' pages."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, QuerySet

from shuke.customers.models import Collaborator, Customer, FieldChange, FollowUp, Interaction
from shuke.customers.queries.records import display_name, visible_customers
from shuke.customers.rules import keeping
from shuke.team.queries import Actor

MANAGED, HELPED, STEPS = "managed", "helped", "steps"


@dataclass(frozen=True)
class Holding:
    """What one person holds."""

    managed: int
    helped: int
    steps: int

    @property
    def is_empty(self) -> bool:
        return not (self.managed or self.helped or self.steps)


def holding_of(staff_id: int) -> Holding:
    """How much a person holds, of living customers."""
    return Holding(*(_held(staff_id, kind).count() for kind in (MANAGED, HELPED, STEPS)))


def held_ids(staff_id: int, kinds: Collection[str]) -> list[int]:
    """Every living customer whom a person holds in one of these ways, each once."""
    return sorted({pk for kind in kinds for pk in _customers_of(staff_id, kind)})


def first_held(staff_id: int, kind: str, limit: int = 3) -> list[str]:
    """The first of them in words."""
    if kind == STEPS:
        rows = _held(staff_id, STEPS).select_related("customer").order_by("due_on", "pk")[:limit]
        return [f"{row.due_on.month}/{row.due_on.day} {row.purpose}" for row in rows]
    ids = [pk for pk, _n in zip(_customers_of(staff_id, kind), range(limit), strict=False)]
    return [display_name(one) for one in Customer.objects.filter(pk__in=ids).order_by("pk")]


def _held(staff_id: int, kind: str) -> "QuerySet[Any]":
    living = Customer.objects.filter(merged_into=None, deleted_at=None)
    if kind == MANAGED:
        return living.filter(account_manager_id=staff_id)
    if kind == HELPED:
        return Collaborator.objects.filter(staff_id=staff_id, customer__in=living)
    return FollowUp.objects.filter(assignee_id=staff_id, state=FollowUp.State.OPEN, customer__in=living)


def _customers_of(staff_id: int, kind: str) -> Iterable[int]:
    column = "pk" if kind == MANAGED else "customer_id"
    found: Iterable[int] = _held(staff_id, kind).order_by(column).values_list(column, flat=True)
    return found


def managed_counts(staff_ids: Collection[int]) -> dict[int, int]:
    """How many living customers each of these people is account manager of."""
    rows = Customer.objects.filter(account_manager_id__in=list(staff_ids), merged_into=None, deleted_at=None)
    return dict(rows.order_by().values_list("account_manager_id").annotate(n=Count("pk")))


def open_step_counts(staff_ids: Collection[int]) -> dict[int, int]:
    """How many open follow-ups each of these people has."""
    rows = FollowUp.objects.filter(assignee_id__in=list(staff_ids), state=FollowUp.State.OPEN)
    return dict(rows.order_by().values_list("assignee_id").annotate(n=Count("pk")))


def owned_customers() -> "QuerySet[Customer]":
    """Living customers who have an account manager; no reach: for jobs and counts."""
    return Customer.objects.filter(account_manager_id__isnull=False, merged_into=None, deleted_at=None)


def unowned_customers() -> "QuerySet[Customer]":
    """Living customers who have none; no reach: for jobs."""
    return Customer.objects.filter(account_manager_id=None, merged_into=None, deleted_at=None)


def customers_by_id(customer_ids: Collection[int]) -> "QuerySet[Customer]":
    """Living customers of these ids; no reach: the caller has asked for it."""
    return Customer.objects.filter(pk__in=list(customer_ids), merged_into=None, deleted_at=None)


@dataclass(frozen=True)
class ContactFacts:
    """When somebody last got in touch, and since when they have this account manager, as far as the history tells."""

    last_touch_at: datetime | None = None
    taken_at: datetime | None = None
    has_step: bool = False
    is_helped: bool = False


def contact_facts(customer_ids: Collection[int], until: date) -> dict[int, ContactFacts]:
    """These facts of some thousand customers, in four questions that each walk an index; `has_step`: an open follow-up that is
    due by `until`. No reach: the caller has asked for it."""
    ids = list(customer_ids)
    kinds = (*keeping.COUNTED, Interaction.Kind.MEETING)
    touches = Interaction.objects.filter(customer_id__in=ids, kind__in=kinds).order_by()
    touched = dict(touches.values_list("customer_id").annotate(last=Max("happened_at")))
    changes = FieldChange.objects.filter(customer_id__in=ids, field="account_manager_id").order_by()
    taken = dict(changes.values_list("customer_id").annotate(last=Max("changed_at")))
    steps = FollowUp.objects.filter(customer_id__in=ids, state=FollowUp.State.OPEN, due_on__lte=until)
    awaited = set(steps.values_list("customer_id", flat=True))
    helped = set(Collaborator.objects.filter(customer_id__in=ids).values_list("customer_id", flat=True))
    return {pk: ContactFacts(touched.get(pk), taken.get(pk), pk in awaited, pk in helped) for pk in ids}


def reached_names(actor: Actor, customer_ids: Collection[int]) -> dict[int, str]:
    """What these customers are called, of those the actor sees."""
    rows = visible_customers(actor).filter(pk__in=list(customer_ids))
    return {one.pk: display_name(one) for one in rows}
