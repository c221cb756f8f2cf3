"""Who a new customer may be already: asked while somebody types."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from shuke.customers import rules
from shuke.customers.models import Customer, Identity
from shuke.customers.queries.records import contacts_for, display_name, visible_customers
from shuke.customers.queries.search import ids_with_term
from shuke.customers.rules import Compared, Likeness
from shuke.team.queries import Actor

SHOWN = 3


@dataclass(frozen=True)
class Double:
    """A customer who may be the one typed, as the actor may read it."""

    id: int
    name: str
    phone: str
    store_name: str
    reasons: tuple[str, ...]
    is_sure: bool


def likely_doubles(actor: Actor, *, name: str, phone: str, excluding: int | None = None) -> list[Double]:
    """Customers within reach with the same phone, or the same name written or read alike; the likeliest first."""
    typed = rules.normalise_phone(phone)
    holders = _holders_of(typed)
    ids = (holders | _namesakes(actor, name)) - {excluding}
    rows = visible_customers(actor).filter(pk__in=ids).select_related("store")
    new = Compared(name=rules.clean_line(name), phones=frozenset([typed] if typed else []))
    records = {row.pk: row for row in rows}
    pairs = [(pk, _compared(row, typed, holders)) for pk, row in records.items()]
    likeliest = rules.possible_duplicates(new, pairs)[:SHOWN]
    return [_double(actor, records[pk], likeness) for pk, likeness in likeliest]


def _holders_of(phone: str | None) -> set[int]:
    if phone is None:
        return set()
    holders = Identity.objects.filter(namespace=rules.PHONE, value=phone)
    return set(holders.values_list("customer_id", flat=True))


def _namesakes(actor: Actor, name: str) -> set[int]:
    folded = rules.fold_name(name)
    if len(folded) < 2:
        return set()
    return set(ids_with_term(actor, folded))


def _compared(row: Customer, typed: str | None, holders: set[int]) -> Compared:
    """The typed phone belongs to whoever was found by it, shown on the record or not."""
    own = rules.normalise_phone(row.phone)
    phones = {phone for phone in (own, typed if row.pk in holders else None) if phone}
    return Compared(name=row.name, phones=frozenset(phones))


def _double(actor: Actor, row: Customer, likeness: Likeness) -> Double:
    return Double(
        id=row.pk,
        name=display_name(row),
        phone=contacts_for(actor, row).phone,
        store_name=row.store.name if row.store else "",
        reasons=tuple(_(reason) for reason in likeness.reasons),
        is_sure=likeness.score >= rules.SURE,
    )
