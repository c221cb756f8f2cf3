"""Letters as an actor may read them.

The shop's mailboxes: whoever sees the customer. A person's mailbox: that person, and who manages (`mail.read_personal`) where
they see the customer. Letters that belong to no customer: the shop's to who holds `mail.inbox`, a person's to nobody else.
"""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from shuke.connectors.models import MailMessage
from shuke.customers.queries import visible_customers
from shuke.team.queries import Actor

LETTERS_SHOWN = 200


@dataclass(frozen=True)
class Thread:
    """Letters that answer each other, the oldest first."""

    root_id: int
    subject: str
    letters: tuple[MailMessage, ...]

    @property
    def last(self) -> MailMessage:
        return self.letters[-1]


def visible_letters(actor: Actor) -> QuerySet[MailMessage]:
    """Letters of customers that the actor may read."""
    if not actor.may("mail.view"):
        return MailMessage.objects.none()
    boxes = Q(account__is_shop=True)
    if actor.id is not None:
        boxes |= Q(account__is_shop=False, account__owner_id=actor.id)
    if actor.may("mail.read_personal"):
        boxes |= Q(account__is_shop=False)
    return MailMessage.objects.filter(
        boxes, customer__in=visible_customers(actor).values("pk"), filing=MailMessage.Filing.FILED
    )


def waiting_letters(actor: Actor, *, ignored: bool = False) -> QuerySet[MailMessage]:
    """未认出的来信: letters of nobody known, the newest first."""
    filing = MailMessage.Filing.IGNORED if ignored else MailMessage.Filing.WAITING
    boxes = Q(pk__in=[])
    if actor.may("mail.inbox"):
        boxes |= Q(account__is_shop=True)
    if actor.may("mail.own") and actor.id is not None:
        boxes |= Q(account__is_shop=False, account__owner_id=actor.id)
    rows = MailMessage.objects.filter(boxes, filing=filing).select_related("account")
    return rows.order_by("-happened_at", "-pk")


def troubled_letters(actor: Actor) -> QuerySet[MailMessage]:
    """Letters that a person has to decide about: failed ones, and those of which nobody knows whether they went."""
    states = [MailMessage.State.FAILED, MailMessage.State.UNKNOWN]
    rows = visible_letters(actor).filter(direction=MailMessage.Direction.OUT, state__in=states)
    return rows.select_related("account", "customer", "staff").order_by("-happened_at", "-pk")


def letters_of(actor: Actor, customer_id: int) -> QuerySet[MailMessage]:
    """A customer's letters, the newest first."""
    rows = visible_letters(actor).filter(customer_id=customer_id).select_related("account", "staff")
    return rows.prefetch_related("attachments").order_by("-happened_at", "-pk")


def threads_of(actor: Actor, customer_id: int) -> list[Thread]:
    """A customer's letters by thread, the thread with the newest letter first."""
    threads: dict[int, list[MailMessage]] = {}
    for letter in letters_of(actor, customer_id)[:LETTERS_SHOWN]:
        threads.setdefault(letter.root_id or letter.pk, []).append(letter)
    return [Thread(root, letters[-1].subject, tuple(reversed(letters))) for root, letters in threads.items()]


def answerable_letter(actor: Actor, letter_id: int) -> MailMessage | None:
    """The letter, if the actor may read it and write from its mailbox."""
    letter = visible_letters(actor).select_related("account").filter(pk=letter_id).first()
    if letter is None or not actor.may("mail.send"):
        return None
    is_usable = letter.account.is_shop or letter.account.owner_id == actor.id
    return letter if is_usable and letter.account.is_active else None
