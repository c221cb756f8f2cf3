"""The shop's rules of the pool."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shuke.assignment.models import PoolLevelRule, PoolPolicy
from shuke.assignment.queries.pool import PoolTerms
from shuke.assignment.queries.workload import LEVELS
from shuke.assignment.rules.pooling import LevelRule
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

LONGEST_DAYS = 1_000


@dataclass(frozen=True)
class PoolForm:
    """Everything a shop says about its pool."""

    is_on: bool = False
    levels: Mapping[str, LevelRule] = field(default_factory=dict)
    off_store_ids: tuple[int, ...] = ()
    warn_days: int = 3
    spares_key: bool = True
    spares_helped: bool = False
    step_ahead_days: int = 14
    claims_a_day: int = 10
    most_held: int = 500
    cool_off_days: int = 30
    masks_contacts: bool = True
    steps: str = PoolPolicy.Steps.STORE

    @property
    def terms(self) -> PoolTerms:
        """For a dry run."""
        return PoolTerms(
            levels=self.levels,
            off_store_ids=frozenset(self.off_store_ids),
            warn_days=self.warn_days,
            spares_key=self.spares_key,
            spares_helped=self.spares_helped,
            step_ahead_days=self.step_ahead_days,
        )


@transaction.atomic
def save_pool_policy(*, actor: Actor, form: PoolForm) -> PoolPolicy:
    """Keep the rules; they hold from the next night on. Raises ValidationError, PermissionDenied."""
    require(actor, "assignment.configure")
    _check(form)
    PoolPolicy.objects.get_or_create(is_single=True)
    row = PoolPolicy.objects.select_for_update().get(is_single=True)
    before = _described(row)
    for name, value in asdict(form).items():
        if name != "levels":
            setattr(row, name, list(value) if name == "off_store_ids" else value)
    row.save()
    _keep_levels(form.levels)
    record_audit(actor, "pool_policy_saved", row, before=before, after=_described(row))
    return row


def _keep_levels(levels: Mapping[str, LevelRule]) -> None:
    for level in LEVELS:
        PoolLevelRule.objects.update_or_create(level=level, defaults=asdict(levels.get(level, LevelRule())))


def _check(form: PoolForm) -> None:
    days = [
        number
        for rule in form.levels.values()
        for number in (rule.days_without_touch, rule.days_without_purchase)
        if number is not None
    ]
    if any(not 1 <= number <= LONGEST_DAYS for number in days):
        raise ValidationError(_("请填 1 到 1000 天；不要这一条就留空。"))
    if form.is_on and not days:
        raise ValidationError(_("至少给一个价值等级填上天数，公海才知道谁该回来。"))
    if form.steps not in PoolPolicy.Steps.values:
        raise ValidationError(_("请选没做完的跟进怎么办。"))


def _described(row: PoolPolicy) -> dict[str, Any]:
    rules = {
        one.level: [one.days_without_touch, one.days_without_purchase] for one in PoolLevelRule.objects.all()
    }
    return {
        "is_on": row.is_on,
        "warn_days": row.warn_days,
        "claims_a_day": row.claims_a_day,
        "most_held": row.most_held,
        "cool_off_days": row.cool_off_days,
        "levels": rules,
    }


@transaction.atomic
def close_pool(*, actor: Actor) -> None:
    """Switch the pool off; who is in it stays there until somebody claims them."""
    require(actor, "assignment.configure")
    row = PoolPolicy.objects.select_for_update().filter(is_on=True).first()
    if row is not None:
        row.is_on = False
        row.save(update_fields=["is_on"])
        record_audit(actor, "pool_policy_saved", row, before={"is_on": True}, after={"is_on": False})
