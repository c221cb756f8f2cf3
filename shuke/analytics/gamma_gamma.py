"""Gamma-Gamma: what a customer spends per purchase.

Spend per purchase ~ Gamma(p, nu), nu ~ Gamma(q, v) across customers, independent of how often they buy.
Source: P. Fader, B. Hardie, "The Gamma-Gamma Model of Monetary Value" (2013), brucehardie.com/notes/025.

Everywhere: `x` repeat purchases with an amount above zero (count), `z` their mean amount (any money unit, one currency).
The first purchase is left out, as in the paper.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import special

from shuke.analytics.arrays import FloatArray
from shuke.analytics.newton import maximise, standard_errors

START = (4.0, 3.0, 3.0)


@dataclass(frozen=True)
class GammaGammaParameters:
    """`p`, `q` without unit; `v` in the money unit of the data."""

    p: float
    q: float
    v: float


@dataclass(frozen=True)
class GammaGammaFit:
    """A fit: parameters, standard errors, log-likelihood, customers used, and how it went."""

    parameters: GammaGammaParameters
    errors: GammaGammaParameters
    log_likelihood: float
    customers: float
    has_converged: bool
    is_at_boundary: bool


def log_likelihood(g: GammaGammaParameters, x: FloatArray, z: FloatArray) -> FloatArray:
    """Log-likelihood (N,) of mean spend `z` over `x` purchases (paper eq. 1a)."""
    px = g.p * x
    result: FloatArray = (
        special.gammaln(px + g.q) - special.gammaln(px) - special.gammaln(g.q) + g.q * np.log(g.v)
    )
    return result + (px - 1) * np.log(z) + px * np.log(x) - (px + g.q) * np.log(g.v + x * z)


class _MeanLogLikelihood:
    """Mean log-likelihood with gradient and Hessian on (ln p, ln q, ln v); gamma functions once per distinct x."""

    def __init__(self, x: FloatArray, z: FloatArray, weight: FloatArray) -> None:
        self.x, self.z, self.weight = x, z, weight
        self.total = float(weight.sum())
        self.counts, self.index = np.unique(x, return_inverse=True)
        self.count_weight = np.bincount(self.index, weight, self.counts.size)
        self.spend = x * z
        self.log_spend = np.log(self.spend)
        self.constant = float(weight @ np.log(z))

    def __call__(self, log_point: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        p, q, v = theta = np.exp(log_point)
        w, x, cx, cw = self.weight, self.x, self.counts, self.count_weight
        psi, psi1 = special.psi, partial(special.polygamma, 1)
        both, total_v = v + self.spend, p * cx + q
        log_both = np.log(both)
        value = cw @ (special.gammaln(total_v) - special.gammaln(p * cx))
        value += self.total * (q * np.log(v) - special.gammaln(q))
        value += w @ (p * x * self.log_spend - (p * x + q) * log_both) - self.constant
        slope_p = cw @ (cx * (psi(total_v) - psi(p * cx))) + w @ (x * (self.log_spend - log_both))
        slope_q = cw @ psi(total_v) + self.total * (np.log(v) - psi(q)) - w @ log_both
        slope_v = self.total * q / v - w @ ((p * x + q) / both)
        hessian = np.zeros((3, 3))
        hessian[0, 0] = cw @ (cx**2 * (psi1(total_v) - psi1(p * cx)))
        hessian[0, 1] = hessian[1, 0] = cw @ (cx * psi1(total_v))
        hessian[0, 2] = hessian[2, 0] = -(w @ (x / both))
        hessian[1, 1] = cw @ psi1(total_v) - self.total * psi1(q)
        hessian[1, 2] = hessian[2, 1] = self.total / v - w @ (1 / both)
        hessian[2, 2] = -self.total * q / v**2 + w @ ((p * x + q) / both**2)
        slope = np.array([slope_p, slope_q, slope_v]) * theta
        curve = hessian * np.outer(theta, theta) + np.diag(slope)
        return float(value) / self.total, slope / self.total, curve / self.total


def fit(x: FloatArray, z: FloatArray, weight: FloatArray | None = None) -> GammaGammaFit:
    """Maximum-likelihood fit; rows without a repeat purchase or with zero spend are left out, as in the paper.

    Parameters
    ----------
    x, z : (N,) float
        Repeat purchases above zero, and their mean amount.
    weight : (N,) float, optional
        Number of customers behind each row.

    Raises
    ------
    ValueError
        When fewer than two customers remain.
    """
    weight = np.ones_like(z) if weight is None else weight
    used = (x > 0) & (z > 0) & (weight > 0)
    x, z, weight = x[used].astype(np.float64), z[used].astype(np.float64), weight[used]
    if x.size < 2:
        raise ValueError("fewer than two customers with repeat spend")
    scale = float(np.average(z, weights=weight))
    best = maximise(
        _MeanLogLikelihood(x, z / scale, weight),
        np.log(np.array(START)),
        low=-10,
        high=10,
    )
    total = float(weight.sum())
    theta = np.exp(best.point)
    theta[2] *= scale
    errors = standard_errors(best.hessian * total) * theta
    return GammaGammaFit(
        parameters=GammaGammaParameters(*map(float, theta)),
        errors=GammaGammaParameters(*map(float, errors)),
        log_likelihood=best.value * total - total * float(np.log(scale)),
        customers=total,
        has_converged=best.has_converged,
        is_at_boundary=best.is_at_boundary or bool(np.isnan(errors).any()),
    )


def population_mean(g: GammaGammaParameters) -> float:
    """Mean spend per purchase across customers, p v / (q - 1); infinite when q <= 1."""
    return g.p * g.v / (g.q - 1) if g.q > 1 else float("inf")


def is_usable(g: GammaGammaParameters) -> bool:
    """Whether the model has a finite mean and variance of mean spend; otherwise use the shop's own mean."""
    return g.q > 1.05 and bool(np.isfinite([g.p, g.q, g.v]).all())


def conditional_mean(g: GammaGammaParameters, x: FloatArray, z: FloatArray) -> FloatArray:
    """Expected spend per purchase (N,) of customers with mean `z` over `x` purchases (paper eq. 5).

    p (v + x z) / (p x + q - 1): the population mean at x = 0, the customer's own mean as x grows.
    """
    known = np.where(x > 0, x, 0.0)
    return g.p * (g.v + known * np.where(x > 0, z, 0.0)) / (g.p * known + g.q - 1)


@dataclass(frozen=True)
class SpendMoments:
    """Of the mean spend per purchase given history: `mean`, `mean_square`; and `within`, the variance of one purchase."""

    mean: FloatArray
    mean_square: FloatArray
    within: FloatArray


def spend_moments(g: GammaGammaParameters, x: FloatArray, z: FloatArray) -> SpendMoments:
    """Posterior moments, each (N,): nu ~ Gamma(Q, V), Q = p x + q, V = v + x z, mean spend = p / nu.

    E = p V / (Q-1), E[square] = p^2 V^2 / ((Q-1)(Q-2)), E[p / nu^2] = that / p. Where Q <= 2 the variance is infinite;
    Q - 2 is held at 0.5 there, so that an interval stays an interval.
    """
    known = np.where(x > 0, x, 0.0)
    shape = g.p * known + g.q
    amount = g.v + known * np.where(x > 0, z, 0.0)
    mean = g.p * amount / (shape - 1)
    square = mean**2 * (shape - 1) / np.maximum(shape - 2, 0.5)
    square = np.maximum(square, mean**2)
    return SpendMoments(mean, square, square / g.p)
