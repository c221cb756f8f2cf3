"""The two beta-geometric purchase models, BG/NBD and MBG/NBD: one likelihood, one set of predictions.

While alive a customer buys as a Poisson process with rate lambda ~ Gamma(r, alpha). At each chance to leave they go for good
with probability p ~ Beta(a, b), independent of lambda. BG/NBD has a chance after each repeat purchase, MBG/NBD also right
after the first purchase. With `s` chances so far (x, or x + 1) everything else is the same. Doors are `bgnbd` and `mbgnbd`;
derivations that are our own are in `docs/methods/bg-nbd.md`.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import special

from shuke.analytics.arrays import FloatArray
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

ROWS_AT_ONCE, CELLS_AT_ONCE = 1 << 15, 1 << 13
STARTS = ((0.3, 0.3, 0.8, 2.5), (1.0, 0.5, 0.2, 2.0), (2.0, 2.0, 1.0, 5.0))


@dataclass(frozen=True)
class BgNbdParameters:
    """The four parameters of either model; `alpha` in the time unit of the data, the others without unit."""

    r: float
    alpha: float
    a: float
    b: float


class MeanLogLikelihood:
    """Mean log-likelihood per customer with gradient and Hessian on (ln r, ln alpha, ln a, ln b)."""

    def __init__(self, early: int, cells: Cells) -> None:
        self.early, self.cells = early, cells
        self.counts, self.index = np.unique(cells.x, return_inverse=True)
        self.chances = cells.x + early
        self.can_be_gone = self.chances > 0
        self.total = float(cells.weight.sum())
        self.count_weight = np.bincount(self.index, cells.weight, self.counts.size)

    def __call__(self, log_point: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        theta = np.exp(log_point)
        value, gradient, hessian = self._of_counts(*theta)
        for begin in range(0, self.cells.x.size, CELLS_AT_ONCE):
            part = self._of_times(theta, slice(begin, begin + CELLS_AT_ONCE))
            value, gradient, hessian = value + part[0], gradient + part[1], hessian + part[2]
        slope = gradient * theta
        curve = hessian * np.outer(theta, theta) + np.diag(slope)
        return float(value) / self.total, slope / self.total, curve / self.total

    def _of_counts(self, r: float, alpha: float, a: float, b: float) -> tuple[float, FloatArray, FloatArray]:
        """The part that depends on x only, over distinct counts."""
        x, s, w = self.counts, self.counts + self.early, self.count_weight
        psi, psi1 = special.psi, partial(special.polygamma, 1)
        value = log_rising(r, x) + log_rising(b, s) - log_rising(a + b, s)
        both = psi(a + b) - psi(a + b + s)
        slopes = (psi(r + x) - psi(r), 0 * x, both, both + psi(b + s) - psi(b))
        hessian = np.zeros((4, 4))
        hessian[0, 0] = w @ (psi1(r + x) - psi1(r))
        hessian[2, 2] = hessian[2, 3] = hessian[3, 2] = w @ (psi1(a + b) - psi1(a + b + s))
        hessian[3, 3] = hessian[2, 2] + w @ (psi1(b + s) - psi1(b))
        return float(w @ value), np.array([w @ slope for slope in slopes]), hessian

    def _of_times(self, theta: FloatArray, rows: slice) -> tuple[float, FloatArray, FloatArray]:
        """The part ln(alpha^r A3 + alpha^r A4), over cells: a mixture of "still alive" and "gone after the last purchase"."""
        r, alpha, a, b = theta
        x, t_x, T, w = (v[rows] for v in (self.cells.x, self.cells.t_x, self.cells.T, self.cells.weight))
        can_be_gone = self.can_be_gone[rows]
        others = b + np.maximum(self.chances[rows], 1.0) - 1
        until_T, until_t = waiting(r, alpha, x, T), waiting(r, alpha, x, t_x)
        alive = until_T.log
        gone = np.where(can_be_gone, np.log(a) - np.log(others) + until_t.log, -np.inf)
        total = np.logaddexp(alive, gone)
        g = np.exp(gone - total)
        s, inv_b = 1.0 - g, 1.0 / others
        slopes = (
            s * until_T.by_r + g * until_t.by_r,
            s * until_T.by_alpha + g * until_t.by_alpha,
            g / a,
            -g * inv_b,
        )
        apart = np.stack(
            [
                until_t.by_r - until_T.by_r,
                until_t.by_alpha - until_T.by_alpha,
                np.full_like(g, 1 / a),
                -inv_b,
            ]
        )
        own = np.zeros((4, 4))
        own[0, 1] = own[1, 0] = w @ (s * until_T.by_both + g * until_t.by_both)
        own[1, 1] = w @ (s * until_T.by_alpha_twice + g * until_t.by_alpha_twice)
        own[2, 2] = -(w @ g) / a**2
        own[3, 3] = w @ (g * inv_b**2)
        mixed = (apart * (w * s * g)) @ apart.T
        return float(w @ total), np.array([w @ slope for slope in slopes]), own + mixed


@dataclass(frozen=True)
class BetaGeometric:
    """A model of the family; `early` is the number of chances to leave before any repeat purchase: 0 BG/NBD, 1 MBG/NBD."""

    early: int

    def log_likelihood(self, p: BgNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """Log-likelihood (N,) of each history.

        Notes
        -----
        ln A1 + ln A2 + ln(A3 + [s > 0] A4) with
        A1 = G(r+x) alpha^r / G(r), A2 = B(a, b+s) / B(a, b), A3 = (alpha+T)^-(r+x),
        A4 = a / (b+s-1) (alpha+t_x)^-(r+x).
        """
        s = x + self.early
        parts = log_rising(p.r, x) + log_rising(p.b, s) - log_rising(p.a + p.b, s)
        alive = waiting(p.r, p.alpha, x, T).log
        result: FloatArray = parts + np.logaddexp(alive, alive + self._log_odds_gone(p, x, t_x, T))
        return result

    def _log_odds_gone(self, p: BgNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """ln(P(gone) / P(alive)) given the history, (N,); -inf before the first chance to leave."""
        s = x + self.early
        odds = np.log(p.a) - np.log(p.b + np.maximum(s, 1.0) - 1)
        odds = odds + (p.r + x) * (np.log(p.alpha + T) - np.log(p.alpha + t_x))
        return np.where(s > 0, odds, -np.inf)

    def fit(self, cells: Cells) -> Fit[BgNbdParameters]:
        """Maximum-likelihood fit on weighted cells; see `nbd.fit_cells`. Raises ValueError when nobody has `T > 0`."""
        search = Search(partial(MeanLogLikelihood, self.early), BgNbdParameters, STARTS, times=(1,))
        return fit_cells(search, cells)

    def p_alive(self, p: BgNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        """P(not gone for good at T), (N,). In BG/NBD one-time buyers are always "alive": for display only."""
        result: FloatArray = special.expit(-self._log_odds_gone(p, x, t_x, T))
        return result

    def p_no_purchase(
        self, p: BgNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float
    ) -> FloatArray:
        """P(no purchase in (T, T + horizon] | history), (N,), exact.

        Notes
        -----
        1 - P(alive) (1 - ((alpha+T) / (alpha+T+h))^(r+x)): given alive, lambda ~ Gamma(r+x, alpha+T), and a customer can
        only leave at a purchase. `expm1` keeps it exact for a short horizon.
        """
        alive = self.p_alive(p, x, t_x, T)
        some: FloatArray = -np.expm1(-(p.r + x) * np.log1p(horizon / (p.alpha + T)))
        return 1.0 - alive * some

    def purchase_moments(
        self, p: BgNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float
    ) -> PurchaseMoments:
        """E[X] and E[X^2] of the purchases X in (T, T + horizon] given the history.

        Notes
        -----
        Given alive, lambda ~ Gamma(n, alpha+T), n = r+x, and p ~ Beta(a, b+s), independent. With u = h / (alpha+T):
        E[X | p] = (1 - (1+pu)^-n) / p and
        E[X(X-1) | p] = 2 (1-p) / p^2 (1 - (1+pu)^-n - n p u (1+pu)^-(n+1)).
        The average over p is a Gauss-Jacobi sum: no 2F1, so no overflow at large x and no 0/0 at a = 1 (eq. 10 of the
        BG/NBD paper has both); all terms are positive. Derivation in `docs/methods/bg-nbd.md`.
        """
        mean, square = np.empty(x.shape), np.empty(x.shape)
        order = _nodes_needed(horizon / p.alpha)
        for begin in range(0, x.size, ROWS_AT_ONCE):
            rows = slice(begin, begin + ROWS_AT_ONCE)
            ratio = horizon / (p.alpha + T[rows])
            mean[rows], square[rows] = self._moments_if_alive(p, x[rows], ratio, order)
        alive = self.p_alive(p, x, t_x, T)
        return PurchaseMoments(alive * mean, alive * square)

    def _moments_if_alive(
        self, p: BgNbdParameters, x: FloatArray, ratio: FloatArray, order: int
    ) -> tuple[FloatArray, FloatArray]:
        counts, index = np.unique(x, return_inverse=True)
        leave, weight = beta_nodes(p.a, p.b + counts + self.early, order)
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

    def expected_purchases(
        self, p: BgNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float
    ) -> FloatArray:
        """E[purchases in (T, T + horizon] | history], (N,)."""
        return self.purchase_moments(p, x, t_x, T, horizon).mean

    def expected_purchases_of_new(self, p: BgNbdParameters, horizon: float) -> float:
        """E[repeat purchases in the first `horizon`] of a customer drawn at random (eq. 9 of the BG/NBD paper)."""
        zero = np.zeros(1)
        return float(self.expected_purchases(p, zero, zero, zero, horizon)[0])

    def count_chances(
        self, p: BgNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float, most: int
    ) -> FloatArray:
        """P(X = n) of the purchases in (T, T + horizon] given the history, for n = 0 … `most`: (N, most + 1).

        Notes
        -----
        Given alive, with Poisson counts mixed over lambda (a negative binomial NB) and p ~ Beta(a, b+s):
        P(n) = B(a, b+s+n) / B(a, b+s) NB(n) + [n > 0] B(a+1, b+s+n-1) / B(a, b+s) P(NB >= n). For x = T = 0 this is P(X(t) = n)
        of a new customer (eq. 8 of the BG/NBD paper).
        """
        n = np.arange(most + 1.0)[None, :]
        shape, time = (p.r + x)[:, None], (p.alpha + T)[:, None]
        kept = (p.b + x + self.early)[:, None]
        made, reached = negative_binomial(shape, horizon / time, n)
        stays = special.betaln(p.a, kept + n) - special.betaln(p.a, kept)
        goes = special.betaln(p.a + 1, kept + np.maximum(n, 1) - 1) - special.betaln(p.a, kept)
        chances = np.exp(stays) * made + np.where(n > 0, np.exp(goes) * reached, 0.0)
        alive = self.p_alive(p, x, t_x, T)[:, None]
        result: FloatArray = alive * chances + np.where(n == 0, 1 - alive, 0.0)
        return result

    def discounted_purchases(
        self, p: BgNbdParameters, x: FloatArray, t_x: FloatArray, T: FloatArray, rate: float
    ) -> FloatArray:
        """DERT, (N,): all purchases to come after T, discounted at a continuous `rate` per time unit (> 0)."""
        return discounted(lambda horizon: self.expected_purchases(p, x, t_x, T, horizon), rate)


def negative_binomial(shape: FloatArray, ratio: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """P(N = n) and P(N >= n) of Poisson counts with Gamma(`shape`, A) rates over a time of `ratio` times A."""
    ways = special.gammaln(shape + n) - special.gammaln(shape) - special.gammaln(n + 1)
    made = np.exp(ways + n * np.log(ratio / (1 + ratio)) - shape * np.log1p(ratio))
    reached = np.where(n > 0, special.betainc(np.maximum(n, 1), shape, ratio / (1 + ratio)), 1.0)
    return made, reached


def _nodes_needed(largest_ratio: float) -> int:
    """Nodes for 1e-12: the integrand's pole at -1/u sets the rate of convergence (Bernstein ellipse)."""
    pole = 1.0 + 2.0 / max(largest_ratio, 1e-9)
    rate = np.log(pole + np.sqrt(pole**2 - 1.0))
    return int(np.clip(np.ceil(14.0 / rate), 12, 160))


def beta_nodes(a: float, b: FloatArray, order: int) -> tuple[FloatArray, FloatArray]:
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
