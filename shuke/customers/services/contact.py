"""Showing a customer's contacts to people who read them masked: allowed to some, and always written down."""

from django.db import transaction

from shuke.customers import rules
from shuke.customers.models import Customer
from shuke.team.queries import Actor, reads_contacts
from shuke.team.services import record_audit, require

REVEALED = frozenset({"phone", "email", "wechat"})


@transaction.atomic
def reveal_contact(*, actor: Actor, customer_id: int, field: str) -> str:
    """The unmasked value. Written to the audit when the actor's role reads contacts masked. Raises PermissionDenied."""
    if field not in REVEALED:
        raise ValueError(f"not a contact: {field!r}")
    customer = Customer.objects.get(pk=customer_id)
    if reads_contacts(actor):
        require(actor, "customers.view", customer)
    else:
        require(actor, "customers.reveal", customer)
        record_audit(actor, "contact_revealed", customer, after={"field": field})
    value: str = getattr(customer, field)
    return value


@transaction.atomic
def reveal_point(*, actor: Actor, customer_id: int, kind: str, value: str) -> str:
    """One of a customer's phones, e-mails or WeChats as people write it; like `reveal_contact`, also for those not shown first.

    The caller has found the value with this customer.
    """
    customer = Customer.objects.get(pk=customer_id)
    if reads_contacts(actor):
        require(actor, "customers.view", customer)
    else:
        require(actor, "customers.reveal", customer)
        record_audit(actor, "contact_revealed", customer, after={"field": kind})
    return rules.shown_phone(value) if kind == rules.PHONE else value
