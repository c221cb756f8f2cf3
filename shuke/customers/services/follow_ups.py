"""What is to be done for a customer next: planned, done, put off, not needed, and each of these taken back."""

from dataclasses import dataclass
from datetime import date, time

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shuke.customers import rules
from shuke.customers.events import FollowUpPlanned
from shuke.customers.models import FollowUp, Interaction
from shuke.customers.services.touches import Touch, log_interaction, reached_customer, remove_interaction
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor, visible_staff
from shuke.team.services import record_audit


@dataclass(frozen=True)
class NextStep:
    """What to do for a customer on a day; without an assignee it is the actor's own, `for_store` it is anybody's there."""

    purpose: str
    due_on: date
    assignee_id: int | None = None
    kind: str = ""
    due_time: time | None = None
    for_store: bool = False


@transaction.atomic
def plan_follow_up(*, actor: Actor, customer_id: int, step: NextStep) -> FollowUp:
    """Plan something to do for a customer. Raises ValidationError without a purpose, or for somebody out of reach."""
    customer = reached_customer(actor, customer_id)
    follow_up = _plan(actor, customer.pk, step)
    record_audit(actor, "follow_up_planned", follow_up, after=_described(follow_up))
    return follow_up


@transaction.atomic
def finish_follow_up(
    *,
    actor: Actor,
    follow_up_id: int,
    result: str = "",
    following: NextStep | None = None,
    touch: Touch | None = None,
) -> FollowUp | None:
    """Done, with its result, and the next one planned in the same step; returns the next one.

    With `touch` the contact itself is written down too. One that is finished already stays as it is and plans nothing more.
    """
    follow_up = FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up_id)
    reached_customer(actor, follow_up.customer_id)
    if follow_up.state != FollowUp.State.OPEN:
        return None
    if touch is not None:
        follow_up.interaction = log_interaction(actor=actor, customer_id=follow_up.customer_id, touch=touch)
    if follow_up.assignee_id is None:
        follow_up.assignee_id = actor.id  # anybody's: it was theirs who did it
    _close(follow_up, FollowUp.State.DONE, result)
    record_audit(actor, "follow_up_done", follow_up, before={"state": "open"}, after=_described(follow_up))
    return _plan(actor, follow_up.customer_id, following, previous=follow_up) if following else None


@transaction.atomic
def cancel_follow_up(*, actor: Actor, follow_up_id: int) -> None:
    """No longer needed."""
    follow_up = FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up_id)
    reached_customer(actor, follow_up.customer_id)
    if follow_up.state != FollowUp.State.OPEN:
        return
    _close(follow_up, FollowUp.State.CANCELLED, "")
    record_audit(actor, "follow_up_cancelled", follow_up, after=_described(follow_up))


@transaction.atomic
def postpone_follow_up(*, actor: Actor, follow_up_id: int, due_on: date) -> date:
    """Do it on another day; returns the day it was on, so that this can be taken back."""
    follow_up = FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up_id)
    reached_customer(actor, follow_up.customer_id)
    before = follow_up.due_on
    if follow_up.state == FollowUp.State.OPEN and before != due_on:
        old = _described(follow_up)
        follow_up.due_on, follow_up.escalated_on = due_on, None
        follow_up.save(update_fields=["due_on", "escalated_on"])
        record_audit(actor, "follow_up_postponed", follow_up, before=old, after=_described(follow_up))
    return before


@transaction.atomic
def reopen_follow_up(*, actor: Actor, follow_up_id: int) -> None:
    """Take "done" or "no longer needed" back, with the touch and the next step that came of it.

    Raises ValidationError when the plan that made it has made its next one by now.
    """
    follow_up = FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up_id)
    reached_customer(actor, follow_up.customer_id)
    if follow_up.state == FollowUp.State.OPEN:
        return
    open_ones = FollowUp.objects.filter(customer_id=follow_up.customer_id, state=FollowUp.State.OPEN)
    if follow_up.plan_id and open_ones.filter(plan_id=follow_up.plan_id).exists():
        raise ValidationError(_("这个计划已经排了下一次，不能再恢复这一次。"))
    before = _described(follow_up)
    _take_back_touch(actor, follow_up)
    for following in open_ones.filter(previous=follow_up):
        _close(following, FollowUp.State.CANCELLED, "")
    follow_up.state, follow_up.result, follow_up.done_at = FollowUp.State.OPEN, "", None
    follow_up.save(update_fields=["state", "result", "done_at", "interaction"])
    record_audit(actor, "follow_up_reopened", follow_up, before=before, after=_described(follow_up))


def _take_back_touch(actor: Actor, follow_up: FollowUp) -> None:
    touch = Interaction.objects.filter(pk=follow_up.interaction_id or 0).first()
    follow_up.interaction = None
    if touch is not None and touch.staff_id == actor.id:
        remove_interaction(actor=actor, interaction_id=touch.pk)


def _plan(actor: Actor, customer_id: int, step: NextStep, previous: FollowUp | None = None) -> FollowUp:
    purpose = rules.clean_line(step.purpose)[:120]
    if not purpose:
        raise ValidationError({"purpose": _("请写下要做什么，比如：回访新茶口味。")})
    if step.kind and step.kind not in Interaction.Kind.values:
        raise ValidationError({"kind": _("请选择联系方式。")})
    follow_up = FollowUp.objects.create(
        customer_id=customer_id,
        purpose=purpose,
        kind=step.kind,
        due_on=step.due_on,
        due_time=step.due_time,
        assignee_id=_assignee(actor, step),
        created_by_id=actor.id,
        previous=previous,
    )
    publish(FollowUpPlanned(customer_id=customer_id, follow_up_id=follow_up.pk))
    return follow_up


def _assignee(actor: Actor, step: NextStep) -> int | None:
    if step.for_store:
        return None
    if step.assignee_id is None or step.assignee_id == actor.id:
        return actor.id
    if not visible_staff(actor).filter(pk=step.assignee_id).exists():
        raise ValidationError({"assignee": _("请选一位同店的在职同事。")})
    return step.assignee_id


def _close(follow_up: FollowUp, state: str, result: str) -> None:
    follow_up.state = state
    follow_up.result = rules.clean_line(result)[:200]
    follow_up.done_at = clock.now()
    follow_up.save(update_fields=["state", "result", "done_at", "interaction", "assignee"])


def _described(follow_up: FollowUp) -> dict[str, object]:
    return {
        "customer": follow_up.customer_id,
        "purpose": follow_up.purpose,
        "due_on": follow_up.due_on.isoformat(),
        "state": follow_up.state,
        "result": follow_up.result,
    }
