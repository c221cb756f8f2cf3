"""Touches with a customer and what is to be done next."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shuke.customers import rules
from shuke.customers.events import FollowUpPlanned, InteractionLogged
from shuke.customers.models import Customer, FollowUp, Interaction
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

BODY_LENGTH = 4000


@dataclass(frozen=True)
class Touch:
    """What happened between us and a customer; without a time it is now."""

    kind: str
    body: str = ""
    direction: str = "out"
    result: str = ""
    happened_at: datetime | None = None


@dataclass(frozen=True)
class NextStep:
    """What to do for a customer on a day; without an assignee it is the actor's own."""

    purpose: str
    due_on: date
    assignee_id: int | None = None


@transaction.atomic
def log_interaction(*, actor: Actor, customer_id: int, touch: Touch) -> Interaction:
    """Write a touch down. Raises ValidationError for an unknown kind, or a note without words."""
    customer = _reached(actor, customer_id)
    body = rules.clean_text(touch.body)[:BODY_LENGTH]
    if touch.kind not in Interaction.Kind.values or touch.direction not in Interaction.Direction.values:
        raise ValidationError({"kind": _("请选择联系方式。")})
    if touch.kind == Interaction.Kind.NOTE and not body:
        raise ValidationError({"body": _("请写一句话再保存。")})
    interaction = Interaction.objects.create(
        customer=customer,
        kind=touch.kind,
        direction=touch.direction,
        body=body,
        result=rules.clean_line(touch.result)[:40],
        staff_id=actor.id,
        happened_at=touch.happened_at or clock.now(),
    )
    record_audit(
        actor, "interaction_logged", interaction, after={"customer": customer.pk, "kind": touch.kind}
    )
    publish(InteractionLogged(customer_id=customer.pk, interaction_id=interaction.pk))
    return interaction


@transaction.atomic
def remove_interaction(*, actor: Actor, interaction_id: int) -> None:
    """Take back a touch that was written down by mistake: by its author, or whoever manages the team."""
    interaction = Interaction.objects.select_for_update(of=("self",)).get(pk=interaction_id)
    _reached(actor, interaction.customer_id)
    if interaction.staff_id != actor.id:
        require(actor, "team.manage")
    before = {"customer": interaction.customer_id, "kind": interaction.kind, "body": interaction.body}
    record_audit(actor, "interaction_removed", interaction, before=before)
    interaction.delete()


@transaction.atomic
def plan_follow_up(*, actor: Actor, customer_id: int, step: NextStep) -> FollowUp:
    """Plan something to do for a customer. Raises ValidationError without a purpose."""
    customer = _reached(actor, customer_id)
    follow_up = _plan(actor, customer.pk, step)
    record_audit(actor, "follow_up_planned", follow_up, after=_described(follow_up))
    return follow_up


@transaction.atomic
def finish_follow_up(
    *, actor: Actor, follow_up_id: int, result: str = "", following: NextStep | None = None
) -> FollowUp | None:
    """Done, with its result, and the next one planned in the same step; returns the next one.

    One that is finished already stays as it is and plans nothing more.
    """
    follow_up = FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up_id)
    _reached(actor, follow_up.customer_id)
    if follow_up.state != FollowUp.State.OPEN:
        return None
    _close(follow_up, FollowUp.State.DONE, result)
    record_audit(actor, "follow_up_done", follow_up, before={"state": "open"}, after=_described(follow_up))
    return _plan(actor, follow_up.customer_id, following) if following else None


@transaction.atomic
def cancel_follow_up(*, actor: Actor, follow_up_id: int) -> None:
    """No longer needed."""
    follow_up = FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up_id)
    _reached(actor, follow_up.customer_id)
    _close(follow_up, FollowUp.State.CANCELLED, "")
    record_audit(actor, "follow_up_cancelled", follow_up, after=_described(follow_up))


@transaction.atomic
def reopen_follow_up(*, actor: Actor, follow_up_id: int) -> None:
    """Take "done" or "no longer needed" back."""
    follow_up = FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up_id)
    _reached(actor, follow_up.customer_id)
    before = _described(follow_up)
    follow_up.state, follow_up.result, follow_up.done_at = FollowUp.State.OPEN, "", None
    follow_up.save(update_fields=["state", "result", "done_at"])
    record_audit(actor, "follow_up_reopened", follow_up, before=before, after=_described(follow_up))


def _reached(actor: Actor, customer_id: int) -> Customer:
    customer = Customer.objects.only("pk", "store_id", "account_manager_id").get(pk=customer_id)
    require(actor, "customers.follow_up", customer)
    return customer


def _plan(actor: Actor, customer_id: int, step: NextStep) -> FollowUp:
    purpose = rules.clean_line(step.purpose)[:120]
    if not purpose:
        raise ValidationError({"purpose": _("请写下要做什么，比如：回访新茶口味。")})
    follow_up = FollowUp.objects.create(
        customer_id=customer_id,
        purpose=purpose,
        due_on=step.due_on,
        assignee_id=step.assignee_id or actor.id,
        created_by_id=actor.id,
    )
    publish(FollowUpPlanned(customer_id=customer_id, follow_up_id=follow_up.pk))
    return follow_up


def _close(follow_up: FollowUp, state: str, result: str) -> None:
    follow_up.state = state
    follow_up.result = rules.clean_line(result)[:200]
    follow_up.done_at = clock.now()
    follow_up.save(update_fields=["state", "result", "done_at"])


def _described(follow_up: FollowUp) -> dict[str, object]:
    return {
        "customer": follow_up.customer_id,
        "purpose": follow_up.purpose,
        "due_on": follow_up.due_on.isoformat(),
        "state": follow_up.state,
        "result": follow_up.result,
    }
