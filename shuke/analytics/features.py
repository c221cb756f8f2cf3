"""Features: what the models and the rules read of a customer's purchases. Nightly and at once, the same function.

Why NumPy on sorted purchase days and not one SQL expression: docs/adr (one definition of features).
"""

from dataclasses import dataclass

import numpy as np

from shuke.analytics.arrays import BoolArray, FloatArray, IntArray
from shuke.analytics.purchases import Purchases, gaps, group_quantiles

DAYS_PER_WEEK = 7.0
YEAR_DAYS = 365
GAP_LEVELS = (0.25, 0.5, 0.75)
SHRINK_GAPS = 3.0


@dataclass(frozen=True)
class Features:
    """Per customer, each (G,); customers without a purchase have zeros, `has_bought` tells them apart.

    `purchases` purchase days; `first_day`, `last_day` days since 1970-01-01; `repeat_fen` money after the first purchase;
    `window_*` within the RFM window, `year_*` within 365 days, both ending at `as_of`; `gap_quantiles` (G, 3) own days
    between purchases at 25, 50, 75 % (NaN without a gap); `worth_fen` money of the 365 days that end with the last
    purchase.
    """

    as_of: int
    customer: IntArray
    purchases: IntArray
    first_day: IntArray
    last_day: IntArray
    spent_fen: IntArray
    repeat_fen: IntArray
    window_purchases: IntArray
    window_fen: IntArray
    year_purchases: IntArray
    year_fen: IntArray
    worth_fen: IntArray
    gap_quantiles: FloatArray

    @property
    def has_bought(self) -> BoolArray:
        """At least one purchase, (G,)."""
        return self.purchases > 0

    @property
    def repeats(self) -> IntArray:
        """x: purchases after the first, (G,)."""
        return np.maximum(self.purchases - 1, 0)

    @property
    def silent_days(self) -> IntArray:
        """Days since the last purchase, (G,)."""
        return np.where(self.has_bought, self.as_of - self.last_day, 0)

    @property
    def known_days(self) -> IntArray:
        """T in days: since the first purchase, (G,)."""
        return np.where(self.has_bought, self.as_of - self.first_day, 0)

    @property
    def span_days(self) -> IntArray:
        """t_x in days: from the first to the last purchase, (G,)."""
        return self.last_day - self.first_day

    @property
    def mean_repeat_fen(self) -> FloatArray:
        """z: mean money of the repeat purchases, (G,); 0 without one."""
        return self.repeat_fen / np.maximum(self.repeats, 1)


def features_of(purchases: Purchases, *, as_of: int, window_days: int) -> Features:
    """Features at the end of day `as_of`; later purchases must have been cut off (`Purchases.until`).

    Parameters
    ----------
    purchases : Purchases
    as_of : int
        Day since 1970-01-01.
    window_days : int
        Length of the RFM window; 0 for all time.
    """
    groups, day, amount = purchases.groups, purchases.day, purchases.amount_fen
    spent = groups.sums(amount)
    window = day > (as_of - window_days if window_days else -(10**9))
    year = day > as_of - YEAR_DAYS
    last = groups.lasts(day, 0)
    worth = day > np.repeat(last, groups.counts) - YEAR_DAYS
    gap_groups, gap_days = gaps(purchases)
    return Features(
        as_of=as_of,
        customer=purchases.customer,
        purchases=groups.counts,
        first_day=groups.firsts(day, 0),
        last_day=last,
        spent_fen=spent,
        repeat_fen=spent - groups.firsts(amount, 0),
        window_purchases=groups.sums(window.astype(np.int64)),
        window_fen=groups.sums(np.where(window, amount, 0)),
        year_purchases=groups.sums(year.astype(np.int64)),
        year_fen=groups.sums(np.where(year, amount, 0)),
        worth_fen=groups.sums(np.where(worth, amount, 0)),
        gap_quantiles=group_quantiles(gap_groups, gap_days, GAP_LEVELS),
    )


@dataclass(frozen=True)
class ShopGaps:
    """Days between purchases in the whole shop: quantiles that a customer is compared with; NaN where nobody came twice."""

    low: float
    middle: float
    high: float
    slow: float
    slowest: float


SHOP_LEVELS = (0.25, 0.5, 0.75, 0.8, 0.95)


def gap_histogram(purchases: Purchases) -> tuple[IntArray, IntArray]:
    """Days between neighbouring purchases that occur in the shop (D,), rising, and how often each does (D,)."""
    _, days = gaps(purchases)
    times = np.bincount(days) if days.size else np.zeros(0, np.int64)
    occurring = np.flatnonzero(times)
    return occurring.astype(np.int64), times[occurring].astype(np.int64)


def shop_gaps(purchases: Purchases) -> ShopGaps:
    """Quantiles at 25, 50, 75, 80 and 95 % of all gaps of the shop, in days."""
    days, times = gap_histogram(purchases)
    if days.size == 0:
        return ShopGaps(*(float("nan"),) * 5)
    return ShopGaps(*(_quantile_of_counts(days, times, level) for level in SHOP_LEVELS))


def _quantile_of_counts(values: IntArray, times: IntArray, level: float) -> float:
    """The linear quantile of `values` (D,), rising, each occurring `times` (D,): without laying them all out."""
    upto = np.cumsum(times)
    place = (int(upto[-1]) - 1) * level
    low = int(np.floor(place))
    below, above = values[np.searchsorted(upto, (low, min(low + 1, int(upto[-1]) - 1)), side="right")]
    return float(below + (above - below) * (place - low))


def usual_gaps(features: Features, shop: ShopGaps) -> FloatArray:
    """Usual days between purchases at 25, 50, 75 %, (G, 3): the customer's own, drawn to the shop's when there are few.

    Notes
    -----
    Geometric mean with weight n / (n + 3) on the own quantile of n gaps; NaN for customers without a purchase and in
    shops where nobody came twice.
    """
    count = np.maximum(features.purchases - 1, 0).astype(np.float64)[:, None]
    own = np.log(np.maximum(np.nan_to_num(features.gap_quantiles, nan=1.0), 0.5))
    shared = np.log(np.maximum(np.array([shop.low, shop.middle, shop.high]), 0.5))
    result: FloatArray = np.exp((count * own + SHRINK_GAPS * shared) / (count + SHRINK_GAPS))
    result[~features.has_bought] = np.nan
    return result
