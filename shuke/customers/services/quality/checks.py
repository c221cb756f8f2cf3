"""What somebody said about single fields: still right, or not to be relied on."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from shuke.customers.models import Customer, FieldCheck
from shuke.customers.queries.records import living_id
from shuke.customers.rules import quality as rules
from shuke.customers.services.quality.scoring import refresh_quality
from shuke.kernel import clock
from shuke.team.queries import SYSTEM, Actor
from shuke.team.services import require


@dataclass(frozen=True)
class Word:
    """A word about a field: `source` is a FieldCheck.Source; `at` is now where nothing is given."""

    field: str
    is_right: bool
    source: str = "staff"
    at: datetime | None = None


@transaction.atomic
def note_field(*, actor: Actor, customer_id: int, word: Word) -> None:
    """Remember the last word about a field; an older one than is known changes nothing. Safe to repeat.

    Connectors tell of letters that came back, as SYSTEM. Raises PermissionDenied, ValueError for no such field.
    """
    if word.field not in rules.FIELD_OF or word.source not in FieldCheck.Source.values:
        raise ValueError(f"no such word: {word.field!r} by {word.source!r}")
    living = living_id(customer_id)
    customer = Customer.objects.filter(pk=living).first() if living else None
    if customer is None:
        return
    if actor is not SYSTEM:
        require(actor, "customers.edit", customer)
    write_checks(actor, customer.pk, [word])
    refresh_quality([customer.pk])


def write_checks(actor: Actor, customer_id: int, words: list[Word]) -> None:
    """Write words down; the caller has asked for permission and scores the customer anew."""
    known = {row.field: row.checked_at for row in FieldCheck.objects.filter(customer_id=customer_id)}
    for word in words:
        at = word.at or clock.now()
        if word.field in known and known[word.field] > at:
            continue
        FieldCheck.objects.update_or_create(
            customer_id=customer_id,
            field=word.field,
            defaults={
                "is_right": word.is_right,
                "source": word.source,
                "staff_id": actor.id,
                "checked_at": at,
            },
        )
