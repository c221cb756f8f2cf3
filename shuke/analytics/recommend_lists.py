"""The lists that a shop shows: what is due, what was never bought, a step up, and what newcomers like; by the ways that its own
history chose. Page docs/methods/recommendations.md.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from shuke.analytics import recommend_new, recommend_repeat
from shuke.analytics.arrays import FloatArray, Groups, IntArray
from shuke.analytics.recommend import Filters, Lines, Ranked, best_of, contains
from shuke.analytics.recommend_new import Affinity, NewReport, Shelf
from shuke.analytics.recommend_repeat import Habits, RepeatReport

DUE, NEW, STEP = 1, 2, 3
NOBODY = -1
MOST_OF = {DUE: 3, NEW: 3, STEP: 1}
LARGEST_SAMPLE = 20_000
MOST_DAYS = 32_000
SOLD_LATELY_DAYS = 120


@dataclass(frozen=True)
class Choice:
    """The ways that did best on hidden days; the defaults are those of Complete Journey, for a shop without enough history."""

    repeat_half_life_days: float = 120.0
    way: str = recommend_new.TOGETHER
    new_half_life_days: float = 90.0


class Judged(NamedTuple):
    """What was chosen, and the figures by which; None where the history is too short to tell."""

    choice: Choice
    repeat: RepeatReport | None
    new: NewReport | None


@dataclass(frozen=True)
class Suggested:
    """Recommendations of some customers, a row for each, (S,) int64, sorted by customer, kind and rank.

    `because`: the bought product that speaks for it (-1: it is popular). `times`, `last_day` (-1: never), `interval_days` and
    `usual_fen`: how often, how lately, in which rhythm and for how much the product was bought; a step up: its price.
    """

    customer: IntArray
    kind: IntArray
    rank: IntArray
    product: IntArray
    because: IntArray
    times: IntArray
    last_day: IntArray
    interval_days: IntArray
    usual_fen: IntArray

    def between(self, low: int, high: int) -> "Suggested":
        """The rows of customers from `low` to below `high`."""
        rows = slice(*np.searchsorted(self.customer, (low, high)).tolist())
        return Suggested(*(getattr(self, name)[rows] for name in COLUMNS))


COLUMNS = tuple(Suggested.__dataclass_fields__)


def judge(lines: Lines, *, cut: int) -> Judged:
    """Choose the ways by what customers bought after day `cut`; of large shops, by customers drawn by their ids."""
    customers = np.unique(lines.customer)
    step = -(-customers.size // LARGEST_SAMPLE)
    drawn = lines if step <= 1 else lines._keep(np.isin(lines.customer, customers[::step]))
    repeat = recommend_repeat.compare(drawn, cut=cut)
    new = recommend_new.compare(drawn, cut=cut)
    default = Choice()
    chosen = Choice(
        repeat.half_life_days if repeat else default.repeat_half_life_days,
        new.way if new else default.way,
        new.half_life_days if new else default.new_half_life_days,
    )
    return Judged(chosen, repeat, new)


@dataclass(frozen=True)
class Learnt:
    """What the lists of everybody are made of.

    `repeat` and `taste` are habits by either half-life, over the same pairs; `mean_fen` (K,) is spent on a pair each time.
    """

    as_of: int
    lines: Lines
    repeat: Habits
    taste: Habits
    mean_fen: IntArray
    affinity: Affinity
    shelf: Shelf
    choice: Choice


def learn(lines: Lines, money: FloatArray, shelf: Shelf, choice: Choice, *, as_of: int) -> Learnt:
    """Learn from all lines up to `as_of`.

    Parameters
    ----------
    lines : Lines
    money : (L,) float64
        Fen paid for each line.
    shelf : Shelf
        Prices and categories; its popularity is not read.
    """
    repeat = recommend_repeat.habits_of(lines, as_of=as_of, half_life_days=choice.repeat_half_life_days)
    taste = recommend_repeat.habits_of(lines, as_of=as_of, half_life_days=choice.new_half_life_days)
    affinity = recommend_new.affinity_of(
        lines, as_of=as_of, half_life_days=choice.new_half_life_days, way=choice.way
    )
    return Learnt(
        as_of, lines, repeat, taste, _mean_money(repeat, money), affinity, _priced(shelf, affinity), choice
    )


def _mean_money(habits: Habits, money: FloatArray) -> IntArray:
    """Lines are sorted as habits are, with `times` lines for each pair."""
    if habits.times.size == 0:
        return habits.times
    starts = np.concatenate(([0], np.cumsum(habits.times)[:-1]))
    result: IntArray = np.rint(np.add.reduceat(money, starts) / habits.times).astype(np.int64)
    return result


def usual_money(lines: Lines, money: FloatArray) -> dict[int, int]:
    """The median of what is paid for a line of each product, in fen: its price, where nobody told one."""
    order = np.lexsort((money, lines.product))
    products, groups = Groups.of_sorted(lines.product[order])
    middle = groups.starts[:-1] + (groups.counts - 1) // 2
    return dict(zip(products.tolist(), np.rint(money[order][middle]).astype(np.int64).tolist(), strict=True))


def _priced(shelf: Shelf, affinity: Affinity) -> Shelf:
    """The shelf with the popularity that was learnt; products nobody buys stand nowhere."""
    place = np.clip(np.searchsorted(affinity.product, shelf.product), 0, max(affinity.product.size - 1, 0))
    known = affinity.product[place] == shelf.product if affinity.product.size else np.zeros(place.shape, bool)
    popularity = affinity.popularity[place[known]]
    return Shelf(shelf.product[known], shelf.category[known], shelf.price_fen[known], popularity)


def lists_of(learnt: Learnt, filters: Filters, customers: IntArray) -> Suggested:
    """The lists of customers who have bought something (C,), rising ids."""
    rows = _rows_of(learnt.repeat.customer, customers)
    again, taste, money = _part(learnt.repeat, rows), _part(learnt.taste, rows), learnt.mean_fen[rows]
    due = _due(again, money, filters)
    new = _new(learnt.affinity, taste, filters, customers)
    step = _steps(again, learnt.shelf, filters, new)
    return stacked([due, new, step])


def popular_lists(learnt: Learnt, filters: Filters, customers: IntArray, segment: IntArray) -> Suggested:
    """For customers who have bought nothing yet (C,), rising ids: what the customers of their segment (codes from 0, (C,)) like.

    Segments are told by those who bought, who must be among `customers` too; where they are few the shop's list counts.
    """
    ranked, _buyers = recommend_new.popular_in_segments(
        learnt.lines,
        segment,
        customers,
        as_of=learnt.as_of,
        half_life_days=learnt.choice.new_half_life_days,
        most=3 * MOST_OF[NEW],
    )
    bought = np.isin(customers, learnt.repeat.customer)
    found = [
        _offered(ranked, code, customers[(segment == code) & ~bought], filters)
        for code in np.unique(segment).tolist()
    ]
    return stacked(found)


def _offered(ranked: Ranked, code: int, customers: IntArray, filters: Filters) -> Suggested:
    """One segment's list for each of its customers, without what is filtered."""
    rows = ranked.customer == code
    product = ranked.product[rows if rows.any() else ranked.customer == NOBODY]
    who, what = np.repeat(customers, product.size), np.tile(product, customers.size)
    allowed = filters.allow(who, what)
    score = np.where(allowed, np.tile(np.arange(product.size, 0, -1), customers.size), 0).astype(np.float64)
    best = best_of(who, what, score, MOST_OF[NEW])
    return _rows(NEW, best, because=np.full(best.product.size, NOBODY))


def _rows_of(column: IntArray, customers: IntArray) -> slice:
    """Where sorted customers (C,) stand in a sorted column; they must be neighbours in it."""
    if customers.size == 0:
        return slice(0, 0)
    return slice(
        int(np.searchsorted(column, customers[0], side="left")),
        int(np.searchsorted(column, customers[-1], side="right")),
    )


def _part(habits: Habits, rows: slice) -> Habits:
    return Habits(
        habits.as_of,
        habits.customer[rows],
        habits.product[rows],
        habits.times[rows],
        habits.last_day[rows],
        habits.strength[rows],
        habits.interval_days[rows],
        habits.is_due[rows],
    )


def _due(habits: Habits, mean_fen: IntArray, filters: Filters) -> Suggested:
    best = recommend_repeat.due(habits, filters, MOST_OF[DUE])
    return _rows(
        DUE,
        best,
        because=best.product,
        times=habits.times[best.row],
        last_day=habits.last_day[best.row],
        interval_days=np.rint(habits.interval_days[best.row]).astype(np.int64),
        usual_fen=mean_fen[best.row],
    )


def _new(affinity: Affinity, habits: Habits, filters: Filters, customers: IntArray) -> Suggested:
    found = recommend_new.recommend(affinity, habits, filters, MOST_OF[NEW], customers)
    return _rows(NEW, found.ranked, because=found.because)


def _steps(habits: Habits, shelf: Shelf, filters: Filters, new: Suggested) -> Suggested:
    """A step up that stands in the list of the never bought already is not said twice."""
    found = recommend_new.steps_up(habits, shelf, filters, MOST_OF[STEP])
    fresh = ~contains(new.customer, new.product, found.ranked.customer, found.ranked.product)
    kept = Ranked(
        found.ranked.customer[fresh],
        found.ranked.product[fresh],
        found.ranked.rank[fresh],
        found.ranked.score[fresh],
        found.ranked.row[fresh],
    )
    return _rows(STEP, kept, because=found.instead_of[fresh], usual_fen=found.price_fen[fresh])


def _rows(kind: int, ranked: Ranked, *, because: IntArray, **known: IntArray) -> Suggested:
    size = ranked.product.size
    zero = np.zeros(size, np.int64)
    return Suggested(
        ranked.customer,
        np.full(size, kind, np.int64),
        ranked.rank,
        ranked.product,
        because,
        np.minimum(known.get("times", zero), MOST_DAYS),
        known.get("last_day", np.full(size, NOBODY, np.int64)),
        np.minimum(known.get("interval_days", zero), MOST_DAYS),
        known.get("usual_fen", zero),
    )


def stacked(parts: list[Suggested]) -> Suggested:
    """All rows in one table, sorted."""
    none = np.zeros(0, np.int64)
    columns = {name: np.concatenate([none, *(getattr(part, name) for part in parts)]) for name in COLUMNS}
    order = np.lexsort((columns["rank"], columns["kind"], columns["customer"]))
    return Suggested(**{name: column[order] for name, column in columns.items()})
