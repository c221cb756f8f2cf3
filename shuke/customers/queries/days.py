"""Whose birthday is kept on which day, solar and lunar."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from shuke.customers.models import Customer
from shuke.customers.queries.day_words import birthday_shown
from shuke.customers.queries.records import (
    birthday_of,
    display_name,
    visible_customers,
)
from shuke.team.queries import Actor
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
    return BirthdayAhead(customer.pk, display_name(customer), on, birthday_shown(birthday), is_lunar)
