"""What people can carry, what customers weigh, and to whom a store's new customers go."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shuke.assignment.models import AssignmentPolicy, Duty, StoreRule
from shuke.team.queries import Actor, staff_of, visible_staff, visible_stores
from shuke.team.services import record_audit, require

MOST_CAPACITY, HEAVIEST, MOST_CHANNELS = 100_000, 100, 30


@dataclass(frozen=True)
class DutyForm:
    """What one person can take."""

    capacity: int
    is_senior: bool = False
    away_from: date | None = None
    away_until: date | None = None


@dataclass(frozen=True)
class PolicyForm:
    """What customers and follow-ups weigh."""

    weight_high: int = 5
    weight_potential: int = 3
    weight_low: int = 1
    weight_none: int = 1
    weight_follow_up: int = 2
    seniors_for_key: bool = False


@dataclass(frozen=True)
class RuleForm:
    """To whom a store's new customers go; `channels`: first channel → staff id."""

    how: str
    channels: Mapping[str, int] = field(default_factory=dict)


@transaction.atomic
def save_duty(*, actor: Actor, staff_id: int, form: DutyForm) -> Duty:
    """Keep what somebody can take. Raises ValidationError, PermissionDenied for people out of reach."""
    require(actor, "assignment.hand_over")
    if not staff_of(actor).filter(pk=staff_id).exists():
        raise PermissionDenied(_("这位同事不在您的范围内。"))
    if not 1 <= form.capacity <= MOST_CAPACITY:
        raise ValidationError(_("请填 1 到 100000。"))
    if form.away_from and form.away_until and form.away_until < form.away_from:
        raise ValidationError(_("休假结束不能早于开始。"))
    Duty.objects.get_or_create(staff_id=staff_id)
    row = Duty.objects.select_for_update().get(pk=staff_id)
    before = _facts(row)
    for name, value in asdict(form).items():
        setattr(row, name, value)
    row.save()
    record_audit(actor, "duty_saved", row, before=before, after=_facts(row))
    return row


def _facts(row: Duty) -> dict[str, object]:
    return {
        "capacity": row.capacity,
        "is_senior": row.is_senior,
        "away": f"{row.away_from or ''}–{row.away_until or ''}".strip("–"),
    }


@transaction.atomic
def save_policy(*, actor: Actor, form: PolicyForm) -> AssignmentPolicy:
    """Keep the shop's weights. Raises ValidationError, PermissionDenied."""
    require(actor, "assignment.configure")
    given = asdict(form)
    if any(not 0 <= number <= HEAVIEST for name, number in given.items() if name.startswith("weight")):
        raise ValidationError(_("请填 0 到 100。"))
    AssignmentPolicy.objects.get_or_create(is_single=True)
    row = AssignmentPolicy.objects.select_for_update().get(is_single=True)
    before = {name: getattr(row, name) for name in given}
    for name, value in given.items():
        setattr(row, name, value)
    row.save()
    record_audit(actor, "assignment_policy_saved", row, before=before, after=given)
    return row


@transaction.atomic
def save_rule(*, actor: Actor, store_id: int, form: RuleForm) -> StoreRule:
    """Keep to whom a store's new customers go. Raises ValidationError, PermissionDenied for stores out of reach."""
    require(actor, "assignment.hand_over")
    if not visible_stores(actor).filter(pk=store_id).exists():
        raise PermissionDenied(_("这家门店不在您的范围内。"))
    if form.how not in StoreRule.How.values:
        raise ValidationError(_("请选新客户给谁。"))
    channels = {" ".join(name.split())[:40]: pk for name, pk in list(form.channels.items())[:MOST_CHANNELS]}
    known = {one.pk for one in visible_staff(actor).filter(pk__in=list(channels.values()))}
    if set(channels.values()) - known:
        raise ValidationError(_("请选在职的同事。"))
    StoreRule.objects.get_or_create(store_id=store_id)
    row = StoreRule.objects.select_for_update().get(pk=store_id)
    before = {"how": row.how, "channels": row.channels}
    row.how, row.channels = form.how, {name: pk for name, pk in channels.items() if name}
    row.save()
    record_audit(
        actor, "store_rule_saved", row, before=before, after={"how": row.how, "channels": row.channels}
    )
    return row
