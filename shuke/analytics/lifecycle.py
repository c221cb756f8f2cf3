"""Lifecycle: stage and phase from purchase days and the shop's thresholds alone, so that every move can be dated again.

Stages 潜在 prospect, 首购 first, 复购 repeat, 忠诚 loyal, 流失 lapsed. Phases 获取 acquire, 提升 grow, 成熟 mature,
衰退 decline, 离开 leave. Rules in docs/methods/lifecycle.md.
"""

from dataclasses import dataclass

import numpy as np

from shuke.analytics.arrays import BoolArray, IntArray
from shuke.analytics.features import ShopGaps
from shuke.analytics.purchases import Purchases

STAGES = ("prospect", "first", "repeat", "loyal", "lapsed")
PHASES = ("acquire", "grow", "mature", "decline", "leave")
PROSPECT, FIRST, REPEAT, LOYAL, LAPSED = range(5)
ACQUIRE, GROW, MATURE, DECLINE, LEAVE = range(5)
SHORTEST_LAPSE, LONGEST_LAPSE = 30, 540
WITHOUT_GAPS = (90, 180)


@dataclass(frozen=True)
class Thresholds:
    """`loyal_from` purchases without a lapse between; silence in days after which a customer declines or has lapsed."""

    loyal_from: int
    decline_after_days: int
    lapsed_after_days: int


def default_thresholds(
    gaps: ShopGaps,
    *,
    loyal_from: int,
    decline_after_days: int | None,
    lapsed_after_days: int | None,
) -> Thresholds:
    """The shop's own figures where it set them, else from its gaps.

    Lapsed: longer silent than 95 % of all gaps that ended in a purchase (30 to 540 days). Declining: than 80 %, at least
    7 days and below the first. 180 and 90 days where nobody came twice.
    """
    decline, lapse = WITHOUT_GAPS
    if np.isfinite(gaps.slowest):
        lapse = int(np.clip(np.ceil(gaps.slowest), SHORTEST_LAPSE, LONGEST_LAPSE))
        decline = int(np.ceil(gaps.slow))
    lapse = lapsed_after_days or lapse
    decline = decline_after_days or int(np.clip(decline, min(7, lapse - 1), lapse - 1))
    return Thresholds(max(2, loyal_from), decline, lapse)


@dataclass(frozen=True)
class Moves:
    """Dated moves: `row` is the customer's place in the purchases, `day` the day; stages as codes, each (M,)."""

    row: IntArray
    day: IntArray
    from_stage: IntArray
    to_stage: IntArray


def moves_of(purchases: Purchases, thresholds: Thresholds, *, as_of: int) -> Moves:
    """Every move between stages up to `as_of`, by customer and day.

    A purchase brings 首购 (the very first), 忠诚 (the n-th without a lapse between) or 复购. The day after
    `lapsed_after_days` of silence brings 流失.
    """
    groups, day = purchases.groups, purchases.day
    if day.size == 0:
        none = np.zeros(0, np.int64)
        return Moves(none, none, none, none)
    row, place = groups.row_group, groups.place
    is_last = place == np.repeat(groups.counts, groups.counts) - 1
    next_day = np.where(is_last, as_of, np.append(day[1:], as_of))
    lapses = next_day - day > thresholds.lapsed_after_days
    bought = _stage_at_purchase(place, lapses, thresholds.loyal_from)
    days = np.column_stack([day, day + thresholds.lapsed_after_days + 1]).ravel()
    stages = np.column_stack([bought, np.full(day.size, LAPSED)]).ravel()
    real = np.column_stack([np.ones(day.size, bool), lapses]).ravel()
    rows, days, stages = np.repeat(row, 2)[real], days[real], stages[real]
    starts = np.concatenate(([True], rows[1:] != rows[:-1]))
    before = np.where(starts, PROSPECT, np.concatenate(([PROSPECT], stages[:-1])))
    moved = stages != before
    return Moves(rows[moved], days[moved], before[moved], stages[moved])


def _stage_at_purchase(place: IntArray, lapses: BoolArray, loyal_from: int) -> IntArray:
    after_lapse = np.concatenate(([False], lapses[:-1]))
    begins = (place == 0) | after_lapse
    start = np.maximum.accumulate(np.where(begins, np.arange(place.size), 0))
    streak = np.arange(place.size) - start + 1
    stage = np.where(streak >= loyal_from, LOYAL, REPEAT)
    return np.where(place == 0, FIRST, stage).astype(np.int64)


@dataclass(frozen=True)
class Standing:
    """Where customers stand: `stage` code and `since` day (of the move; 0 for prospects), each (G,)."""

    stage: IntArray
    since: IntArray


def standing_of(moves: Moves, customers: int) -> Standing:
    """The last move of each customer; 潜在 without one."""
    stage, since = np.full(customers, PROSPECT, np.int64), np.zeros(customers, np.int64)
    stage[moves.row], since[moves.row] = moves.to_stage, moves.day
    return Standing(stage, since)


def phases_of(stage: IntArray, silent_days: IntArray, thresholds: Thresholds) -> IntArray:
    """Phase codes (G,): 获取 up to the first purchase, 提升 while repeating, 成熟 when loyal, 衰退 when silent, 离开 lapsed."""
    phase = np.array([ACQUIRE, ACQUIRE, GROW, MATURE, LEAVE])[stage]
    quiet = (stage != PROSPECT) & (stage != LAPSED) & (silent_days > thresholds.decline_after_days)
    return np.where(quiet, DECLINE, phase).astype(np.int64)
