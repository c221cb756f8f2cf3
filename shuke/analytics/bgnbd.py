"""BG/NBD: how often a customer buys, and whether they still do.

While alive a customer buys as a Poisson process with rate lambda ~ Gamma(r, alpha); after each purchase they leave for
good with probability p ~ Beta(a, b). Source: P. Fader, B. Hardie, K. Lee, "Counting Your Customers the Easy Way",
Marketing Science 24 (2005) 275-284. The page `docs/methods/bg-nbd.md` has the derivations that are our own.

Everywhere: `x` repeat purchases (count), `t_x` time of the last one and `T` time observed, both since the first
purchase and in one unit (weeks in Shuke); rates are per that unit.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import special

from shuke.analytics.arrays import FloatArray
from shuke.analytics.newton import Maximum, maximise, standard_errors

ROWS_AT_ONCE = 1 << 15
STARTS = ((0.3, 0.3, 0.8, 2.5), (1.0, 0.5, 0.2, 2.0), (2.0, 2.0, 1.0, 5.0))


@dataclass(frozen=True)
class BgNbdParameters:
    """The four parameters; `alpha` in the time unit of the data, the others without unit."""

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True)
class Cells:
    """Customers with the same history counted once: `x`, `t_x`, `T` and `weight` are (C,) float."""

    x: FloatArray
    t_x: FloatArray
    T: FloatArray
    weight: FloatArray


@dataclass(frozen=True)
class BgNbdFit:
    """A fit: parameters, their standard errors, the log-likelihood of all customers, and how it went.

    `is_at_boundary` says that the data do not pin all parameters down (nobody leaves, say): still usable.
    """

    parameters: BgNbdParameters
    errors: BgNbdParameters
    log_likelihood: float
    customers: float
    steps: int
    has_converged: bool
    is_at_boundary: bool


def cells_of(x: FloatArray, t_x: FloatArray, T: FloatArray) -> Cells:
    """Weighted cells of customers (N,): the likelihood of a cell is `weight` times that of one customer."""
    table = np.column_stack([x, t_x, T]).astype(np.float64)
    rows, counts = np.unique(table, axis=0, return_counts=True)
    return Cells(rows[:, 0], rows[:, 1], rows[:, 2], counts.astype(np.float64))


def log_likelihood(p: BgNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
    """Log-likelihood (N,) of each history (paper eq. 6, in logarithms).

    Notes
    -----
    ln A1 + ln A2 + ln(A3 + [x > 0] A4), with
    A1 = G(r+x) alpha^r / G(r), A2 = B(a, b+x) / B(a, b), A3 = (alpha+T)^-(r+x),
    A4 = a / (b+x-1) (alpha+t_x)^-(r+x).
    """
    parts = special.gammaln(p.r + x) - special.gammaln(p.r) + p.r * np.log(p.alpha)
    parts += special.gammaln(p.b + x) - special.gammaln(p.b)
    parts += special.gammaln(p.a + p.b) - special.gammaln(p.a + p.b + x)
    alive = -(p.r + x) * np.log(p.alpha + T)
    result: FloatArray = parts + np.logaddexp(alive, alive + _log_odds_gone(p, x, t_x, T))
    return result


def _log_odds_gone(p: BgNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
    """ln(P(gone) / P(alive)) given the history, (N,); -inf without a repeat purchase."""
    repeats = np.maximum(x, 1.0)
    odds = np.log(p.a) - np.log(p.b + repeats - 1) + (p.r + x) * (np.log(p.alpha + T) - np.log(p.alpha + t_x))
    return np.where(x > 0, odds, -np.inf)


class _MeanLogLikelihood:
    """Mean log-likelihood per customer with gradient and Hessian on (ln r, ln alpha, ln a, ln b)."""

    def __init__(self, cells: Cells) -> None:
        self.counts, self.index = np.unique(cells.x, return_inverse=True)
        self.cells = cells
        self.has_repeat = cells.x > 0
        self.total = float(cells.weight.sum())
        self.count_weight = np.bincount(self.index, cells.weight, self.counts.size)

    def __call__(self, log_point: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        theta = np.exp(log_point)
        value, gradient, hessian = self._of_counts(*theta)
        for part in self._of_times(*theta):
            value, gradient, hessian = (
                value + part[0],
                gradient + part[1],
                hessian + part[2],
            )
        slope = gradient * theta
        curve = hessian * np.outer(theta, theta) + np.diag(slope)
        return float(value) / self.total, slope / self.total, curve / self.total

    def _of_counts(self, r: float, alpha: float, a: float, b: float) -> tuple[float, FloatArray, FloatArray]:
        """The part that depends on x only (ln A1 + ln A2), over distinct counts."""
        x, w = self.counts, self.count_weight
        gammaln, psi, psi1 = special.gammaln, special.psi, partial(special.polygamma, 1)
        value = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        value = value + gammaln(a + b) - gammaln(a + b + x) + gammaln(b + x) - gammaln(b)
        both = psi(a + b) - psi(a + b + x)
        slopes = (
            psi(r + x) - psi(r) + np.log(alpha),
            r / alpha + 0 * x,
            both,
            both + psi(b + x) - psi(b),
        )
        hessian = np.zeros((4, 4))
        hessian[0, 0] = w @ (psi1(r + x) - psi1(r))
        hessian[0, 1] = hessian[1, 0] = w.sum() / alpha
        hessian[1, 1] = -w.sum() * r / alpha**2
        hessian[2, 2] = hessian[2, 3] = hessian[3, 2] = w @ (psi1(a + b) - psi1(a + b + x))
        hessian[3, 3] = hessian[2, 2] + w @ (psi1(b + x) - psi1(b))
        return float(w @ value), np.array([w @ s for s in slopes]), hessian

    def _of_times(
        self, r: float, alpha: float, a: float, b: float
    ) -> list[tuple[float, FloatArray, FloatArray]]:
        """The part ln(A3 + A4), over cells: a mixture of "still alive" and "gone after the last purchase"."""
        c, w = self.cells, self.cells.weight
        n = r + c.x
        repeats = np.maximum(c.x, 1.0)
        log_T, log_t = np.log(alpha + c.T), np.log(alpha + c.t_x)
        alive = -n * log_T
        gone = np.where(self.has_repeat, np.log(a) - np.log(b + repeats - 1) - n * log_t, -np.inf)
        total = np.logaddexp(alive, gone)
        g = np.exp(gone - total)
        s, inv_T, inv_t = 1.0 - g, 1.0 / (alpha + c.T), 1.0 / (alpha + c.t_x)
        inv_b = 1.0 / (b + repeats - 1)
        slopes = (
            -s * log_T - g * log_t,
            -n * (s * inv_T + g * inv_t),
            g / a,
            -g * inv_b,
        )
        apart = (log_T - log_t, n * (inv_T - inv_t), np.full_like(n, 1 / a), -inv_b)
        own = np.zeros((4, 4))
        own[0, 1] = own[1, 0] = -(w @ (s * inv_T + g * inv_t))
        own[1, 1] = w @ (n * (s * inv_T**2 + g * inv_t**2))
        own[2, 2] = -(w @ g) / a**2
        own[3, 3] = w @ (g * inv_b**2)
        spread = w * s * g
        for i in range(4):
            for j in range(i, 4):
                mixed = float(spread @ (apart[i] * apart[j]))
                own[i, j] += mixed
                if i != j:
                    own[j, i] += mixed
        return [(float(w @ total), np.array([w @ part for part in slopes]), own)]


def fit(cells: Cells) -> BgNbdFit:
    """Maximum-likelihood fit on weighted cells.

    Parameters
    ----------
    cells : Cells
        Cells with `T == 0` carry no information and are left out of the fit (they are scored all the same).

    Returns
    -------
    BgNbdFit
        `log_likelihood` is that of the fitted customers in the unit of the data.

    Raises
    ------
    ValueError
        When no customer has `T > 0`.
    """
    seen = cells.T > 0
    if not seen.any():
        raise ValueError("no customer has been observed for any time")
    weight = cells.weight[seen]
    scale = float(np.average(cells.T[seen], weights=weight))
    scaled = Cells(cells.x[seen], cells.t_x[seen] / scale, cells.T[seen] / scale, weight)
    objective = _MeanLogLikelihood(scaled)
    best = max(
        (maximise(objective, np.log(np.array(start))) for start in STARTS[:2]),
        key=_goodness,
    )
    if not best.has_converged:
        best = max(best, maximise(objective, np.log(np.array(STARTS[2]))), key=_goodness)
    return _as_fit(best, scaled, scale)


def _goodness(maximum: Maximum) -> float:
    return maximum.value


def _as_fit(best: Maximum, scaled: Cells, scale: float) -> BgNbdFit:
    theta = np.exp(best.point)
    theta[1] *= scale
    total = float(scaled.weight.sum())
    errors = standard_errors(best.hessian * total) * theta
    return BgNbdFit(
        parameters=BgNbdParameters(*map(float, theta)),
        errors=BgNbdParameters(*map(float, errors)),
        log_likelihood=best.value * total - float(scaled.weight @ scaled.x) * float(np.log(scale)),
        customers=total,
        steps=best.steps,
        has_converged=best.has_converged,
        is_at_boundary=best.is_at_boundary or bool(np.isnan(errors).any()),
    )


def p_alive(p: BgNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
    """P(not gone for good at T), (N,). One-time buyers are always "alive" in this model: for display only."""
    result: FloatArray = special.expit(-_log_odds_gone(p, x, t_x, T))
    return result


def p_no_purchase(
    p: BgNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float
) -> FloatArray:
    """P(no purchase in (T, T + horizon] | history), (N,), exact.

    Notes
    -----
    1 - P(alive) (1 - ((alpha+T) / (alpha+T+h))^(r+x)): given alive, lambda ~ Gamma(r+x, alpha+T), and a customer can
    only leave at a purchase. `expm1` keeps it exact for a short horizon.
    """
    alive = p_alive(p, x, t_x, T)
    some: FloatArray = -np.expm1(-(p.r + x) * np.log1p(horizon / (p.alpha + T)))
    return 1.0 - alive * some


@dataclass(frozen=True)
class PurchaseMoments:
    """`mean` and `mean_square` of the number of purchases in the horizon, each (N,)."""

    mean: FloatArray
    mean_square: FloatArray


def purchase_moments(
    p: BgNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float
) -> PurchaseMoments:
    """E[X] and E[X^2] of the purchases X in (T, T + horizon] given the history.

    Notes
    -----
    Given alive, lambda ~ Gamma(n, alpha+T), n = r+x, and p ~ Beta(a, b+x), independent. With s = h / (alpha+T):
    E[X | p] = (1 - (1+ps)^-n) / p and
    E[X(X-1) | p] = 2 (1-p) / p^2 (1 - (1+ps)^-n - n p s (1+ps)^-(n+1)).
    The average over p is a Gauss-Jacobi sum: no 2F1, so no overflow at large x and no 0/0 at a = 1 (paper eq. 10 has
    both); all terms are positive. Derivation in `docs/methods/bg-nbd.md`.
    """
    mean, square = np.empty(x.shape), np.empty(x.shape)
    order = _nodes_needed(horizon / p.alpha)
    for begin in range(0, x.size, ROWS_AT_ONCE):
        rows = slice(begin, begin + ROWS_AT_ONCE)
        mean[rows], square[rows] = _moments_if_alive(p, x[rows], horizon / (p.alpha + T[rows]), order)
    alive = p_alive(p, x, t_x, T)
    return PurchaseMoments(alive * mean, alive * square)


def expected_purchases(
    p: BgNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float
) -> FloatArray:
    """E[purchases in (T, T + horizon] | history], (N,)."""
    return purchase_moments(p, x, t_x, T, horizon).mean


def expected_purchases_of_new(p: BgNbdParameters, horizon: float) -> float:
    """E[repeat purchases in the first `horizon`] of a customer drawn at random (paper eq. 9)."""
    zero = np.zeros(1)
    return float(expected_purchases(p, zero, zero, zero, horizon)[0])


def _nodes_needed(largest_ratio: float) -> int:
    """Nodes for 1e-12: the integrand's pole at -1/s sets the rate of convergence (Bernstein ellipse)."""
    pole = 1.0 + 2.0 / max(largest_ratio, 1e-9)
    rate = np.log(pole + np.sqrt(pole**2 - 1.0))
    return int(np.clip(np.ceil(14.0 / rate), 12, 160))


def _moments_if_alive(
    p: BgNbdParameters, x: FloatArray, ratio: FloatArray, order: int
) -> tuple[FloatArray, FloatArray]:
    counts, index = np.unique(x, return_inverse=True)
    leave, weight = _beta_nodes(p.a, p.b + counts, order)
    q, w = leave[index], weight[index]
    n = (p.r + x)[:, None]
    bought = q * ratio[:, None]
    decay = -n * np.log1p(bought)
    once = -np.expm1(decay) / q
    twice = -np.expm1(decay + np.log1p(n * bought / (1.0 + bought)))
    pairs = 2.0 * (1.0 - q) / q**2 * np.maximum(twice, 0.0)
    mean: FloatArray = (w * once).sum(axis=1)
    square: FloatArray = mean + (w * pairs).sum(axis=1)
    return mean, square


def _beta_nodes(a: float, b: FloatArray, order: int) -> tuple[FloatArray, FloatArray]:
    """Gauss nodes and weights (B, order) for the densities Beta(a, b[i]) on (0, 1), by Golub and Welsch (1969)."""
    u, v = b[:, None] - 1.0, a - 1.0
    k = np.arange(order, dtype=np.float64)[None, :]
    total = 2 * k + u + v
    with np.errstate(divide="ignore", invalid="ignore"):
        diagonal = (v**2 - u**2) / (total * (total + 2))
        inner = k * (k + u) * (k + v) * (k + u + v)
        squared = 4 * inner / (total**2 * (total**2 - 1))
    diagonal[:, 0] = ((v - u) / (u + v + 2))[:, 0]
    squared[:, 1:2] = 4 * (1 + u) * (1 + v) / ((2 + u + v) ** 2 * (3 + u + v))
    matrix = np.zeros((b.size, order, order))
    steps = np.arange(order)
    matrix[:, steps, steps] = diagonal
    matrix[:, steps[1:], steps[:-1]] = np.sqrt(squared[:, 1:])
    nodes, vectors = np.linalg.eigh(matrix)
    return np.clip((nodes + 1) / 2, 1e-15, 1.0), vectors[:, 0, :] ** 2
