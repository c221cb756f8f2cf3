"""A customer's timeline. Each room offers its own entries; desk lays them side by side.

All rooms share one order, newest first: (happened_at, source, id). A page ends at an entry and the next one begins right after
it in that order, so that nothing is shown twice or lost when a thousand entries share one moment.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from shuke.kernel.compiled import Compiled, given_list

Row = TypeVar("Row")

LONGEST_CURSOR = 120


@dataclass(frozen=True)
class TimelineEntry:
    """Something that touched a customer. Text fields are shown escaped: customers' own words are hostile.

    `source` and `id` name the row it comes from: ("touch", 12).
    """

    happened_at: datetime
    kind: str  # note, call, sms, email, wechat, visit, meeting, gift, order, return, browse, search, click, change …
    title: str
    body: str = ""
    channel: str = ""
    direction: str = ""  # in, out or empty
    who: str = ""
    amount_fen: int | None = None
    currency: str = "CNY"
    url: str = ""
    source: str = ""
    id: int = 0
    is_changed: bool = False

    @property
    def place(self) -> tuple[datetime, str, int]:
        """Where the entry stands among those of all rooms."""
        return (self.happened_at, self.source, self.id)


@dataclass(frozen=True)
class TimelineCursor:
    """The last entry of a page."""

    happened_at: datetime
    source: str
    id: int

    def __str__(self) -> str:
        return f"{self.happened_at.isoformat()}|{self.source}|{self.id}"


@dataclass(frozen=True)
class TimelineWanted:
    """Which part of a timeline: after a cursor, of some kinds, channel, direction, person, span of time, with some words.

    `since` is included, `until` is not. Empty: all.
    """

    after: TimelineCursor | None = None
    limit: int = 50
    kinds: frozenset[str] = frozenset()
    channel: str = ""
    direction: str = ""
    staff_id: int | None = None
    author: str = ""
    since: datetime | None = None
    until: datetime | None = None
    text: str = field(default="")

    @property
    def is_narrowed(self) -> bool:
        """Whether something is left out."""
        given = (self.kinds, self.channel, self.direction, self.staff_id, self.author, self.since, self.until)
        return bool(self.text) or any(given)

    @property
    def is_beginning(self) -> bool:
        """Whether it is the newest part of the whole timeline that is asked for: what every page of a customer begins with."""
        return self.after is None and not self.is_narrowed

    def wants(self, kinds: Collection[str]) -> bool:
        """Whether any of these kinds is asked for."""
        return not self.kinds or not self.kinds.isdisjoint(kinds)

    def takes(self, place: tuple[datetime, str, int]) -> bool:
        """Whether an entry at this place belongs to the page or to a later one: for rows that are at hand already."""
        moment = place[0]
        is_beyond = self.after is None or place < (self.after.happened_at, self.after.source, self.after.id)
        return is_beyond and not (
            (self.since and moment < self.since) or (self.until and moment >= self.until)
        )

    def part_of(self, rows: QuerySet[Any], source: str, moment: str = "happened_at") -> QuerySet[Any]:
        """Of one room's rows of one source, those of this page at most, in the order of the timeline."""
        if self.after is not None:
            rows = rows.filter(_beyond(self.after, source, moment))
        if self.since is not None:
            rows = rows.filter(**{f"{moment}__gte": self.since})
        if self.until is not None:
            rows = rows.filter(**{f"{moment}__lt": self.until})
        return rows.order_by(f"-{moment}", "-pk")[: self.limit]


class SourceRows(Generic[Row]):
    """The rows behind one source of entries. Where a timeline begins, with nothing left out, their query is a compiled one.

    `rows` gives all of them; `moment` is when they happened, `customer` whom they are about.
    """

    def __init__(
        self,
        rows: Callable[[], QuerySet[Any, Row]],
        source: str,
        *,
        moment: str = "happened_at",
        customer: str = "customer_id",
    ) -> None:
        self._rows, self._source, self._moment, self._customer = rows, source, moment, customer
        self._newest: dict[int, Compiled[Row]] = {}

    def page(
        self,
        customer_ids: Sequence[int],
        wanted: TimelineWanted,
        narrowed: Callable[[QuerySet[Any, Row]], QuerySet[Any, Row]],
    ) -> list[Row]:
        """The part of them that is asked for; `narrowed` leaves out what `wanted` leaves out."""
        if wanted.is_beginning:
            return self._compiled(wanted.limit).rows(ids=customer_ids)
        rows = self._rows().filter(**{f"{self._customer}__in": customer_ids})
        return list(wanted.part_of(narrowed(rows), self._source, self._moment))

    def _compiled(self, limit: int) -> Compiled[Row]:
        if limit not in self._newest:
            about = {f"{self._customer}__among": given_list("ids", "bigint")}
            wanted = TimelineWanted(limit=limit)
            self._newest[limit] = Compiled(
                lambda: wanted.part_of(self._rows().filter(**about), self._source, self._moment)
            )
        return self._newest[limit]


def _beyond(after: TimelineCursor, source: str, moment: str) -> Q:
    earlier = Q(**{f"{moment}__lt": after.happened_at})
    if source < after.source:
        return Q(**{f"{moment}__lte": after.happened_at})
    if source > after.source:
        return earlier
    return earlier | Q(**{moment: after.happened_at, "pk__lt": after.id})


def laid_side_by_side(entries: Iterable[TimelineEntry]) -> list[TimelineEntry]:
    """Entries of several rooms in the order of the timeline.

    Of several at one place the last given stands there: a room that knows more of a touch (its mail, say) gives an entry
    with the touch's own moment, source and id.
    """
    found = {entry.place: entry for entry in entries}
    return [found[place] for place in sorted(found, reverse=True)]


def cursor_of(entry: TimelineEntry) -> TimelineCursor:
    """Where the page after this entry begins."""
    return TimelineCursor(*entry.place)


def read_cursor(text: str) -> TimelineCursor | None:
    """The cursor that an address names; None for one that is not ours."""
    parts = text[:LONGEST_CURSOR].split("|")
    if len(parts) != 3 or not parts[2].isdecimal():
        return None
    try:
        moment = parse_datetime(parts[0].replace(" ", "+"))
    except ValueError:
        return None
    number = int(parts[2])
    if moment is None or moment.tzinfo is None or number >= 2**63:
        return None
    return TimelineCursor(moment, parts[1], number)


Source = Callable[[Any, list[int], TimelineWanted], list[TimelineEntry]]
_sources: dict[str, Source] = {}


def register_source(name: str, source: Source) -> None:
    """Let a room that stands beside or above the desk put entries on the timeline.

    It is asked `source(actor, customer_ids, wanted)` and answers at most `wanted.limit` entries that this actor may read, made
    with `wanted.part_of(rows, name)`.
    """
    _sources[name] = source


def entries_of_sources(actor: Any, customer_ids: list[int], wanted: TimelineWanted) -> list[TimelineEntry]:
    """What the registered sources tell this actor; nobody is told nothing."""
    if actor is None:
        return []
    return [entry for source in _sources.values() for entry in source(actor, customer_ids, wanted)]
