"""What a day brings: follow-ups that are due, birthdays, and what happened to customers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from shuke.customers.models import Customer, FollowUp, Interaction
from shuke.customers.queries.records import (
    birthday_of,
    birthday_words,
    display_name,
    visible_customers,
)
from shuke.kernel import clock
from shuke.kernel.timeline import TimelineEntry
from shuke.team.queries import Actor, staff_names
from shuke.zh import calendar
from shuke.zh.calendar import Birthday

MOST_DAYS = 62


@dataclass(frozen=True)
class BirthdayAhead:
    """Whose birthday is kept on which day."""

    customer_id: int
    name: str
    on: date
    words: str
    is_lunar: bool


def due_follow_ups(actor: Actor, day: date, *, only_own: bool = False) -> QuerySet[FollowUp]:
    """Open follow-ups of customers within reach that are due by that day, the longest overdue first."""
    rows = FollowUp.objects.filter(
        state=FollowUp.State.OPEN, due_on__lte=day, customer__in=visible_customers(actor)
    )
    if only_own:
        rows = rows.filter(assignee_id=actor.id)
    return rows.select_related("customer", "assignee").order_by("due_on", "id")


def follow_ups_of(customer_id: int) -> QuerySet[FollowUp]:
    """A customer's open follow-ups, the next first."""
    rows = FollowUp.objects.filter(customer_id=customer_id, state=FollowUp.State.OPEN)
    return rows.select_related("assignee").order_by("due_on", "id")


def birthdays_between(actor: Actor, start: date, end: date, limit: int = 500) -> list[BirthdayAhead]:
    """Birthdays, solar and lunar, kept from `start` to `end` (both included, at most two months), by day."""
    days = [start + timedelta(days=n) for n in range(min((end - start).days + 1, MOST_DAYS))]
    kept: dict[Birthday, date] = {}
    for day in days:
        for birthday in calendar.birthdays_kept_on(day):
            kept.setdefault(birthday, day)
    if not kept:
        return []
    rows = visible_customers(actor).filter(reduce(or_, map(_has_birthday, kept))).order_by("pk")
    found = []
    for customer in rows[:limit]:
        theirs = birthday_of(customer)
        if theirs is not None and theirs in kept:
            found.append(_ahead(customer, theirs, kept[theirs]))
    return sorted(found, key=lambda ahead: (ahead.on, ahead.customer_id))


def _has_birthday(birthday: Birthday) -> Q:
    return Q(
        birthday_month=birthday.month,
        birthday_day=birthday.day,
        birthday_calendar=birthday.calendar,
        birthday_is_leap=birthday.is_leap,
    )


def _ahead(customer: Customer, birthday: Birthday, on: date) -> BirthdayAhead:
    is_lunar = birthday.calendar == calendar.LUNAR
    return BirthdayAhead(customer.pk, display_name(customer), on, birthday_words(birthday), is_lunar)


def recent_touches(customer_id: int, limit: int = 5) -> QuerySet[Interaction]:
    """A customer's latest touches."""
    rows = Interaction.objects.filter(customer_id=customer_id).select_related("staff")
    return rows.order_by("-happened_at", "-id")[:limit]


def timeline_entries(
    customer_ids: Iterable[int], before: datetime | None = None, limit: int = 50
) -> list[TimelineEntry]:
    """Touches, finished follow-ups and the beginning of these customers, the newest first, older than `before`."""
    ids, moment = list(customer_ids), before or clock.now() + timedelta(days=3650)
    names = staff_names()
    entries = [
        *_touches(ids, moment, limit, names),
        *_done(ids, moment, limit, names),
        *_beginnings(ids, moment),
    ]
    return sorted(entries, key=lambda entry: entry.happened_at, reverse=True)[:limit]


def _touches(ids: list[int], before: datetime, limit: int, names: dict[int, str]) -> list[TimelineEntry]:
    rows = Interaction.objects.filter(customer_id__in=ids, happened_at__lt=before).order_by(
        "-happened_at", "-id"
    )
    return [
        TimelineEntry(
            happened_at=row.happened_at,
            kind=row.kind,
            title=_touch_title(row),
            body=row.body,
            direction=row.direction if row.kind not in ("note", "gift") else "",
            who=names.get(row.staff_id or 0, ""),
            key=f"touch:{row.pk}",
        )
        for row in rows[:limit]
    ]


def _touch_title(row: Interaction) -> str:
    kind = str(Interaction.Kind(row.kind).label)
    return f"{kind} · {row.result}" if row.result else kind


def _done(ids: list[int], before: datetime, limit: int, names: dict[int, str]) -> list[TimelineEntry]:
    rows = FollowUp.objects.filter(
        customer_id__in=ids, state=FollowUp.State.DONE, done_at__lt=before
    ).order_by("-done_at", "-id")
    return [
        TimelineEntry(
            happened_at=row.done_at,
            kind="follow_up",
            title=_("完成跟进：%(purpose)s") % {"purpose": row.purpose},
            body=row.result,
            who=names.get(row.assignee_id or 0, ""),
        )
        for row in rows[:limit]
        if row.done_at
    ]


def _beginnings(ids: list[int], before: datetime) -> list[TimelineEntry]:
    rows = Customer.objects.filter(pk__in=ids, created_at__lt=before)
    return [
        TimelineEntry(happened_at=row.created_at, kind="change", title=_("建档"), channel=row.first_channel)
        for row in rows
    ]
