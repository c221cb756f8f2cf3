"""Deciding about likely pairs: not the same person, or later. (Merging them is `services.merging`.)"""

from datetime import timedelta

from django.db import transaction

from shuke.customers.models import DuplicatePair
from shuke.kernel import clock
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

LATER_DAYS = 7


@transaction.atomic
def decide_pair(*, actor: Actor, pair_id: int, decision: str) -> None:
    """`different` closes the pair for good, also for later searches; `later` hides it for a week."""
    pair = _locked(actor, pair_id)
    if decision == "later":
        pair.shown_from = clock.today() + timedelta(days=LATER_DAYS)
    elif decision == DuplicatePair.State.DIFFERENT:
        pair.state = DuplicatePair.State.DIFFERENT
    else:
        raise ValueError(f"no decision {decision!r}")
    pair.decided_by_id, pair.decided_at = actor.id, clock.now()
    pair.save()
    record_audit(actor, "duplicate_decided", pair, after={"decision": decision})


@transaction.atomic
def reopen_pair(*, actor: Actor, pair_id: int) -> None:
    """Take a decision back."""
    pair = _locked(actor, pair_id)
    before = {"state": pair.state, "shown_from": str(pair.shown_from or "")}
    pair.state, pair.shown_from = DuplicatePair.State.OPEN, None
    pair.decided_by, pair.decided_at = None, None
    pair.save()
    record_audit(actor, "duplicate_decided", pair, before=before, after={"decision": ""})


def _locked(actor: Actor, pair_id: int) -> DuplicatePair:
    rows = DuplicatePair.objects.select_for_update(of=("self",)).select_related("first", "second")
    pair = rows.get(pk=pair_id)
    require(actor, "customers.edit", pair.first)
    require(actor, "customers.edit", pair.second)
    return pair
