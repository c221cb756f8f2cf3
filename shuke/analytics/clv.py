"""CLV: what a customer should bring in a coming period, and how sure that is.

Expected value = E[purchases] (`forecasting`) x E[spend per purchase] (`spend`), not discounted by default: twelve months are
too short for it to matter to a shop. The interval is in docs/methods/clv.md.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from shuke.analytics.arrays import BoolArray, FloatArray, IntArray
from shuke.analytics.features import DAYS_PER_WEEK, Features
from shuke.analytics.gamma_gamma import SpendMoments
from shuke.analytics.nbd import Cells, packed_days, unpacked_days

LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Outlook:
    """Of customers (N,): `purchases` expected in the horizon, `square` E[X^2], P(`none`), and `alive`: P(still a customer)."""

    purchases: FloatArray
    square: FloatArray
    none: FloatArray
    alive: FloatArray


@dataclass(frozen=True)
class Worth:
    """Money (fen) in the horizon, each (G,): expected, and the 10 % and 90 % points of the predictive distribution."""

    expected_fen: FloatArray
    low_fen: FloatArray
    high_fen: FloatArray


@dataclass(frozen=True)
class Histories:
    """Distinct histories (x, t_x, T) in weeks, how many customers share each, and each customer's history (G,)."""

    x: FloatArray
    t_x: FloatArray
    T: FloatArray
    customers: FloatArray
    index: IntArray

    def cells(self) -> Cells:
        """As weighted cells for a fit."""
        return Cells(self.x, self.t_x, self.T, self.customers)


def histories_of(features: Features, chosen: BoolArray) -> Histories:
    """Histories of the chosen customers (G,); customers with the same whole days share one."""
    x, span, known = (
        values[chosen] for values in (features.repeats, features.span_days, features.known_days)
    )
    distinct, index, counts = np.unique(packed_days(x, span, known), return_inverse=True, return_counts=True)
    x_of, span_of, known_of = unpacked_days(distinct)
    return Histories(
        x=x_of,
        t_x=span_of / DAYS_PER_WEEK,
        T=known_of / DAYS_PER_WEEK,
        customers=counts.astype(np.float64),
        index=index.astype(np.int64),
    )


def worth_of(outlook: Outlook, spend: SpendMoments) -> Worth:
    """Expected money, and an 80 % predictive interval.

    Notes
    -----
    S = Z_1 + ... + Z_X. E[S] = E[X] m; Var[S] = E[X] w + E[X^2] E[M^2] - E[S]^2, with M the customer's true mean spend and w
    the variance of one purchase around it. P(S = 0) is exact; given S > 0, S is taken as the Gamma with the exact mean
    and variance (a hurdle Gamma), whose 10 % and 90 % points are given.
    """
    expected = outlook.purchases * spend.mean
    square = outlook.purchases * spend.within + outlook.square * spend.mean_square
    some = np.clip(1.0 - outlook.none, 1e-12, 1.0)
    mean_if, square_if = expected / some, square / some
    variance_if = np.maximum(square_if - mean_if**2, 1e-9 * np.maximum(mean_if, 1.0) ** 2)
    shape = np.clip(mean_if**2 / variance_if, 1e-3, 1e6)
    low, high = (_hurdle_quantile(level, outlook.none, shape, mean_if) for level in (LOW, HIGH))
    return Worth(expected, low, high)


def _hurdle_quantile(level: float, none: FloatArray, shape: FloatArray, mean: FloatArray) -> FloatArray:
    inner = np.clip((level - none) / np.maximum(1.0 - none, 1e-12), 0.0, 1.0)
    result = np.zeros_like(mean)
    some = inner > 0
    result[some] = special.gammaincinv(shape[some], inner[some]) / shape[some] * mean[some]
    return result


def rule_worth(features: Features) -> Worth:
    """Without a model: the coming year is taken to be like the last. 80 % range of a repeated Poisson count.

    Notes
    -----
    The difference of two equal Poisson counts has variance 2 n: n -+ 1.2816 sqrt(2 n), times the mean of the year.
    """
    count = features.year_purchases.astype(np.float64)
    money = features.year_fen.astype(np.float64)
    spread = 1.2816 * np.sqrt(2 * count)
    each = money / np.maximum(count, 1)
    return Worth(money, np.maximum(count - spread, 0) * each, (count + spread) * each)
