"""Handing over: a proposal writes down who gets whom, starting moves them as one set of changes, undoing takes it all back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shuke.assignment.models import Handover, HandoverShare
from shuke.assignment.queries.workload import items_of, persons, usual_terms
from shuke.assignment.rules.sharing import Item, Person, Terms, split
from shuke.assignment.services.handing import CODE
from shuke.customers import ports
from shuke.customers.queries import visible_customers
from shuke.customers.queries.holding import HELPED, MANAGED, STEPS, held_ids
from shuke.customers.services import Selection, run_bulk, start_bulk, undo_changeset
from shuke.kernel.bulk import copy_rows
from shuke.team.queries import SYSTEM, Actor, staff_of, visible_staff
from shuke.team.services import record_audit, require

AT_ONCE = 2_000  # customers that move before the answer goes out, in one transaction; more are a job
UNDONE_AT_ONCE = 200
REACHED_AT_ONCE = 5_000
MOST_TAKERS = 60
How = Handover.How


class NothingToHandOver(ValueError):
    """Nobody is left to be handed over."""


@dataclass(frozen=True)
class HandoverForm:
    """To whom, how it is shared among several, what moves, why, and as what the previous person keeps helping."""

    takers: tuple[int, ...]
    how: str = How.ONE
    parts: tuple[str, ...] = (MANAGED, HELPED, STEPS)
    reason: str = ""
    stays: str = ""


@transaction.atomic
def propose_handover(
    *,
    actor: Actor,
    form: HandoverForm,
    from_staff_id: int | None = None,
    selection: Selection | None = None,
) -> Handover:
    """Write down who would get whom, of everything a person holds or of the customers selected; nothing moves yet.

    Raises ValidationError, NothingToHandOver, PermissionDenied (for people out of the actor's reach).
    """
    require(actor, "assignment.hand_over")
    takers = _takers(actor, form, from_staff_id)
    if selection is None and from_staff_id is not None:
        ids = held_ids(from_staff_id, form.parts)
    else:
        ids = list(selection.customers(actor)) if selection else []
    reached = _reached(actor, ids)
    personal = from_staff_id is not None and selection is None and has_personal(from_staff_id, form.parts)
    if not reached and not personal:
        raise NothingToHandOver(_("没有可以交接的客户。"))
    handover = Handover.objects.create(
        kind=_kind_of(from_staff_id),
        how=form.how,
        from_staff_id=from_staff_id,
        made_by_id=actor.id,
        parts=sorted(set(form.parts)),
        stays=form.stays,
        reason=" ".join(form.reason.split())[:120],
        first_taker_id=takers[0].id,
    )
    keep_shares(handover, shared(items_of(reached), takers, form.how))
    return handover


def _takers(actor: Actor, form: HandoverForm, from_staff_id: int | None) -> list[Person]:
    if form.how not in How.values or form.stays not in ("", "read", "write"):
        raise ValidationError(_("请选怎么分。"))
    if from_staff_id is not None and not staff_of(actor).filter(pk=from_staff_id).exists():
        raise PermissionDenied(_("这位同事不在您的范围内。"))
    wanted = [pk for pk in dict.fromkeys(form.takers) if pk != from_staff_id][:MOST_TAKERS]
    allowed = {one.pk for one in visible_staff(actor).filter(pk__in=wanted) if one.may("customers.follow_up")}
    if not wanted or set(wanted) - allowed:
        raise ValidationError(_("请选交给谁：在职、能跟进客户的同事。"))
    if form.how == How.ONE and len(wanted) > 1:
        raise ValidationError(_("「都交给一位」只能选一位；要分给几位，请选公平分。"))
    known = {one.id: one for one in persons(wanted)}
    return [known[pk] for pk in wanted]


def _kind_of(from_staff_id: int | None) -> str:
    if from_staff_id is None:
        return Handover.Kind.SOME
    is_here = staff_of(SYSTEM).filter(pk=from_staff_id, is_active=True).exists()
    return Handover.Kind.SOME if is_here else Handover.Kind.LEAVER


def has_personal(staff_id: int, parts: Collection[str]) -> bool:
    """Whether rows of other rooms would move."""
    return any(kind.code in parts and kind.held(staff_id, None) for kind in ports.handover_kinds())


def _reached(actor: Actor, ids: Sequence[int]) -> list[int]:
    found: list[int] = []
    for start in range(0, len(ids), REACHED_AT_ONCE):
        part = ids[start : start + REACHED_AT_ONCE]
        found += visible_customers(actor).filter(pk__in=part).order_by("pk").values_list("pk", flat=True)
    return found


def shared(items: Sequence[Item], takers: Sequence[Person], how: str) -> dict[int, int]:
    """Customer → taker. Everybody goes somewhere: where the strict terms find nobody, they are loosened one by one."""
    if how == How.ONE:
        return {item.customer_id: takers[0].id for item in items}
    strict = usual_terms(same_store=how == How.STORE)
    found: dict[int, int] = {}
    load = {one.id: one.load for one in takers}
    weight = {item.customer_id: item.weight for item in items}
    for terms in (strict, replace(strict, within_capacity=False), Terms(within_capacity=False)):
        now = [replace(one, load=load[one.id]) for one in takers]
        new = split([item for item in items if item.customer_id not in found], now, terms)
        for customer_id, staff_id in new.items():
            load[staff_id] += weight[customer_id]
        found |= new
    left = [item for item in items if item.customer_id not in found]  # everybody chosen is away: so be it
    return found | split(left, [replace(one, is_away=False) for one in takers], Terms(within_capacity=False))


def keep_shares(handover: Handover, to: dict[int, int]) -> None:
    """Write down who gets whom."""
    copy_rows(
        "assignment_handovershare",
        ("handover_id", "customer_id", "to_staff_id"),
        ((handover.pk, customer_id, staff_id) for customer_id, staff_id in sorted(to.items())),
    )


@transaction.atomic
def start_handover(*, actor: Actor, handover_id: int) -> Handover:
    """Do what was proposed: some thousand customers at once, in this transaction; more as a job that is taken back whole if it
    breaks. Repeating it changes nothing. Raises PermissionDenied, DoesNotExist."""
    require(actor, "assignment.hand_over")
    handover = own_handover(actor, handover_id)
    if handover.change_set_id is not None:
        return handover
    total = HandoverShare.objects.filter(handover=handover).count()
    set_id = start_bulk(
        actor=actor,
        kind=CODE,
        selection=Selection(source=CODE, text=str(handover.pk)),
        arguments={
            "handover_id": handover.pk,
            "reason": reason_of(handover),
            "title": _title(handover, total),
        },
        in_background=total > AT_ONCE,
    )
    handover.change_set_id = set_id
    handover.save(update_fields=["change_set"])
    record_audit(actor, "handover_started", handover, after={"reason": handover.reason, "customers": total})
    if total <= AT_ONCE:
        run_bulk(set_id)
    return handover


@transaction.atomic
def undo_handover(*, actor: Actor, handover_id: int) -> None:
    """Take a whole handover back, leaving alone what was changed since. Raises NotUndoable, PermissionDenied."""
    require(actor, "assignment.hand_over")
    handover = own_handover(actor, handover_id)
    if handover.change_set_id is None:
        raise Handover.DoesNotExist
    total = HandoverShare.objects.filter(handover=handover).count()
    undo_changeset(actor, handover.change_set_id, in_background=total > UNDONE_AT_ONCE)


def own_handover(actor: Actor, handover_id: int) -> Handover:
    """The handover, locked: one's own, or anybody's for who may take back what others did. Raises DoesNotExist."""
    rows = Handover.objects.select_for_update(of=("self",)).select_related("from_staff", "first_taker")
    found = rows.get(pk=handover_id)
    if actor.id is not None and found.made_by_id != actor.id and not actor.may("customers.undo"):
        raise Handover.DoesNotExist
    return found


def reason_of(handover: Handover) -> str:
    """离职交接 · 调到山门店: what the timeline says."""
    kind = "" if handover.kind == Handover.Kind.SOME and handover.reason else str(handover.get_kind_display())
    return " · ".join(part for part in (kind, handover.reason) if part)


def _title(handover: Handover, total: int) -> str:
    if handover.kind in (Handover.Kind.BALANCE, Handover.Kind.NEW):
        return _("%(kind)s：%(n)s 位客户") % {"kind": handover.get_kind_display(), "n": total}
    if handover.from_staff is not None:
        words = {"kind": handover.get_kind_display(), "name": handover.from_staff.name, "n": total}
        return _("%(kind)s：%(name)s的 %(n)s 位客户") % words
    return _("交接 %(n)s 位客户") % {"n": total}
