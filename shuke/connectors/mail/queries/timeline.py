"""What the timeline of a customer shows of mail: letters with their state, and the times of which letters may be missing."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from shuke.connectors.mail.queries.accounts import SILENT_MINUTES, is_silent_since, readable_accounts
from shuke.connectors.mail.queries.letters import visible_letters
from shuke.connectors.mail.rules import excerpt
from shuke.connectors.models import MailAccount, MailGap, MailMessage
from shuke.customers.queries.addresses import emails_of
from shuke.kernel import clock
from shuke.kernel.compiled import Compiled
from shuke.kernel.timeline import TimelineEntry, TimelineWanted, laid_side_by_side
from shuke.team.queries import Actor, staff_names

LETTER, GAP = "mail", "mail_gap"
EXCERPT = 280


def mail_entries(actor: Any, customer_ids: list[int], wanted: TimelineWanted) -> list[TimelineEntry]:
    """Letters of these customers and gaps of mailboxes: a page of what this actor may read.

    A letter that was logged as a touch stands in that touch's place and tells more.
    """
    if not _ANY_ACCOUNT.rows():  # accounts are stopped, never removed: no letters without one
        return []
    found = [*_letters(actor, customer_ids, wanted), *_gaps(actor, customer_ids, wanted)]
    return laid_side_by_side(found)[: wanted.limit]


_ANY_ACCOUNT = Compiled(lambda: MailAccount.objects.order_by().values_list("pk")[:1])


def _letters(actor: Actor, ids: list[int], wanted: TimelineWanted) -> list[TimelineEntry]:
    if not wanted.wants(("email",)) or wanted.channel or wanted.author:
        return []
    rows = visible_letters(actor).filter(customer_id__in=ids)
    if wanted.direction:
        rows = rows.filter(direction=wanted.direction)
    if wanted.staff_id is not None:
        rows = rows.filter(staff_id=wanted.staff_id, direction=MailMessage.Direction.OUT)
    if wanted.text:
        rows = rows.filter(Q(subject__icontains=wanted.text) | Q(text__icontains=wanted.text))
    rows = rows.select_related("interaction").defer("references", "to_addresses", "interaction__body")
    found = list(wanted.part_of(rows, LETTER))
    names = staff_names() if found else {}
    return [_entry(letter, names) for letter in found]


def _entry(letter: MailMessage, names: dict[int, str]) -> TimelineEntry:
    words = excerpt(letter.text)
    touch = letter.interaction
    is_out = letter.direction == MailMessage.Direction.OUT
    return TimelineEntry(
        happened_at=touch.happened_at if touch else letter.happened_at,
        kind="email",
        title=f"{state_words(letter)} · {letter.subject or _('（没有主题）')}",
        body=words if len(words) <= EXCERPT else f"{words[:EXCERPT]}…",
        direction=letter.direction,
        who=names.get(letter.staff_id or 0, "") if is_out else letter.from_name,
        url=reverse("connectors:letter", args=[letter.pk]),
        source="touch" if touch else LETTER,
        id=touch.pk if touch else letter.pk,
    )


def state_words(letter: MailMessage) -> str:
    """邮件 and what became of it."""
    if letter.undeliverable:
        return _("邮件（退信）")
    if letter.is_bounce:
        return _("退信通知")
    if letter.is_auto_reply:
        return _("自动回复")
    if letter.state == MailMessage.State.RECEIVED:
        return _("来信")
    return _("邮件（%(state)s）") % {"state": MailMessage.State(letter.state).label}


def _gaps(actor: Actor, ids: list[int], wanted: TimelineWanted) -> list[TimelineEntry]:
    """Only for customers who have an e-mail: nobody else's letters can be missing."""
    given = (wanted.channel, wanted.author, wanted.text, wanted.staff_id, wanted.direction == "out")
    if not wanted.wants(("gap",)) or any(given):
        return []
    now = clock.now()
    accounts = list(_troubled_accounts(actor, now))
    if not accounts or not any(emails_of(pk) for pk in ids):
        return []
    unreadable = MailGap.objects.filter(
        account__in=accounts, cause=MailGap.Cause.UNREADABLE, is_caught_up=False
    ).select_related("account")
    entries = [_unreadable(gap) for gap in wanted.part_of(unreadable, GAP, "began_at")]
    if wanted.after is None and wanted.until is None:
        entries += [entry for account in accounts if (entry := _open(account, now))]
    return entries


def _troubled_accounts(actor: Actor, now: datetime) -> QuerySet[MailAccount]:
    silent_from = now - timedelta(minutes=SILENT_MINUTES)
    read = readable_accounts(actor).filter(is_active=True).exclude(imap_host="")
    return read.filter(
        Q(errors__gt=0)
        | Q(tried_at__lt=silent_from)
        | Q(tried_at=None, created_at__lt=silent_from)
        | Q(gaps__cause=MailGap.Cause.UNREADABLE, gaps__is_caught_up=False)
    ).distinct()


def _open(account: MailAccount, now: datetime) -> TimelineEntry | None:
    if not account.errors and not is_silent_since(account):
        return None
    since = timezone.localtime(account.polled_at or account.created_at)
    title = _("%(address)s 从 %(month)s月%(day)s日 %(time)s 起没能收信，这之后的来信可能还没到") % {
        "address": account.address,
        "month": since.month,
        "day": since.day,
        "time": f"{since:%H:%M}",
    }
    return TimelineEntry(happened_at=now, kind="gap", title=title, source=GAP, id=0)


def _unreadable(gap: MailGap) -> TimelineEntry:
    title = _("%(address)s 这时候收到的一封信读不出来，请到邮箱里看") % {"address": gap.account.address}
    return TimelineEntry(happened_at=gap.began_at, kind="gap", title=title, source=GAP, id=gap.pk)
