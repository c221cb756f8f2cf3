"""Reading mailboxes: incremental by UID, one process per mailbox at a time, every failure a gap until it is made up for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import DataError, connection, transaction

from shuke.connectors.mail import rules, wire
from shuke.connectors.mail.policy import way
from shuke.connectors.mail.rules import Letter, Trouble
from shuke.connectors.mail.services.accounts import imap_server
from shuke.connectors.mail.services.filing import Arrived, take_in
from shuke.connectors.models import MailAccount, MailFolder, MailGap
from shuke.kernel import clock

MAILBOX_LOCK = 7_301_841
INBOX = "INBOX"
FIRST_DAYS = 30
RENUMBERED_DAYS = 3
MOST_LETTERS = 200
LONGEST_PAUSE_MINUTES = 30


def accounts_to_poll() -> list[int]:
    """Mailboxes whose turn it is: those that fail are asked less and less often, half an hour apart at most."""
    now = clock.now()
    rows = MailAccount.objects.filter(is_active=True).exclude(imap_host="").order_by("pk")
    return [account.pk for account in rows if _is_due(account, now)]


def _is_due(account: MailAccount, now: datetime) -> bool:
    if not account.errors or account.tried_at is None:
        return True
    pause = min(2 ** min(account.errors, 10), LONGEST_PAUSE_MINUTES)
    return account.tried_at <= now - timedelta(minutes=pause)


def poll_account(*, account_id: int) -> bool:
    """Read what is new in a mailbox; whether more is waiting. Does nothing while another process reads the same one.

    Each letter is stored in one transaction with how far the folder has been read: a process that ends between fetching and
    storing reads the letter again, one that ends after it does not.
    """
    with _alone(account_id) as is_ours:
        account = MailAccount.objects.filter(pk=account_id, is_active=True).exclude(imap_host="").first()
        if not is_ours or account is None:
            return False
        try:
            has_more = _read(account)
        except wire.Failure as failure:
            _note_trouble(account, failure.trouble)
            return False
        _note_good(account, is_complete=not has_more)
        return has_more


@contextmanager
def _alone(account_id: int) -> Iterator[bool]:
    """A lock of this session; it goes with the connection if the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [MAILBOX_LOCK, account_id])
        is_ours = bool(cursor.fetchone()[0])
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s, %s)", [MAILBOX_LOCK, account_id])


def _read(account: MailAccount) -> bool:
    with wire.open_mailbox(imap_server(account), way()) as mailbox:
        left = _read_folder(account, mailbox, INBOX, MOST_LETTERS)
        if account.reads_sent and left > 0 and (sent := mailbox.sent_folder()):
            left = _read_folder(account, mailbox, sent, left, is_sent=True)
    return left <= 0


def _read_folder(
    account: MailAccount, mailbox: wire.Mailbox, name: str, most: int, *, is_sent: bool = False
) -> int:
    """Read up to `most` new letters; how many of them are left over (0 or less: there may be more)."""
    uidvalidity = mailbox.select(name)
    folder = MailFolder.objects.get_or_create(account=account, name=name)[0]
    if folder.uidvalidity != uidvalidity:
        _begin(account, folder, mailbox, uidvalidity)
    uids = mailbox.uids_after(folder.last_uid)
    for uid in uids[:most]:
        _take(account, folder, mailbox.fetch(uid), uid, is_sent=is_sent)
    return most - len(uids)


def _begin(account: MailAccount, folder: MailFolder, mailbox: wire.Mailbox, uidvalidity: int) -> None:
    """A folder seen for the first time, or numbered anew by its server: from some days before we last knew all of it.

    What is known already is recognised by its Message-ID.
    """
    days = RENUMBERED_DAYS if account.polled_at and folder.uidvalidity is not None else FIRST_DAYS
    since = (account.polled_at or clock.now()) if folder.uidvalidity is not None else clock.now()
    uids = mailbox.uids_since((since - timedelta(days=days)).date())
    newest = mailbox.uids_after(0)[-1:] or [0]
    folder.uidvalidity = uidvalidity
    folder.last_uid = uids[0] - 1 if uids else newest[0]
    folder.save(update_fields=["uidvalidity", "last_uid"])


def _take(
    account: MailAccount, folder: MailFolder, fetched: wire.Fetched | None, uid: int, *, is_sent: bool
) -> None:
    """Store a letter (None: it is gone meanwhile) and move on; one that cannot be taken apart or kept leaves a gap."""
    letter = _letter(fetched) if fetched else None
    try:
        with transaction.atomic():
            if fetched and letter:
                take_in(account, Arrived(letter, fetched.received_at, is_sent))
            elif fetched:
                _note_unreadable(account, folder, fetched)
            _move_on(folder, uid)
    except (DataError, ValueError):
        with transaction.atomic():
            if fetched:
                _note_unreadable(account, folder, fetched)
            _move_on(folder, uid)


def _move_on(folder: MailFolder, uid: int) -> None:
    MailFolder.objects.filter(pk=folder.pk).update(last_uid=uid)


def _note_unreadable(account: MailAccount, folder: MailFolder, fetched: wire.Fetched) -> None:
    moment = fetched.received_at or clock.now()
    MailGap.objects.get_or_create(
        account=account,
        cause=MailGap.Cause.UNREADABLE,
        detail=f"{folder.uidvalidity}:{fetched.uid}:{folder.name}"[:120],
        defaults={"began_at": moment, "ended_at": moment},
    )


def _letter(fetched: wire.Fetched) -> Letter | None:
    """None for bytes that even a patient reader cannot take apart: noted, and the next one is read."""
    try:
        return rules.read_letter(fetched.raw, is_whole=fetched.is_whole)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError):
        return None


@transaction.atomic
def _note_trouble(account: MailAccount, trouble: Trouble) -> None:
    row = MailAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
    row.errors, row.trouble, row.tried_at = row.errors + 1, trouble.value, clock.now()
    row.save(update_fields=["errors", "trouble", "tried_at"])
    open_gaps = MailGap.objects.filter(account=row, cause=MailGap.Cause.TROUBLE, ended_at=None)
    if not open_gaps.update(detail=trouble.value):
        MailGap.objects.create(
            account=row,
            cause=MailGap.Cause.TROUBLE,
            detail=trouble.value,
            began_at=row.polled_at or row.created_at,
        )


@transaction.atomic
def _note_good(account: MailAccount, *, is_complete: bool) -> None:
    """Read without trouble; with everything read, an open gap is made up for."""
    now = clock.now()
    changes: dict[str, object] = {"tried_at": now}
    if is_complete:
        changes |= {"polled_at": now, "errors": 0, "trouble": ""}
        MailGap.objects.filter(account=account, cause=MailGap.Cause.TROUBLE, ended_at=None).update(
            ended_at=now, is_caught_up=True
        )
    MailAccount.objects.filter(pk=account.pk).update(**changes)
