"""Who is told what happens with a customer: those who follow them, and colleagues called by @name."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from shuke.customers.models import Customer, CustomerFollower, FollowUp, Interaction
from shuke.customers.queries.watching import sees
from shuke.customers.rules import keeping
from shuke.kernel import clock
from shuke.team.queries import Actor, changes_of, colleagues
from shuke.team.services import notify, record_audit, require

MENTIONED, FOLLOWED, ASSIGNED = "mentioned", "followed", "assigned"


@transaction.atomic
def follow_customer(*, actor: Actor, customer_id: int) -> None:
    """Be told what happens with a customer from now on."""
    customer = _seen(actor, customer_id)
    if actor.id is None:
        return
    _row, is_new = CustomerFollower.objects.get_or_create(customer_id=customer.pk, staff_id=actor.id)
    if is_new:
        record_audit(actor, "customer_followed", customer)


@transaction.atomic
def unfollow_customer(*, actor: Actor, customer_id: int) -> None:
    """Be told no more."""
    customer = _seen(actor, customer_id)
    if actor.id is None:
        return
    gone, _rows = CustomerFollower.objects.filter(customer_id=customer.pk, staff_id=actor.id).delete()
    if gone:
        record_audit(actor, "customer_unfollowed", customer)


def tell_followers(
    *, customer_id: int, what: str, key: str, besides: Iterable[int | None] = (), number: int = 0
) -> int:
    """Tell those who follow a customer, and still see them, that something happened; returns how many were told.

    `what` is one of the words of `customers.queries.notices.HAPPENED`; `besides` did it themselves. Safe to repeat.
    """
    rows = CustomerFollower.objects.filter(customer_id=customer_id).values_list("staff_id", flat=True)
    wanted = set(rows) - set(besides)
    if not wanted:
        return 0
    facts = {"customer": customer_id, "what": what, "number": number}
    return _tell(wanted, customer_id, FOLLOWED, f"{what}:{key}", facts)


def tell_of_touch(interaction_id: int) -> None:
    """Tell colleagues who were mentioned in a touch, then those who follow the customer."""
    touch = Interaction.objects.filter(pk=interaction_id).first()
    if touch is None:
        return
    called = mentioned_in(touch.customer_id, touch.body) - {touch.staff_id}
    facts = {"customer": touch.customer_id, "touch": touch.pk, "by": touch.staff_id}
    _tell(called, touch.customer_id, MENTIONED, str(touch.pk), facts)
    besides = {touch.staff_id, *called}
    tell_followers(customer_id=touch.customer_id, what=touch.kind, key=str(touch.pk), besides=besides)


def tell_of_step(follow_up_id: int) -> None:
    """Tell somebody that a colleague gave them something to do."""
    step = FollowUp.objects.filter(pk=follow_up_id, plan=None).first()
    if step is None or step.assignee_id is None or step.assignee_id == step.created_by_id:
        return
    facts = {"customer": step.customer_id, "step": step.pk, "by": step.created_by_id}
    _tell({step.assignee_id}, step.customer_id, ASSIGNED, str(step.pk), facts)


def followed_among(customer_ids: Iterable[int]) -> list[int]:
    """Those of the customers whom somebody follows."""
    rows = CustomerFollower.objects.filter(customer_id__in=list(customer_ids))
    return sorted(set(rows.values_list("customer_id", flat=True)))


def tell_of_change(customer_id: int) -> None:
    """Tell followers, once a day, that the record was changed; not whoever changed it last."""
    if not CustomerFollower.objects.filter(customer_id=customer_id).exists():
        return
    last = changes_of("Customer", customer_id, actions=("customer_changed",), limit=1)
    besides = [entry.actor_id for entry in last]
    key = f"{customer_id}:{clock.today().isoformat()}"
    tell_followers(customer_id=customer_id, what="changed", key=key, besides=besides)


def mentioned_in(customer_id: int, text: str) -> frozenset[int]:
    """The colleagues called by @name in a text who see this customer."""
    if "@" not in text and "＠" not in text:
        return frozenset()
    people = {person.pk: person for person in colleagues()}
    called = keeping.mentioned(text, {pk: person.name for pk, person in people.items()})
    return _who_see(customer_id, called)


def _tell(
    staff_ids: Iterable[int | None], customer_id: int, kind: str, key: str, facts: dict[str, Any]
) -> int:
    seeing = _who_see(customer_id, staff_ids)
    return notify(staff_ids=seeing, kind=kind, key=key, facts=facts, url=f"/customers/{customer_id}/")


def _who_see(customer_id: int, staff_ids: Iterable[int | None]) -> frozenset[int]:
    wanted = {pk for pk in staff_ids if pk is not None}
    customer = Customer.objects.filter(pk=customer_id).first() if wanted else None
    if customer is None:
        return frozenset()
    return frozenset(person.pk for person in colleagues() if person.pk in wanted and sees(person, customer))


def _seen(actor: Actor, customer_id: int) -> Customer:
    customer = Customer.objects.get(pk=customer_id)
    require(actor, "customers.view", customer)
    return customer
