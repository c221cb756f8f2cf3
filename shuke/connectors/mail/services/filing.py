"""Letters that came in: whose they are, what they answer, and what people decide about those of nobody known."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from shuke.connectors.mail import store
from shuke.connectors.mail.queries import waiting_letters
from shuke.connectors.mail.rules import Bounce, Letter
from shuke.connectors.mail.rules.text import one_line
from shuke.connectors.mail.services.sending import log_touch
from shuke.connectors.models import MailAccount, MailAttachment, MailMessage
from shuke.customers.queries import visible_customers
from shuke.customers.queries.addresses import customers_by_email, emails_of
from shuke.customers.services import (
    IdentityTaken,
    NewCustomer,
    PointForm,
    add_customer,
    add_point,
    remove_interaction,
)
from shuke.customers.services.points import remove_point
from shuke.customers.services.quality import Word, note_field
from shuke.kernel import clock
from shuke.team.queries import SYSTEM, Actor
from shuke.team.services import record_audit, require

State, Filing, Direction = MailMessage.State, MailMessage.Filing, MailMessage.Direction
TRUSTED_DAYS = 2
MOST_FILED_AT_ONCE = 200
MOST_ADDRESSES = 5000


@dataclass(frozen=True)
class Arrived:
    """A letter as it lay in a mailbox. `is_sent`: in the folder of sent letters."""

    letter: Letter
    received_at: datetime | None = None
    is_sent: bool = False


@transaction.atomic
def take_in(account: MailAccount, arrived: Arrived) -> MailMessage | None:
    """Store a letter once; None where it is nobody's business (a person's private mail). For the poller: no actor.

    What is known already stays, however often it is read. A bounce marks the letter that came back; our own letter found in
    the mailbox, or an answer to it, proves that it was sent.
    """
    letter = arrived.letter
    known = MailMessage.objects.select_for_update(of=("self",)).select_related("account")
    earlier = known.filter(account=account, message_id=letter.message_id).first()
    if earlier is not None:
        _prove_sent(earlier)
        return earlier
    answered = _answered(account, letter)
    is_out = arrived.is_sent or letter.from_address == account.address
    customer_id = _whose(letter, answered, is_out=is_out)
    if letter.bounce is not None:
        answered = _mark_returned(account, letter.bounce) or answered
        customer_id = answered.customer_id if answered else None
    elif answered is not None:
        _prove_sent(answered)
    if customer_id is None and (is_out or not account.keeps_unknown):
        return None
    stored = _create(account, arrived, customer_id, answered, is_out=is_out)
    _keep_files(stored, letter)
    if customer_id is not None:
        _log(stored)
    return stored


def _answered(account: MailAccount, letter: Letter) -> MailMessage | None:
    """The newest letter of this mailbox that this one answers."""
    known = {
        row.message_id: row
        for row in MailMessage.objects.select_related("account").filter(
            account=account, message_id__in=letter.references
        )
    }
    return next((known[one] for one in reversed(letter.references) if one in known), None)


def _whose(letter: Letter, answered: MailMessage | None, *, is_out: bool) -> int | None:
    """By address; else by thread: somebody may answer from another address of theirs."""
    addresses = list(letter.to_addresses) if is_out else [letter.from_address]
    owners = customers_by_email(addresses)
    by_address = next((owners[one] for one in addresses if one in owners), None)
    if by_address is not None:
        return by_address
    return answered.customer_id if answered is not None and not is_out else None


def _prove_sent(letter: MailMessage) -> None:
    """A letter that turned up somewhere was sent, whatever we had to think."""
    if letter.direction == Direction.OUT and letter.state in (State.UNKNOWN, State.SENDING):
        letter.state, letter.trouble = State.SENT, ""
        letter.save(update_fields=["state", "trouble"])
        log_touch(letter)


def _mark_returned(account: MailAccount, bounce: Bounce) -> MailMessage | None:
    """Mark our letter whose recipient does not exist; only what we did send to that address counts."""
    letter = MailMessage.objects.filter(
        account=account, direction=Direction.OUT, message_id=bounce.original_id
    ).first()
    if letter is None or not bounce.original_id:
        return None
    gone = [one for one in letter.to_addresses if not bounce.recipients or one in bounce.recipients]
    if bounce.is_permanent and gone:
        letter.undeliverable = sorted({*letter.undeliverable, *gone})
        letter.save(update_fields=["undeliverable"])
        _doubt(letter, gone)
    return letter


def _doubt(letter: MailMessage, gone: list[str]) -> None:
    """The address that the customer's record shows does not work: the profile says so until somebody mends it."""
    if letter.customer_id is not None and set(emails_of(letter.customer_id)[:1]) & set(gone):
        word = Word("email", is_right=False, source="bounce")
        note_field(actor=SYSTEM, customer_id=letter.customer_id, word=word)


def _create(
    account: MailAccount,
    arrived: Arrived,
    customer_id: int | None,
    answered: MailMessage | None,
    *,
    is_out: bool,
) -> MailMessage:
    letter = arrived.letter
    stored = MailMessage.objects.create(
        account=account,
        direction=Direction.OUT if is_out else Direction.IN,
        state=State.SENT if is_out else State.RECEIVED,
        filing=Filing.WAITING if customer_id is None else Filing.FILED,
        message_id=letter.message_id,
        references=list(letter.references),
        root_id=(answered.root_id or answered.pk) if answered else None,
        customer_id=customer_id,
        staff_id=account.owner_id if is_out else None,
        from_address=letter.from_address,
        from_name=letter.from_name,
        to_addresses=list(letter.to_addresses),
        subject=letter.subject,
        text=letter.text,
        is_cut=letter.is_cut,
        is_auto_reply=letter.is_auto_reply and letter.bounce is None,
        is_bounce=letter.bounce is not None,
        happened_at=_moment(arrived),
    )
    if stored.root_id is None:
        stored.root_id = stored.pk
        stored.save(update_fields=["root"])
    return stored


def _moment(arrived: Arrived) -> datetime:
    """When the letter says it was written, if that is near to when the server got it."""
    claimed, received = arrived.letter.sent_at, arrived.received_at or clock.now()
    if claimed is not None and abs(claimed - received) <= timedelta(days=TRUSTED_DAYS):
        return min(claimed, clock.now())
    return min(received, clock.now())


def _keep_files(stored: MailMessage, letter: Letter) -> None:
    kept: list[str] = []
    try:
        for file in letter.attachments:
            name = store.keep(file.content) if file.content is not None else ""
            kept.append(name)
            MailAttachment.objects.create(
                message=stored, name=file.name, content_type=file.content_type, size=file.size, stored=name
            )
    except BaseException:
        for name in filter(None, kept):
            store.forget(name)
        raise


def _log(letter: MailMessage) -> None:
    """Machines' answers are shown, but nobody was in touch."""
    if not letter.is_auto_reply and not letter.is_bounce:
        log_touch(letter)


@transaction.atomic
def claim_letter(*, actor: Actor, letter_id: int, customer_id: int) -> int:
    """A letter of nobody known is this customer's, and so are those that wait from the same address. How many were filed."""
    letter = _waiting(actor, letter_id)
    customer = visible_customers(actor).get(pk=customer_id)
    require(actor, "customers.follow_up", customer)
    others = waiting_letters(actor).filter(from_address=letter.from_address, account_id=letter.account_id)
    is_new_address = _remember_address(actor, letter.from_address, customer.pk)
    ids = [letter.pk, *others.exclude(pk=letter.pk).values_list("pk", flat=True)[:MOST_FILED_AT_ONCE]]
    for row in MailMessage.objects.select_related("account").filter(pk__in=ids).order_by("happened_at"):
        row.claim_id = letter.pk
        row.claim_adds_address = is_new_address and row.pk == letter.pk
        _file(row, customer.pk)
    record_audit(actor, "mail_claimed", letter, after={"customer": customer.pk, "letters": len(ids)})
    return len(ids)


@transaction.atomic
def unclaim_letter(*, actor: Actor, letter_id: int) -> int:
    """Back to the letters of nobody known, with those claimed together with it; their touches are taken back. How many.

    Undoes 忽略 too. Letters that were filed without anybody's doing stay.
    """
    mine = MailMessage.objects.filter(account_id__in=_inboxes(actor), direction=Direction.IN)
    rows = mine.select_for_update(of=("self",)).filter(
        Q(pk=letter_id, filing=Filing.IGNORED) | Q(claim_id=letter_id)
    )
    letters = list(rows.order_by("pk"))
    for customer_id in {letter.customer_id for letter in letters if letter.customer_id}:
        require(actor, "customers.follow_up", visible_customers(actor).get(pk=customer_id))
    for letter in letters:
        if letter.claim_adds_address and letter.customer_id:
            _forget_address(actor, letter.from_address, letter.customer_id)
        _unfile(actor, letter)
    return len(letters)


def _remember_address(actor: Actor, address: str, customer_id: int) -> bool:
    """Letters of this address come to the customer by themselves from now on; not where it is known to be somebody's."""
    if not address or customers_by_email([address]) or address in emails_of(customer_id):
        return False
    try:
        add_point(actor=actor, customer_id=customer_id, form=PointForm("email", address, source="mail"))
    except (ValidationError, IdentityTaken):
        return False
    return True


def _forget_address(actor: Actor, address: str, customer_id: int) -> None:
    """What a claim had remembered; a person may have taken it off already."""
    with suppress(ValidationError):
        remove_point(actor=actor, customer_id=customer_id, kind="email", value=address)


def _unfile(actor: Actor, letter: MailMessage) -> None:
    before = {"filing": letter.filing, "customer": letter.customer_id}
    touch_id = letter.interaction_id
    letter.filing, letter.customer, letter.interaction = Filing.WAITING, None, None
    letter.claim_id, letter.claim_adds_address = None, False
    letter.save(update_fields=["filing", "customer", "interaction", "claim_id", "claim_adds_address"])
    if touch_id is not None:
        remove_interaction(actor=SYSTEM, interaction_id=touch_id)
    record_audit(actor, "mail_unclaimed", letter, before=before)


@transaction.atomic
def ignore_letter(*, actor: Actor, letter_id: int) -> None:
    """Nothing for the shop: out of sight, not deleted."""
    letter = _waiting(actor, letter_id)
    letter.filing = Filing.IGNORED
    letter.save(update_fields=["filing"])
    record_audit(actor, "mail_ignored", letter)


@transaction.atomic
def welcome_writer(*, actor: Actor, letter_id: int, name: str) -> int:
    """Add the writer as a customer with this address and file their letters; the customer's id. Raises ValidationError."""
    letter = _waiting(actor, letter_id)
    name = one_line(name) or letter.from_name
    if not name:
        raise ValidationError({"name": _("请写客户的姓名。")})
    customer = add_customer(
        actor=actor,
        form=NewCustomer(name=name, email=letter.from_address, first_channel=_("邮件")),
    )
    claim_letter(actor=actor, letter_id=letter.pk, customer_id=customer.pk)
    return customer.pk


@transaction.atomic
def file_known(customer_id: int) -> int:
    """File the letters that waited for an address which this customer now has. How many. For handlers: no actor."""
    mine = [one for one, owner in customers_by_email(emails_of(customer_id)).items() if owner == customer_id]
    if not mine:
        return 0
    waiting = MailMessage.objects.select_for_update(of=("self",)).select_related("account")
    rows = list(waiting.filter(filing=Filing.WAITING, from_address__in=mine).order_by("happened_at"))
    for letter in rows[:MOST_FILED_AT_ONCE]:
        _file(letter, customer_id)
    return len(rows[:MOST_FILED_AT_ONCE])


def file_all_known() -> int:
    """The same for everybody whose address came in at once (an import, the recycle bin). How many letters were filed."""
    return sum(file_known(pk) for pk in sorted(_awaited()))


def file_known_among(customer_ids: Iterable[int]) -> int:
    """The same for some hundred customers changed at once: only those are looked at for whom a letter waits."""
    return sum(file_known(pk) for pk in sorted(_awaited() & set(customer_ids)))


def _awaited() -> set[int]:
    """Customers who have the address of a letter that waits."""
    waiting = MailMessage.objects.filter(filing=Filing.WAITING).order_by()
    addresses = list(waiting.values_list("from_address", flat=True).distinct()[:MOST_ADDRESSES])
    return set(customers_by_email(addresses).values())


@transaction.atomic
def forget_letters(customer_ids: list[int]) -> None:
    """Letters of customers who leave for good go with them, their files too."""
    letters = MailMessage.objects.filter(customer_id__in=customer_ids)
    files = list(
        MailAttachment.objects.filter(message__in=letters).exclude(stored="").values_list("stored", flat=True)
    )
    letters.delete()
    for name in files:
        transaction.on_commit(partial(store.forget, name))


def _file(letter: MailMessage, customer_id: int) -> None:
    letter.filing, letter.customer_id = Filing.FILED, customer_id
    letter.save(update_fields=["filing", "customer", "claim_id", "claim_adds_address"])
    _log(letter)


def _inboxes(actor: Actor) -> list[int]:
    allowed = MailAccount.objects.none()
    if actor.may("mail.inbox"):
        allowed = allowed | MailAccount.objects.filter(is_shop=True)
    if actor.may("mail.own") and actor.id is not None:
        allowed = allowed | MailAccount.objects.filter(is_shop=False, owner_id=actor.id)
    return list(allowed.values_list("pk", flat=True))


def _waiting(actor: Actor, letter_id: int) -> MailMessage:
    """A letter of nobody known, locked. Raises DoesNotExist, also where the actor may not see it."""
    if not waiting_letters(actor).filter(pk=letter_id).exists():
        raise ObjectDoesNotExist
    return MailMessage.objects.select_for_update(of=("self",)).select_related("account").get(pk=letter_id)
