"""Rows about a customer that take part in its history: contact points, addresses, contacts, invoices, files.

A row is a field of its customer called `<prefix>.<id>`; its value is what the row says, or nothing once it is removed. So
adding, changing and removing are changes like any other: told in 变更, taken back by `undo_field_change`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from shuke.customers.events import CustomerChanged
from shuke.customers.models import Customer, FieldChange
from shuke.customers.ports import Held, PutBack, Words
from shuke.customers.services.history import FieldChanged, record_field_changes
from shuke.customers.services.identity import IdentityTaken
from shuke.customers.services.terms import index_terms
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

Values = dict[str, Any]
TAKEN = gettext_noop("这个号码已经登记在另一位客户名下。")
GONE = gettext_noop("这一条已经不在了。")
IN_THE_WAY = gettext_noop("已经有别的内容占了它的位置，请先改那一条。")


class KeptRows(ABC):
    """One table of such rows. `gone` is the column whose moment says that a row is removed."""

    prefix: str
    model: Any
    columns: tuple[str, ...]
    words: Words
    gone = "removed_at"
    owners: tuple[str, ...] = ("customer_id",)
    follows: frozenset[str] = frozenset()  # decided by other rows too: no sign that somebody changed this one

    def name_of(self, row: Any) -> str:
        return f"{self.prefix}.{row.pk}"

    def owner_ids(self, row: Any) -> list[int]:
        return [getattr(row, column) for column in self.owners]

    def snapshot(self, row: Any) -> Values | None:
        """What the row says, as JSON; None once it is removed."""
        if row.pk is None or getattr(row, self.gone) is not None:
            return None
        return {column: _as_json(getattr(row, column)) for column in self.columns}

    def restore(self, row: Any, values: Values | None) -> None:
        """Make the row say that; None removes it."""
        if values is not None:
            for column in self.columns:
                setattr(row, column, _from_json(column, values[column]))
        setattr(row, self.gone, None if values is not None else clock.now())
        self.keep_in_step(row)

    def keep_in_step(self, row: Any) -> None:
        """Save the row, and whatever else shows it."""
        row.save()

    @abstractmethod
    def describe(self, values: Mapping[str, Any], *, is_masked: bool) -> str:
        """The row in a few words."""

    # --- ports.FieldKeeper ---

    def label(self, name: str) -> Words:
        return self.words

    def shown(self, name: str, value: Any, *, is_masked: bool) -> str:
        return self.describe(value, is_masked=is_masked) if value else ""

    def put_back(
        self, *, actor: Any, audit_id: int, name: str, changes: Mapping[int, Held], is_forced: bool
    ) -> PutBack:
        """Put the row back to what it said before, unless it says something newer."""
        restored, kept, problems = set[int](), set[int](), dict[int, str]()
        row = (
            self.model.objects.select_for_update(of=("self",)).filter(pk=int(name.partition(".")[2])).first()
        )
        for pk, held in changes.items():
            if row is None or pk not in self.owner_ids(row):
                problems[pk] = GONE
                continue
            now_there = self.snapshot(row)
            if not self._is_same(now_there, held.before):
                if not is_forced and not self._is_same(now_there, held.after):
                    kept.add(pk)
                    continue
                problem = self._restore_safely(row, held.before)
                if problem:
                    problems[pk] = problem
                    continue
                after = self.snapshot(row)
                record_field_changes(
                    actor=actor, audit_id=audit_id, changes=[FieldChanged(pk, name, now_there, after)]
                )
                index_terms(self.owner_ids(row))
            restored.add(pk)
        return PutBack(frozenset(restored), frozenset(kept), problems)

    def _is_same(self, one: Values | None, other: Values | None) -> bool:
        def own(values: Values | None) -> Values | None:
            return values and {key: value for key, value in values.items() if key not in self.follows}

        return own(one) == own(other)

    def _restore_safely(self, row: Any, values: Values | None) -> str:
        try:
            with transaction.atomic():
                self.restore(row, values)
        except IdentityTaken:
            return TAKEN
        except (IntegrityError, ValidationError):
            return IN_THE_WAY
        return ""


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _from_json(column: str, value: Any) -> Any:
    return date.fromisoformat(value) if column.endswith(("_on", "_until")) and value else value


def opened(actor: Actor, customer_id: int, permission: str = "customers.edit") -> Customer:
    """The living customer, locked, whom the actor may change. Raises PermissionDenied, DoesNotExist."""
    customer = Customer.objects.select_for_update(of=("self",)).get(
        pk=customer_id, merged_into=None, deleted_at=None
    )
    require(actor, permission, customer)
    return customer


def note_change(
    actor: Actor, table: KeptRows, row: Any, before: Values | None, customer: Customer
) -> int | None:
    """Write what was done to a row into audit and history, and tell the house; returns the change to take back, if any."""
    after, name = table.snapshot(row), table.name_of(row)
    if after == before:
        return None
    audit = record_audit(
        actor,
        "customer_changed",
        customer,
        before={name: table.shown(name, before, is_masked=True)},
        after={name: table.shown(name, after, is_masked=True)},
    )
    owners = table.owner_ids(row)
    first = [customer.pk, *(pk for pk in owners if pk != customer.pk)]
    record_field_changes(
        actor=actor, audit_id=audit.pk, changes=[FieldChanged(pk, name, before, after) for pk in first]
    )
    touch(owners)
    return FieldChange.objects.filter(audit_id=audit.pk).order_by("pk").values_list("pk", flat=True).first()


def touch(customer_ids: Iterable[int]) -> None:
    """Something about these customers changed: found, listed and counted anew."""
    ids = sorted(set(customer_ids))
    Customer.objects.filter(pk__in=ids).update(updated_at=clock.now())
    index_terms(ids)
    for pk in ids:
        publish(CustomerChanged(customer_id=pk))
