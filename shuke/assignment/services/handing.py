"""The set of changes behind a handover: what is done to each part of it, at its end, and when it is taken back or breaks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from shuke.assignment.models import Handover, HandoverMove, HandoverShare, PoolEntry
from shuke.assignment.services.pool_entries import leave_pool
from shuke.customers import ports
from shuke.customers.events import CustomersHandedOver
from shuke.customers.ports import Applied, BulkField, Given
from shuke.customers.queries.holding import HELPED, MANAGED, STEPS
from shuke.customers.services import undo_changeset
from shuke.customers.services.reassigning import Reassignment, reassign_locked
from shuke.kernel.outbox import publish
from shuke.team.queries import SYSTEM, Actor
from shuke.team.services import notify

CODE = "handover"
HANDED_OVER, TAKEN_BACK = "handed_over", "handover_undone"
Held = Mapping[int, Any]


class HandOver:
    """Customers to new account managers, with what hangs on them. Started by a wizard of its own (`opens`)."""

    code, order, permission, is_grave = CODE, 28, "assignment.hand_over", False
    icon = "transfer"
    label: str | Promise = gettext_lazy("交接")
    opens = "assignment:hand_over_selected"

    def fields(self, actor: Actor) -> Iterable[BulkField]:
        return ()

    def read(self, actor: Actor, given: Mapping[str, list[str]]) -> dict[str, Any]:
        return {}

    def title(self, arguments: Mapping[str, Any]) -> str:
        return str(arguments.get("title") or self.label)

    def apply(self, *, actor: Actor, audit_id: int, customers: Held, arguments: Mapping[str, Any]) -> Applied:
        handover = Handover.objects.get(pk=arguments["handover_id"])
        shares = HandoverShare.objects.filter(handover=handover, customer_id__in=list(customers))
        to = dict(shares.values_list("customer_id", "to_staff_id"))
        if handover.from_staff_id is None:
            _move_with_customers(handover, customers, to)
        written = reassign_locked(actor, customers, _wanted(handover, to))
        given = [one.customer_id for one in written.changes if one.field == "account_manager_id"]
        left = leave_pool(given, how=PoolEntry.Left.GIVEN, to=to)
        if given:
            publish(CustomersHandedOver(customer_ids=sorted(given)))
        return Applied([*left, *written.changes], written.problems)  # taken back the other way round


def _wanted(handover: Handover, to: Mapping[int, int | None]) -> Reassignment:
    parts = set(handover.parts)
    return Reassignment(
        to=to,
        from_staff_id=handover.from_staff_id,
        manages=MANAGED in parts,
        helps=HELPED in parts,
        steps=STEPS in parts,
        stays=handover.stays,
    )


def _move_with_customers(handover: Handover, customers: Held, to: Mapping[int, int]) -> None:
    """Rows of other rooms about customers of several people: each goes from the customer's account manager to the new one."""
    by_holder: dict[int, list[int]] = defaultdict(list)
    for pk, one in customers.items():
        if one.account_manager_id and one.account_manager_id != to.get(pk):
            by_holder[one.account_manager_id].append(pk)
    for holder, ids in sorted(by_holder.items()):
        for kind in _kinds(handover):
            rows = [] if kind.is_personal else kind.held(holder, ids)
            _give(handover, kind, holder, [(row.row_id, to[row.customer_id or 0]) for row in rows])


def finish(set_id: int) -> None:
    """The last step of a set: what else the person held goes along, and those who got something are told."""
    handover = Handover.objects.select_related("from_staff").get(change_set_id=set_id)
    if handover.from_staff_id is not None:
        _move_the_rest(handover, handover.from_staff_id)
    _tell(handover, HANDED_OVER)


def _move_the_rest(handover: Handover, leaving: int) -> None:
    shares = dict(HandoverShare.objects.filter(handover=handover).values_list("customer_id", "to_staff_id"))
    first = handover.first_taker_id
    for kind in _kinds(handover):
        pairs = [
            (row.row_id, shares.get(row.customer_id or 0, first) or 0) for row in kind.held(leaving, None)
        ]
        _give(handover, kind, leaving, pairs)


def _kinds(handover: Handover) -> list[ports.HandoverKind]:
    return [kind for kind in ports.handover_kinds() if kind.code in handover.parts]


def _give(handover: Handover, kind: ports.HandoverKind, leaving: int, pairs: list[tuple[int, int]]) -> None:
    given = [Given(row_id, leaving, taker) for row_id, taker in pairs if taker]
    done = kind.give(given) if given else set()
    HandoverMove.objects.bulk_create(
        [
            HandoverMove(
                handover=handover, kind=kind.code, row_id=one.row_id, from_id=one.from_id, to_id=one.to_id
            )
            for one in given
            if one.row_id in done
        ],
        ignore_conflicts=True,
    )


def take_back(set_id: int) -> None:
    """What went along goes back, as far as it is still where the handover put it."""
    handover = Handover.objects.get(change_set_id=set_id)
    moves = HandoverMove.objects.filter(handover=handover, is_undone=False)
    for kind in ports.handover_kinds():
        rows = [Given(one.row_id, one.to_id, one.from_id) for one in moves.filter(kind=kind.code)]
        back = kind.give(rows) if rows else set()
        moves.filter(kind=kind.code, row_id__in=list(back)).update(is_undone=True)
    _tell(handover, TAKEN_BACK)


def break_off(set_id: int) -> None:
    """A handover is whole or it is not: one that broke is taken back."""
    undo_changeset(SYSTEM, set_id)


def _tell(handover: Handover, kind: str) -> None:
    """Everybody who got something, once, with how many customers."""
    shares = HandoverShare.objects.filter(handover=handover).values_list("to_staff_id", flat=True)
    for staff_id, count in sorted(Counter(shares).items()):
        if staff_id == handover.made_by_id:
            continue
        facts = {"handover": handover.pk, "count": count, "by": handover.made_by_id}
        url = "/customers/?view=mine&f=manager.in.me"
        notify(staff_ids=[staff_id], kind=kind, key=str(handover.pk), facts=facts, url=url)


def ids_of_handover(actor: Actor, text: str) -> Iterable[int]:
    """The customers of a proposal: the source "handover"."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0
    rows = HandoverShare.objects.filter(handover_id=number).order_by("customer_id")
    return rows.values_list("customer_id", flat=True).iterator(20_000)


def count_of_handover(actor: Actor, text: str) -> int:
    """How many that are."""
    return sum(1 for _one in ids_of_handover(actor, text))
