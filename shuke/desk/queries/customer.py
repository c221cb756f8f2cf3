"""The customer page: head, worth, rhythm, next step and timeline of one customer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from django.utils import timezone

from shuke.assignment.queries import PoolState, pool_state
from shuke.customers.queries import (
    Card,
    Helper,
    TimelinePerson,
    Verdict,
    collaborators_of,
    contact_allowed,
    customer_card,
    is_following,
    next_follow_ups_of,
    timeline_entries,
    timeline_people,
    touch_channels,
)
from shuke.desk.models import Suggestion
from shuke.desk.queries.today import Line, lines_of
from shuke.kernel import clock
from shuke.kernel.compiled import Compiled, given
from shuke.kernel.timeline import (
    TimelineEntry,
    TimelineWanted,
    cursor_of,
    entries_of_sources,
    laid_side_by_side,
)
from shuke.orders.queries import timeline_channels
from shuke.orders.queries import timeline_entries as order_entries
from shuke.team.queries import Actor, reach_of, within_reach
from shuke.team.rules import Scope
from shuke.ui.rhythm import RhythmStrip, build_rhythm
from shuke.value.queries import Recommended, Value, recommended_to, value_of

TIMELINE_PAGE = 30
ORDERS_LOOKED_AT = 160
FIRST_PAGE = TimelineWanted(limit=TIMELINE_PAGE + 1)


@dataclass(frozen=True)
class CustomerPage:
    """What the first screen needs, in one go."""

    card: Card
    value: Value | None
    strip: RhythmStrip | None
    timeline: "TimelinePage"
    next_steps: list[object]
    suggestion: Line | None
    verdict: Verdict
    is_following: bool
    helpers: list[Helper]
    pool: PoolState
    silent_days: int | None
    recommended: list[Recommended]

    @property
    def has_unseen(self) -> bool:
        """Whether something is recommended that nobody has seen yet."""
        return any(not one.is_seen for one in self.recommended)


@dataclass(frozen=True)
class TimelinePage:
    """Entries by day, newest first, and the cursor after which older ones follow (empty: no more)."""

    days: list[tuple[date, list[TimelineEntry]]]
    after: str


@dataclass(frozen=True)
class TimelineChoices:
    """What a customer's timeline can be narrowed by."""

    people: list[TimelinePerson]
    channels: list[str]


def customer_page(actor: Actor, customer_id: int) -> CustomerPage:
    """Everything of the first screen. Raises DoesNotExist when there is no such customer within reach."""
    card = customer_card(actor, customer_id)
    value = value_of(card.id)
    bought = order_entries([card.id], TimelineWanted(limit=ORDERS_LOOKED_AT))
    days = [timezone.localtime(one.happened_at).date() for one in bought if one.kind == "order"]
    recommended = recommended_to(card.id) if actor.may("value.view") else []
    return CustomerPage(
        card=card,
        value=value,
        strip=_strip(days, value) if days else None,
        timeline=_page_from(
            [
                *bought,
                *timeline_entries([card.id], FIRST_PAGE),
                *entries_of_sources(actor, [card.id], FIRST_PAGE),
            ]
        ),
        next_steps=list(next_follow_ups_of(card.id)),
        suggestion=_suggestion(actor, card.id, recommended),
        verdict=contact_allowed(card.id, "call"),
        is_following=is_following(actor, card.id),
        helpers=collaborators_of(card.id),
        pool=pool_state(card.id),
        silent_days=(clock.today() - max(days)).days if days else None,
        recommended=recommended,
    )


def _strip(days: list[date], value: Value | None) -> RhythmStrip:
    low = round(value.usual_gap_low_days) if value and value.usual_gap_low_days else None
    high = round(value.usual_gap_high_days) if value and value.usual_gap_high_days else None
    expected = value.next_expected_on if value else None
    return build_rhythm(days, clock.today(), low, high, expected)


def _suggestion(actor: Actor, customer_id: int, recommended: list[Recommended]) -> Line | None:
    reach = reach_of(actor)
    waiting = _waiting(reach.scope).rows(customer=customer_id, today=clock.today(), **reach.given)
    due = {one.customer_id: one for one in reversed(recommended) if one.is_due}
    return next(iter(lines_of(actor, waiting, asks_limit=False, due=due).values()), None) if waiting else None


@cache
def _waiting(scope: Scope) -> Compiled[Suggestion]:
    return Compiled(
        lambda: Suggestion.objects.filter(
            within_reach(scope),
            customer_id=given("customer", "bigint"),
            state=Suggestion.State.OPEN,
            shown_on__lte=given("today", "date"),
        ).order_by("-shown_on")[:1]
    )


def timeline_page(customer_id: int, wanted: TimelineWanted, *, actor: Actor | None = None) -> TimelinePage:
    """A page of the entries of all rooms side by side. The caller has checked that the customer may be seen.

    Sources that look at who reads (mail) tell nothing without an actor.
    """
    ids, asked = [customer_id], replace(wanted, limit=TIMELINE_PAGE + 1)
    return _page_from(
        [
            *order_entries(ids, asked),
            *timeline_entries(ids, asked),
            *entries_of_sources(actor, ids, asked),
        ]
    )


def timeline_choices(customer_id: int) -> TimelineChoices:
    """The people and channels of one customer's timeline. The caller has checked that the customer may be seen."""
    channels = sorted({*touch_channels(customer_id), *timeline_channels(customer_id)})
    return TimelineChoices(timeline_people(customer_id), channels)


def _page_from(entries: list[TimelineEntry]) -> TimelinePage:
    """Of each room's first TIMELINE_PAGE + 1 entries, the first of all."""
    ordered = laid_side_by_side(entries)
    shown = ordered[:TIMELINE_PAGE]
    after = str(cursor_of(shown[-1])) if len(ordered) > len(shown) else ""
    return TimelinePage(_by_day(shown), after)


def _by_day(entries: Iterable[TimelineEntry]) -> list[tuple[date, list[TimelineEntry]]]:
    days: dict[date, list[TimelineEntry]] = {}
    for one in entries:
        days.setdefault(timezone.localtime(one.happened_at).date(), []).append(one)
    return list(days.items())
