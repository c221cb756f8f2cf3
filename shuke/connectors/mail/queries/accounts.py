"""Mailboxes: who may use, see and change which, and how each of them fares."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from shuke.connectors.models import MailAccount, MailGap
from shuke.kernel import clock
from shuke.team.queries import Actor

SILENT_MINUTES = 20
GAPS_SHOWN = 10


@dataclass(frozen=True)
class AccountState:
    """A mailbox with the time of which letters may be missing: since when, and why (`trouble`, or nothing runs)."""

    account: MailAccount
    gap_since: datetime | None
    trouble: str
    is_silent: bool
    unreadable: int


def _may(actor: Actor, permission: str) -> bool:
    return bool(getattr(actor, "is_active", True)) and actor.may(permission) if actor else False


def _own(actor: Actor) -> Q:
    return Q(is_shop=False, owner_id=actor.id) if actor.id is not None else Q(pk__in=[])


def manageable_accounts(actor: Actor) -> QuerySet[MailAccount]:
    """Mailboxes whose settings the actor may change: their own, and the shop's for who sets the shop up."""
    allowed = Q(pk__in=[])
    if _may(actor, "mail.own"):
        allowed |= _own(actor)
    if _may(actor, "mail.configure"):
        allowed |= Q(is_shop=True)
    return (
        MailAccount.objects.filter(allowed).select_related("owner").order_by("-is_active", "-is_shop", "pk")
    )


def accounts_to_send_from(actor: Actor) -> QuerySet[MailAccount]:
    """Mailboxes the actor may write from: their own first, then the shop's."""
    if not _may(actor, "mail.send"):
        return MailAccount.objects.none()
    return MailAccount.objects.filter(Q(is_shop=True) | _own(actor), is_active=True).order_by("is_shop", "pk")


def readable_accounts(actor: Actor) -> QuerySet[MailAccount]:
    """Mailboxes whose gaps concern the actor: the shop's and their own."""
    if not _may(actor, "mail.view"):
        return MailAccount.objects.none()
    return MailAccount.objects.filter(Q(is_shop=True) | _own(actor))


def account_states(accounts: Iterable[MailAccount]) -> list[AccountState]:
    """How each mailbox fares."""
    found = list(accounts)
    unreadable: dict[int, int] = {}
    missing = MailGap.objects.filter(
        account__in=found, cause=MailGap.Cause.UNREADABLE, is_caught_up=False
    ).values_list("account_id", flat=True)
    for pk in missing:
        unreadable[pk] = unreadable.get(pk, 0) + 1
    return [_state(account, unreadable.get(account.pk, 0)) for account in found]


def _state(account: MailAccount, unreadable: int) -> AccountState:
    if not account.is_active or not account.imap_host:
        return AccountState(account, None, account.trouble, False, unreadable)
    read_until = account.polled_at or account.created_at
    is_silent = is_silent_since(account)
    since = read_until if account.errors or is_silent else None
    return AccountState(account, since, account.trouble, is_silent and not account.errors, unreadable)


def is_silent_since(account: MailAccount) -> bool:
    """Whether nobody has even tried to read for a while: the worker or the scheduler does not run."""
    tried = account.tried_at or account.created_at
    return tried < clock.now() - timedelta(minutes=SILENT_MINUTES)


def gaps_of(account: MailAccount) -> list[MailGap]:
    """The latest gaps of a mailbox, those that are made up for included."""
    return list(account.gaps.order_by("-began_at", "-pk")[:GAPS_SHOWN])
