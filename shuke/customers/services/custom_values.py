"""What customers hold of the shop's own fields: checked, written, remembered, put back."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from shuke.customers.models import Customer
from shuke.customers.ports import Held, PutBack, Words
from shuke.customers.queries.custom import (
    Definition,
    custom_fields,
    known_custom_fields,
    searched_fields,
    shown_words,
)
from shuke.customers.rules import custom as rules
from shuke.customers.services.history import FieldChanged, record_field_changes
from shuke.customers.services.texts import write_texts
from shuke.kernel import clock
from shuke.team.queries import Actor

Wanted = Mapping[int, Any]
REQUIRED = gettext_noop("这一项必须填。")
GONE = gettext_noop("这个自定义字段已经不在了。")


def checked_values(
    wanted: Wanted, customer_kind: str, *, is_new: bool = False, fields: Iterable[Definition] | None = None
) -> dict[int, Any]:
    """The values as they are kept. Raises ValidationError with what to mend by field code, ValueError for no field of ours.

    `is_new`: required fields that are not named count as left empty.
    """
    known = {one.id: one for one in (custom_fields() if fields is None else fields)}
    if unknown := wanted.keys() - known.keys():
        raise ValueError(f"not custom fields in use: {sorted(unknown)}")
    found: dict[int, Any] = {}
    problems: dict[str, str] = {}
    for field in known.values():
        if not field.is_for(customer_kind) or (field.id not in wanted and not is_new):
            continue
        try:
            found[field.id] = _checked(field, wanted.get(field.id))
        except rules.Unfit as error:
            problems[field.code] = _(error.message) % error.given
    if problems:
        raise ValidationError(problems)
    return found


def _checked(field: Definition, value: Any) -> Any:
    kept = rules.checked(field.shape, value)
    if kept is None and field.is_required:
        raise rules.Unfit(REQUIRED)
    return kept


def put_into(customer: Customer, values: Wanted) -> list[FieldChanged]:
    """Write checked values into a record that is saved later; returns what changes."""
    held, changes = dict(customer.custom), []
    for field_id, value in values.items():
        before = held.get(str(field_id))
        if before == value and type(before) is type(value):
            continue
        changes.append(FieldChanged(customer.pk, rules.name_of(field_id), before, value))
        held[str(field_id)] = value
    customer.custom = {key: value for key, value in held.items() if value is not None}
    return changes


def audited(changes: Iterable[FieldChanged], side: str) -> dict[str, str]:
    """The values of one side ("before", "after") for the audit, sensitive ones as dots."""
    fields = known_custom_fields()
    found: dict[str, str] = {}
    for one in changes:
        field, value = fields.get(rules.id_in(one.field) or 0), getattr(one, side)
        if field is not None and value is not None:
            found[one.field] = rules.MASK if field.is_sensitive else shown_words(field, value)
    return found


def with_words(changes: Iterable[FieldChanged]) -> list[int]:
    """Whose values changed in fields that the search box finds."""
    found = {field.id for field in searched_fields().values()}
    return sorted({one.customer_id for one in changes if rules.id_in(one.field) in found})


def write_values_of_many(wanted: Mapping[int, Wanted]) -> None:
    """Write checked values of locked customers (customer → field → value); those who get the same in one statement.

    Their words are found by the search box at once.
    """
    alike: dict[str, list[int]] = {}
    for pk, values in wanted.items():
        alike.setdefault(json.dumps({str(key): values[key] for key in sorted(values)}), []).append(pk)
    with connection.cursor() as cursor:
        for text, ids in alike.items():
            emptied = [key for key, value in json.loads(text).items() if value is None]
            cursor.execute(
                "update customers_customer set custom = (custom || %s::jsonb) - %s::text[], updated_at = %s"
                " where id = any(%s)",
                [text, emptied, clock.now(), ids],
            )
    found = {field.id for field in searched_fields().values()}
    write_texts(sorted(pk for pk, values in wanted.items() if found & values.keys()))


def values_of_many(customers: Mapping[int, Customer], field_id: int, value: Any) -> list[FieldChanged]:
    """Give locked customers the same checked value of one field; returns what changed. Audit and history are the caller's."""
    changes = [one for customer in customers.values() for one in put_into(customer, {field_id: value})]
    write_values_of_many({one.customer_id: {field_id: value} for one in changes})
    return changes


class CustomKeeper:
    """Knows the fields custom.<number> of the history."""

    def label(self, name: str) -> Words:
        field = known_custom_fields().get(rules.id_in(name) or 0)
        return field.name if field else gettext_lazy("已删除的自定义字段")

    def shown(self, name: str, value: Any, *, is_masked: bool) -> str:
        field = known_custom_fields().get(rules.id_in(name) or 0)
        if field is None or (field.is_sensitive and is_masked):
            return rules.MASK if value is not None else ""
        return shown_words(field, value)

    def put_back(
        self, *, actor: Actor, audit_id: int, name: str, changes: Mapping[int, Held], is_forced: bool
    ) -> PutBack:
        """Put the old value back where the customer still holds what was written, or everywhere if forced."""
        field_id = rules.id_in(name) or 0
        if field_id not in known_custom_fields():
            return PutBack(problems=dict.fromkeys(changes, GONE))
        customers = Customer.objects.in_bulk(list(changes))
        kept: set[int] = set()
        written: list[FieldChanged] = []
        for pk, held in changes.items():
            now_there = customers[pk].custom.get(str(field_id))
            if now_there not in (held.before, held.after) and not is_forced:
                kept.add(pk)
                continue
            written += put_into(customers[pk], {field_id: held.before})
        write_values_of_many({one.customer_id: {field_id: one.after} for one in written})
        record_field_changes(actor=actor, audit_id=audit_id, changes=written)
        return PutBack(restored=frozenset(changes.keys() - kept), kept=frozenset(kept))
