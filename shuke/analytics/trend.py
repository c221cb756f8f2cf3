"""Value trend: does a customer come more often than before, less often, or is that chance? Page docs/methods/trend.md."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from shuke.analytics.arrays import FloatArray, IntArray
from shuke.analytics.features import Features
from shuke.analytics.purchases import Purchases

TRENDS = ("falling", "steady", "rising")
FALLING, STEADY, RISING = range(3)
LEVEL = 0.10


@dataclass(frozen=True)
class Trend:
    """Per customer, each (G,): code in `TRENDS`, the chance of so much difference without a trend, and both counts.

    `before_days` is how much of the earlier window the customer was known (0: no comparison, steady).
    """

    code: IntArray
    chance: FloatArray
    recent: IntArray
    before: IntArray
    before_days: IntArray


def trend_of(purchases: Purchases, features: Features, *, window_days: int) -> Trend:
    """Purchases in the last `window_days` against those in the same time before, (G,).

    Notes
    -----
    Given n purchases in both windows, the recent ones are Binomial(n, w / (w + b)) if nothing changed, with b the days of the
    earlier window in which the customer was known: the exact conditional test of two Poisson rates (J. Przyborowski, H. Wilenski,
    Biometrika 31, 1940), right at any count. Two-sided, twice the smaller tail; a trend below 10 %. The first purchase is not
    counted: without it nobody would be a customer.
    """
    day, groups = features.as_of, purchases.groups
    later = groups.place > 0
    late = later & (purchases.day > day - window_days) & (purchases.day <= day)
    early = later & (purchases.day > day - 2 * window_days) & (purchases.day <= day - window_days)
    recent, before = (groups.sums(part.astype(np.int64)) for part in (late, early))
    known = np.clip(features.known_days, 0, 2 * window_days)
    share = np.minimum(known, window_days) / np.maximum(known, 1)
    low, high = _tails(recent, before, share)
    chance = np.minimum(1.0, 2 * np.minimum(low, high))
    before_days = np.maximum(known - window_days, 0)
    moves = (chance < LEVEL) & (before_days > 0)
    code = np.where(moves, np.where(low < high, FALLING, RISING), STEADY).astype(np.int64)
    return Trend(code, chance, recent, before, before_days)


def _tails(recent: IntArray, before: IntArray, share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """P(at most `recent`) and P(at least `recent`), each (G,): customers who have the same three figures are computed once."""
    same = np.column_stack((recent.astype(np.float64), before.astype(np.float64), share))
    kinds, place = np.unique(same, axis=0, return_inverse=True)
    times, total, chance = kinds[:, 0], (kinds[:, 0] + kinds[:, 1]).astype(np.int64), kinds[:, 2]
    low, high = special.bdtr(times, total, chance), special.bdtrc(times - 1, total, chance)
    return low[place.ravel()], high[place.ravel()]
