"""Pareto/NBD: how often a customer buys, and whether they still do, when leaving can happen at any moment.

While alive a customer buys as a Poisson process with rate lambda ~ Gamma(r, alpha); life is exponential with rate
mu ~ Gamma(s, beta), independent of lambda. Sources: D. Schmittlein, D. Morrison, R. Colombo, "Counting Your Customers: Who
Are They and What Will They Do Next?", Management Science 33 (1987) 1-24; P. Fader, B. Hardie, "A Note on Deriving the
Pareto/NBD Model and Related Expressions" (2005), brucehardie.com/notes/009. What is our own is in `docs/methods/pareto-nbd.md`.

Everywhere: `x` repeat purchases (count), `t_x` time of the last one and `T` time observed, both since the first
purchase and in one unit (weeks in Shuke); rates are per that unit.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from shuke.analytics.arrays import FloatArray, IntArray
from shuke.analytics.nbd import (
    Cells,
    Fit,
    PurchaseMoments,
    Search,
    discounted,
    fit_cells,
    log_rising,
    waiting,
)

ROWS_AT_ONCE = 1 << 13
STARTS = ((0.6, 0.3, 0.6, 0.4), (1.0, 0.5, 0.3, 1.0), (3.0, 1.0, 1.0, 3.0), (0.3, 0.1, 2.0, 5.0))
NODES = ((1.0, 10), (2.5, 16), (5.0, 28), (np.inf, 64))


@dataclass(frozen=True)
class ParetoNbdParameters:
    """The four parameters; `alpha` and `beta` in the time unit of the data, `r` and `s` without unit."""

    r: float
    alpha: float
    s: float
    beta: float


@dataclass(frozen=True)
class _Powers:
    """The integrand (alpha + t)^-m (beta + t)^-k t^j: `m` and `alpha`, `beta` are (N,), `k` and `j` one number."""

    m: FloatArray
    alpha: FloatArray
    k: float
    beta: FloatArray
    j: float = 0.0


def _nodes(powers: _Powers, low: FloatArray, high: FloatArray, order: int) -> tuple[FloatArray, FloatArray]:
    """Times (N, order) between `low` and `high` (N,), and the logarithms of their weights.

    The substitution t = low + (e^y - 1) / kappa, kappa the integrand's own rate of decay at `low`, makes the scale of
    everything 1: Gauss-Legendre in y then sees a function analytic within |Im y| < pi, however large the powers.
    """
    rate = powers.m / (powers.alpha + low) + powers.k / (powers.beta + low)
    reach = np.log1p(rate * (high - low))
    place, weight = _legendre(order)
    y = reach[:, None] * (place + 1) / 2
    with np.errstate(divide="ignore"):
        log_weight = np.log(reach / 2 / rate)[:, None] + np.log(weight) + y
    return low[:, None] + np.expm1(y) / rate[:, None], log_weight


@lru_cache(maxsize=64)
def _legendre(order: int) -> tuple[FloatArray, FloatArray]:
    place, weight = np.polynomial.legendre.leggauss(order)
    return place, weight


def _log_terms(powers: _Powers, low: FloatArray, high: FloatArray, order: int) -> FloatArray:
    """Logarithms (N, order) of the terms whose sum is the integral of the powers from `low` to `high`."""
    time, log_weight = _nodes(powers, low, high, order)
    terms = log_weight - powers.m[:, None] * np.log(powers.alpha[:, None] + time)
    terms -= powers.k * np.log(powers.beta[:, None] + time)
    return terms + special.xlogy(powers.j, time) if powers.j else terms


def _log_integral(powers: _Powers, low: FloatArray, high: FloatArray) -> FloatArray:
    """Logarithm (N,) of the integral of the powers from `low` to `high`; each row with as many nodes as it needs."""
    result = np.full(low.shape, -np.inf)
    for rows, order in _by_order(powers, low, high):
        part = _Powers(powers.m[rows], powers.alpha[rows], powers.k, powers.beta[rows], powers.j)
        result[rows] = special.logsumexp(_log_terms(part, low[rows], high[rows], order), axis=1)
    return result


def _by_order(powers: _Powers, low: FloatArray, high: FloatArray) -> list[tuple[IntArray, int]]:
    """Rows that need the same number of nodes, in blocks that fit the cache."""
    reach = np.log1p((powers.m / (powers.alpha + low) + powers.k / (powers.beta + low)) * (high - low))
    kind = np.searchsorted([limit for limit, _ in NODES[:-1]], reach)
    blocks = []
    for place, (_, order) in enumerate(NODES):
        rows = np.flatnonzero(kind == place)
        more = 8 * int(np.sqrt(powers.j))
        blocks += [
            (rows[begin : begin + ROWS_AT_ONCE], order + more) for begin in range(0, rows.size, ROWS_AT_ONCE)
        ]
    return blocks


def _full(value: float, like: FloatArray) -> FloatArray:
    return np.full(like.shape, value)


def log_likelihood(p: ParetoNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
    """Log-likelihood (N,) of each history.

    Notes
    -----
    ln (G(r+x) / G(r) alpha^r beta^s) + ln (A + S) with A = (alpha+T)^-(r+x) (beta+T)^-s ("alive at T") and
    S = s integral from t_x to T of (alpha+t)^-(r+x) (beta+t)^-(s+1) dt ("left at t"). The integral replaces the
    difference of two 2F1 of the paper, which cancels and overflows at large x; all its terms are positive.
    """
    alive = waiting(p.r, p.alpha, x, T).log + waiting(p.s, p.beta, np.zeros(x.shape), T).log
    result: FloatArray = log_rising(p.r, x) + alive + np.logaddexp(0.0, _log_odds_gone(p, x, t_x, T))
    return result


def _log_odds_gone(p: ParetoNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
    """ln (P(gone) / P(alive)) given the history, (N,)."""
    powers = _Powers(p.r + x, _full(p.alpha, x), p.s + 1, _full(p.beta, x))
    alive = -(p.r + x) * np.log(p.alpha + T) - p.s * np.log(p.beta + T)
    odds: FloatArray = np.log(p.s) + _log_integral(powers, t_x, T) - alive
    return odds


class MeanLogLikelihood:
    """Mean log-likelihood per customer with gradient and Hessian on (ln r, ln alpha, ln s, ln beta).

    ln (A + S) is a log-sum-exp over "alive" and the nodes of the integral, each with simple derivatives: with weights pi of
    the terms g_k, gradient = sum pi g_k' and Hessian = sum pi (g_k'' + g_k' g_k'^T) - gradient gradient^T, by cell.
    """

    def __init__(self, cells: Cells) -> None:
        self.counts, index = np.unique(cells.x, return_inverse=True)
        self.cells = cells
        self.total = float(cells.weight.sum())
        self.count_weight = np.bincount(index, cells.weight, self.counts.size)

    def __call__(self, log_point: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        theta = np.exp(log_point)
        c = self.cells
        value, gradient, hessian = self._of_counts(theta[0])
        powers = _Powers(theta[0] + c.x, _full(theta[1], c.x), theta[2] + 1, _full(theta[3], c.x))
        for rows, order in _by_order(powers, c.t_x, c.T):
            part = self._of_times(theta, rows, order)
            value, gradient, hessian = value + part[0], gradient + part[1], hessian + part[2]
        slope = gradient * theta
        curve = hessian * np.outer(theta, theta) + np.diag(slope)
        return float(value) / self.total, slope / self.total, curve / self.total

    def _of_counts(self, r: float) -> tuple[float, FloatArray, FloatArray]:
        """The part that depends on x only, over distinct counts."""
        x, w = self.counts, self.count_weight
        value, slopes, hessian = w @ log_rising(r, x), np.zeros(4), np.zeros((4, 4))
        slopes[0] = w @ (special.psi(r + x) - special.psi(r))
        hessian[0, 0] = w @ (special.polygamma(1, r + x) - special.polygamma(1, r))
        return float(value), slopes, hessian

    def _of_times(
        self, theta: FloatArray, rows: IntArray, order: int
    ) -> tuple[float, FloatArray, FloatArray]:
        """The part ln (alpha^r beta^s (A + S)) of some cells; the first term of each is "alive", the others "left at t"."""
        r, alpha, s, beta = theta
        x, t_x, T, w = (v[rows] for v in (self.cells.x, self.cells.t_x, self.cells.T, self.cells.weight))
        powers = _Powers(r + x, _full(alpha, x), s + 1, _full(beta, x))
        time, log_weight = _nodes(powers, t_x, T, order)
        time = np.column_stack([T, time])
        log_weight = np.column_stack([np.zeros(x.size), log_weight + np.log(s)])
        left = np.ones((1, order + 1))
        left[0, 0] = 0
        buying, living = waiting(r, alpha, x[:, None], time), waiting(s, beta, left, time)
        terms = log_weight + buying.log + living.log
        total = special.logsumexp(terms, axis=1)
        share = np.exp(terms - total[:, None])
        slopes = np.stack([buying.by_r, buying.by_alpha, left / s + living.by_r, living.by_alpha])
        mean = (slopes * share).sum(axis=2)
        heavy = share * w[:, None]
        flat = slopes.reshape(4, -1)
        hessian = (flat * heavy.ravel()) @ flat.T - (mean * w) @ mean.T
        hessian[2, 2] -= (heavy * left).sum() / s**2
        for at, part in ((0, buying), (2, living)):
            both = np.vdot(heavy, part.by_both)
            hessian[at, at + 1] += both
            hessian[at + 1, at] += both
            hessian[at + 1, at + 1] += np.vdot(heavy, part.by_alpha_twice)
        return float(w @ total), mean @ w, hessian


def fit(cells: Cells) -> Fit[ParetoNbdParameters]:
    """Maximum-likelihood fit on weighted cells; see `nbd.fit_cells`. Raises ValueError when nobody has `T > 0`."""
    return fit_cells(Search(MeanLogLikelihood, ParetoNbdParameters, STARTS, times=(1, 3)), cells)


def p_alive(p: ParetoNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
    """P(not gone for good at T), (N,)."""
    result: FloatArray = special.expit(-_log_odds_gone(p, x, t_x, T))
    return result


def p_no_purchase(
    p: ParetoNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float
) -> FloatArray:
    """P(no purchase in (T, T + horizon] | history), (N,).

    Notes
    -----
    Given alive, lambda ~ Gamma(n, A) and mu ~ Gamma(s, B) with n = r+x, A = alpha+T, B = beta+T. The first purchase comes at
    time t with density n A^n (A+t)^-(n+1) (B / (B+t))^s, and 1 - P(alive) times its integral over the horizon is asked for.
    """
    n, time, life = p.r + x, p.alpha + T, p.beta + T
    zero = np.zeros(x.shape)
    scale = np.log(n) + n * np.log(time) + p.s * np.log(life)
    some = np.exp(scale + _log_integral(_Powers(n + 1, time, p.s, life), zero, zero + horizon))
    return np.clip(1.0 - p_alive(p, x, t_x, T) * some, 0.0, 1.0)


def purchase_moments(
    p: ParetoNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float
) -> PurchaseMoments:
    """E[X] and E[X^2] of the purchases X in (T, T + horizon] given the history.

    Notes
    -----
    Given alive, X is Poisson with mean lambda times the shorter of the horizon and the life left, L. E[L] and E[L^2] are
    integrals of (B / (B+t))^s and 2 t (B / (B+t))^s: B l e(l (1-s)) and 2 B^2 (l e(l (2-s)) - l e(l (1-s))), with
    l = ln(1 + h/B) and e(z) = (e^z - 1) / z, which has no gap at s = 1 or 2 (eq. 41 of the note divides by s - 1).
    """
    n, time, life = p.r + x, p.alpha + T, p.beta + T
    stretch = np.log1p(horizon / life)
    first = stretch * special.exprel((1 - p.s) * stretch)
    second = stretch * special.exprel((2 - p.s) * stretch)
    alive = p_alive(p, x, t_x, T)
    mean = n / time * life * first
    pairs = n * (n + 1) / time**2 * 2 * life**2 * np.maximum(second - first, 0.0)
    return PurchaseMoments(alive * mean, alive * (mean + pairs))


def expected_purchases(
    p: ParetoNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float
) -> FloatArray:
    """E[purchases in (T, T + horizon] | history], (N,)."""
    return purchase_moments(p, x, t_x, T, horizon).mean


def expected_purchases_of_new(p: ParetoNbdParameters, horizon: float) -> float:
    """E[repeat purchases in the first `horizon`] of a customer drawn at random (eq. 17 of the note)."""
    zero = np.zeros(1)
    return float(expected_purchases(p, zero, zero, zero, horizon)[0])


def count_chances(
    p: ParetoNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float, most: int
) -> FloatArray:
    """P(X = n) of the purchases in (T, T + horizon] given the history, for n = 0 … `most`: (N, most + 1).

    Notes
    -----
    Given alive, with m = r+x, A = alpha+T, B = beta+T: the life outlasts the horizon with n purchases in it, or ends at t
    after n: G(m+n) / (G(m) n!) A^m B^s (h^n (A+h)^-(m+n) (B+h)^-s + s integral over t < h of t^n (A+t)^-(m+n) (B+t)^-(s+1)).
    """
    m, time, life = p.r + x, p.alpha + T, p.beta + T
    zero = np.zeros(x.shape)
    alive = p_alive(p, x, t_x, T)
    chances = np.empty((x.size, most + 1))
    for n in range(most + 1):
        ways = special.gammaln(m + n) - special.gammaln(m) - special.gammaln(n + 1.0)
        ways = ways + m * np.log(time) + p.s * np.log(life)
        stays = special.xlogy(n, horizon) - (m + n) * np.log(time + horizon) - p.s * np.log(life + horizon)
        goes = _log_integral(_Powers(m + n, time, p.s + 1, life, float(n)), zero, zero + horizon)
        chances[:, n] = alive * (np.exp(ways + stays) + p.s * np.exp(ways + goes))
    chances[:, 0] += 1 - alive
    return chances


def discounted_purchases(
    p: ParetoNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray, rate: float
) -> FloatArray:
    """DERT, (N,): all purchases to come after T, discounted at a continuous `rate` per time unit (> 0)."""
    return discounted(lambda horizon: expected_purchases(p, x, t_x, T, horizon), rate)
