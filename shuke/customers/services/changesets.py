"""Sets of changes that can be taken back together. Every saving leaves `FieldChange` rows; imports leave none for new customers.

    set_id = start_changeset(actor, "handover", _("把王小茶的客户交给林店长"))
    with within_changeset(set_id):
        change_customer(actor=actor, customer_id=pk, account_manager_id=lin.pk)
    finish_changeset(set_id)
    undo_changeset(actor, set_id)

Fields that are no columns of the customer register who keeps them: `customers.ports.register_keeper`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from shuke.customers import ports
from shuke.customers.events import CustomersChanged
from shuke.customers.models import ChangeProblem, ChangeSet, FieldChange
from shuke.customers.ports import Held, PutBack
from shuke.customers.services.history import (
    FieldChanged,
    differences,
    record_field_changes,
    within_changeset,
)
from shuke.customers.services.many import OUT_OF_REACH, locked_customers, put_back_columns
from shuke.kernel import clock
from shuke.kernel.jobs import enqueue_named
from shuke.kernel.outbox import publish
from shuke.team.queries import SYSTEM, Actor, staff_of
from shuke.team.services import record_audit, require

__all__ = [
    "FieldChanged",
    "NotUndoable",
    "differences",
    "finish_changeset",
    "record_field_changes",
    "run_undo",
    "start_changeset",
    "undo_changeset",
    "undo_field_change",
    "within_changeset",
]
CHUNK = 400
State = ChangeSet.State
UNDOABLE = (State.OPEN, State.DONE, State.FAILED)


class NotUndoable(ValueError):
    """The set is being worked on, or has been taken back already."""


@transaction.atomic
def start_changeset(actor: Actor, kind: str, title: str) -> int:
    """Begin a set of changes; returns its id. Use it with `within_changeset`, then call `finish_changeset`."""
    require(actor, "customers.edit")
    return ChangeSet.objects.create(
        kind=kind, title=title[:200], actor_id=actor.id, actor_name=actor.name[:60], state=State.OPEN
    ).pk


@transaction.atomic
def finish_changeset(changeset_id: int) -> None:
    """Count what was written and close the set; repeating it changes nothing."""
    row = ChangeSet.objects.select_for_update(of=("self",)).get(pk=changeset_id)
    if row.state != State.OPEN:
        return
    row.changed = FieldChange.objects.filter(change_set=row).values("customer_id").distinct().count()
    row.total, row.done, row.state, row.finished_at = row.changed, row.changed, State.DONE, clock.now()
    row.save()


@transaction.atomic
def undo_changeset(actor: Actor, changeset_id: int, *, in_background: bool = True) -> None:
    """Begin to take a set back; a job does it (or this call, unless `in_background`).

    Fields that still hold what the set wrote get their old value; those changed since are kept and reported. One's own sets
    everybody may take back, other people's need customers.undo. Raises NotUndoable, PermissionDenied, DoesNotExist.
    """
    require(actor, "customers.edit")
    row = ChangeSet.objects.select_for_update(of=("self",)).get(pk=changeset_id)
    if actor.id is not None and row.actor_id != actor.id:
        require(actor, "customers.undo")
    if row.state not in UNDOABLE:
        raise NotUndoable(_("这次操作正在进行，或已经撤销过了。"))
    row.state, row.restored, row.kept = State.UNDOING, 0, 0
    row.arguments = row.arguments | {"undone_by": actor.id}
    row.save()
    record_audit(actor, "changeset_undo_started", row, after={"title": row.title})
    if in_background:
        enqueue_named("customers.undo_changeset", changeset_id=row.pk)
    else:
        run_undo(row.pk)


def run_undo(changeset_id: int, *, chunk: int = CHUNK) -> None:
    """Take a set back chunk by chunk, each in its own transaction; goes on where a killed one stood."""
    while _undo_chunk(changeset_id, chunk):
        pass


@transaction.atomic
def _undo_chunk(changeset_id: int, chunk: int) -> bool:
    row = ChangeSet.objects.select_for_update(of=("self",)).get(pk=changeset_id)
    if row.state != State.UNDOING:
        return False
    pending = FieldChange.objects.filter(change_set=row, undo=FieldChange.Undo.NONE)
    changes = list(pending.order_by("-pk")[:chunk])
    if not changes:
        row.state, row.undone_at = State.UNDONE, clock.now()
        row.save(update_fields=["state", "undone_at"])
        companion = ports.companion_of(row.kind)
        if companion is not None:
            companion.undone(row.pk)
        return False
    outcome = _put_back(_undoer(row), changes, action="changeset_undone", is_forced=False)
    row.restored += outcome[FieldChange.Undo.RESTORED]
    row.kept += outcome[FieldChange.Undo.KEPT] + outcome[FieldChange.Undo.FAILED]
    row.save(update_fields=["restored", "kept"])
    return True


def _undoer(row: ChangeSet) -> Actor:
    staff_id = row.arguments.get("undone_by")
    return SYSTEM if staff_id is None else staff_of(SYSTEM).get(pk=staff_id)


@transaction.atomic
def undo_field_change(*, actor: Actor, change_id: int, is_forced: bool = False) -> FieldChange:
    """Put one field back to what it was before a change; `undo` of the answer says what became of it.

    KEPT: the field was changed again since, and nothing happened; with `is_forced` it is put back all the same. Putting back is
    a change like any other: it is in the history and can itself be taken back. Raises PermissionDenied, DoesNotExist.
    """
    require(actor, "customers.edit")
    change = FieldChange.objects.select_for_update(of=("self",)).get(pk=change_id)
    if not locked_customers(actor, [change.customer_id], with_deleted=True):
        raise PermissionDenied(_(OUT_OF_REACH))
    _put_back(actor, [change], action="customer_changed", is_forced=is_forced)
    return change


def _put_back(
    actor: Actor, changes: list[FieldChange], *, action: str, is_forced: bool
) -> Counter[FieldChange.Undo]:
    """Put changes back, the newest first, mark each with what became of it, and tell the house."""
    one = changes[0].customer_id if len(changes) == 1 else None
    audit = record_audit(actor, action, None)
    touched: set[int] = set()
    for group in _rounds(changes):
        answer = _answer_of(actor, audit.pk, group, is_forced=is_forced)
        touched |= answer.restored
        _mark(group, answer)
    if one is not None:
        audit.kind, audit.object_id = "Customer", one
    audit.after = {"customers": sorted(touched)}
    audit.save(update_fields=["kind", "object_id", "after"])
    if touched:
        publish(CustomersChanged(customer_ids=sorted(touched)))
    return Counter(FieldChange.Undo(change.undo) for change in changes)


def _rounds(changes: Iterable[FieldChange]) -> Iterator[dict[int, FieldChange]]:
    """Groups of one field, each customer once, in the order given: a field written twice is put back twice."""
    groups: dict[str, dict[int, FieldChange]] = {}
    for change in changes:
        group = groups.setdefault(change.field, {})
        if change.customer_id in group:
            yield groups.pop(change.field)
            group = groups.setdefault(change.field, {})
        group[change.customer_id] = change
    yield from groups.values()


def _answer_of(actor: Actor, audit_id: int, group: dict[int, FieldChange], *, is_forced: bool) -> PutBack:
    name = next(iter(group.values())).field
    held = {pk: Held(change.before, change.after) for pk, change in group.items()}
    keeper = ports.keeper_of(name)
    if keeper is None:
        return put_back_columns(actor=actor, audit_id=audit_id, name=name, changes=held, is_forced=is_forced)
    reached = locked_customers(actor, held, with_deleted=True)
    within = {pk: one for pk, one in held.items() if pk in reached}
    answer = keeper.put_back(actor=actor, audit_id=audit_id, name=name, changes=within, is_forced=is_forced)
    missing = dict.fromkeys(held.keys() - reached.keys(), OUT_OF_REACH)
    return PutBack(answer.restored, answer.kept, missing | dict(answer.problems))


def _mark(group: dict[int, FieldChange], answer: PutBack) -> None:
    for pk, change in group.items():
        if pk in answer.restored:
            change.undo = FieldChange.Undo.RESTORED
        elif pk in answer.kept:
            change.undo = FieldChange.Undo.KEPT
        else:
            change.undo = FieldChange.Undo.FAILED
    FieldChange.objects.bulk_update(group.values(), ["undo"], batch_size=1000)
    ChangeProblem.objects.bulk_create(
        [
            ChangeProblem(change_set_id=set_id, customer_id=pk, is_of_undo=True, reason=reason[:200])
            for pk, reason in answer.problems.items()
            if (set_id := group[pk].change_set_id) is not None
        ],
        ignore_conflicts=True,
    )


def problems_of(changeset_id: int, *, limit: int = 200) -> list[Any]:
    """The first customers that a set could not change or put back."""
    return list(ChangeProblem.objects.filter(change_set_id=changeset_id).order_by("pk")[:limit])
