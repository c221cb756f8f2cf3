"""What became of a line of 今天: contacted, put off, not needed; and taking that back."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from shuke.customers.services import (
    Touch,
    finish_follow_up,
    log_interaction,
    remove_interaction,
    reopen_follow_up,
)
from shuke.desk import rules
from shuke.desk.events import ContactHandled
from shuke.desk.models import Suggestion
from shuke.desk.wording import RESULT_WORDS
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require
from shuke.value.services import note_mentioned

State = Suggestion.State


class UnknownAnswer(ValueError):
    """A result or a number of days that 今天 does not offer."""


@dataclass(frozen=True)
class Contact:
    """How somebody was reached and what they said: kind is call, sms, wechat …; `result` one of rules.RESULTS."""

    result: str
    kind: str = "call"
    words: str = ""


@transaction.atomic
def mark_contacted(*, actor: Actor, suggestion_id: int, contact: Contact) -> Suggestion:
    """Log the touch and close the line; a promised follow-up is finished with it. Raises UnknownAnswer."""
    line = _locked(actor, suggestion_id)
    if contact.result not in rules.RESULTS:
        raise UnknownAnswer(contact.result)
    if line.state == State.DONE:
        return line
    touch = Touch(kind=contact.kind, body=contact.words, result=str(RESULT_WORDS[contact.result]))
    line.interaction_id = log_interaction(actor=actor, customer_id=line.customer_id, touch=touch).pk
    note_mentioned(actor=actor, customer_id=line.customer_id)
    if _follow_up_of(line):
        finish_follow_up(actor=actor, follow_up_id=_follow_up_of(line), result=touch.result)
    return _answer(actor, line, State.DONE, contact.result)


@transaction.atomic
def put_off(*, actor: Actor, suggestion_id: int, days: int) -> Suggestion:
    """Show the line again after some days. Raises UnknownAnswer for a number that is not offered."""
    line = _locked(actor, suggestion_id)
    if days not in rules.LATER_DAYS:
        raise UnknownAnswer(str(days))
    line.shown_on = clock.today() + timedelta(days=days)
    return _answer(actor, line, State.LATER, "")


@transaction.atomic
def dismiss(*, actor: Actor, suggestion_id: int) -> Suggestion:
    """Not needed: nothing is logged with the customer."""
    return _answer(actor, _locked(actor, suggestion_id), State.DISMISSED, "")


@transaction.atomic
def take_back(*, actor: Actor, suggestion_id: int) -> Suggestion:
    """Open the line again, as if nothing had been said."""
    line = _locked(actor, suggestion_id)
    if line.interaction_id:
        remove_interaction(actor=actor, interaction_id=line.interaction_id)
        line.interaction_id = None
        if _follow_up_of(line):
            reopen_follow_up(actor=actor, follow_up_id=_follow_up_of(line))
    line.shown_on = clock.today()
    return _answer(actor, line, State.OPEN, "")


def _locked(actor: Actor, suggestion_id: int) -> Suggestion:
    line = Suggestion.objects.select_for_update(of=("self",)).get(pk=suggestion_id)
    require(actor, "customers.follow_up", line)
    return line


def _follow_up_of(line: Suggestion) -> int:
    return int(line.facts.get("follow_up_id", 0))


def _answer(actor: Actor, line: Suggestion, state: str, result: str) -> Suggestion:
    before = {"state": line.state, "result": line.result}
    line.state, line.result = state, result
    line.handled_by_id = actor.id if state != State.OPEN else None
    line.handled_at = clock.now() if state != State.OPEN else None
    line.save()
    record_audit(actor, "suggestion_answered", line, before=before, after={"state": state, "result": result})
    publish(ContactHandled(suggestion_id=line.pk, customer_id=line.customer_id, state=state, result=result))
    return line
