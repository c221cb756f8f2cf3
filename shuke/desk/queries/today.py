"""今天: the lines of the contact list with all they say, and the figures beside them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, cast

from django.core.cache import cache as kept

from shuke.assignment.wording import days_left_words
from shuke.customers.queries import (
    Contacts,
    Verdict,
    birthday_of,
    birthday_words,
    birthdays_between,
    contacts_allowed,
    contacts_for,
    display_name,
    people_reached,
)
from shuke.desk import rules, wording
from shuke.desk.models import CustomerRow, Suggestion
from shuke.kernel import clock
from shuke.kernel.compiled import Compiled, given
from shuke.orders.queries import LastItem, day_comparison, last_items
from shuke.team.queries import Actor, reach_of, visible_stores, within_reach, within_sight
from shuke.team.rules import Scope
from shuke.value.queries import Recommended, Value, due_products, summaries_for, values_for

MOST_LINES, FIRST_LINES, MOST_WAITING, MOST_HANDLED = 200, 12, 600, 40
WEEK_KEPT_SECONDS = 60
MOST_STORES = 12
MONTHS_SHOWN = 8
WAITING = (Suggestion.State.OPEN, Suggestion.State.LATER)
QUIET = "quiet"


@dataclass(frozen=True)
class Line:
    """One line of the list, ready to be shown."""

    id: int
    customer_id: int
    name: str
    contacts: Contacts
    reason: str
    reason_label: str
    headline: str
    figures: list[str]
    script: str
    value: Value | None
    state: str
    answer: str
    verdict: Verdict

    @property
    def is_held(self) -> bool:
        """Whether this customer should be left alone now, for a reason of their own: the hour is everybody's."""
        return not self.verdict.is_allowed and self.verdict.code != QUIET


@dataclass(frozen=True)
class ContactList:
    """Lines that wait, and lines that were dealt with today."""

    waiting: list[Line]
    handled: list[Line]
    waiting_count: int

    @property
    def quiet(self) -> str:
        """Why nobody should be called at this hour; empty: the hour is fine."""
        held = (line.verdict.reason for line in self.waiting if line.verdict.code == QUIET)
        return next(held, "")


@dataclass(frozen=True)
class Figure:
    """One figure of the day and its change against the same weekday a week before."""

    value: int
    change: float | None


@dataclass(frozen=True)
class Day:
    """A day's figures; `returning_share` is the share of its revenue from customers who had bought before."""

    on: date
    revenue: Figure
    visits: Figure
    new_customers: Figure
    returning_share: float | None


@dataclass(frozen=True)
class Bar:
    """One month's revenue, new customers on top of returning ones; a bar is drawn in a box 100 wide and 120 high."""

    month: str
    label: str
    new_fen: int
    returning_fen: int
    x: int
    old_y: int
    old_height: int
    new_y: int
    new_height: int


@dataclass(frozen=True)
class Week:
    """The column beside the list: who is leaving, whose birthday it is, and the last months' revenue as bars."""

    slipping: int
    at_stake_fen: int
    birthdays: int
    lunar_birthdays: int
    bars: list["Bar"]
    returning_share: float | None


def contact_list(actor: Actor, most: int = MOST_LINES) -> ContactList:
    """Today's lines within the actor's reach: the dearest of each reason in turn, so that the first lines show them all.

    `most` lines are made ready; `waiting_count` says how many wait in all.
    """
    day = clock.today()
    reach = reach_of(actor)
    found = _due(reach.scope).rows(day=day, since=day - timedelta(days=30), **reach.given)
    waiting = rules.mixed([(_kind(one, day), one) for one in found])
    done = _handled(reach.scope).rows(since=clock.day_start(day), **reach.given)
    shown = waiting[:most]
    lines = lines_of(actor, [*shown, *done])
    return ContactList(
        waiting=[lines[one.pk] for one in shown if one.pk in lines],
        handled=[lines[one.pk] for one in done if one.pk in lines],
        waiting_count=len(waiting),
    )


@cache
def _due(scope: Scope) -> Compiled[Suggestion]:
    return Compiled(
        lambda: Suggestion.objects.filter(
            within_reach(scope),
            state__in=[Suggestion.State.OPEN, Suggestion.State.LATER],
            shown_on__lte=given("day", "date"),
            shown_on__gt=given("since", "date"),
        ).order_by("-weight")[:MOST_WAITING]
    )


@cache
def _handled(scope: Scope) -> Compiled[Suggestion]:
    return Compiled(
        lambda: (
            Suggestion.objects.filter(within_reach(scope), handled_at__gte=given("since", "timestamptz"))
            .exclude(state=Suggestion.State.OPEN)
            .order_by("-handled_at")[:MOST_HANDLED]
        )
    )


def _kind(one: Suggestion, day: date) -> str:
    """Birthdays that are still ahead wait behind everything else."""
    is_ahead = one.reason == rules.BIRTHDAY and one.facts.get("kept_on") != day.isoformat()
    return "" if is_ahead else one.reason


def lines_of(
    actor: Actor,
    suggestions: Iterable[Suggestion],
    *,
    asks_limit: bool = True,
    due: Mapping[int, Recommended] | None = None,
) -> dict[int, Line]:
    """Suggestions with all that a line says; those of customers out of reach are left out.

    `asks_limit`: whether lines that wait say if the customer may be contacted now (a page may say so elsewhere). `due`: what
    is due by customer, where the caller knows it already.
    """
    chosen = list(suggestions)
    ids = [one.customer_id for one in chosen]
    people = people_reached(actor, ids)
    values, items = values_for(ids), last_items(ids)
    due = due_products(ids) if due is None else due
    waiting = [one.customer_id for one in chosen if asks_limit and one.state in WAITING]
    verdicts = contacts_allowed(waiting, "call") if waiting else {}
    return {
        one.pk: _line(
            actor,
            one,
            people[one.customer_id],
            _Known(
                values.get(one.customer_id),
                items.get(one.customer_id),
                due.get(one.customer_id),
                verdicts.get(one.customer_id, Verdict(is_allowed=True)),
            ),
        )
        for one in chosen
        if one.customer_id in people
    }


@dataclass(frozen=True)
class _Known:
    """What other rooms say of the customer of a line."""

    value: Value | None
    item: LastItem | None
    due: Recommended | None
    verdict: Verdict


def _line(actor: Actor, one: Suggestion, person: Any, known: _Known) -> Line:
    value = known.value
    situation = _situation(one, person, known)
    return Line(
        id=one.pk,
        customer_id=one.customer_id,
        name=display_name(person),
        contacts=contacts_for(actor, person),
        reason=one.reason,
        reason_label=str(wording.REASON_WORDS.get(one.reason, "")),
        headline=wording.headline(situation),
        figures=wording.figures(situation),
        script=wording.script(situation),
        value=value,
        state=one.state,
        answer=_answer_words(one),
        verdict=known.verdict,
    )


def _situation(one: Suggestion, person: Any, known: _Known) -> wording.Situation:
    value, item, due = known.value, known.item, known.due
    kept_on = one.facts.get("kept_on")
    usual = value.usual_gap_days if value else None
    return wording.Situation(
        reason=one.reason,
        name=person.name,
        gender=person.gender,
        today=clock.today(),
        last_on=value.last_on if value else None,
        usual_gap_days=round(usual) if usual else None,
        expected_on=value.next_expected_on if value else None,
        leaving_chance=value.leaving_chance if value else None,
        at_stake_fen=value.at_stake_fen if value else 0,
        last_item=item.product if item else "",
        last_amount_fen=item.amount_fen if item else None,
        due_item=due.product if due else "",
        due_reason=due.reason if due else "",
        kept_on=date.fromisoformat(kept_on) if kept_on else None,
        birthday_words=birthday_words(birthday_of(person)),
        purpose=str(one.facts.get("purpose", "")),
        pool_words=_pool_words(one),
    )


def _pool_words(one: Suggestion) -> str:
    recall_on = one.facts.get("recall_on")
    if not recall_on:
        return ""
    why = [(kind, 0) for kind in str(one.facts.get("why", "")).split(",")]
    return days_left_words((date.fromisoformat(recall_on) - clock.today()).days, why)


def _answer_words(one: Suggestion) -> str:
    if one.result == "came":
        return str(wording.CAME_BACK)
    state = str(wording.STATE_WORDS.get(one.state, ""))
    result = wording.RESULT_WORDS.get(one.result)
    return f"{state} · {result}" if result else state


def week_of(actor: Actor) -> Week:
    """Ready figures of the value run, added up over the stores within reach, and this week's birthdays.

    Kept for a minute for everyone of the same reach.
    """
    key = f"desk.week:{clock.today()}:{reach_of(actor).key}"
    found = kept.get_or_set(key, lambda: _week(actor), WEEK_KEPT_SECONDS)
    return cast(Week, found)


def _week(actor: Actor) -> Week:
    day = clock.today()
    overviews, revenues = _summaries(actor)
    ahead = birthdays_between(actor, day, day + timedelta(days=6 - day.weekday()), limit=500)
    months = _added(revenues)[-MONTHS_SHOWN:]
    return Week(
        slipping=sum(one.get("slipping", 0) for one in overviews),
        at_stake_fen=sum(one.get("at_stake_fen", 0) for one in overviews),
        birthdays=len(ahead),
        lunar_birthdays=sum(one.is_lunar for one in ahead),
        bars=_bars(months),
        returning_share=_share(months[-1]) if months else None,
    )


def _summaries(actor: Actor) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    whole = reach_of(actor).scope is Scope.ALL
    stores = [None] if whole else [store.pk for store in visible_stores(actor)[:MOST_STORES]]
    found = [summaries_for(actor, store_id) for store_id in stores]
    return (
        [one["overview"] for one in found if "overview" in one],
        [one["revenue_monthly"] for one in found if "revenue_monthly" in one],
    )


def _added(revenues: list[dict[str, Any]]) -> list[dict[str, Any]]:
    months: dict[str, dict[str, Any]] = {}
    for month in (month for revenue in revenues for month in revenue.get("months", [])):
        total = months.setdefault(month["month"], {"month": month["month"], "new_fen": 0, "returning_fen": 0})
        total["new_fen"] += month["new_fen"]
        total["returning_fen"] += month["returning_fen"]
    return [months[name] for name in sorted(months)]


def _bars(months: list[dict[str, Any]]) -> list[Bar]:
    highest = max((month["new_fen"] + month["returning_fen"] for month in months), default=0)
    if highest <= 0:
        return []
    bars = []
    for place, month in enumerate(months):
        old = round(max(month["returning_fen"], 0) / highest * 120)
        new = round(max(month["new_fen"], 0) / highest * 120)
        label = str(int(month["month"][5:]))
        money = {"new_fen": month["new_fen"], "returning_fen": month["returning_fen"]}
        bars.append(
            Bar(
                month=month["month"],
                label=label,
                x=place * 100 + 20,
                old_y=120 - old,
                old_height=old,
                new_y=120 - old - new,
                new_height=new,
                **money,
            )
        )
    return bars


def _share(month: dict[str, Any]) -> float | None:
    total = month["new_fen"] + month["returning_fen"]
    return month["returning_fen"] / total if total > 0 else None


def has_customers(actor: Actor) -> bool:
    """Whether there is anybody in the actor's list at all."""
    reach = reach_of(actor)
    return bool(_anybody(reach.scope).rows(**reach.given))


@cache
def _anybody(scope: Scope) -> Compiled[Any]:
    return Compiled(lambda: CustomerRow.objects.filter(within_sight(scope)).values_list("pk")[:1])


def figures_of_day(actor: Actor) -> Day:
    """Yesterday against the same weekday a week before: whole days, so that the morning is not compared with an evening."""
    found = day_comparison(actor, clock.today() - timedelta(days=1))
    now, before = found.day, found.week_before
    return Day(
        on=now.day,
        revenue=Figure(now.revenue_fen, found.revenue_change),
        visits=Figure(now.visits, rules.change_share(now.visits, before.visits)),
        new_customers=Figure(now.new_customers, rules.change_share(now.new_customers, before.new_customers)),
        returning_share=now.returning_share,
    )
