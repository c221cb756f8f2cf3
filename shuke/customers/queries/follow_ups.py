"""Follow-ups that are due: as a list, as a calendar, and for the calendar program of a person."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Expression, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from shuke.customers.models import CalendarFeed, FollowUp
from shuke.customers.queries.day_words import day_names_shown
from shuke.customers.queries.records import display_name, visible_customers
from shuke.customers.rules import keeping
from shuke.kernel import clock
from shuke.kernel.compiled import Compiled, given
from shuke.kernel.ical import CalendarEvent, calendar_text
from shuke.team.queries import Actor, shop
from shuke.zh import calendar

OVERDUE, TODAY, WEEK, LATER, ALL = "overdue", "today", "week", "later", "all"
SPANS = (OVERDUE, TODAY, WEEK, LATER, ALL)
SHOWN_A_DAY = SHOWN_OF_CUSTOMER = 4
MOST_COUNTED = 99
FEED_BEHIND_DAYS, FEED_AHEAD_DAYS, FEED_LENGTH = 30, 180, 2_000


@dataclass(frozen=True)
class DayChoice:
    """A day offered with one click; always a working day."""

    label: str
    day: str


def day_choices() -> list[DayChoice]:
    """明天, 三天后, 一周后, 一个月后: moved to the next working day."""
    today = clock.today()
    spans = ((gettext("明天"), 1), (gettext("三天后"), 3), (gettext("一周后"), 7), (gettext("一个月后"), 30))
    return [
        DayChoice(label, calendar.next_working_day(today + timedelta(days=days)).isoformat())
        for label, days in spans
    ]


@dataclass(frozen=True)
class CalendarDay:
    """A day of the calendar: what it is called, its first follow-ups and how many more there are."""

    day: date
    steps: tuple[FollowUp, ...]
    more: int
    names: tuple[str, ...]
    is_working: bool
    is_uncounted: bool = False  # there are more than were counted


def due_follow_ups(actor: Actor, day: date, *, only_own: bool = False) -> QuerySet[FollowUp]:
    """Open follow-ups of customers within reach that are due by that day, the longest overdue first."""
    rows = open_follow_ups(actor, only_own=only_own).filter(due_on__lte=day)
    return rows.select_related("customer", "assignee").order_by("due_on", "id")


def open_follow_ups(actor: Actor, *, only_own: bool = False) -> QuerySet[FollowUp]:
    """Open follow-ups of customers within reach; `only_own`: those that are the actor's to do."""
    rows = FollowUp.objects.filter(state=FollowUp.State.OPEN, customer__in=visible_customers(actor))
    return rows.filter(assignee_id=actor.id) if only_own else rows


def follow_ups_in(actor: Actor, span: str, *, only_own: bool) -> QuerySet[FollowUp]:
    """Those of a span of time: overdue, today, the rest of the week, later, or all."""
    return open_follow_ups(actor, only_own=only_own).filter(_of_span(span))


def follow_up_counts(actor: Actor, *, only_own: bool) -> dict[str, int]:
    """How many there are in each span, counted up to a hundred only."""
    return {
        span: len(follow_ups_in(actor, span, only_own=only_own).values_list("pk")[: MOST_COUNTED + 1])
        for span in (OVERDUE, TODAY, WEEK)
    }


def follow_ups_of(customer_id: int | Expression | F) -> QuerySet[FollowUp]:
    """A customer's open follow-ups, the next first."""
    rows = FollowUp.objects.filter(customer_id=customer_id, state=FollowUp.State.OPEN)
    return rows.select_related("assignee", "plan").order_by("due_on", "id")


def next_follow_ups_of(customer_id: int) -> list[FollowUp]:
    """The first few of them, as the customer's page shows them."""
    return _NEXT.rows(customer=customer_id)


_NEXT = Compiled(lambda: follow_ups_of(given("customer", "bigint"))[:SHOWN_OF_CUSTOMER])


def calendar_days(
    actor: Actor, start: date, end: date, *, only_own: bool, shown: int = SHOWN_A_DAY
) -> list[CalendarDay]:
    """Every day from `start` to `end`, both included, with the first `shown` things to be done then.

    Each day is read from its own place in the index and counted up to a hundred, however many there are.
    """
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    ids = _ids_by_day(open_follow_ups(actor, only_own=only_own), days)
    first = [pk for of_day in ids.values() for pk in of_day[:shown]]
    steps = FollowUp.objects.select_related("customer", "assignee").in_bulk(first)
    return [_calendar_day(day, [steps[pk] for pk in ids[day][:shown]], len(ids[day])) for day in days]


def _ids_by_day(rows: QuerySet[FollowUp], days: list[date]) -> dict[date, list[int]]:
    """The first follow-ups of each day by the hour, those without one last: one statement."""
    order = (F("due_time").asc(nulls_last=True), F("pk").asc())
    parts = [
        rows.filter(due_on=day).order_by(*order).values_list("due_on", "due_time", "pk")[: MOST_COUNTED + 1]
        for day in days
    ]
    found: dict[date, list[int]] = {day: [] for day in days}
    together = list(parts[0].union(*parts[1:], all=True))
    for day, _at, pk in sorted(together, key=lambda one: (one[0], one[1] is None, one[1] or time(), one[2])):
        found[day].append(pk)
    return found


def _calendar_day(day: date, steps: list[FollowUp], count: int) -> CalendarDay:
    more = max(count - len(steps), 0)
    names, is_working = day_names_shown(day), calendar.is_working_day(day)
    return CalendarDay(day, tuple(steps), more, names, is_working, is_uncounted=count > MOST_COUNTED)


def week_end(day: date) -> date:
    """The Sunday of that day's week."""
    return day + timedelta(days=6 - day.weekday())


def _of_span(span: str) -> Q:
    today = clock.today()
    spans = {
        OVERDUE: Q(due_on__lt=today),
        TODAY: Q(due_on=today),
        WEEK: Q(due_on__gt=today, due_on__lte=week_end(today)),
        LATER: Q(due_on__gt=week_end(today)),
    }
    return spans.get(span, Q())


def feed_of(actor: Actor) -> CalendarFeed | None:
    """A person's own calendar address, as far as it is known."""
    return CalendarFeed.objects.filter(staff_id=actor.id).first() if actor.id is not None else None


def feed_with(digest: str) -> CalendarFeed | None:
    """The calendar that a secret opens, while its owner works here and may follow up."""
    found = CalendarFeed.objects.select_related("staff").filter(digest=digest).first()
    return found if found and found.staff.may("customers.follow_up") else None


def feed_text(staff: Actor) -> str:
    """A person's own open follow-ups as a calendar. It leaves the house: names, but no phone numbers or e-mails."""
    today = clock.today()
    span = (today - timedelta(days=FEED_BEHIND_DAYS), today + timedelta(days=FEED_AHEAD_DAYS))
    rows = open_follow_ups(staff, only_own=True).filter(due_on__range=span).select_related("customer")
    events = [_event(step) for step in rows.order_by("due_on", "pk")[:FEED_LENGTH]]
    return calendar_text(
        f"{shop().name} · {staff.name}", events, now=clock.now(), zone=timezone.get_current_timezone_name()
    )


def _event(step: FollowUp) -> CalendarEvent:
    begins_at = None
    if step.due_time is not None:
        begins_at = timezone.make_aware(datetime.combine(step.due_on, step.due_time))
    name = step.customer.name or display_name(step.customer)
    return CalendarEvent(
        uid=f"follow-up-{step.pk}@shuke",
        summary=keeping.without_contacts(f"{name}：{step.purpose}"),
        day=step.due_on,
        begins_at=begins_at,
    )
