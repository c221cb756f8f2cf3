"""The run: whom it is about is written down first, then part after part is done in one transaction each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from shuke.customers import ports
from shuke.customers.events import CustomersChanged
from shuke.customers.models import ChangeProblem, ChangeSet, ChangeSetPart, Customer
from shuke.customers.ports import Applied
from shuke.customers.services.history import record_field_changes, within_changeset
from shuke.customers.services.many import GONE, OUT_OF_REACH, locked_customers
from shuke.kernel import clock
from shuke.kernel.jobs import enqueue_named
from shuke.kernel.outbox import publish
from shuke.team.queries import SYSTEM, Actor
from shuke.team.services import record_audit, require

PART = 400
MOST_PICKED = 5_000
BROKEN = gettext_noop("这位客户没能改，请打开看看再试。")
State = ChangeSet.State


class NothingSelected(ValueError):
    """Nobody was picked, or there is no such list."""


@dataclass(frozen=True)
class Selection:
    """Whom: the ids picked, or everybody whom the source finds for a text (see `ports.register_id_source`)."""

    ids: tuple[int, ...] = ()
    source: str = ""
    text: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"source": self.source, "text": self.text} if self.source else {"ids": list(self.ids)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Selection":
        return cls(tuple(stored.get("ids", ())), stored.get("source", ""), stored.get("text", ""))

    def customers(self, actor: Actor) -> Iterable[int]:
        """Everybody of it, each once. Raises NothingSelected when the source is unknown."""
        if not self.source:
            return dict.fromkeys(self.ids)
        source = ports.id_source(self.source)
        if source is None:
            raise NothingSelected(self.source)
        return source.ids(actor, self.text)

    def count(self, actor: Actor) -> int:
        """How many it is about, as far as that is known beforehand."""
        if not self.source:
            return len(set(self.ids))
        source = ports.id_source(self.source)
        return source.count(actor, self.text) if source else 0


@transaction.atomic
def start_bulk(
    *,
    actor: Actor,
    kind: str,
    selection: Selection,
    arguments: dict[str, Any],
    in_background: bool = True,
) -> int:
    """Begin a bulk action; returns the id of its change set. Raises NothingSelected, PermissionDenied."""
    found = ports.bulk_kind(kind)
    if found is None:
        raise NothingSelected(kind)
    require(actor, found.permission)
    if not selection.source and not selection.ids:
        raise NothingSelected(_("还没有选客户。"))
    row = ChangeSet.objects.create(
        kind=kind,
        title=found.title(arguments)[:200],
        actor_id=actor.id,
        actor_name=actor.name[:60],
        state=State.RUNNING,
        selection=selection.as_json(),
        arguments=arguments,
    )
    record_audit(actor, "bulk_started", row, after={"title": row.title})
    if in_background:
        enqueue_named("customers.run_bulk", changeset_id=row.pk)
    return row.pk


@transaction.atomic
def resume_bulk(*, actor: Actor, changeset_id: int) -> None:
    """Go on with a run that broke off."""
    require(actor, "customers.edit")
    row = ChangeSet.objects.select_for_update(of=("self",)).get(pk=changeset_id, state=State.FAILED)
    if actor.id is not None and row.actor_id != actor.id:
        require(actor, "customers.undo")
    row.state, row.problem = State.RUNNING, ""
    row.save(update_fields=["state", "problem"])
    enqueue_named("customers.run_bulk", changeset_id=row.pk)


def run_bulk(changeset_id: int) -> None:
    """Do a run from where it stands to its end. Safe to call again after a kill, and twice at once."""
    row = ChangeSet.objects.select_related("actor").get(pk=changeset_id)
    if row.state != State.RUNNING:
        return
    try:
        _write_down(row)
        while _do_part(row.pk):
            pass
    except Exception:
        _break_off(row)
        raise


@transaction.atomic
def _break_off(row: ChangeSet) -> None:
    """Say that a run stopped; whoever goes along with it decides what becomes of the half that was done."""
    ChangeSet.objects.filter(pk=row.pk, state=State.RUNNING).update(
        state=State.FAILED, problem=gettext_noop("做到一半停下了，做完的都在。可以接着做，也可以撤销。")
    )
    companion = ports.companion_of(row.kind)
    if companion is not None:
        companion.broken(row.pk)


def _actor_of(row: ChangeSet) -> Actor:
    """Who asked for it, with the rights they have now; nobody's any more if they are gone."""
    if row.actor is not None:
        return row.actor
    if row.actor_name == SYSTEM.name:
        return SYSTEM
    raise LookupError("whoever began this is no longer here")


@transaction.atomic
def _write_down(row: ChangeSet) -> None:
    """Keep whom the selection finds now: a filter may no longer match somebody once they are changed."""
    row = ChangeSet.objects.select_for_update(of=("self",)).select_related("actor").get(pk=row.pk)
    if row.is_listed:
        return
    total = 0
    for number, ids in enumerate(_parts(Selection.from_json(row.selection).customers(_actor_of(row)))):
        ChangeSetPart.objects.create(change_set=row, number=number, customer_ids=ids)
        total += len(ids)
    row.is_listed, row.total = True, total
    row.save(update_fields=["is_listed", "total"])


def _parts(ids: Iterable[int]) -> Iterator[list[int]]:
    walk = iter(ids)
    while part := list(islice(walk, PART)):
        yield part


@transaction.atomic
def _do_part(changeset_id: int) -> bool:
    """Do the next part; False when there is no more to do."""
    row = ChangeSet.objects.select_for_update(of=("self",)).select_related("actor").get(pk=changeset_id)
    if row.state != State.RUNNING:
        return False
    part = ChangeSetPart.objects.filter(change_set=row, is_done=False).order_by("number").first()
    if part is None:
        row.state, row.finished_at = State.DONE, clock.now()
        row.save(update_fields=["state", "finished_at"])
        companion = ports.companion_of(row.kind)
        if companion is not None:
            companion.finished(row.pk)
        return False
    applied = _apply(row, part.customer_ids)
    changed = {one.customer_id for one in applied.changes}
    row.done += len(part.customer_ids)
    row.changed += len(changed)
    row.failed += len(applied.problems)
    row.unchanged += len(part.customer_ids) - len(changed) - len(applied.problems)
    row.save(update_fields=["done", "changed", "failed", "unchanged"])
    part.is_done = True
    part.save(update_fields=["is_done"])
    return True


def _apply(row: ChangeSet, ids: list[int]) -> Applied:
    """Do it to one part: history, audit, event and problems with it."""
    kind, actor = ports.bulk_kind(row.kind), _actor_of(row)
    if kind is None:
        raise LookupError(f"no bulk action {row.kind!r}")
    require(actor, kind.permission)
    customers = locked_customers(actor, ids)
    audit = record_audit(actor, "customers_changed")
    with within_changeset(row.pk):
        applied = _carefully(kind, actor, (audit.pk, row.arguments), customers)
        record_field_changes(actor=actor, audit_id=audit.pk, changes=applied.changes)
    problems = _missing(actor, ids, customers) | dict(applied.problems)
    changed = sorted({one.customer_id for one in applied.changes} - problems.keys())
    audit.after = {"title": row.title, "customers": changed}
    audit.save(update_fields=["after"])
    if changed:
        publish(CustomersChanged(customer_ids=changed))
    ChangeProblem.objects.bulk_create(
        [ChangeProblem(change_set=row, customer_id=pk, reason=why[:200]) for pk, why in problems.items()],
        ignore_conflicts=True,
    )
    return Applied(applied.changes, problems)


def _carefully(
    kind: ports.BulkKind, actor: Actor, given: tuple[int, dict[str, Any]], customers: dict[int, Customer]
) -> Applied:
    """All together; if that breaks, one by one, so that one odd record does not hold up the others."""
    audit_id, arguments = given
    if not customers:
        return Applied()
    try:
        with transaction.atomic():
            return kind.apply(actor=actor, audit_id=audit_id, customers=customers, arguments=arguments)
    except Exception:
        if len(customers) == 1:
            return Applied(problems=dict.fromkeys(customers, BROKEN))
    changes: list[Any] = []
    problems: dict[int, str] = {}
    for pk in customers:
        fresh = locked_customers(actor, [pk])
        applied = _carefully(kind, actor, given, fresh)
        changes += applied.changes
        problems |= applied.problems
    return Applied(changes, problems)


def _missing(actor: Actor, ids: list[int], customers: dict[int, Customer]) -> dict[int, str]:
    """Those of the part who are not to be changed, and why."""
    others = [pk for pk in ids if pk not in customers]
    gone = set(others) - set(
        Customer.objects.filter(pk__in=others, merged_into=None, deleted_at=None).values_list("pk", flat=True)
    )
    return {pk: GONE if pk in gone else OUT_OF_REACH for pk in others}
