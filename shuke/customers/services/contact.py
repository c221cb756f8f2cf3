"""Showing a customer's contacts to people who read them masked: allowed to some, and always written down."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from shuke.customers import rules
from shuke.customers.models import Customer
from shuke.customers.ports import is_guarded
from shuke.team.queries import Actor, reads_contacts
from shuke.team.services import record_audit, require

REVEALED = frozenset({"phone", "email", "wechat"})


@transaction.atomic
def reveal_contact(*, actor: Actor, customer_id: int, field: str) -> str:
    """The unmasked value. Written to the audit when the actor's role reads contacts masked. Raises PermissionDenied."""
    if field not in REVEALED:
        raise ValueError(f"not a contact: {field!r}")
    customer = _shown_to(actor, customer_id, field)
    value: str = getattr(customer, field)
    return value


def _shown_to(actor: Actor, customer_id: int, field: str) -> Customer:
    """The customer, if this actor may see their contacts now; written down for who reads them masked."""
    customer = Customer.objects.get(pk=customer_id)
    if reads_contacts(actor):
        require(actor, "customers.view", customer)
        return customer
    require(actor, "customers.reveal", customer)
    if is_guarded(customer_id):
        raise PermissionDenied(_("这位客户在公海里，认领以后才看得到完整号码。"))
    record_audit(actor, "contact_revealed", customer, after={"field": field})
    return customer


@transaction.atomic
def reveal_point(*, actor: Actor, customer_id: int, kind: str, value: str) -> str:
    """One of a customer's phones, e-mails or WeChats as people write it; like `reveal_contact`, also for those not shown first.

    The caller has found the value with this customer.
    """
    _shown_to(actor, customer_id, kind)
    return rules.shown_phone(value) if kind == rules.PHONE else value
