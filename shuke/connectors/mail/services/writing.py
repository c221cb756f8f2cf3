"""Writing letters, and deciding about those that did not go."""

import re
import uuid
from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shuke.connectors.mail import rules, store
from shuke.connectors.mail.queries import accounts_to_send_from, answerable_letter, visible_letters
from shuke.connectors.mail.rules.text import many_lines, one_line
from shuke.connectors.mail.services.sending import SEND_JOB, log_touch
from shuke.connectors.models import MailAccount, MailAttachment, MailMessage
from shuke.customers.queries import contact_allowed, visible_customers
from shuke.customers.queries.addresses import emails_of
from shuke.kernel import clock
from shuke.kernel.jobs import enqueue_named
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

_OPERATION = re.compile(r"[A-Za-z0-9-]{8,64}")
_SUBJECT_LENGTH = 200


@dataclass(frozen=True)
class NewFile:
    """A file to go along, as it was uploaded."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class NewLetter:
    """A letter to a customer. The same `operation_id` again is the same letter; `answers_id` names the one it answers.

    `waits`: where the shop's limits hold it back, it goes when they let it.
    """

    operation_id: str
    account_id: int
    customer_id: int
    to_address: str
    subject: str
    text: str
    answers_id: int | None = None
    files: tuple[NewFile, ...] = ()
    waits: bool = False


class Held(ValueError):
    """The shop's limits say not to write to this customer now; its words say why."""


@transaction.atomic
def write_letter(*, actor: Actor, letter: NewLetter) -> MailMessage:
    """Put a letter on its way: stored, then sent by a job. The same operation again changes nothing.

    Raises ValidationError by field, Held, PermissionDenied, DoesNotExist (no such customer or mailbox within reach).
    """
    require(actor, "mail.send")
    customer = visible_customers(actor).get(pk=letter.customer_id)
    account = accounts_to_send_from(actor).get(pk=letter.account_id)
    if earlier := MailMessage.objects.filter(operation_id=letter.operation_id).first():
        return _same(earlier, actor, letter)
    answered = _answered(actor, letter)
    _check(letter, emails_of(customer.pk))
    wait = 0 if answered is not None else _wait_seconds(letter)
    stored = _store(actor, account, letter, answered)
    _store_files(stored, letter.files)
    record_audit(actor, "mail_written", stored, after={"customer": customer.pk, "subject": stored.subject})
    enqueue_named(SEND_JOB, schedule_in={"seconds": wait} if wait else None, letter_id=stored.pk)
    return stored


def _wait_seconds(letter: NewLetter) -> int:
    """How long the shop's limits hold a letter back; 0: not at all. Raises Held when it is not to wait."""
    verdict = contact_allowed(letter.customer_id, "email")
    if verdict.is_allowed:
        return 0
    if not letter.waits or verdict.free_from is None:
        raise Held(verdict.reason)
    return max(int((verdict.free_from - clock.now()).total_seconds()) + 1, 1)


def _same(earlier: MailMessage, actor: Actor, letter: NewLetter) -> MailMessage:
    if earlier.staff_id != actor.id or earlier.customer_id != letter.customer_id:
        raise ValidationError(_("这封信的编号已经用过，请重新打开写信的页面。"))
    return earlier


def _answered(actor: Actor, letter: NewLetter) -> MailMessage | None:
    if letter.answers_id is None:
        return None
    answered = answerable_letter(actor, letter.answers_id)
    if answered is None or answered.customer_id != letter.customer_id:
        raise ObjectDoesNotExist
    return answered


def _check(letter: NewLetter, addresses: list[str]) -> None:
    problems: dict[str, str] = {}
    if not _OPERATION.fullmatch(letter.operation_id):
        raise ValidationError(_("页面放得太久了，请重新打开写信的页面。"))
    if letter.to_address not in addresses:
        problems["to_address"] = _("请从客户的邮箱里选一个。")
    elif not letter.to_address.isascii():
        problems["to_address"] = _("这个邮箱地址里有中文或全角字符，请先改好客户资料。")
    if not one_line(letter.subject):
        problems["subject"] = _("请写主题，客户才知道是什么事。")
    if not letter.text.strip():
        problems["text"] = _("请写几句话再发。")
    elif len(letter.text) > rules.LONGEST_TEXT:
        problems["text"] = _("信太长了，最多 5 万字；长的内容请放在附件里。")
    if len(letter.files) > rules.MOST_FILES:
        problems["files"] = _("附件最多 10 个。")
    elif sum(len(file.content) for file in letter.files) > rules.MOST_ATTACHED_BYTES:
        problems["files"] = _("附件一共最多 15 MB，太大的请发链接。")
    if problems:
        raise ValidationError(problems)


def _store(
    actor: Actor, account: MailAccount, letter: NewLetter, answered: MailMessage | None
) -> MailMessage:
    text = many_lines(letter.text)
    if account.signature:
        text = f"{text}\n\n-- \n{account.signature}"
    domain = account.address.rpartition("@")[2]
    try:
        with transaction.atomic():
            stored = MailMessage.objects.create(
                account=account,
                direction=MailMessage.Direction.OUT,
                state=MailMessage.State.QUEUED,
                filing=MailMessage.Filing.FILED,
                operation_id=letter.operation_id,
                message_id=f"<{uuid.uuid4().hex}@{domain}>",
                references=[*answered.references, answered.message_id][-50:] if answered else [],
                root_id=(answered.root_id or answered.pk) if answered else None,
                customer_id=letter.customer_id,
                staff_id=actor.id,
                from_address=account.address,
                from_name=account.sender_name,
                to_addresses=[letter.to_address],
                subject=one_line(letter.subject)[:_SUBJECT_LENGTH],
                text=text,
                is_seen=True,
                happened_at=clock.now(),
            )
    except IntegrityError:  # the same operation, this very moment
        return _same(MailMessage.objects.get(operation_id=letter.operation_id), actor, letter)
    if stored.root_id is None:
        MailMessage.objects.filter(pk=stored.pk).update(root_id=stored.pk)
        stored.root_id = stored.pk
    return stored


def _store_files(stored: MailMessage, files: tuple[NewFile, ...]) -> None:
    if stored.attachments.exists():
        return
    kept: list[str] = []
    try:
        for file in files:
            kept.append(store.keep(file.content))
            MailAttachment.objects.create(
                message=stored,
                name=rules.safe_file_name(file.name),
                content_type=one_line(file.content_type)[:100],
                size=len(file.content),
                stored=kept[-1],
            )
    except BaseException:
        for name in kept:
            store.forget(name)
        raise


@transaction.atomic
def send_again(*, actor: Actor, letter_id: int) -> MailMessage:
    """Somebody decided: a failed, cancelled or uncertain letter goes once more, as the same letter."""
    letter = _decided(actor, letter_id)
    states = (MailMessage.State.FAILED, MailMessage.State.UNKNOWN, MailMessage.State.CANCELLED)
    if letter.state in states:
        before = letter.state
        letter.state, letter.attempts, letter.trouble = MailMessage.State.QUEUED, 0, ""
        letter.reply_code = None
        letter.save(update_fields=["state", "attempts", "trouble", "reply_code"])
        record_audit(
            actor, "mail_sent_again", letter, before={"state": before}, after={"state": letter.state}
        )
        enqueue_named(SEND_JOB, letter_id=letter.pk)
    return letter


@transaction.atomic
def confirm_sent(*, actor: Actor, letter_id: int) -> MailMessage:
    """Somebody found out that an uncertain letter did arrive."""
    letter = _decided(actor, letter_id)
    if letter.state == MailMessage.State.UNKNOWN:
        letter.state = MailMessage.State.SENT
        letter.save(update_fields=["state"])
        log_touch(letter)
        record_audit(actor, "mail_confirmed", letter, before={"state": "unknown"}, after={"state": "sent"})
    return letter


@transaction.atomic
def cancel_letter(*, actor: Actor, letter_id: int) -> MailMessage:
    """Not to be sent any more: one that waits, failed, or is uncertain and settled otherwise."""
    letter = _decided(actor, letter_id)
    if letter.state in (MailMessage.State.QUEUED, MailMessage.State.FAILED, MailMessage.State.UNKNOWN):
        before = letter.state
        letter.state = MailMessage.State.CANCELLED
        letter.save(update_fields=["state"])
        record_audit(actor, "mail_cancelled", letter, before={"state": before}, after={"state": letter.state})
    return letter


@transaction.atomic
def uncancel_letter(*, actor: Actor, letter_id: int) -> MailMessage:
    """撤销 of letting it be: as it was before; one that had been on its way goes on."""
    letter = _decided(actor, letter_id)
    if letter.state != MailMessage.State.CANCELLED:
        return letter
    if letter.trouble in rules.UNSURE:
        letter.state = MailMessage.State.UNKNOWN
    elif letter.trouble:
        letter.state = MailMessage.State.FAILED
    else:
        letter.state = MailMessage.State.QUEUED
        enqueue_named(SEND_JOB, letter_id=letter.pk)
    letter.save(update_fields=["state"])
    record_audit(actor, "mail_uncancelled", letter, after={"state": letter.state})
    return letter


def _decided(actor: Actor, letter_id: int) -> MailMessage:
    """The letter, locked; of a mailbox that the actor writes from. Raises DoesNotExist."""
    require(actor, "mail.send")
    seen = visible_letters(actor).filter(
        pk=letter_id,
        direction=MailMessage.Direction.OUT,
        account__in=accounts_to_send_from(actor).values("pk"),
    )
    return MailMessage.objects.select_for_update(of=("self",)).get(pk=seen.get().pk)
