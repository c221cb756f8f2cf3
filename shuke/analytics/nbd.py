"""What the purchase models share: weighted cells, how a fit ends, moments of a count, and discounting.

The models (`bgnbd`, `mbgnbd`, `paretonbd`) see a customer as (x, t_x, T): `x` repeat purchases (count), `t_x` time of the last
one and `T` time observed, both since the first purchase and in one unit (weeks in Shuke); rates are per that unit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from scipy import special

from shuke.analytics.arrays import FloatArray, IntArray
from shuke.analytics.newton import Maximum, Objective, maximise, standard_errors

P = TypeVar("P")
DAY_BITS = 21
MANY_CELLS, COARSE_STEPS = 4096, 40
LARGE = 100.0


@dataclass(frozen=True)
class Cells:
    """Customers with the same history counted once: `x`, `t_x`, `T` and `weight` are (C,) float."""

    x: FloatArray
    t_x: FloatArray
    T: FloatArray
    weight: FloatArray


@dataclass(frozen=True)
class Fit(Generic[P]):
    """A fit: parameters, their standard errors, the log-likelihood of all customers, and how it went.

    `is_at_boundary` says that the data do not pin all parameters down (nobody leaves, say): still usable.
    """

    parameters: P
    errors: P
    log_likelihood: float
    customers: float
    steps: int
    has_converged: bool
    is_at_boundary: bool


@dataclass(frozen=True)
class PurchaseMoments:
    """`mean` and `mean_square` of the number of purchases in the horizon, each (N,)."""

    mean: FloatArray
    mean_square: FloatArray


def cells_of(x: FloatArray, t_x: FloatArray, T: FloatArray) -> Cells:
    """Weighted cells of customers (N,): the likelihood of a cell is `weight` times that of one customer."""
    table = np.column_stack([x, t_x, T]).astype(np.float64)
    rows, counts = np.unique(table, axis=0, return_counts=True)
    return Cells(rows[:, 0], rows[:, 1], rows[:, 2], counts.astype(np.float64))


def cells_of_days(repeats: IntArray, span_days: IntArray, known_days: IntArray, unit_days: float) -> Cells:
    """Weighted cells of customers (N,) with whole days (each below 2 million), as times in units of `unit_days`.

    One sort of one integer per customer: ten million customers take less than a second.
    """
    keys = np.sort(packed_days(repeats, span_days, known_days))
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if keys.size else keys
    x, t_x, T = unpacked_days(keys[starts])
    return Cells(x, t_x / unit_days, T / unit_days, np.diff(np.append(starts, keys.size)).astype(np.float64))


def packed_days(repeats: IntArray, span_days: IntArray, known_days: IntArray) -> IntArray:
    """A history in whole days as one integer (N,); they sort by x, t_x, T."""
    return (repeats << 2 * DAY_BITS) | (span_days << DAY_BITS) | known_days


def unpacked_days(keys: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(x, t_x, T) in days, each (N,), of packed histories."""
    low = (1 << DAY_BITS) - 1
    parts = (keys >> 2 * DAY_BITS, (keys >> DAY_BITS) & low, keys & low)
    x, t_x, T = (part.astype(np.float64) for part in parts)
    return x, t_x, T


@dataclass(frozen=True)
class Search(Generic[P]):
    """How a model is fitted: its objective on log parameters, where to start, and which parameters are times."""

    objective: Callable[[Cells], Objective]
    parameters: Callable[..., P]
    starts: tuple[tuple[float, ...], ...]
    times: tuple[int, ...]


def fit_cells(search: Search[P], cells: Cells) -> Fit[P]:
    """Maximum-likelihood fit on weighted cells: from two starts on coarse times, and from there on the cells as they are.

    Parameters
    ----------
    search : Search
    cells : Cells
        Cells with `T == 0` carry no information and are left out of the fit (they are scored all the same).

    Returns
    -------
    Fit
        `log_likelihood` is that of the fitted customers in the unit of the data.

    Raises
    ------
    ValueError
        When no customer has `T > 0`.

    Notes
    -----
    Times are divided by their mean first, so that days and weeks give the same climb. Where a climb does not arrive, the other
    starts are tried.
    """
    seen = cells.T > 0
    if not seen.any():
        raise ValueError("no customer has been observed for any time")
    weight = cells.weight[seen]
    scale = float(np.average(cells.T[seen], weights=weight))
    scaled = Cells(cells.x[seen], cells.t_x[seen] / scale, cells.T[seen] / scale, weight)
    objective = search.objective(scaled)
    best = maximise(objective, _rough(search, scaled).point)
    if not best.has_converged:
        best = max([best, *(maximise(objective, np.log(start)) for start in search.starts)], key=_goodness)
    return _as_fit(search, best, scaled, scale)


def _rough(search: Search[P], cells: Cells) -> Maximum:
    """The maximum on coarse times: a shop of any size is a few thousand cells then, and whoever starts there is nearly home."""
    if cells.x.size > MANY_CELLS:
        step = float(cells.T.max()) / COARSE_STEPS
        x, t_x, T = cells.x, np.rint(cells.t_x / step), np.maximum(np.rint(cells.T / step), 1.0)
        keys = packed_days(x.astype(np.int64), t_x.astype(np.int64), T.astype(np.int64))
        distinct, index = np.unique(keys, return_inverse=True)
        x, t_x, T = unpacked_days(distinct)
        weight = np.bincount(index, cells.weight, distinct.size).astype(np.float64)
        cells = Cells(x, t_x * step, T * step, weight)
    objective = search.objective(cells)
    best = max((maximise(objective, np.log(start)) for start in search.starts[:2]), key=_goodness)
    if not best.has_converged:
        best = max([best, *(maximise(objective, np.log(s)) for s in search.starts[2:])], key=_goodness)
    return best


def _goodness(maximum: Maximum) -> float:
    return maximum.value


def _as_fit(search: Search[P], best: Maximum, scaled: Cells, scale: float) -> Fit[P]:
    theta = np.exp(best.point)
    theta[list(search.times)] *= scale
    total = float(scaled.weight.sum())
    errors = standard_errors(best.hessian * total) * theta
    return Fit(
        parameters=search.parameters(*map(float, theta)),
        errors=search.parameters(*map(float, errors)),
        log_likelihood=best.value * total - float(scaled.weight @ scaled.x) * float(np.log(scale)),
        customers=total,
        steps=best.steps,
        has_converged=best.has_converged,
        is_at_boundary=best.is_at_boundary or bool(np.isnan(errors).any()),
    )


def log_rising(base: float, steps: FloatArray) -> FloatArray:
    """ln (G(base + steps) / G(base)), (N,): the rising factorial, exact also for a large base.

    Notes
    -----
    From base 100 by the difference of two Stirling series: that of two `gammaln` loses the digits that count.
    """
    if base < LARGE:
        result: FloatArray = special.gammaln(base + steps) - special.gammaln(base)
        return result
    top = base + steps
    rest = _stirling_rest(top) - _stirling_rest(np.float64(base))
    stirling: FloatArray = (base - 0.5) * np.log1p(steps / base) + steps * np.log(top) - steps + rest
    return stirling


def _stirling_rest(z: FloatArray | np.float64) -> FloatArray:
    result: FloatArray = np.asarray(1 / (12 * z) - 1 / (360 * z**3) + 1 / (1260 * z**5))
    return result


@dataclass(frozen=True)
class Waiting:
    """`log` of alpha^r (alpha + t)^-(r+x) and its derivatives by r and alpha, all of the shape of t."""

    log: FloatArray
    by_r: FloatArray
    by_alpha: FloatArray
    by_both: FloatArray
    by_alpha_twice: FloatArray


def waiting(r: float, alpha: float, x: FloatArray, t: FloatArray) -> Waiting:
    """The factor of a likelihood that Gamma(r, alpha) rates give to `x` events up to time `t`.

    Notes
    -----
    Written with ln(1 + t/alpha) and t/(alpha (alpha+t)): where all customers are alike r and alpha run away together, and
    r ln(alpha) - (r+x) ln(alpha+t) as it stands would lose the digits that count.
    """
    log_up, inverse = np.log1p(t / alpha), 1.0 / (alpha + t)
    gained = t / alpha * inverse
    return Waiting(
        log=-r * log_up - x * np.log(alpha + t),
        by_r=-log_up,
        by_alpha=r * gained - x * inverse,
        by_both=gained,
        by_alpha_twice=x * inverse**2 - r * gained * (1.0 / alpha + inverse),
    )


LOG_STEPS = np.arange(-14.0, 3.7, 0.3)


def discounted(mean_by: Callable[[float], FloatArray], rate: float) -> FloatArray:
    """Present value (N,) of all purchases to come, from their expected number by each time.

    Parameters
    ----------
    mean_by : callable
        Time h -> expected purchases (N,) in the next h.
    rate : float
        Continuous discount rate per time unit, > 0.

    Notes
    -----
    Integral of rate e^(-rate h) E[X(h)] over h, by parts from e^(-rate h) dE[X(h)]; with u = rate h, the trapezoid rule on
    ln u, whose error falls like e^(-pi^2 / step): 1e-14 at 0.3.
    """
    if not rate > 0:
        raise ValueError("purchases without end need a discount rate above zero")
    points = np.exp(LOG_STEPS)
    weights = (LOG_STEPS[1] - LOG_STEPS[0]) * points * np.exp(-points)
    total = weights[0] * mean_by(points[0] / rate)
    for point, weight in zip(points[1:], weights[1:], strict=True):
        total = total + weight * mean_by(point / rate)
    return total
