"""Changing fields of many customers at once: the same rules as `change_customer`, a handful of statements for hundreds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_noop

from shuke.customers.models import Customer
from shuke.customers.ports import Held, PutBack
from shuke.customers.services import records
from shuke.customers.services.history import (
    FieldChanged,
    differences,
    from_json,
    record_field_changes,
    to_json,
)
from shuke.customers.services.identity import IdentityTaken
from shuke.customers.services.terms import index_terms
from shuke.kernel import clock
from shuke.team.queries import Actor, reach_of

OUT_OF_REACH = gettext_noop("这位客户不在您的范围内。")
GONE = gettext_noop("这位客户已经删除或并入别人了。")
TAKEN = gettext_noop("这个号码已经登记在另一位客户名下。")
COLUMN_FIELDS = records.CHANGEABLE - records.BESIDE
EMPTY_TEXT = frozenset({"name", "note", "gender", "kind"}) | records.TEXT_FIELDS | records.KEY_FIELDS.keys()
CHECKED = frozenset({"name", "phone", "email", "birthday"})
Values = Mapping[int, Mapping[str, Any]]


@dataclass
class Written:
    """What became of each customer: the changes made, and why somebody was left as they were (msgids)."""

    changes: list[FieldChanged] = field(default_factory=list)
    problems: dict[int, str] = field(default_factory=dict)

    @property
    def changed_ids(self) -> list[int]:
        return sorted({one.customer_id for one in self.changes})


def locked_customers(actor: Actor, ids: Iterable[int], *, with_deleted: bool = False) -> dict[int, Customer]:
    """Those of the customers who are within reach, locked in the order of their ids."""
    rows = Customer.objects.filter(reach_of(actor).filter(), pk__in=list(ids), merged_into=None)
    if not with_deleted:
        rows = rows.filter(deleted_at=None)
    return {customer.pk: customer for customer in rows.order_by("pk").select_for_update()}


def write_values(actor: Actor, customers: Mapping[int, Customer], values: Values) -> Written:
    """Write fields of locked customers and bring what depends on them up to date; audit and history are the caller's.

    Whether a change takes a customer out of the actor's reach is the caller's question, too.
    """
    written, alike = Written(), _Alike()
    for pk, wanted in values.items():
        changes, problem = _write_one(customers[pk], dict(wanted), alike)
        written.changes += changes
        if problem:
            written.problems[pk] = problem
    alike.write()
    return written


@dataclass
class _Alike:
    """Customers who get the same values: one statement for each group."""

    groups: dict[str, tuple[dict[str, Any], list[int]]] = field(default_factory=dict)

    def add(self, pk: int, columns: dict[str, Any]) -> None:
        key = repr(sorted(columns.items()))
        self.groups.setdefault(key, (columns, []))[1].append(pk)

    def write(self) -> None:
        now = clock.now()
        for columns, ids in self.groups.values():
            Customer.objects.filter(pk__in=ids).update(**columns, updated_at=now)


def _write_one(customer: Customer, wanted: dict[str, Any], alike: _Alike) -> tuple[list[FieldChanged], str]:
    """What changes on one customer, or why it cannot; what nothing depends on is left to `alike`."""
    before = {name: records._current(customer, name) for name in wanted}
    try:
        if wanted.keys() & CHECKED:
            records._check_changed(customer, wanted)
    except ValidationError as error:
        return [], error.messages[0]
    records._apply(customer, wanted)
    after = {name: records._current(customer, name) for name in wanted}
    changed = {name for name in wanted if before[name] != after[name]}
    if changed & records.SEARCHED:
        try:
            with transaction.atomic():
                records._save_changed(customer, changed, before, after)
        except IdentityTaken:
            return [], TAKEN
    elif changed:
        alike.add(customer.pk, records._columns({name: wanted[name] for name in changed}))
    return differences(customer.pk, before, after, changed), ""


def write_stores(actor: Actor, customers: Mapping[int, Customer], store_id: int | None) -> Written:
    """Move customers to a store: their search terms are written anew together."""
    moving = {pk: one for pk, one in customers.items() if one.store_id != store_id}
    written = Written([FieldChanged(pk, "store_id", one.store_id, store_id) for pk, one in moving.items()])
    Customer.objects.filter(pk__in=list(moving)).update(store_id=store_id, updated_at=clock.now())
    index_terms(moving)
    return written


def put_back_columns(
    *, actor: Actor, audit_id: int, name: str, changes: Mapping[int, Held], is_forced: bool
) -> PutBack:
    """Put one column's old values back where it still holds what was written."""
    customers = _reached(actor, name, changes)
    wanted: dict[int, dict[str, Any]] = {}
    kept: set[int] = set()
    for pk, customer in customers.items():
        held = changes[pk]
        now_there = to_json(records._current(customer, name))
        if now_there == held.before:
            continue
        if now_there != held.after and not is_forced:
            kept.add(pk)
            continue
        wanted[pk] = {name: _given(name, held.before)}
    written = write_values(actor, customers, wanted)
    record_field_changes(actor=actor, audit_id=audit_id, changes=written.changes)
    missing = dict.fromkeys(changes.keys() - customers.keys(), OUT_OF_REACH)
    problems = missing | written.problems
    return PutBack(frozenset(changes.keys() - problems.keys() - kept), frozenset(kept), problems)


def _reached(actor: Actor, name: str, changes: Mapping[int, Held]) -> dict[int, Customer]:
    """Locked customers whom the actor reaches, or will reach once this is put back: what one handed over, one may take back."""
    rows = Customer.objects.filter(pk__in=list(changes), merged_into=None, deleted_at=None)
    reach = reach_of(actor)

    def is_within(customer: Customer) -> bool:
        place = {"store_id": customer.store_id, "account_manager_id": customer.account_manager_id}
        earlier = place | ({name: changes[customer.pk].before} if name in place else {})
        return any(
            reach.covers(store_id=one["store_id"], owner_id=one["account_manager_id"])
            for one in (place, earlier)
        )

    return {one.pk: one for one in rows.order_by("pk").select_for_update() if is_within(one)}


def _given(name: str, value: Any) -> Any:
    """A stored value as `change_customer` takes it: nothing is empty text where the column is text."""
    if value is None and name in EMPTY_TEXT:
        return "person" if name == "kind" else ""
    return from_json(name, value)
