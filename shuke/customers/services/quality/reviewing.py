"""请核实 · 资料: a clerk goes through profiles one after the other; each decision can be taken back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from shuke.customers.models import FieldChange, FieldCheck, ProfileReview
from shuke.customers.rules import quality as rules
from shuke.customers.rules.asking import LATER_DAYS, UNREACHED_DAYS
from shuke.customers.services.changesets import undo_field_change
from shuke.customers.services.kept import opened
from shuke.customers.services.quality.checks import Word, write_checks
from shuke.customers.services.quality.scoring import refresh_quality
from shuke.customers.services.records import change_customer
from shuke.customers.services.touches import Touch, log_interaction, remove_interaction
from shuke.kernel import clock
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

Outcome = ProfileReview.Outcome


@dataclass(frozen=True)
class Review:
    """What a clerk found: fields that are still right, and changes as `change_customer` takes them."""

    right: tuple[str, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def review_profile(*, actor: Actor, customer_id: int, review: Review) -> ProfileReview:
    """Confirm fields and write corrections, with history, as one decision that can be taken back.

    Raises what `change_customer` raises (ValidationError, IdentityTaken, PermissionDenied, DoesNotExist); then nothing changed.
    """
    customer = opened(actor, customer_id)
    right = [code for code in review.right if code in rules.FIELD_OF]
    before = _checks_of(customer.pk, right)
    changes = changed_by(
        customer.pk, lambda: change_customer(actor=actor, customer_id=customer.pk, **review.changes)
    )
    write_checks(actor, customer.pk, [Word(code, is_right=True) for code in right])
    outcome = Outcome.CORRECTED if changes else Outcome.CONFIRMED
    made = ProfileReview(
        customer=customer, staff_id=actor.id, outcome=outcome, fields=right, before=before, changes=changes
    )
    return _saved(actor, made)


@transaction.atomic
def note_unreached(*, actor: Actor, customer_id: int) -> ProfileReview:
    """The call did not get through: logged as a touch, the phone is in doubt, and the customer rests for two weeks."""
    customer = opened(actor, customer_id)
    touch = Touch(kind="call", body=_("核实资料"), result=_("没接"))
    logged = log_interaction(actor=actor, customer_id=customer.pk, touch=touch)
    made = ProfileReview(
        customer=customer,
        staff_id=actor.id,
        outcome=Outcome.UNREACHED,
        interaction_id=logged.pk,
        shown_from=clock.today() + timedelta(days=UNREACHED_DAYS),
    )
    return _saved(actor, made)


@transaction.atomic
def put_off_review(*, actor: Actor, customer_id: int, days: int) -> ProfileReview:
    """Not now: the queue leaves the customer out for so many days. Raises ValueError for other than the days offered."""
    if days not in LATER_DAYS:
        raise ValueError(f"not offered: {days} days")
    customer = opened(actor, customer_id)
    later = clock.today() + timedelta(days=days)
    made = ProfileReview(customer=customer, staff_id=actor.id, outcome=Outcome.LATER, shown_from=later)
    return _saved(actor, made)


def _saved(actor: Actor, review: ProfileReview) -> ProfileReview:
    review.decided_at = clock.now()
    review.save()
    told = {"customer": review.customer_id, "outcome": str(review.outcome), "fields": review.fields}
    record_audit(actor, "profile_reviewed", review, after=told)
    refresh_quality([review.customer_id])
    return review


@transaction.atomic
def undo_review(*, actor: Actor, review_id: int) -> ProfileReview:
    """Take a decision back: checks and fields as they were, a logged call removed. Twice changes nothing.

    One's own; other people's need `customers.undo`. A field that somebody changed since stays as it is now.
    """
    review = ProfileReview.objects.select_for_update(of=("self",)).get(pk=review_id)
    customer = opened(actor, review.customer_id)
    if review.staff_id != actor.id:
        require(actor, "customers.undo", customer)
    if review.undone_at is not None:
        return review
    undo_changes(actor, review.changes)
    for code, stood in review.before.items():
        _restore_check(customer.pk, code, stood, review)
    if review.interaction_id:
        _remove_touch(actor, review.interaction_id)
    review.undone_at = clock.now()
    review.save(update_fields=["undone_at"])
    record_audit(actor, "profile_review_undone", review, before={"outcome": review.outcome})
    refresh_quality([customer.pk])
    return review


def changed_by(customer_id: int, act: Any) -> list[int]:
    """Do something to a customer; returns the field changes that came of it, in the caller's transaction."""
    rows = FieldChange.objects.filter(customer_id=customer_id)
    last = rows.order_by("-pk").values_list("pk", flat=True).first() or 0
    act()
    return list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True))


def undo_changes(actor: Actor, change_ids: Iterable[int]) -> None:
    """Put fields back, the newest first; what was changed again since stays."""
    for change_id in sorted(change_ids, reverse=True):
        if FieldChange.objects.filter(pk=change_id, undo=FieldChange.Undo.NONE).exists():
            undo_field_change(actor=actor, change_id=change_id)


def _checks_of(customer_id: int, codes: list[str]) -> dict[str, Any]:
    rows = FieldCheck.objects.filter(customer_id=customer_id, field__in=codes)
    known = {
        row.field: {
            "is_right": row.is_right,
            "source": row.source,
            "staff_id": row.staff_id,
            "checked_at": row.checked_at.isoformat(),
        }
        for row in rows
    }
    return {code: known.get(code) for code in codes}


def _restore_check(customer_id: int, code: str, stood: Any, review: ProfileReview) -> None:
    """The check that stood there before, unless somebody said something newer."""
    rows = FieldCheck.objects.filter(customer_id=customer_id, field=code, checked_at__lte=_moment(review))
    if stood is None:
        rows.delete()
    else:
        rows.update(**{**stood, "checked_at": parse_datetime(stood["checked_at"])})


def _moment(review: ProfileReview) -> Any:
    return timezone.localtime(review.decided_at) + timedelta(seconds=1)


def _remove_touch(actor: Actor, interaction_id: int) -> None:
    try:
        remove_interaction(actor=actor, interaction_id=interaction_id)
    except PermissionDenied:
        return  # a manager takes a clerk's decision back: the touch stays the clerk's
