"""Handing stored letters over: claimed before the server is called; what nobody can tell is never tried again by itself."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from shuke.connectors.mail import rules, store, wire
from shuke.connectors.mail.policy import way
from shuke.connectors.mail.rules import Trouble, new_words
from shuke.connectors.mail.rules.sending import File
from shuke.connectors.mail.services.accounts import smtp_server
from shuke.connectors.models import MailMessage
from shuke.customers.services import Touch, log_interaction
from shuke.kernel import clock
from shuke.kernel.jobs import enqueue_named
from shuke.team.queries import SYSTEM, Actor, visible_staff

STUCK_AFTER = timedelta(minutes=15)
LOGGED_CHARACTERS = 1000
SEND_JOB = "connectors.send_letter"
State = MailMessage.State


def send_letter(*, letter_id: int) -> None:
    """Send one letter if it waits for it; network trouble puts it on the queue again, later and later.

    Safe to run twice: only a letter that is queued is sent. One found being sent was left by a process that ended; whether
    it arrived nobody can tell, so it becomes `unknown`.
    """
    letter = _claim(letter_id)
    if letter is not None:
        _settle(letter.pk, *_hand_over(letter))


@transaction.atomic
def _claim(letter_id: int) -> MailMessage | None:
    letter = (
        MailMessage.objects.select_for_update(of=("self",))
        .select_related("account")
        .filter(pk=letter_id, direction=MailMessage.Direction.OUT)
        .first()
    )
    if letter is None:
        return None
    if letter.state == State.SENDING:
        letter.state, letter.trouble = State.UNKNOWN, Trouble.STOPPED
        letter.save(update_fields=["state", "trouble"])
        return None
    if letter.state != State.QUEUED:
        return None
    letter.state, letter.claimed_at = State.SENDING, clock.now()
    letter.attempts += 1
    letter.save(update_fields=["state", "claimed_at", "attempts"])
    return letter


def _hand_over(letter: MailMessage) -> tuple[Trouble | None, int | None]:
    """(what went wrong, the server's number)."""
    try:
        message = rules.compose(_draft(letter))
    except (OSError, ValueError):  # a file is gone, or an address cannot be written
        return Trouble.BROKEN, None
    try:
        recipient = letter.to_addresses[0]
        server = smtp_server(letter.account)
        wire.send(server, way(), letter=message, sender=letter.from_address, recipient=recipient)
    except wire.Failure as failure:
        return failure.trouble, failure.code
    return None, 250


def _draft(letter: MailMessage) -> rules.Draft:
    files = tuple(
        File(one.name, one.content_type, store.path_of(one.stored).read_bytes())
        for one in letter.attachments.order_by("pk")
        if one.stored
    )
    return rules.Draft(
        message_id=letter.message_id,
        from_address=letter.from_address,
        from_name=letter.from_name,
        to_address=letter.to_addresses[0],
        subject=letter.subject,
        text=letter.text,
        sent_at=clock.now(),
        references=tuple(letter.references),
        files=files,
    )


@transaction.atomic
def _settle(letter_id: int, trouble: Trouble | None, code: int | None) -> None:
    """Write down how an attempt ended; a sure ending also corrects what was taken for uncertain meanwhile."""
    letter = MailMessage.objects.select_for_update(of=("self",)).select_related("account").get(pk=letter_id)
    if letter.state not in (State.SENDING, State.UNKNOWN):
        return
    outcome = rules.after_attempt(trouble, letter.attempts)
    letter.state, letter.reply_code = outcome.state, code
    letter.trouble = trouble.value if trouble else ""
    if outcome.state == State.SENT:
        letter.happened_at = clock.now()
    letter.save(update_fields=["state", "reply_code", "trouble", "happened_at"])
    if outcome.state == State.SENT:
        log_touch(letter)
    if outcome.wait_seconds is not None:
        enqueue_named(SEND_JOB, schedule_in={"seconds": outcome.wait_seconds}, letter_id=letter.pk)


def log_touch(letter: MailMessage) -> None:
    """Let the letter count as a touch with its customer, once. Of a person's mailbox the words stay out of it.

    The writer is named; where they may no longer reach the customer, it is written all the same.
    """
    if letter.customer_id is None or letter.interaction_id is not None:
        return
    touch = Touch(
        kind="email",
        body=_logged_words(letter),
        direction=letter.direction,
        happened_at=letter.happened_at,
    )
    try:
        with transaction.atomic():
            logged = log_interaction(actor=_author(letter), customer_id=letter.customer_id, touch=touch)
    except PermissionDenied:
        logged = log_interaction(actor=SYSTEM, customer_id=letter.customer_id, touch=touch)
    letter.interaction_id = logged.pk
    letter.save(update_fields=["interaction"])


def _logged_words(letter: MailMessage) -> str:
    if not letter.account.is_shop:
        return _("个人邮箱的邮件，内容只有本人和店长看得到。")
    words = f"{letter.subject}\n{new_words(letter.text)}".strip()
    return words[:LOGGED_CHARACTERS]


def _author(letter: MailMessage) -> Actor:
    if letter.staff_id is None:
        return SYSTEM
    return visible_staff(SYSTEM).filter(pk=letter.staff_id).first() or SYSTEM


@transaction.atomic
def forget_stuck() -> int:
    """Letters that have been "being sent" for longer than any server takes: nobody can tell any more. How many."""
    stuck = MailMessage.objects.filter(state=State.SENDING, claimed_at__lt=clock.now() - STUCK_AFTER)
    return stuck.update(state=State.UNKNOWN, trouble=Trouble.STOPPED)
