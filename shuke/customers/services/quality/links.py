"""The address under which a customer checks their own data: signed, secret, expiring, good for one answer."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from shuke.customers.models import Customer, ProfileLink, ProfileProposal
from shuke.customers.queries.asking import current_values, live_links
from shuke.customers.queries.quality import quality_policy
from shuke.customers.rules import asking as rules
from shuke.customers.rules.profile import tidy_place
from shuke.customers.services.feeds import digest_of
from shuke.customers.services.history import from_json, to_json
from shuke.customers.services.kept import opened
from shuke.customers.services.quality.checks import Word, write_checks
from shuke.customers.services.quality.reviewing import changed_by, undo_changes
from shuke.customers.services.quality.scoring import refresh_quality
from shuke.customers.services.records import change_customer
from shuke.kernel import clock
from shuke.team.queries import SYSTEM, Actor
from shuke.team.services import record_audit, require

SALT, SIGNATURE, LONGEST_TOKEN, MOST_OPENED = "customers.profile_link", 12, 80, 200


@dataclass(frozen=True)
class Answer:
    """What a customer says: fields that are right as they stand, and new values (birthday as Birthday, address as one line)."""

    right: tuple[str, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)


class LinkGone(LookupError):
    """No such link, or it is used up, taken back, too old, or its customer is gone: a stranger is not told which."""


# --- the address ---


@transaction.atomic
def issue_link(*, actor: Actor, customer_id: int) -> str:
    """A new address for a customer; the one before stops working. Returns its token: it is not kept readable, show it now."""
    customer = opened(actor, customer_id)
    _revoke(customer.pk)
    secret = secrets.token_urlsafe(16)
    days = min(max(quality_policy().link_days, rules.LEAST_DAYS), rules.MOST_DAYS)
    link = ProfileLink.objects.create(
        customer=customer,
        digest=digest_of(secret),
        created_by_id=actor.id,
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=days),
    )
    record_audit(actor, "profile_link_issued", link, after={"customer": customer.pk, "days": days})
    return f"{secret}.{_signature(secret)}"


@transaction.atomic
def revoke_link(*, actor: Actor, customer_id: int) -> None:
    """The customer's address works no more."""
    customer = opened(actor, customer_id)
    if _revoke(customer.pk):
        record_audit(actor, "profile_link_revoked", customer)


def _revoke(customer_id: int) -> int:
    return ProfileLink.objects.filter(customer_id=customer_id, revoked_at=None, answered_at=None).update(
        revoked_at=clock.now()
    )


def _signature(secret: str) -> str:
    return salted_hmac(SALT, secret, algorithm="sha256").hexdigest()[:SIGNATURE]


def secret_of(token: str) -> str:
    """The secret in a token. Raises LinkGone for one that we did not sign: such a one costs no query."""
    secret, _dot, signature = token[:LONGEST_TOKEN].partition(".")
    if not secret or not constant_time_compare(signature, _signature(secret)):
        raise LinkGone
    return secret


def open_link(token: str) -> ProfileLink:
    """The live link of a token, for whoever holds it; notes that it was opened. Raises LinkGone."""
    secret = secret_of(token)
    with transaction.atomic():
        link = _live(secret)
        link.opened_count += 1
        link.opened_at = link.opened_at or clock.now()
        link.save(update_fields=["opened_count", "opened_at"])
        return link


def _live(secret: str) -> ProfileLink:
    rows = live_links().select_for_update(of=("self",)).select_related("customer")
    link = rows.filter(digest=digest_of(secret), opened_count__lt=MOST_OPENED).first()
    if link is None:
        raise LinkGone
    return link


# --- the answer ---


@transaction.atomic
def answer_link(token: str, answer: Answer) -> ProfileLink:
    """Take down what a customer says about their own data; the link is used up by it.

    Confirmed fields are checked; changes are written or wait for somebody to look, as the shop wants it. Raises LinkGone, and
    ValidationError for values that cannot be; then nothing has changed.
    """
    link = _live(secret_of(token))
    customer = link.customer
    now = current_values(customer)
    given = {
        code: value for code, value in answer.given.items() if code in rules.ASKED and value != now[code]
    }
    sorted_ = rules.sort_answer({code: not now[code] for code in given}, quality_policy().takes)
    written = _write(customer, {code: given[code] for code in sorted_.at_once})
    for code in sorted_.proposed:
        _propose(link, code, now[code], given[code])
    right = [code for code in answer.right if code in rules.ASKED and now[code] and code not in given]
    words = [Word(code, is_right=True, source="customer") for code in (*right, *written)]
    write_checks(SYSTEM, customer.pk, words)
    link.answered_at = clock.now()
    link.answer = {"right": right, "changed": written, "proposed": list(sorted_.proposed)}
    link.save(update_fields=["answered_at", "answer"])
    record_audit(SYSTEM, "profile_answered", customer, after={"link": link.pk, **link.answer})
    refresh_quality([customer.pk])
    return link


def _write(customer: Customer, values: dict[str, Any]) -> list[str]:
    changes = {key: value for code, given in values.items() for key, value in columns_of(code, given).items()}
    if changes:
        change_customer(actor=SYSTEM, customer_id=customer.pk, **changes)
    return list(values)


def columns_of(code: str, value: Any) -> dict[str, Any]:
    """A field's value as `change_customer` takes it; an address in one line is taken apart."""
    if code != "address":
        return {code: value}
    place = tidy_place("", "", "", value)
    return {
        "province": place.province,
        "city": place.city,
        "district": place.district,
        "address": place.detail,
    }


def _propose(link: ProfileLink, code: str, before: Any, after: Any) -> None:
    ProfileProposal.objects.update_or_create(
        customer_id=link.customer_id,
        field=code,
        state=ProfileProposal.State.OPEN,
        defaults={
            "link": link,
            "before": to_json(before),
            "after": to_json(after),
            "created_at": clock.now(),
        },
    )


# --- what waits for somebody to look ---


@transaction.atomic
def decide_proposal(*, actor: Actor, proposal_id: int, is_taken: bool) -> ProfileProposal:
    """Take over what a customer wants changed, by the usual rules and with history, or leave things as they are.

    Raises IdentityTaken, ValidationError, PermissionDenied, DoesNotExist; then nothing has changed.
    """
    proposal = _locked(actor, proposal_id)
    if proposal.state != ProfileProposal.State.OPEN:
        return proposal
    if is_taken:
        value = from_json(proposal.field, proposal.after)
        changes = columns_of(proposal.field, value)
        proposal.changes = changed_by(
            proposal.customer_id,
            lambda: change_customer(actor=actor, customer_id=proposal.customer_id, **changes),
        )
        write_checks(actor, proposal.customer_id, [Word(proposal.field, is_right=True, source="customer")])
    proposal.state = ProfileProposal.State.TAKEN if is_taken else ProfileProposal.State.REFUSED
    proposal.decided_by_id, proposal.decided_at = actor.id, clock.now()
    proposal.save()
    told = {"field": proposal.field, "state": str(proposal.state)}
    record_audit(actor, "profile_proposal_decided", proposal, after=told)
    refresh_quality([proposal.customer_id])
    return proposal


@transaction.atomic
def reopen_proposal(*, actor: Actor, proposal_id: int) -> ProfileProposal:
    """Take a decision back: the field is as it was, and the proposal waits again, unless a newer one does."""
    proposal = _locked(actor, proposal_id)
    if proposal.state == ProfileProposal.State.OPEN:
        return proposal
    newer = ProfileProposal.objects.filter(
        customer_id=proposal.customer_id, field=proposal.field, state=ProfileProposal.State.OPEN
    )
    if newer.exists():
        raise ValidationError(_("客户后来又改过这一项，请看新的那条。"))
    undo_changes(actor, proposal.changes)
    before = str(proposal.state)
    proposal.state, proposal.changes = ProfileProposal.State.OPEN, []
    proposal.decided_by, proposal.decided_at = None, None
    proposal.save()
    record_audit(
        actor, "profile_proposal_decided", proposal, before={"state": before}, after={"state": "open"}
    )
    refresh_quality([proposal.customer_id])
    return proposal


def _locked(actor: Actor, proposal_id: int) -> ProfileProposal:
    proposal = ProfileProposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
    if not Customer.objects.filter(pk=proposal.customer_id, merged_into=None, deleted_at=None).exists():
        raise ObjectDoesNotExist
    require(actor, "customers.edit", proposal.customer)
    return proposal
