"""Churn warning: who will probably not come back within the horizon, why, and how good that warning has been.

P(no purchase in the horizon) of the shop's chosen forecast, for active customers. P(alive) alone ranks one-time buyers wrongly
and is not used. Reasons are figures, not words. docs/methods/churn.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shuke.analytics.arrays import BoolArray, FloatArray, IntArray
from shuke.analytics.backtest import auc
from shuke.analytics.candidates import BOOSTING, MEAN, Forecast
from shuke.analytics.choosing import Group, Trial, calibration_of
from shuke.analytics.features import Features
from shuke.analytics.purchases import Purchases

CAPTURE_STEPS = tuple(round(step / 20, 2) for step in range(1, 21))
OVERDUE, RARER, SMALLER, SINGLE = "overdue", "rarer", "smaller", "single"
MUCH_LESS = 0.7


@dataclass(frozen=True)
class CapturePoint:
    """The `contacted` share of active customers with the highest chance of leaving holds `caught` of all who left."""

    contacted: float
    caught: float


@dataclass(frozen=True)
class WarningReport:
    """How a warning given at day `cut` did on the active customers of that day.

    `left` customers of `customers` bought nothing in the horizon. `calibration` by tenth of the chance, lowest first.
    """

    cut: int
    horizon_days: int
    customers: int
    left: int
    auc: float
    brier: float
    capture: tuple[CapturePoint, ...]
    calibration: tuple[Group, ...]


def report_of(made: Trial, none: FloatArray, *, cut: int, horizon_days: int) -> WarningReport:
    """Judge a chance of no purchase (N,) given to the customers of a trial; only the active ones count."""
    chance, left = none[made.active], made.came[made.active] == 0
    forecast = Forecast(np.zeros(chance.size), chance)
    return WarningReport(
        cut=cut,
        horizon_days=horizon_days,
        customers=int(chance.size),
        left=int(left.sum()),
        auc=auc(chance, left),
        brier=round(float(((chance - left) ** 2).mean()), 5) if chance.size else 0.0,
        capture=capture_curve(chance, left),
        calibration=calibration_of(forecast, made.came[made.active]),
    )


def warning_of(forecasts: Mapping[str, Forecast], names: Sequence[str]) -> FloatArray:
    """P(no purchase), (N,): the mean of what the named forecasts say."""
    result: FloatArray = np.mean([forecasts[name].none for name in names], axis=0)
    return result


def ways_of(forecasts: Mapping[str, Forecast], winner: str) -> list[tuple[str, ...]]:
    """What a warning may be made of: the winner, and where there are trees, their mean with it or with the mean of all."""
    if BOOSTING not in forecasts:
        return [(winner,)]
    return [(winner,), *((one, BOOSTING) for one in dict.fromkeys((winner, MEAN)) if one != BOOSTING)]


def best_way(made: Trial, winner: str, *, is_thrifty: bool) -> tuple[str, ...]:
    """The way with the lowest Brier score among active customers; thrifty: the winner's own, unless by a standard error."""
    left = (made.came == 0)[made.active]
    ways = ways_of(made.forecasts, winner)
    squares = [(warning_of(made.forecasts, names)[made.active] - left) ** 2 for names in ways]
    place = int(np.argmin([each.mean() for each in squares])) if left.size else 0
    better = squares[0] - squares[place]
    least = float(better.std() / np.sqrt(better.size)) if is_thrifty and better.size else 0.0
    return ways[place] if left.size and float(better.mean()) > least else ways[0]


def capture_curve(chance: FloatArray, left: BoolArray) -> tuple[CapturePoint, ...]:
    """Share of those who left among the most likely 5, 10 … 100 %; equal chances share their place evenly."""
    if chance.size == 0 or not left.any():
        return tuple(CapturePoint(step, 0.0) for step in CAPTURE_STEPS)
    values, index, counts = np.unique(-chance, return_inverse=True, return_counts=True)
    gone = np.bincount(index, left.astype(np.float64), values.size)
    people = np.concatenate(([0], np.cumsum(counts))) / chance.size
    caught = np.concatenate(([0.0], np.cumsum(gone))) / gone.sum()
    found = np.interp(CAPTURE_STEPS, people, caught)
    return tuple(CapturePoint(s, round(float(v), 4)) for s, v in zip(CAPTURE_STEPS, found, strict=True))


def weekly_choice(chance: FloatArray, at_stake_fen: FloatArray, active: BoolArray, most: int) -> IntArray:
    """Rows of the customers that a shop that can handle `most` a week should turn to, best first.

    Parameters
    ----------
    chance : (N,) float
        P(no purchase in the horizon).
    at_stake_fen : (N,) float
        Money that goes with the customer.
    active : (N,) bool
        Whom the warning is about: who has bought within the horizon, say.
    most : int

    Notes
    -----
    By chance x money, the money that is expected to be lost; equal ones by the chance, then by row.
    """
    rows = np.flatnonzero(active & np.isfinite(chance))
    loss = chance[rows] * at_stake_fen[rows]
    order = np.lexsort((rows, -chance[rows], -loss))
    return rows[order][: max(most, 0)].astype(np.int64)


@dataclass(frozen=True)
class Reasons:
    """Why a customer is warned of, as figures, each (N,); NaN or False: that reason does not hold.

    `silent_days` against the usual gap's upper end `usual_days`; `last_gap_days` against `middle_gap_days`; `recent_fen` per
    purchase in the last window against `before_fen` until then; `is_single`: came only once.
    """

    is_overdue: BoolArray
    silent_days: IntArray
    usual_days: FloatArray
    is_rarer: BoolArray
    recent_purchases: IntArray
    before_purchases: IntArray
    is_smaller: BoolArray
    recent_fen: FloatArray
    before_fen: FloatArray
    is_single: BoolArray

    def codes(self, row: int) -> tuple[str, ...]:
        """Which reasons hold for one customer, strongest first."""
        marks = (
            (OVERDUE, self.is_overdue),
            (RARER, self.is_rarer),
            (SMALLER, self.is_smaller),
            (SINGLE, self.is_single),
        )
        return tuple(code for code, mark in marks if mark[row])


def reasons_of(
    purchases: Purchases, features: Features, gap_days: FloatArray, *, window_days: int
) -> Reasons:
    """Figures behind a warning, (G,): overdue, rarer, smaller, single.

    Parameters
    ----------
    purchases, features : of the same customers and day
    gap_days : (G, 3) float
        Usual gaps at 25, 50, 75 % (`features.usual_gaps`).
    window_days : int
        "Recently" is this long, "before" the same length before that.

    Notes
    -----
    Overdue: silent beyond the gap's upper end. Rarer: purchases fell below 70 % of those of the window before (at least 3 then).
    Smaller: money per purchase below 70 % of the window before. Single: only one purchase ever.
    """
    day, groups = features.as_of, purchases.groups
    late = (purchases.day > day - window_days) & (purchases.day <= day)
    early = (purchases.day > day - 2 * window_days) & ~late & (purchases.day <= day)
    recent, before = (groups.sums(part.astype(np.int64)) for part in (late, early))
    recent_fen, before_fen = (
        _each(groups.sums(np.where(part, purchases.amount_fen, 0)), count)
        for part, count in ((late, recent), (early, before))
    )
    is_single = features.purchases == 1
    usual = gap_days[:, 2]
    return Reasons(
        is_overdue=features.has_bought
        & ~is_single
        & (features.silent_days > np.nan_to_num(usual, nan=np.inf)),
        silent_days=features.silent_days,
        usual_days=usual,
        is_rarer=(before >= 3) & (recent < MUCH_LESS * before),
        recent_purchases=recent,
        before_purchases=before,
        is_smaller=(recent > 0) & (before > 0) & (recent_fen < MUCH_LESS * before_fen),
        recent_fen=recent_fen,
        before_fen=before_fen,
        is_single=is_single,
    )


def _each(money: IntArray, count: IntArray) -> FloatArray:
    return np.where(count > 0, money / np.maximum(count, 1), np.nan)
