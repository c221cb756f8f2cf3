"""The timeline of the customer page: a part of it, and what it can be narrowed by."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from shuke.customers.queries import visible_customers
from shuke.desk.queries.customer import TIMELINE_PAGE, timeline_choices, timeline_page
from shuke.desk.wording import DIRECTION_WORDS, KIND_GROUPS, KIND_ICONS, KIND_WORDS, PERIOD_WORDS
from shuke.kernel import clock
from shuke.kernel.timeline import TimelineWanted, read_cursor
from shuke.team.gate import needs

LONGEST_TEXT = 60
LONGEST_ID = 18
PERIODS = {"30": 30, "90": 90, "365": 365}
PARAMETERS = ("kind", "channel", "direction", "who", "period", "since", "until", "text")


@dataclass(frozen=True)
class Asked:
    """What the address asks of a timeline, and the parts of it as they were typed."""

    wanted: TimelineWanted
    given: dict[str, str]

    @property
    def query(self) -> str:
        """The parts as an address, for the next page."""
        return urlencode({name: value for name, value in self.given.items() if value})


def read_asked(query: QueryDict) -> Asked:
    """What an address asks; what it cannot mean is left out."""
    given = {name: query.get(name, "").strip()[:LONGEST_TEXT] for name in PARAMETERS}
    since, until = _span(given)
    who = given["who"]
    wanted = TimelineWanted(
        after=read_cursor(query.get("after", "")),
        limit=TIMELINE_PAGE,
        kinds=_kinds(given["kind"]),
        channel=given["channel"],
        direction=given["direction"] if given["direction"] in DIRECTION_WORDS else "",
        staff_id=int(who) if who.isdecimal() and len(who) <= LONGEST_ID else None,
        author=who.removeprefix("by:") if who.startswith("by:") else "",
        since=clock.day_start(since) if since else None,
        until=clock.day_start(until + timedelta(days=1)) if until else None,
        text=given["text"].replace("\x00", ""),
    )
    return Asked(wanted, given)


def _kinds(kind: str) -> frozenset[str]:
    if kind in KIND_GROUPS:
        return KIND_GROUPS[kind].kinds
    return frozenset({kind}) if kind in KIND_WORDS else frozenset()


def _span(given: dict[str, str]) -> tuple[date | None, date | None]:
    if given["period"] in PERIODS:
        return clock.today() - timedelta(days=PERIODS[given["period"]]), None
    if given["period"] == "between":
        return _day(given["since"]), _day(given["until"])
    return None, None


def _day(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and 1900 <= found.year <= 2200 else None


def timeline_context(pk: int, asked: Asked) -> dict[str, Any]:
    """What the templates of the timeline show."""
    return {
        "pk": pk,
        "asked": asked,
        "icons": KIND_ICONS,
        "kind_groups": KIND_GROUPS.items(),
        "kind_words": KIND_WORDS.items(),
    }


@require_GET
@needs("customers.view")
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """A part of the timeline: the first page, or what follows an entry."""
    reached_by(request, pk)
    asked = read_asked(request.GET)
    context = timeline_context(pk, asked) | {"may_note": request.user.may("customers.follow_up")}
    page = timeline_page(pk, asked.wanted, actor=request.user)  # type: ignore[arg-type]
    context |= {"timeline": page, "is_older": asked.wanted.after is not None}
    return render(request, "desk/_timeline.html", context)


@require_GET
@needs("customers.view")
def timeline_filters(request: HttpRequest, pk: int) -> HttpResponse:
    """The people, channels, directions and spans of this customer's timeline, fetched when asked for."""
    reached_by(request, pk)
    context = timeline_context(pk, read_asked(request.GET))
    context |= {
        "choices": timeline_choices(pk),
        "directions": DIRECTION_WORDS.items(),
        "periods": PERIOD_WORDS.items(),
    }
    return render(request, "desk/_timeline_filters.html", context)


def reached_by(request: HttpRequest, pk: int) -> None:
    """Refuse (404) who does not see this customer."""
    if not visible_customers(request.user).filter(pk=pk).exists():  # type: ignore[arg-type]
        raise Http404
