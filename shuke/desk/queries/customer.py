"""The customer page: head, worth, rhythm, next step and timeline of one customer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from shuke.customers.queries import Card, customer_card, follow_ups_of, timeline_entries
from shuke.desk.models import Suggestion
from shuke.desk.queries.today import Line, lines_of
from shuke.kernel import clock
from shuke.kernel.timeline import TimelineEntry, entries_of_sources, side_by_side
from shuke.orders.queries import timeline_entries as order_entries
from shuke.team.queries import Actor, reach_of
from shuke.ui.rhythm import RhythmStrip, build_rhythm
from shuke.value.queries import Value, value_of

TIMELINE_PAGE = 30
MOST_MATCHED = 400
ORDERS_LOOKED_AT = 160
TOUCHES = frozenset(
    {"note", "call", "sms", "email", "wechat", "visit", "meeting", "gift", "follow_up", "gap"}
)
KINDS = {
    "touch": TOUCHES,
    "order": frozenset({"order", "return", "refund", "sale"}),
    "behaviour": frozenset({"browse", "search", "click"}),
}


@dataclass(frozen=True)
class CustomerPage:
    """What the first screen needs, in one go."""

    card: Card
    value: Value | None
    strip: RhythmStrip | None
    timeline: "TimelinePage"
    next_steps: list[object]
    suggestion: Line | None
    silent_days: int | None


@dataclass(frozen=True)
class TimelineWanted:
    """Which part of the timeline: older than a moment, of a kind, with some words."""

    before: datetime | None = None
    kind: str = ""
    text: str = ""


@dataclass(frozen=True)
class TimelinePage:
    """Entries by day, newest first, and the moment from which older ones follow (empty: no more)."""

    days: list[tuple[date, list[TimelineEntry]]]
    before: str


def customer_page(actor: Actor, customer_id: int) -> CustomerPage:
    """Everything of the first screen. Raises DoesNotExist when there is no such customer within reach."""
    card = customer_card(actor, customer_id)
    value = value_of(card.id)
    bought = order_entries([card.id], None, ORDERS_LOOKED_AT)
    days = [timezone.localtime(one.happened_at).date() for one in bought if one.kind == "order"]
    return CustomerPage(
        card=card,
        value=value,
        strip=_strip(days, value) if days else None,
        timeline=_page_from(
            [
                *bought,
                *timeline_entries([card.id], None, TIMELINE_PAGE + 1),
                *entries_of_sources(actor, [card.id], None, TIMELINE_PAGE + 1),
            ],
            TimelineWanted(),
        ),
        next_steps=list(follow_ups_of(card.id)[:4]),
        suggestion=_suggestion(actor, card.id),
        silent_days=(clock.today() - max(days)).days if days else None,
    )


def _strip(days: list[date], value: Value | None) -> RhythmStrip:
    low = round(value.usual_gap_low_days) if value and value.usual_gap_low_days else None
    high = round(value.usual_gap_high_days) if value and value.usual_gap_high_days else None
    expected = value.next_expected_on if value else None
    return build_rhythm(days, clock.today(), low, high, expected)


def _suggestion(actor: Actor, customer_id: int) -> Line | None:
    mine = Suggestion.objects.filter(reach_of(actor).filter(), customer_id=customer_id)
    waiting = mine.filter(state=Suggestion.State.OPEN, shown_on__lte=clock.today()).order_by("-shown_on")[:1]
    return next(iter(lines_of(actor, waiting).values()), None)


def timeline_page(customer_id: int, wanted: TimelineWanted, *, actor: Actor | None = None) -> TimelinePage:
    """Entries of all rooms side by side, older than `before`. The caller has checked that the customer may be seen.

    Sources that look at who reads (mail) tell nothing without an actor.

    With a kind or words given, up to MOST_MATCHED entries are looked through for a page of matching ones.
    """
    limit = MOST_MATCHED if wanted.kind or wanted.text else TIMELINE_PAGE + 1
    before = wanted.before or clock.now() + timedelta(days=1)
    found = [
        *timeline_entries([customer_id], before, limit),
        *order_entries([customer_id], before, limit),
        *entries_of_sources(actor, [customer_id], before, limit),
    ]
    return _page_from(found, wanted)


def _page_from(entries: list[TimelineEntry], wanted: TimelineWanted) -> TimelinePage:
    found = _matching(side_by_side(entries), wanted)
    shown = _page_of(found)
    older = shown[-1].happened_at.isoformat() if len(found) > len(shown) else ""
    return TimelinePage(_by_day(shown), older)


def _page_of(found: list[TimelineEntry]) -> list[TimelineEntry]:
    """A page that never ends between two entries of one moment: the next page starts before that moment."""
    end = min(TIMELINE_PAGE, len(found))
    while 0 < end < len(found) and found[end].happened_at == found[end - 1].happened_at:
        end += 1
    return found[:end]


def _matching(entries: Iterable[TimelineEntry], wanted: TimelineWanted) -> list[TimelineEntry]:
    kinds, text = KINDS.get(wanted.kind), wanted.text.lower()
    return [
        one
        for one in entries
        if (kinds is None or one.kind in kinds)
        and (not text or text in f"{one.title} {one.body} {one.who} {one.channel}".lower())
    ]


def _by_day(entries: Iterable[TimelineEntry]) -> list[tuple[date, list[TimelineEntry]]]:
    days: dict[date, list[TimelineEntry]] = {}
    for one in entries:
        days.setdefault(timezone.localtime(one.happened_at).date(), []).append(one)
    return list(days.items())
