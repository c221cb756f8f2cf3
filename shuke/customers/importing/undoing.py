"""Taking back what a run did to customers: made ones go, changed fields become what they were unless changed again since."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F

from shuke.customers import ports
from shuke.customers.events import CustomersRemoved
from shuke.customers.importing.attaching import PLACE, POINT, tag_source
from shuke.customers.importing.custom import KIND as CUSTOM
from shuke.customers.importing.updating import KIND
from shuke.customers.models import (
    Address,
    CompanyContact,
    ContactPoint,
    Customer,
    CustomerFile,
    CustomerFollower,
    CustomerTag,
    FollowUp,
    HouseholdMember,
    Interaction,
    InvoiceTitle,
)
from shuke.customers.rules.custom import id_in
from shuke.customers.services import bulk
from shuke.customers.services.custom_values import put_into, write_values_of_many
from shuke.customers.services.history import FieldChanged, record_field_changes
from shuke.customers.services.terms import queue_terms
from shuke.imports.ports import Counts, Progress
from shuke.imports.services.keeping import (
    Overwritten,
    count_overwritten,
    forget_overwritten,
    overwritten,
    overwritten_ids,
)
from shuke.kernel import clock
from shuke.kernel.bulk import copy_rows
from shuke.kernel.outbox import publish
from shuke.team.queries import SYSTEM
from shuke.team.services import record_audit
from shuke.zh import pinyin

BATCH = 2_000
TOUCH, FOLLOW_UP = "interaction", "follow_up"
_ADDED: dict[str, Any] = {POINT: ContactPoint, PLACE: CompanyContact}
_PAST: dict[str, Any] = {TOUCH: Interaction, FOLLOW_UP: FollowUp}


def undo_people(run_id: int, progress: Progress) -> Counts:
    """Put back, then take away. Each batch is a transaction; safe to repeat."""
    counts: Counter[str] = Counter()
    total = count_overwritten(run_id) + bulk.count_of_run(run_id)
    _drain(run_id, KIND, _restore_customers, counts, progress, total)
    _drain(run_id, CUSTOM, _restore_custom, counts, progress, total)
    for kind in _ADDED:
        _drain(run_id, kind, _remove_added, counts, progress, total)
    _remove_tags(run_id)
    after = 0
    while ids := bulk.customers_of_run(run_id, after=after, limit=BATCH):
        after = ids[-1]
        counts["customers_removed"] += bulk.remove_untouched(ports.unused(ids))
        progress(counts["customers_restored"] + counts["customers_removed"], total)
    counts["customers_kept"] = bulk.count_of_run(run_id)
    bulk.forget_run(run_id)
    with transaction.atomic():
        publish(CustomersRemoved(run_id=run_id))
    return dict(counts)


def put_back_fields(run_id: int, progress: Progress) -> Counts:
    """Put back fields of customers who were there before, nothing else: each says what it said unless changed since."""
    counts: Counter[str] = Counter()
    _drain(run_id, KIND, _restore_customers, counts, progress, count_overwritten(run_id))
    return dict(counts)


def in_use(ids: list[int]) -> set[int]:
    """Those of these customers on whom something hangs that no import of theirs brought."""
    busy: set[int] = set()
    for model in (Address, HouseholdMember, InvoiceTitle, CustomerFile, CustomerFollower):
        busy |= set(model.objects.filter(customer_id__in=ids).values_list("customer_id", flat=True))
    by_hand = ContactPoint.objects.filter(customer_id__in=ids, is_shared=False)
    busy |= set(by_hand.values_list("customer_id", flat=True))
    people = CompanyContact.objects.filter(company_id__in=ids)
    others = people.exclude(person__import_run_id=F("company__import_run_id"))
    return busy | set(others.values_list("company_id", flat=True))


def undo_past(run_id: int, kind: str, progress: Progress) -> Counts:
    """Take away the communications or follow-ups of a run, put changed ones back."""
    counts: Counter[str] = Counter()
    model = _PAST[kind]
    made = getattr(model, "everything", model.objects).filter(import_run_id=run_id)
    total = made.count() + count_overwritten(run_id)
    _drain(run_id, kind, _restore_past, counts, progress, total)
    name = "interactions_removed" if kind == TOUCH else "follow_ups_removed"
    while ids := list(made.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            rows = getattr(model, "everything", model.objects).filter(pk__in=ids)
            queue_terms(set(rows.values_list("customer_id", flat=True)))
            rows.delete()
        counts[name] += len(ids)
        progress(counts[name], total)
    return dict(counts)


def customers_of_changed(run_id: int, kind: str) -> Iterator[int]:
    """Whose communications or follow-ups, there before, a run changed."""
    model, ids = _PAST[kind], overwritten_ids(run_id, kind)
    while part := list(islice(ids, BATCH)):
        yield from model._base_manager.filter(pk__in=part).values_list("customer_id", flat=True)


Step = Callable[[int, str, Sequence[Overwritten], Counter[str]], None]


def _drain(run_id: int, kind: str, step: Step, counts: Counter[str], progress: Progress, total: int) -> None:
    while kept := overwritten(run_id, kind, limit=BATCH):
        with transaction.atomic():
            step(run_id, kind, kept, counts)
            forget_overwritten(run_id, kind, [one.object_id for one in kept])
        progress(sum(counts.values()), total)


def _restore_customers(run_id: int, _kind: str, kept: Sequence[Overwritten], counts: Counter[str]) -> None:
    """Field by field: what still says what the run wrote gets its former value; what somebody changed since stays."""
    customers = Customer.objects.select_for_update().in_bulk([one.object_id for one in kept])
    history: list[tuple[int, str, Any, Any]] = []
    changed: list[Customer] = []
    names: set[str] = set()
    for one in kept:
        customer = customers.get(one.object_id)
        if customer is None:
            continue
        back = {
            column: value
            for column, value in one.before.items()
            if column != "updated_at" and getattr(customer, column) == one.after[column]
        }
        left = len(one.before) - 1 - len(back)
        counts["fields_left"] += left
        for column, value in back.items():
            history.append((customer.pk, column, getattr(customer, column), value))
            setattr(customer, column, value)
        if not left:
            customer.updated_at = one.before["updated_at"]
        if back:
            changed.append(customer)
            names |= back.keys()
            counts["customers_restored"] += 1
    _save(changed, names, run_id, history)


def _restore_custom(run_id: int, _kind: str, kept: Sequence[Overwritten], counts: Counter[str]) -> None:
    """As the record's own columns: what still says what the run wrote gets its former value."""
    customers = Customer.objects.select_for_update().in_bulk([one.object_id for one in kept])
    written: list[FieldChanged] = []
    for one in kept:
        customer = customers.get(one.object_id)
        if customer is None:
            continue
        held = {name: customer.custom.get(str(id_in(name))) for name in one.before}
        back = {
            id_in(name) or 0: value for name, value in one.before.items() if held[name] == one.after[name]
        }
        counts["fields_left"] += len(one.before) - len(back)
        written += put_into(customer, back)
    write_values_of_many(
        {
            pk: {id_in(one.field) or 0: one.after for one in written if one.customer_id == pk}
            for pk in {one.customer_id for one in written}
        }
    )
    counts["customers_restored"] += len({one.customer_id for one in written})
    if written:
        entry = record_audit(SYSTEM, "customers_put_back", after={"run": run_id, "fields": len(written)})
        record_field_changes(actor=SYSTEM, audit_id=entry.pk, changes=written)


def _save(
    changed: list[Customer], names: set[str], run_id: int, history: list[tuple[int, str, Any, Any]]
) -> None:
    if not changed:
        return
    for customer in changed:
        customer.name_key = pinyin.sort_key(customer.name, customer.phone)
    Customer.objects.bulk_update(changed, sorted(names | {"name_key", "updated_at"}), batch_size=500)
    queue_terms(customer.pk for customer in changed)
    entry = record_audit(SYSTEM, "customers_put_back", after={"run": run_id, "customers": len(changed)})
    now = clock.now()
    plain = [row for row in history if not row[1].startswith("birthday_")]
    copy_rows(
        "customers_fieldchange",
        ("customer_id", "field", "before", "after", "actor_id", "changed_at", "audit_id", "undo"),
        [(pk, name, _json(old), _json(new), None, now, entry.pk, "") for pk, name, old, new in plain],
    )


def _json(value: Any) -> str | None:
    return None if value in (None, "") else json.dumps(value, ensure_ascii=False)


def _remove_added(_run_id: int, kind: str, kept: Sequence[Overwritten], _counts: Counter[str]) -> None:
    _ADDED[kind].objects.filter(pk__in=[one.object_id for one in kept]).delete()


def _remove_tags(run_id: int) -> None:
    CustomerTag.objects.filter(source=tag_source(run_id)).delete()


def _restore_past(_run_id: int, kind: str, kept: Sequence[Overwritten], counts: Counter[str]) -> None:
    model = _PAST[kind]
    rows = getattr(model, "everything", model.objects).in_bulk([one.object_id for one in kept])
    if kind == TOUCH:
        queue_terms(row.customer_id for row in rows.values())
    for one in kept:
        row = rows.get(one.object_id)
        if row is None:
            continue
        same = [name for name in one.before if str(getattr(row, name) or "") == str(one.after[name] or "")]
        for name in same:
            setattr(row, name, one.before[name])
        if same:
            row.save(update_fields=same)
            counts["past_restored"] += 1
