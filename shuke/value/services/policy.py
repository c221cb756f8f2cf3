"""The shop's own rules of value."""

from dataclasses import asdict, dataclass

import numpy as np
from django.db import transaction

from shuke.analytics import lifecycle
from shuke.analytics.features import shop_gaps
from shuke.analytics.lifecycle import Thresholds
from shuke.analytics.scoring import Policy
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require
from shuke.value.events import ValuePolicyChanged
from shuke.value.models import Stage, ValuePolicy, ValueSummary
from shuke.value.services.facts import day_number, engine, read_shop
from shuke.value.services.rfm_edges import used_edges


@dataclass(frozen=True)
class PolicyForm:
    """What 价值规则 asks; None: derived from the shop's orders."""

    rfm_window_days: int
    loyal_from_purchases: int
    decline_after_days: int | None
    lapsed_after_days: int | None
    churn_horizon_days: int
    daily_capacity: int
    weekly_warnings: int

    def analytics_policy(self) -> Policy:
        """The part that the computation reads."""
        return Policy(
            window_days=self.rfm_window_days,
            loyal_from=self.loyal_from_purchases,
            decline_after_days=self.decline_after_days,
            lapsed_after_days=self.lapsed_after_days,
            churn_horizon_days=self.churn_horizon_days,
            rfm_edges=used_edges(),
        )


def stored_policy() -> PolicyForm:
    """The rules as they stand; the defaults where none were saved."""
    row = ValuePolicy.objects.first() or ValuePolicy()
    return PolicyForm(**{name: getattr(row, name) for name in PolicyForm.__dataclass_fields__})


@transaction.atomic
def save_policy(*, actor: Actor, form: PolicyForm) -> None:
    """Keep the shop's rules and compute everybody's values anew in the background."""

    require(actor, "value.configure")
    row, _ = ValuePolicy.objects.select_for_update().get_or_create(is_single=True)
    before = asdict(stored_policy())
    for name, value in asdict(form).items():
        setattr(row, name, value)
    row.save()
    record_audit(actor, "value_policy_saved", before=before, after=asdict(form))
    publish(ValuePolicyChanged())


@dataclass(frozen=True)
class PolicyPreview:
    """Customers by stage as stored `now` and as they would stand `then`, and the thresholds that follow."""

    now: dict[str, int]
    then: dict[str, int]
    thresholds: Thresholds


def preview_policy(*, actor: Actor, form: PolicyForm) -> PolicyPreview:
    """What the rules as typed would mean today; nothing is kept."""
    require(actor, "value.configure")
    day = clock.today()
    with engine() as computing:
        purchases = read_shop(computing, as_of=day).purchases
    wanted = form.analytics_policy()
    thresholds = lifecycle.default_thresholds(
        shop_gaps(purchases),
        loyal_from=wanted.loyal_from,
        decline_after_days=wanted.decline_after_days,
        lapsed_after_days=wanted.lapsed_after_days,
    )
    moves = lifecycle.moves_of(purchases, thresholds, as_of=day_number(day))
    stage = lifecycle.standing_of(moves, purchases.customer.size).stage
    counts = np.bincount(stage, minlength=len(lifecycle.STAGES))
    then = {name: int(count) for name, count in zip(lifecycle.STAGES, counts, strict=True)}
    return PolicyPreview(_stored_stages(), then, thresholds)


def _stored_stages() -> dict[str, int]:
    summary = ValueSummary.objects.filter(name="overview", store_id=None).first()
    found = summary.content["stages"] if summary else {}
    return {stage: found.get(stage, 0) for stage in Stage.values}
