"""What a customer buys again: how often and how lately they bought each product, and whether it is due by their own interval.

Personal decayed frequency is hard to beat for the next basket: M. Ariannezhad et al., "ReCANet", SIGIR (2022), and M. Li et al.,
"A Next Basket Recommendation Reality Check", ACM TOIS 41 (2023). Page docs/methods/recommendations.md.
"""

from dataclasses import dataclass

import numpy as np

from shuke.analytics.arrays import BoolArray, FloatArray, Groups, IntArray
from shuke.analytics.recommend import Filters, Lines, Ranked, best_of, next_baskets, recall

HALF_LIVES = (30.0, 60.0, 120.0, 240.0)
FEWEST_TIMES = 3
DUE_FROM, DUE_UNTIL = 0.8, 2.0
SHRINK = 2.0


@dataclass(frozen=True)
class Habits:
    """A row for each customer and product bought, each (K,), sorted by both.

    `strength` is the number of purchase days, each halved for every half-life of its age. `interval_days` is the usual
    time between two of them, the own mean drawn to the product's (NaN where nobody bought it twice); `silent_days`
    since the last. `is_due`: bought at least three times, and 0.8 to 2 intervals ago: 该补货了.
    """

    as_of: int
    customer: IntArray
    product: IntArray
    times: IntArray
    last_day: IntArray
    strength: FloatArray
    interval_days: FloatArray
    is_due: BoolArray

    @property
    def silent_days(self) -> IntArray:
        """Days since the last purchase of the product, (K,)."""
        return self.as_of - self.last_day


def habits_of(lines: Lines, *, as_of: int, half_life_days: float) -> Habits:
    """Habits at the end of day `as_of`; later lines are not looked at."""
    past = lines.until(as_of)
    if past.day.size == 0:
        none, zero = past.day, past.day.astype(np.float64)
        return Habits(as_of, none, none, none, none, zero, zero, none.astype(bool))
    changes = (past.customer[1:] != past.customer[:-1]) | (past.product[1:] != past.product[:-1])
    starts = np.flatnonzero(np.concatenate(([True], changes))).astype(np.int64)
    groups = Groups(np.append(starts, past.day.size))
    times, first, last = groups.counts, groups.firsts(past.day, 0), groups.lasts(past.day, 0)
    strength = np.add.reduceat(np.exp2(-(as_of - past.day) / half_life_days), starts)
    product = past.product[starts]
    interval = _intervals(product, times, (last - first).astype(np.float64))
    ratio = (as_of - last) / interval
    is_due = (times >= FEWEST_TIMES) & (ratio >= DUE_FROM) & (ratio <= DUE_UNTIL)
    return Habits(as_of, past.customer[starts], product, times, last, strength, interval, is_due)


def _intervals(product: IntArray, times: IntArray, span: FloatArray) -> FloatArray:
    """Usual days between purchases of each pair (K,): own gaps and two of the product's mean gap."""
    _, index = np.unique(product, return_inverse=True)
    gaps = (times - 1).astype(np.float64)
    all_gaps, all_days = np.bincount(index, gaps), np.bincount(index, span)
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = (all_days / all_gaps)[index]
    result: FloatArray = (span + SHRINK * shared) / (gaps + SHRINK)
    return result


def recommend(habits: Habits, filters: Filters, most: int) -> Ranked:
    """The `most` products that each customer will most likely buy again; `row` leads to the habit, which is the reason."""
    score = np.where(filters.allow(habits.customer, habits.product), habits.strength, 0.0)
    return best_of(habits.customer, habits.product, score, most)


def due(habits: Habits, filters: Filters, most: int) -> Ranked:
    """Of what is due by the customer's own interval, the `most` strongest habits: for 该补货了."""
    allowed = habits.is_due & filters.allow(habits.customer, habits.product)
    return best_of(habits.customer, habits.product, np.where(allowed, habits.strength, 0.0), most)


@dataclass(frozen=True)
class RepeatReport:
    """Recall of the next basket by its `most` recommendations, by half-life; `half_life_days` is the best one's."""

    cut: int
    customers: int
    most: int
    half_life_days: float
    recalls: tuple[tuple[float, float], ...]

    @property
    def recall(self) -> float:
        """Of the best half-life."""
        return dict(self.recalls)[self.half_life_days]


def compare(
    lines: Lines, *, cut: int, most: int = 10, half_lives: tuple[float, ...] = HALF_LIVES
) -> RepeatReport | None:
    """Recommend at the end of day `cut` and look at the next basket of those who had bought before; None without any."""
    before, baskets = lines.until(cut), next_baskets(lines, cut)
    known = np.isin(baskets.customer, before.customer)
    customer, product = baskets.customer[known], baskets.product[known]
    if customer.size == 0:
        return None
    found = []
    for half_life in half_lives:
        habits = habits_of(before, as_of=cut, half_life_days=half_life)
        found.append((half_life, round(recall(recommend(habits, Filters(), most), customer, product), 5)))
    best = max(found, key=lambda pair: pair[1])[0]
    return RepeatReport(cut, int(np.unique(customer).size), most, best, tuple(found))
