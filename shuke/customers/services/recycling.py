"""The recycle bin. Deleting hides a customer everywhere at once and keeps every row; after 90 days they leave for good.

What a deleted customer was known by is set aside: an order that arrives by the same phone makes a new customer, because who was
deleted on purpose must not come back by themselves. Restoring gives back what is still free; what somebody new holds stays with
them, and the pair is put up to be checked (and merged).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from shuke.customers import ports
from shuke.customers.events import CustomersChanged, CustomersDeleted, CustomersRestored
from shuke.customers.models import (
    ChangeProblem,
    Customer,
    Identity,
    ProfileQuality,
    ReleasedIdentity,
    SearchPending,
    SearchText,
)
from shuke.customers.ports import Held, PutBack
from shuke.customers.rules.recycling import KEPT_DAYS
from shuke.customers.services.history import FieldChanged, record_field_changes, within_changeset
from shuke.customers.services.identity import living, open_conflict
from shuke.customers.services.many import locked_customers
from shuke.customers.services.records import KEY_FIELDS, _normalised
from shuke.customers.services.terms import index_terms
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import SYSTEM, Actor, reach_of
from shuke.team.services import blank_audited, record_audit, require

FIELD = "deleted"
PURGED_AT_ONCE = 200
LOST_A_NUMBER = gettext_noop("回来了，但有号码已经是另一位客户的，请到「请核实」看看。")


@dataclass
class _Returned:
    """What came of restoring: the changes made, and with whom a number stayed."""

    changes: list[FieldChanged] = field(default_factory=list)
    rivals: dict[int, set[int]] = field(default_factory=dict)


@transaction.atomic
def delete_customers(*, actor: Actor, customer_ids: Iterable[int], title: str = "") -> int:
    """Put a few customers in the recycle bin; returns the id of the change set that undoes it.

    Those out of reach are left alone. Many at once: the bulk action "delete".
    """
    from shuke.customers.services.changesets import finish_changeset, start_changeset

    require(actor, "customers.delete")
    set_id = start_changeset(actor, "delete", title or _("删除客户"))
    customers = locked_customers(actor, customer_ids)
    audit = record_audit(actor, "customers_deleted", after={"customers": sorted(customers)})
    with within_changeset(set_id):
        record_field_changes(actor=actor, audit_id=audit.pk, changes=delete_locked(actor, customers))
    finish_changeset(set_id)
    return set_id


def delete_locked(actor: Actor, customers: Mapping[int, Customer]) -> list[FieldChanged]:
    """Hide locked customers, set their identities aside and tell the house; audit and history are the caller's."""
    ids = sorted(customers)
    if not ids:
        return []
    held = Identity.objects.filter(customer_id__in=ids)
    columns = ("customer_id", "namespace", "value", "verified_by", "import_run_id", "last_seen")
    ReleasedIdentity.objects.filter(customer_id__in=ids).delete()
    ReleasedIdentity.objects.bulk_create(
        [ReleasedIdentity(**row) for row in held.values(*columns)], batch_size=2_000
    )
    held.delete()
    Customer.objects.filter(pk__in=ids).update(deleted_at=clock.now(), deleted_by_id=actor.id)
    index_terms(ids)
    publish(CustomersDeleted(customer_ids=ids))
    return [FieldChanged(pk, FIELD, False, True) for pk in ids]


@transaction.atomic
def restore_customers(*, actor: Actor, customer_ids: Iterable[int]) -> int:
    """Take customers within reach out of the recycle bin; returns how many came back.

    A number that somebody else holds by now stays with them; then the pair is put up for review.
    """
    require(actor, "customers.delete")
    customers = _deleted(actor, customer_ids)
    audit = record_audit(actor, "customers_restored", after={"customers": sorted(customers)})
    returned = _restore_locked(customers)
    record_field_changes(actor=actor, audit_id=audit.pk, changes=returned.changes)
    if customers:
        publish(CustomersChanged(customer_ids=sorted(customers)))
    return len(customers)


def _deleted(actor: Actor, customer_ids: Iterable[int]) -> dict[int, Customer]:
    found = locked_customers(actor, customer_ids, with_deleted=True)
    return {pk: customer for pk, customer in found.items() if customer.deleted_at is not None}


def _restore_locked(customers: Mapping[int, Customer]) -> _Returned:
    ids = sorted(customers)
    returned = _Returned([FieldChanged(pk, FIELD, True, False) for pk in ids])
    if not ids:
        return returned
    Customer.objects.filter(pk__in=ids).update(deleted_at=None, deleted_by=None, updated_at=clock.now())
    for row in ReleasedIdentity.objects.filter(customer_id__in=ids).order_by("customer_id", "pk"):
        identity, is_free = Identity.objects.get_or_create(
            namespace=row.namespace,
            value=row.value,
            defaults={
                "customer_id": row.customer_id,
                "verified_by": row.verified_by,
                "import_run_id": row.import_run_id,
                "last_seen": row.last_seen,
            },
        )
        if not is_free:
            holder = living(identity.customer)
            returned.changes += _let_go(customers[row.customer_id], row, holder.pk)
            returned.rivals.setdefault(row.customer_id, set()).add(holder.pk)
    ReleasedIdentity.objects.filter(customer_id__in=ids).delete()
    index_terms(ids)
    publish(CustomersRestored(customer_ids=ids))
    return returned


def _let_go(customer: Customer, row: ReleasedIdentity, holder_id: int) -> list[FieldChanged]:
    """A value that is somebody else's now no longer shows on the customer; somebody looks at the pair."""
    if holder_id != customer.pk:
        pair = (row.namespace, row.value)
        open_conflict(customer.pk, holder_id, origin="restored", pairs=[pair])
    name = next((name for name, space in KEY_FIELDS.items() if space == row.namespace), "")
    shown = getattr(customer, name, "") if name else ""
    if not shown or _normalised(name, shown) != row.value:
        return []
    Customer.objects.filter(pk=customer.pk).update(**{name: ""})
    return [FieldChanged(customer.pk, name, shown, "")]


class BinKeeper:
    """Taking a deletion back is restoring, and the other way round."""

    def label(self, name: str) -> Any:
        return gettext_lazy("回收站")

    def shown(self, name: str, value: Any, *, is_masked: bool) -> str:
        return _("在回收站") if value else ""

    def put_back(
        self, *, actor: Actor, audit_id: int, name: str, changes: Mapping[int, Held], is_forced: bool
    ) -> PutBack:
        require(actor, "customers.delete")
        customers = locked_customers(actor, changes, with_deleted=True)
        back = {pk: one for pk, one in customers.items() if changes[pk].after and one.deleted_at}
        away = {pk: one for pk, one in customers.items() if not changes[pk].after and not one.deleted_at}
        returned = _restore_locked(back)
        gone = delete_locked(actor, away)
        record_field_changes(actor=actor, audit_id=audit_id, changes=[*returned.changes, *gone])
        told = dict.fromkeys(returned.rivals, LOST_A_NUMBER)
        return PutBack(restored=frozenset(customers), problems=told)


# --- for good ---


@transaction.atomic
def purge_customers(*, actor: Actor, customer_ids: Iterable[int]) -> int:
    """Remove customers who are in the recycle bin, for good, with every room's rows; returns how many.

    Records merged into them go too. Orders stay, without the person, so that sums keep adding up. There is no way back.
    """
    require(actor, "customers.purge")
    ids = sorted(_deleted(actor, customer_ids))
    if not ids:
        return 0
    everybody = _with_merged(ids)
    for purge in ports.purges():
        purge(everybody)
    index_terms(everybody)
    for table in (SearchPending, SearchText, ChangeProblem, ProfileQuality):
        table.objects.filter(customer_id__in=everybody).delete()
    Identity.objects.filter(customer_id__in=everybody).delete()
    Customer.objects.filter(pk__in=everybody).update(merged_into=None)
    Customer.objects.filter(pk__in=everybody).delete()
    blank_audited("Customer", everybody)
    record_audit(actor, "customers_purged", before={"customers": ids})
    return len(ids)


def _with_merged(ids: list[int]) -> list[int]:
    """These and all who live on in them."""
    found = set(ids)
    newest = found
    while newest:
        merged = Customer.objects.filter(merged_into_id__in=newest).values_list("pk", flat=True)
        newest = set(merged) - found
        found |= newest
    return sorted(found)


def empty_bin() -> int:
    """Remove for good who has been in the recycle bin for longer than it keeps; returns how many. Safe to repeat."""
    before = clock.now() - timedelta(days=KEPT_DAYS)
    removed = 0
    while True:
        due = Customer.objects.filter(deleted_at__lte=before).order_by("deleted_at", "pk")
        ids = list(due.values_list("pk", flat=True)[:PURGED_AT_ONCE])
        gone = purge_customers(actor=SYSTEM, customer_ids=ids) if ids else 0
        removed += gone
        if gone < PURGED_AT_ONCE:
            return removed


def is_in_bin(actor: Actor, customer_id: int) -> bool:
    """Whether the actor would find this customer in the recycle bin."""
    rows = Customer.objects.filter(reach_of(actor).filter(), pk=customer_id, merged_into=None)
    return rows.exclude(deleted_at=None).exists()
