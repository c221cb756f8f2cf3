"""What was changed on a customer: the audit trail as the actor may read it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shuke.customers import rules
from shuke.customers.queries.records import visible_customers
from shuke.team.queries import (
    SYSTEM,
    Actor,
    AuditedChange,
    changes_of,
    reads_contacts,
    staff_names,
    visible_stores,
)

ADDED, CHANGED = "customer_added", "customer_changed"
PAGE_SIZE = 30


@dataclass(frozen=True)
class FieldChange:
    """A field's value before and after, empty text for none; contacts masked by the actor's role."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class CustomerChange:
    """One saving of a customer. `is_first`: with it the record began."""

    id: int
    happened_at: datetime
    who: str
    is_system: bool
    is_first: bool
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class ChangePage:
    """Changes, the newest first, and after which one older ones begin (None: no more)."""

    changes: list[CustomerChange]
    before: int | None


Reader = Callable[[Any], str]


def customer_changes(actor: Actor, customer_id: int, *, before: int | None = None) -> ChangePage:
    """A page of the changes of one customer; none of one out of reach."""
    if not visible_customers(actor).filter(pk=customer_id).exists():
        return ChangePage([], None)
    entries = changes_of(
        "Customer", customer_id, actions=(ADDED, CHANGED), before=before, limit=PAGE_SIZE + 1
    )
    shown = entries[:PAGE_SIZE]
    readers = _readers(actor) if shown else {}
    older = shown[-1].id if len(entries) > PAGE_SIZE else None
    return ChangePage([_change(entry, readers) for entry in shown], older)


def _change(entry: AuditedChange, readers: dict[str, Reader]) -> CustomerChange:
    names = sorted({*entry.before, *entry.after})
    read = [
        FieldChange(name, _read(readers, name, entry.before), _read(readers, name, entry.after))
        for name in names
    ]
    return CustomerChange(
        id=entry.id,
        happened_at=entry.happened_at,
        who=entry.who,
        is_system=entry.is_system,
        is_first=entry.action == ADDED,
        fields=tuple(one for one in read if one.before or one.after),
    )


def _read(readers: dict[str, Reader], name: str, values: dict[str, Any]) -> str:
    value = values.get(name)
    if value in (None, "", []):
        return ""
    return readers.get(name, _plain)(value)


def _plain(value: Any) -> str:
    return "、".join(str(one) for one in value) if isinstance(value, list) else str(value)


def _readers(actor: Actor) -> dict[str, Reader]:
    """How the values of some fields are read: names for ids, contacts masked."""
    stores = {store.pk: store.name for store in visible_stores(SYSTEM)}
    staff = staff_names()
    readers: dict[str, Reader] = {
        "store_id": lambda pk: stores.get(pk, f"#{pk}"),
        "account_manager_id": lambda pk: staff.get(pk, f"#{pk}"),
        "phone": _phone,
    }
    if reads_contacts(actor):
        return readers
    masked: dict[str, Reader] = {
        "phone": lambda value: rules.mask_phone(_phone(value)),
        "email": lambda value: rules.mask_email(str(value)),
        "wechat": lambda value: rules.mask_word(str(value)),
    }
    return readers | masked


def _phone(value: Any) -> str:
    """As the customer's card shows it, however it was typed."""
    return rules.shown_phone(rules.normalise_phone(str(value)) or str(value))
