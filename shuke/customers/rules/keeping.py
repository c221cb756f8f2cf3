"""How we keep in touch: when a customer may be contacted, when the next follow-up falls, who is mentioned. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

TOO_OFTEN, QUIET, UNWANTED, FREE = "too_often", "quiet", "unwanted", ""
COUNTED = ("call", "sms", "wechat", "email", "visit")  # what a customer feels as being contacted
TOUCH_KINDS = (*COUNTED, "meeting", "gift")  # what counts as having been in touch; a note does not
UNTIMELY = frozenset({"call", "sms", "wechat", "email"})  # what rings or beeps at night
LONGEST_SEARCH_DAYS = 40
_PHONE_LIKE = re.compile(r"\+?[\d*](?:[\s\-–—]?[\d*]){6,}")
_EMAIL_LIKE = re.compile(r"[^\s@，。；、]+@[^\s@，。；、]+\.[^\s@，。；、]+")


@dataclass(frozen=True)
class Limits:
    """At most so many touches in so many days, none between these hours. `most_touches` 0: no limit."""

    most_touches: int
    within_days: int
    quiet_from: time
    quiet_until: time


@dataclass(frozen=True)
class Held:
    """Why a customer may not be contacted now (empty: may) and from when they may."""

    code: str = FREE
    free_from: datetime | None = None


def contact_hold(limits: Limits, channel: str, at: datetime, past: Sequence[datetime]) -> Held:
    """Whether a contact at that moment (shop time) is too much, after these past ones.

    `past` are the moments of counted touches before `at`. A channel that nobody is bothered by is always free.
    """
    if channel not in COUNTED:
        return Held()
    recent = sorted(moment for moment in past if at - timedelta(days=limits.within_days) < moment <= at)
    if limits.most_touches and len(recent) >= limits.most_touches:
        again = recent[-limits.most_touches] + timedelta(days=limits.within_days)
        return Held(TOO_OFTEN, _after_quiet(limits, channel, again.astimezone(at.tzinfo)))
    if channel in UNTIMELY and is_quiet(limits, at.time()):
        return Held(QUIET, _after_quiet(limits, channel, at))
    return Held()


def is_quiet(limits: Limits, at: time) -> bool:
    """Whether that is within the quiet hours; from and until the same: there are none."""
    start, end = limits.quiet_from, limits.quiet_until
    if start == end:
        return False
    return start <= at < end if start < end else at >= start or at < end


def _after_quiet(limits: Limits, channel: str, at: datetime) -> datetime:
    if channel not in UNTIMELY or not is_quiet(limits, at.time()):
        return at
    end = datetime.combine(at.date(), limits.quiet_until, tzinfo=at.tzinfo)
    return end if end > at else end + timedelta(days=1)


IsFree = Callable[[date], bool]


def due_day(*, last: date | None, every_days: int, starts_on: date, today: date) -> date:
    """When the next follow-up falls: so many days after the last touch, never before the plan starts or today."""
    after = last + timedelta(days=every_days) if last else starts_on
    return max(after, starts_on, today)


def first_free_day(day: date, is_free: IsFree) -> date:
    """That day, or the first one after it that is free; itself if there is none within forty days."""
    for ahead in range(LONGEST_SEARCH_DAYS):
        if is_free(day + timedelta(days=ahead)):
            return day + timedelta(days=ahead)
    return day


def mentioned(text: str, people: Mapping[int, str]) -> frozenset[int]:
    """Who of these people is called with @name in a text; the longest name that fits counts."""
    found: set[int] = set()
    for start in (match.end() for match in re.finditer("[@＠]", text)):
        rest = text[start:]
        fitting = [name for name in people.values() if name and rest.startswith(name)]
        if fitting:
            longest = max(fitting, key=len)
            found |= {pk for pk, name in people.items() if name == longest}
    return frozenset(found)


def without_contacts(text: str) -> str:
    """A text in which whatever looks like a phone number or an e-mail is dotted out: for what leaves the house."""
    return _EMAIL_LIKE.sub("…", _PHONE_LIKE.sub("…", text))


def spread(
    wanted: Iterable[tuple[date, int]], taken: Mapping[date, int], most: int, last: date, is_free: IsFree
) -> list[tuple[date, int]]:
    """Give each (day, id) the first free day from its own on that holds fewer than `most`, until `last`.

    The longest waiting come first; who finds no room is left out and asked again another night.
    """
    counts = dict(taken)
    found = []
    for day, key in sorted(wanted):
        spot = day
        while spot <= last and (not is_free(spot) or counts.get(spot, 0) >= most):
            spot += timedelta(days=1)
        if spot <= last:
            counts[spot] = counts.get(spot, 0) + 1
            found.append((spot, key))
    return found
