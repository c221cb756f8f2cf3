"""What a good profile is to this shop."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from shuke.customers.models import QualityPolicy
from shuke.customers.rules import asking
from shuke.customers.rules import quality as rules
from shuke.kernel.jobs import enqueue_named
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

REBUILD_JOB = "customers.rebuild_quality"


@dataclass(frozen=True)
class QualityForm:
    """Weights of persons' and companies' fields, 0 to 100, and half-lives in days; what is not named stays as usual.

    `takes`: what a customer's answer writes at once; `link_days`: for how long their link opens.
    """

    person: Mapping[str, int] = field(default_factory=dict)
    company: Mapping[str, int] = field(default_factory=dict)
    half_lives: Mapping[str, int] = field(default_factory=dict)
    takes: str = asking.BLANKS
    link_days: int = 7


@transaction.atomic
def save_quality_policy(*, actor: Actor, form: QualityForm) -> None:
    """Change what counts; everybody is scored anew by a job. Raises PermissionDenied."""
    require(actor, "shop.configure")
    policy, _is_new = QualityPolicy.objects.select_for_update().get_or_create(is_single=True)
    before = _told(policy)
    policy.person = rules.tidy_weights(form.person, rules.PERSON)
    policy.company = rules.tidy_weights(form.company, rules.COMPANY)
    policy.half_lives = rules.tidy_half_lives(form.half_lives)
    policy.takes = form.takes if form.takes in asking.TAKES else asking.NOTHING
    policy.link_days = min(max(form.link_days, asking.LEAST_DAYS), asking.MOST_DAYS)
    after = _told(policy)
    if after == before:
        return
    policy.save()
    record_audit(actor, "quality_policy_saved", policy, before=before, after=after)
    if any(before[name] != after[name] for name in ("person", "company", "half_lives")):
        enqueue_named(REBUILD_JOB)


def _told(policy: QualityPolicy) -> dict[str, Any]:
    names = ("person", "company", "half_lives", "takes", "link_days")
    return {name: getattr(policy, name) for name in names}
