"""The recycle bin as an actor sees it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shuke.customers import rules
from shuke.customers.models import Customer, ReleasedIdentity
from shuke.customers.queries.records import Contacts, contacts_for, display_name
from shuke.customers.rules.recycling import days_left
from shuke.kernel import clock
from shuke.kernel.keyset import keyset_page
from shuke.team.queries import Actor, reach_of, staff_names
from shuke.team.rules import NO_ROLE, may

PAGE_SIZE = 50
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Recycled:
    """One deleted customer: who, when, by whom, and how many days are left."""

    id: int
    name: str
    contacts: Contacts
    deleted_at: datetime
    who: str
    days_left: int


@dataclass(frozen=True)
class BinPage:
    """Deleted customers, the newest first, the cursors around them, and how many there are (at most MOST_COUNTED + 1)."""

    rows: list[Recycled]
    next_cursor: str
    previous_cursor: str
    count: int


def recycle_bin(actor: Actor, *, text: str = "", after: str = "", before: str = "") -> BinPage:
    """A page of what was deleted within the actor's reach; nothing for who may not delete. Raises BadCursor."""
    if not may(getattr(actor, "ready_role", NO_ROLE), "customers.delete"):
        return BinPage([], "", "", 0)
    rows = Customer.objects.filter(reach_of(actor).filter(), merged_into=None, deleted_at__isnull=False)
    if text:
        rows = rows.filter(name__icontains=text) | rows.filter(phone__contains=text)
    page = keyset_page(rows, order="-deleted_at", key="id", after=after, before=before, size=PAGE_SIZE)
    names = staff_names()
    shown = [_recycled(actor, one, names) for one in page.rows]
    count = rows.order_by().values("pk")[: MOST_COUNTED + 1].count()
    return BinPage(shown, page.next_cursor, page.previous_cursor, count)


def _recycled(actor: Actor, one: Any, names: dict[int, str]) -> Recycled:
    return Recycled(
        id=one.pk,
        name=display_name(one),
        contacts=contacts_for(actor, one),
        deleted_at=one.deleted_at,
        who=names.get(one.deleted_by_id, ""),
        days_left=days_left(one.deleted_at, clock.now()),
    )


def in_bin_with_phone(actor: Actor, phone: str) -> Recycled | None:
    """The deleted customer of this phone, for who may restore them: better than starting anew."""
    typed = rules.normalise_phone(phone)
    if typed is None or not may(getattr(actor, "ready_role", NO_ROLE), "customers.delete"):
        return None
    released = ReleasedIdentity.objects.filter(namespace=rules.PHONE, value=typed).values("customer_id")
    rows = Customer.objects.filter(reach_of(actor).filter(), pk__in=released, deleted_at__isnull=False)
    one = rows.order_by("-deleted_at").first()
    return _recycled(actor, one, staff_names()) if one else None
