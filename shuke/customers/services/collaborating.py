"""Colleagues who work on a customer beside the account manager: let in, told of it, and let out again.

Each is a field of the customer's history, `collaborator.<staff id>`, and is taken back like any other.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shuke.customers.events import CustomerChanged
from shuke.customers.models import Collaborator, FieldChange
from shuke.customers.ports import Held, PutBack
from shuke.customers.queries.collaborating import access_words
from shuke.customers.services.history import FieldChanged, record_field_changes
from shuke.customers.services.kept import opened
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor, colleagues, staff_names
from shuke.team.services import notify, record_audit

PREFIX = "collaborator"
COLLABORATING = "collaborating"
MOST_OF_ONE = 12  # of one customer
MOST_SHARED = 2_000  # with one person: their ids stand in every statement that lists


@transaction.atomic
def set_collaborator(*, actor: Actor, customer_id: int, staff_id: int, access: str) -> int | None:
    """Let a colleague work on a customer, "read" or "write", or ("") no longer; returns the change, to be taken back.

    They are told. None: it was so already. Raises ValidationError, PermissionDenied, DoesNotExist.
    """
    customer = opened(actor, customer_id)
    if access:
        _check(customer_id, staff_id, access, manager_id=customer.account_manager_id)
    changed = give_access(actor, [customer_id], staff_id, access)
    if not changed:
        return None
    name = field_of(staff_id)
    audit = record_audit(
        actor,
        "customer_changed",
        customer,
        before={name: in_words(changed[0].before)},
        after={name: in_words(changed[0].after)},
    )
    record_field_changes(actor=actor, audit_id=audit.pk, changes=changed)
    publish(CustomerChanged(customer_id=customer_id))
    tell_collaborator(actor, customer_id, staff_id, access, key=str(audit.pk))
    return FieldChange.objects.filter(audit_id=audit.pk).values_list("pk", flat=True).first()


def give_access(
    actor: Actor, customer_ids: Collection[int], staff_id: int, access: str
) -> list[FieldChanged]:
    """Write it for locked customers; returns what changed. Rights, limits, audit, history and event are the caller's."""
    rows = {one.customer_id: one for one in _rows(customer_ids, staff_id)}
    who = staff_names().get(staff_id, "")
    changes = []
    for pk in customer_ids:
        held = rows[pk].access if pk in rows else ""
        if held != access:
            changes.append(FieldChanged(pk, field_of(staff_id), _value(who, held), _value(who, access)))
    ids = [one.customer_id for one in changes]
    if not access:
        Collaborator.objects.filter(customer_id__in=ids, staff_id=staff_id).delete()
        return changes
    Collaborator.objects.bulk_create(
        [Collaborator(customer_id=pk, staff_id=staff_id, access=access, added_by_id=actor.id) for pk in ids],
        update_conflicts=True,
        unique_fields=["customer", "staff"],
        update_fields=["access"],
    )
    return changes


def room_for(staff_id: int) -> int:
    """How many more customers may be shared with a person."""
    return max(MOST_SHARED - Collaborator.objects.filter(staff_id=staff_id).count(), 0)


def fitting(customer_ids: Collection[int], staff_id: int) -> list[int]:
    """Those of the customers that may be shared with a person, or are already."""
    held = set(_rows(customer_ids, staff_id).values_list("customer_id", flat=True))
    new = [pk for pk in customer_ids if pk not in held]
    return [*held, *new[: room_for(staff_id)]]


def tell_collaborator(actor: Actor, customer_id: int, staff_id: int, access: str, *, key: str) -> None:
    """Tell somebody that they were let in."""
    if not access or staff_id == actor.id:
        return
    facts = {"customer": customer_id, "by": actor.id, "access": access}
    url = f"/customers/{customer_id}/"
    notify(staff_ids=[staff_id], kind=COLLABORATING, key=key, facts=facts, url=url)


def field_of(staff_id: int) -> str:
    """The field of the history."""
    return f"{PREFIX}.{staff_id}"


def in_words(value: Any) -> str:
    """王小茶（只看）; nothing for nobody."""
    if not value:
        return ""
    return f"{value['name']}（{access_words(value['access'])}）"


def _value(name: str, access: str) -> dict[str, str] | None:
    return {"name": name, "access": access} if access else None


def _rows(customer_ids: Iterable[int], staff_id: int) -> Any:
    return Collaborator.objects.filter(customer_id__in=list(customer_ids), staff_id=staff_id)


def _check(customer_id: int, staff_id: int, access: str, *, manager_id: int | None) -> None:
    if access not in Collaborator.Access.values:
        raise ValidationError(_("请选协作人能做什么。"))
    if staff_id == manager_id:
        raise ValidationError(_("这位同事已经是负责人了。"))
    if not any(one.pk == staff_id and one.may("customers.view") for one in colleagues()):
        raise ValidationError(_("请选一位在职、能看客户的同事。"))
    rows = Collaborator.objects.filter(customer_id=customer_id)
    if rows.filter(staff_id=staff_id).exists():
        return
    if rows.count() >= MOST_OF_ONE:
        raise ValidationError(_("一位客户最多 %(n)s 位协作人。") % {"n": MOST_OF_ONE})
    if not room_for(staff_id):
        raise ValidationError(_("这位同事协作的客户已经满 %(n)s 位了。") % {"n": MOST_SHARED})


class CollaboratorKeeper:
    """Puts a collaborator's access back to what it was."""

    def label(self, name: str) -> Any:
        return gettext_lazy("协作人")

    def shown(self, name: str, value: Any, *, is_masked: bool) -> str:
        return in_words(value)

    def put_back(
        self, *, actor: Any, audit_id: int, name: str, changes: Mapping[int, Held], is_forced: bool
    ) -> PutBack:
        staff_id = int(name.partition(".")[2])
        now_there = dict(_rows(changes, staff_id).values_list("customer_id", "access"))
        kept = {
            pk
            for pk, held in changes.items()
            if not is_forced and now_there.get(pk, "") not in (_access(held.before), _access(held.after))
        }
        back = [pk for pk in changes if pk not in kept]
        written = [
            one
            for access in ("", *Collaborator.Access.values)
            for one in give_access(
                actor, [pk for pk in back if _access(changes[pk].before) == access], staff_id, access
            )
        ]
        record_field_changes(actor=actor, audit_id=audit_id, changes=written)
        return PutBack(restored=frozenset(back), kept=frozenset(kept))


def _access(value: Any) -> str:
    return value["access"] if value else ""
