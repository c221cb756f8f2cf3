"""What was changed on a customer: the audit trail and the field history as the actor may read them."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from typing import Any

from shuke.customers import ports, rules
from shuke.customers.models import FieldChange as FieldChangeRow
from shuke.customers.queries.day_words import birthday_shown
from shuke.customers.queries.records import visible_customers
from shuke.customers.rules.masking import masked_text
from shuke.team.queries import (
    SYSTEM,
    Actor,
    AuditedChange,
    changes_of,
    reads_contacts,
    staff_names,
    visible_stores,
)
from shuke.zh.calendar import Birthday

ADDED, CHANGED = "customer_added", "customer_changed"
PAGE_SIZE = 30


@dataclass(frozen=True)
class FieldChange:
    """A field's value before and after, empty text for none; contacts masked by the actor's role.

    `id` is what 撤回这一项 takes; None: written down before fields could be put back, or by an import. `undo` says what became
    of putting it back (see models.FieldChange.Undo).
    """

    field: str
    before: str
    after: str
    id: int | None = dataclass_field(default=None, compare=False)
    undo: str = dataclass_field(default="", compare=False)


@dataclass(frozen=True)
class CustomerChange:
    """One saving of a customer. `is_first`: with it the record began. `set_title`: the bulk action it was part of."""

    id: int
    happened_at: datetime
    who: str
    is_system: bool
    is_first: bool
    fields: tuple[FieldChange, ...]
    set_id: int | None = None
    set_title: str = ""


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
    entries = {
        entry.id: entry
        for entry in changes_of(
            "Customer", customer_id, actions=(ADDED, CHANGED), before=before, limit=PAGE_SIZE + 1
        )
    }
    rows = _field_rows(customer_id, before)
    ids = sorted({*entries, *rows}, reverse=True)
    shown = ids[:PAGE_SIZE]
    reading = Reading(actor) if shown else None
    older = shown[-1] if len(ids) > PAGE_SIZE else None
    return ChangePage([_change(reading, entries.get(pk), rows.get(pk, [])) for pk in shown if reading], older)


def _field_rows(customer_id: int, before: int | None) -> dict[int, list[FieldChangeRow]]:
    """The newest remembered changes, by the audit entry that they were written with."""
    known = FieldChangeRow.objects.filter(customer_id=customer_id)
    if before is not None:
        known = known.filter(audit_id__lt=before)
    newest = list(known.order_by("-audit_id").values_list("audit_id", flat=True).distinct()[: PAGE_SIZE + 1])
    found: dict[int, list[FieldChangeRow]] = {pk: [] for pk in newest}
    wanted = FieldChangeRow.objects.filter(customer_id=customer_id, audit_id__in=newest)
    for row in wanted.select_related("change_set").order_by("field", "pk"):
        found[row.audit_id].append(row)
    return found


def reading_of(actor: Actor) -> "Reading":
    """How this actor reads stored values."""
    return Reading(actor)


class Reading:
    """How values are read: names for ids, contacts masked."""

    def __init__(self, actor: Actor) -> None:
        self.is_masked = not reads_contacts(actor)
        self.readers = _readers(actor)
        self.names = staff_names()

    def read(self, name: str, value: Any) -> str:
        if value in (None, "", []):
            return ""
        keeper = ports.keeper_of(name)
        if keeper is not None:
            return keeper.shown(name, value, is_masked=self.is_masked)
        return self.readers.get(name, _plain)(value)


def _change(reading: Reading, entry: AuditedChange | None, rows: list[FieldChangeRow]) -> CustomerChange:
    if not rows and entry is not None:
        return _audited(reading, entry)
    first = rows[0]
    return CustomerChange(
        id=first.audit_id,
        happened_at=entry.happened_at if entry else first.changed_at,
        who=entry.who if entry else reading.names.get(first.actor_id or 0, ""),
        is_system=first.actor_id is None,
        is_first=False,
        fields=tuple(
            FieldChange(
                row.field,
                reading.read(row.field, row.before),
                reading.read(row.field, row.after),
                row.pk,
                row.undo,
            )
            for row in rows
        ),
        set_id=first.change_set_id,
        set_title=first.change_set.title if first.change_set else "",
    )


def _audited(reading: Reading, entry: AuditedChange) -> CustomerChange:
    read = [
        FieldChange(
            name, reading.read(name, entry.before.get(name)), reading.read(name, entry.after.get(name))
        )
        for name in sorted({*entry.before, *entry.after})
    ]
    return CustomerChange(
        id=entry.id,
        happened_at=entry.happened_at,
        who=entry.who,
        is_system=entry.is_system,
        is_first=entry.action == ADDED,
        fields=tuple(one for one in read if one.before or one.after),
    )


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
        "birthday": _birthday,
    }
    if reads_contacts(actor):
        return readers
    masked: dict[str, Reader] = {
        "phone": lambda value: rules.mask_phone(_phone(value)),
        "email": lambda value: rules.mask_email(str(value)),
        "wechat": lambda value: rules.mask_word(str(value)),
        "note": lambda value: masked_text(str(value)),
    }
    return readers | masked


def _birthday(value: Any) -> str:
    """In words; entries of the audit hold the words already."""
    return birthday_shown(Birthday(**value)) if isinstance(value, dict) else str(value)


def _phone(value: Any) -> str:
    """As the customer's card shows it, however it was typed."""
    return rules.shown_phone(rules.normalise_phone(str(value)) or str(value))
