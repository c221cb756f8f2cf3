"""Writes down what was changed, field by field. By COPY: a bulk action writes hundreds of rows with each part."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from shuke.kernel import clock
from shuke.kernel.bulk import copy_rows
from shuke.team.queries import Actor
from shuke.zh.calendar import Birthday

_open_set: ContextVar[int | None] = ContextVar("customers_open_changeset", default=None)


COLUMNS = (
    "customer_id", "field", "before", "after", "actor_id", "changed_at", "audit_id", "change_set_id"
)  # fmt: skip


@dataclass(frozen=True)
class FieldChanged:
    """One field of one customer, before and after, as the service has them."""

    customer_id: int
    field: str
    before: Any
    after: Any


@contextmanager
def within_changeset(changeset_id: int | None) -> Iterator[None]:
    """Whatever is changed on customers in here belongs to the set."""
    token = _open_set.set(changeset_id)
    try:
        yield
    finally:
        _open_set.reset(token)


def record_field_changes(*, actor: Actor, audit_id: int, changes: Iterable[FieldChanged]) -> None:
    """Remember changes so that they can be read and put back; `audit_id` is the audit entry of this saving.

    In the caller's transaction. Inside `within_changeset` they belong to that set.
    """
    now, changeset_id = clock.now(), _open_set.get()
    copy_rows(
        "customers_fieldchange",
        COLUMNS,
        (
            (
                one.customer_id,
                one.field,
                _stored(one.before),
                _stored(one.after),
                actor.id,
                now,
                audit_id,
                changeset_id,
            )
            for one in changes
        ),
    )


def _stored(value: Any) -> str | None:
    kept = to_json(value)
    return None if kept is None else json.dumps(kept, ensure_ascii=False)


def differences(
    customer_id: int, before: Mapping[str, Any], after: Mapping[str, Any], changed: Iterable[str]
) -> list[FieldChanged]:
    """The changed fields of one customer, by name."""
    return [FieldChanged(customer_id, name, before[name], after[name]) for name in sorted(changed)]


def to_json(value: Any) -> Any:
    """A field's value as it is stored; nothing is always null, so that empty text and no value compare alike."""
    if isinstance(value, Birthday):
        return {
            "calendar": value.calendar,
            "month": value.month,
            "day": value.day,
            "is_leap": value.is_leap,
        }
    if isinstance(value, (tuple, list)):
        return list(value)
    return None if value == "" else value


def from_json(name: str, value: Any) -> Any:
    """The value that a service takes for a stored one."""
    if name == "birthday":
        return Birthday(**value) if value else None
    return value
