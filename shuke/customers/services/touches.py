"""Touches with a customer: written down, mended, taken back and put back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shuke.customers import rules
from shuke.customers.events import InteractionChanged, InteractionLogged, InteractionRemoved
from shuke.customers.models import Customer, Interaction
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

BODY_LENGTH = 4000
FIELDS = ("kind", "direction", "body", "result", "channel")


@dataclass(frozen=True)
class Touch:
    """What happened between us and a customer; without a time it is now.

    `author_name` names who had it when that is nobody of the staff: history that came from elsewhere.
    """

    kind: str
    body: str = ""
    direction: str = "out"
    result: str = ""
    happened_at: datetime | None = None
    channel: str = ""
    author_name: str = ""


@transaction.atomic
def log_interaction(*, actor: Actor, customer_id: int, touch: Touch) -> Interaction:
    """Write a touch down. Raises ValidationError for an unknown kind, or a note without words."""
    customer = reached_customer(actor, customer_id)
    interaction = Interaction(
        customer=customer,
        staff_id=None if touch.author_name else actor.id,
        author_name=rules.clean_line(touch.author_name)[:60],
        happened_at=touch.happened_at or clock.now(),
        **_checked(touch),
    )
    interaction.save()
    record_audit(
        actor, "interaction_logged", interaction, after={"customer": customer.pk, "kind": touch.kind}
    )
    publish(InteractionLogged(customer_id=customer.pk, interaction_id=interaction.pk))
    return interaction


@transaction.atomic
def change_interaction(*, actor: Actor, interaction_id: int, touch: Touch) -> Interaction:
    """Mend a touch: by its author, or whoever manages the team. Its author and, unless given, its time stay.

    Raises ValidationError as `log_interaction` does.
    """
    interaction = _own(actor, interaction_id)
    before = _described(interaction)
    for field, value in _checked(touch).items():
        setattr(interaction, field, value)
    interaction.happened_at = touch.happened_at or interaction.happened_at
    if _described(interaction) == before:
        return interaction
    return _save_changed(actor, interaction, before)


@transaction.atomic
def revert_interaction(*, actor: Actor, interaction_id: int) -> Interaction:
    """Take the last change of a touch back; one that was never changed stays as it is."""
    interaction = _own(actor, interaction_id)
    if not interaction.earlier:
        return interaction
    before = _described(interaction)
    for field in FIELDS:
        setattr(interaction, field, interaction.earlier[field])
    interaction.happened_at = datetime.fromisoformat(interaction.earlier["happened_at"])
    return _save_changed(actor, interaction, before)


@transaction.atomic
def remove_interaction(*, actor: Actor, interaction_id: int) -> None:
    """Take back a touch that was written down by mistake: by its author, or whoever manages the team."""
    interaction = _own(actor, interaction_id)
    interaction.removed_at = clock.now()
    interaction.save(update_fields=["removed_at"])
    record_audit(actor, "interaction_removed", interaction, before=_described(interaction))
    publish(InteractionRemoved(customer_id=interaction.customer_id, interaction_id=interaction.pk))


@transaction.atomic
def restore_interaction(*, actor: Actor, interaction_id: int) -> Interaction:
    """Put a touch back that was taken back; one that stands stays as it is."""
    interaction = _own(actor, interaction_id, removed=True)
    if interaction.removed_at is None:
        return interaction
    interaction.removed_at = None
    interaction.save(update_fields=["removed_at"])
    record_audit(actor, "interaction_restored", interaction, after=_described(interaction))
    publish(InteractionChanged(customer_id=interaction.customer_id, interaction_id=interaction.pk))
    return interaction


def reached_customer(actor: Actor, customer_id: int) -> Customer:
    """The customer, if the actor may follow them up. Raises PermissionDenied, DoesNotExist."""
    customer = Customer.objects.only("pk", "store_id", "account_manager_id").get(pk=customer_id)
    require(actor, "customers.follow_up", customer)
    return customer


def _checked(touch: Touch) -> dict[str, str]:
    body = rules.clean_text(touch.body)[:BODY_LENGTH]
    if touch.kind not in Interaction.Kind.values or touch.direction not in Interaction.Direction.values:
        raise ValidationError({"kind": _("请选择联系方式。")})
    if touch.kind == Interaction.Kind.NOTE and not body:
        raise ValidationError({"body": _("请写一句话再保存。")})
    return {
        "kind": touch.kind,
        "direction": touch.direction,
        "body": body,
        "result": rules.clean_line(touch.result)[:40],
        "channel": rules.clean_line(touch.channel)[:40],
    }


def _own(actor: Actor, interaction_id: int, *, removed: bool = False) -> Interaction:
    rows = Interaction.everything if removed else Interaction.objects
    interaction = rows.select_for_update(of=("self",)).get(pk=interaction_id)
    reached_customer(actor, interaction.customer_id)
    if actor.id is None or interaction.staff_id != actor.id:
        require(actor, "team.manage")
    return interaction


def _save_changed(actor: Actor, interaction: Interaction, before: dict[str, Any]) -> Interaction:
    interaction.earlier, interaction.changed_at = before, clock.now()
    interaction.save()
    record_audit(actor, "interaction_changed", interaction, before=before, after=_described(interaction))
    publish(InteractionChanged(customer_id=interaction.customer_id, interaction_id=interaction.pk))
    return interaction


def _described(interaction: Interaction) -> dict[str, Any]:
    found: dict[str, Any] = {field: getattr(interaction, field) for field in FIELDS}
    return {
        "customer": interaction.customer_id,
        **found,
        "happened_at": interaction.happened_at.isoformat(),
    }
