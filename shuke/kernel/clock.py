"""The one clock. Rules get `today` passed in; everything else asks here, so that tests can hold time still."""

from datetime import date, datetime, timedelta

from django.utils import timezone


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return timezone.now()


def today() -> date:
    """The shop's calendar day."""
    return timezone.localdate(now())


def day_start(day: date) -> datetime:
    """Midnight at the beginning of a shop day."""
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The half-open span [start, end) of a shop day."""
    return day_start(day), day_start(day + timedelta(days=1))
