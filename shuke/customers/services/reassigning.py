"""Giving customers to another account manager, with what hangs on them: open follow-ups and places of collaborators.

Handovers, fair assignment and the pool all write through `reassign_locked`; audit, history and event are the caller's (a bulk
action's). An open follow-up is a field of the customer's history, `step.<id>`, so that it goes back with the rest.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shuke.customers.models import Collaborator, Customer, FollowUp
from shuke.customers.ports import Held, PutBack
from shuke.customers.services.collaborating import give_access
from shuke.customers.services.history import FieldChanged, record_field_changes
from shuke.customers.services.many import Written, write_values
from shuke.kernel import clock
from shuke.team.queries import Actor, staff_names

STEP = "step"
TO_STORE, CANCELLED, KEPT = "store", "cancel", "keep"
STEPS = (TO_STORE, CANCELLED, KEPT)


@dataclass(frozen=True)
class Reassignment:
    """To whom customers go (None: nobody), and what goes with them.

    `from_staff_id`: only what this person holds moves, as account manager or collaborator; None: whoever is account manager.
    `steps`: open follow-ups of the previous person go to the new one, too. `stays`: as which collaborator the previous person
    keeps helping. Where nobody is next, `otherwise` says what becomes of follow-ups.
    """

    to: Mapping[int, int | None]
    from_staff_id: int | None = None
    manages: bool = True
    helps: bool = False
    steps: bool = True
    stays: str = ""
    otherwise: str = TO_STORE


def reassign_locked(actor: Actor, customers: Mapping[int, Customer], wanted: Reassignment) -> Written:
    """Move locked customers as wanted. Their reach is the caller's question."""
    before = {pk: _holder(one, wanted) for pk, one in customers.items()}
    written = Written()
    if wanted.steps:
        written.changes += _move_steps(customers, before, wanted)
    moving = {
        pk: {"account_manager_id": wanted.to[pk]}
        for pk, one in customers.items()
        if wanted.manages and pk in wanted.to and one.account_manager_id == before[pk]
    }
    moved = write_values(actor, {pk: customers[pk] for pk in moving}, moving)
    written.changes += moved.changes
    written.problems |= moved.problems
    if wanted.helps and wanted.from_staff_id is not None:
        written.changes += _move_places(actor, customers, wanted)
    written.changes += _settle_places(actor, moved, before, wanted.stays)
    return written


def _holder(customer: Customer, wanted: Reassignment) -> int | None:
    return wanted.from_staff_id if wanted.from_staff_id is not None else customer.account_manager_id


def _settle_places(
    actor: Actor, moved: Written, before: Mapping[int, int | None], stays: str
) -> list[FieldChanged]:
    """The new account manager is no collaborator any more; the previous one may become one."""
    takers = _grouped((one.after, one.customer_id) for one in moved.changes if one.after)
    changes = [change for who, ids in takers for change in give_access(actor, ids, who, "")]
    if stays:
        leavers = _grouped((one.before, one.customer_id) for one in moved.changes if one.before)
        changes += [change for who, ids in leavers for change in give_access(actor, ids, who, stays)]
    return changes


def _grouped(pairs: Iterable[tuple[Any, int]]) -> list[tuple[Any, list[int]]]:
    groups: dict[Any, list[int]] = defaultdict(list)
    for key, pk in pairs:
        groups[key].append(pk)
    return sorted(groups.items())


def _move_places(actor: Actor, customers: Mapping[int, Customer], wanted: Reassignment) -> list[FieldChanged]:
    """Whoever takes over also takes the place as a collaborator, unless they look after the customer anyway."""
    leaving = wanted.from_staff_id or 0
    rows = Collaborator.objects.filter(customer_id__in=list(customers)).values_list(
        "customer_id", "staff_id", "access"
    )
    places = {pk: access for pk, who, access in rows if who == leaving}
    there = {(pk, who) for pk, who, _access in rows}
    changes = give_access(actor, sorted(places), leaving, "")
    taking = _grouped(
        ((taker, access), pk)
        for pk, access in places.items()
        if (taker := wanted.to.get(pk))
        and (pk, taker) not in there
        and customers[pk].account_manager_id != taker
    )
    for (taker, access), ids in taking:
        changes += give_access(actor, ids, taker, access)
    return changes


def _move_steps(
    customers: Mapping[int, Customer], before: Mapping[int, int | None], wanted: Reassignment
) -> list[FieldChanged]:
    rows = FollowUp.objects.select_for_update(of=("self",)).filter(
        customer_id__in=list(customers), state=FollowUp.State.OPEN, assignee_id__isnull=False
    )
    names = staff_names()
    changes, moved = [], []
    for row in rows.order_by("pk"):
        taker = wanted.to.get(row.customer_id)
        is_kept = taker is None and wanted.otherwise == KEPT
        if is_kept or row.assignee_id != before[row.customer_id] or taker == row.assignee_id:
            continue
        old = _said(row, names)
        row.assignee_id = taker
        if taker is None and wanted.otherwise == CANCELLED:
            row.state, row.done_at = FollowUp.State.CANCELLED, clock.now()
        moved.append(row)
        changes.append(FieldChanged(row.customer_id, f"{STEP}.{row.pk}", old, _said(row, names)))
    FollowUp.objects.bulk_update(moved, ["assignee", "state", "done_at"], batch_size=500)
    return changes


def _said(row: FollowUp, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "assignee_id": row.assignee_id,
        "who": names.get(row.assignee_id or 0, ""),
        "purpose": row.purpose,
        "state": str(row.state),
    }


class StepKeeper:
    """Puts an open follow-up back to whose it was, unless somebody did it or gave it on since."""

    def label(self, name: str) -> Any:
        return gettext_lazy("跟进归谁")

    def shown(self, name: str, value: Any, *, is_masked: bool) -> str:
        if not value:
            return ""
        if value["state"] != FollowUp.State.OPEN:
            return f"{value['purpose']}（{FollowUp.State(value['state']).label}）"
        return f"{value['purpose']}（{value['who'] or _('店里谁有空谁做')}）"

    def put_back(
        self, *, actor: Any, audit_id: int, name: str, changes: Mapping[int, Held], is_forced: bool
    ) -> PutBack:
        row = FollowUp.objects.select_for_update(of=("self",)).filter(pk=int(name.partition(".")[2])).first()
        restored, kept = set[int](), set[int]()
        names = staff_names()
        for pk, held in changes.items():
            if row is None or row.customer_id != pk or not (is_forced or _is(row, held.after)):
                (restored if row is not None and _is(row, held.before) else kept).add(pk)
                continue
            old = _said(row, names)
            row.assignee_id, row.state = held.before["assignee_id"], held.before["state"]
            row.done_at = None
            row.save(update_fields=["assignee", "state", "done_at"])
            change = FieldChanged(pk, name, old, _said(row, names))
            record_field_changes(actor=actor, audit_id=audit_id, changes=[change])
            restored.add(pk)
        return PutBack(frozenset(restored), frozenset(kept))


def _is(row: FollowUp, value: Any) -> bool:
    return bool(value) and (row.assignee_id, row.state) == (value["assignee_id"], value["state"])
