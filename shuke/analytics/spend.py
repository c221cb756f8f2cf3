"""Spend per purchase: whether Gamma-Gamma's assumption holds, and which way of using it the shop's own last months favour.

Ways: Gamma-Gamma on repeat purchases (as in the paper), on all purchases, and the shop's mean for everybody. Page
docs/methods/gamma-gamma.md.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from shuke.analytics import gamma_gamma
from shuke.analytics.arrays import BoolArray, FloatArray
from shuke.analytics.features import Features
from shuke.analytics.gamma_gamma import GammaGammaFit, GammaGammaParameters, SpendMoments
from shuke.analytics.purchases import Purchases

REPEAT, ALL, POPULATION, OWN = "repeat", "all", "population", "own"
OWN_MEAN_SHRINK = 2.0
FEWEST = 50
DEPENDENT_FROM = 0.2
CONFIDENCE_Z = 1.96


@dataclass(frozen=True)
class Spending:
    """`count` of purchases and their `mean` amount (fen), each (G,); 0 and 0 without one."""

    count: FloatArray
    mean: FloatArray


def spending_of(purchases: Purchases, way: str) -> Spending:
    """All purchases of each customer, or (`repeat`) those after the first."""
    groups = purchases.groups
    money, count = groups.sums(purchases.amount_fen), groups.counts
    if way == REPEAT:
        money, count = money - groups.firsts(purchases.amount_fen, 0), np.maximum(count - 1, 0)
    return Spending(count.astype(np.float64), money / np.maximum(count, 1))


@dataclass(frozen=True)
class Independence:
    """Whether frequency and spend go together, which Gamma-Gamma assumes they do not.

    `correlation` of their ranks (Spearman) with its 95 % limits. `is_dependent`: the limits keep away from 0 by more than
    0.2: worth a warning. A small correlation is always significant in a large shop, so that is not asked.
    """

    customers: int
    correlation: float
    low: float
    high: float
    is_dependent: bool


def _ranks(values: FloatArray) -> FloatArray:
    """Ranks from 1, ties at their middle: as `scipy.stats.rankdata`, which takes a second and 70 MB to be there."""
    _different, place, times = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(times) - (times - 1) / 2)[place]


def independence_of(spending: Spending) -> Independence | None:
    """Test repeat buyers; None with fewer than 50, or where one of the two does not vary.

    Notes
    -----
    Limits by Fisher's z with the variance 1.06 / (n - 3) for ranks (E. Fieller, H. Hartley, E. Pearson, Biometrika 44, 1957).
    """
    used = (spending.count > 0) & (spending.mean > 0)
    count, mean = spending.count[used], spending.mean[used]
    if count.size < FEWEST or np.ptp(count) == 0 or np.ptp(mean) == 0:
        return None
    found = float(np.clip(np.corrcoef(_ranks(count), _ranks(mean))[0, 1], -0.999999, 0.999999))
    width = CONFIDENCE_Z * np.sqrt(1.06 / (count.size - 3))
    low, high = (float(np.tanh(np.arctanh(found) + side * width)) for side in (-1, 1))
    is_dependent = low > DEPENDENT_FROM or high < -DEPENDENT_FROM
    return Independence(int(count.size), round(found, 4), round(low, 4), round(high, 4), is_dependent)


@dataclass(frozen=True)
class SpendReport:
    """Error of the predicted amount of a purchase (fen, root mean square over purchases) on the hidden days, by way."""

    cut: int
    purchases: int
    winner: str
    errors: tuple[tuple[str, float], ...]


def compare(purchases: Purchases, *, as_of: int, hidden_days: int) -> SpendReport | None:
    """Fit each way before the last `hidden_days` and predict the amounts in them; None with too little.

    Returns
    -------
    SpendReport or None
        `winner` is the way with the smallest error; a way whose fit is not usable is left out.
    """
    cut = as_of - hidden_days
    before, later = purchases.until(cut), purchases.after(cut).until(as_of)
    known = before.groups.counts > 0
    came = later.groups.counts.astype(np.float64) * known
    if came.sum() < FEWEST or (before.groups.counts > 1).sum() < FEWEST:
        return None
    amounts, row = later.amount_fen, later.groups.row_group
    counted = known[row]
    errors = []
    for way in (REPEAT, ALL, POPULATION):
        predicted = predicted_spend(before, way)
        if predicted is not None:
            missed = (amounts - predicted[row])[counted]
            errors.append((way, round(float(np.sqrt((missed.astype(np.float64) ** 2).mean())), 2)))
    winner = min(errors, key=lambda pair: pair[1])[0]
    return SpendReport(cut, int(came.sum()), winner, tuple(errors))


def predicted_spend(purchases: Purchases, way: str) -> FloatArray | None:
    """Amount (fen) expected of each customer's next purchase, (G,); None where the model cannot be used."""
    spending = spending_of(purchases, way)
    if way == POPULATION:
        total = spending.count.sum()
        mean = float(spending.count @ spending.mean / total) if total else 0.0
        return np.full(spending.count.shape, mean)
    if ((spending.count > 0) & (spending.mean > 0)).sum() < FEWEST:
        return None
    fit = gamma_gamma.fit(spending.count, spending.mean)
    if not fit.has_converged or not gamma_gamma.is_usable(fit.parameters):
        return None
    return gamma_gamma.conditional_mean(fit.parameters, spending.count, spending.mean)


@dataclass(frozen=True)
class SpendModel:
    """How spend per purchase is predicted: the way, and what it needs.

    `repeat`, `all`: Gamma-Gamma with `gamma`. `population`: the shop's `mean_fen` for everybody, with `variance` of one purchase
    around it. `own`: the mean of the customer's own purchases, drawn to the shop's with the weight of two purchases; for shops in
    which nothing could be fitted or compared.
    """

    way: str
    gamma: GammaGammaParameters | None
    mean_fen: float
    variance: float

    def moments(self, features: Features, chosen: BoolArray) -> SpendMoments:
        """Spend per purchase (fen) of the chosen customers (G,)."""
        count, spent = features.purchases[chosen].astype(np.float64), features.spent_fen[chosen]
        if self.gamma is not None:
            if self.way == ALL:
                return gamma_gamma.spend_moments(self.gamma, count, spent / np.maximum(count, 1))
            repeats = features.repeats[chosen].astype(np.float64)
            return gamma_gamma.spend_moments(self.gamma, repeats, features.mean_repeat_fen[chosen])
        if self.way == POPULATION:
            mean = np.full(count.shape, self.mean_fen)
            return SpendMoments(mean, mean**2, np.full(count.shape, self.variance))
        mean = (spent + OWN_MEAN_SHRINK * self.mean_fen) / (count + OWN_MEAN_SHRINK)
        return SpendMoments(mean, mean**2, mean**2)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @staticmethod
    def from_json(content: dict[str, Any]) -> "SpendModel":
        """The model that `to_json` described."""
        gamma = content["gamma"]
        return SpendModel(**content | {"gamma": GammaGammaParameters(**gamma) if gamma else None})


def plain_spend(purchases: Purchases) -> SpendModel:
    """The way that needs no fit: each customer's own mean, drawn to the shop's."""
    amounts = purchases.amount_fen
    mean, variance = (float(amounts.mean()), float(amounts.var())) if amounts.size else (0.0, 0.0)
    return SpendModel(OWN, None, mean, variance)


def spend_model(
    purchases: Purchases, features: Features, way: str
) -> tuple[SpendModel, GammaGammaFit | None]:
    """The model of a way, with its fit; each customer's own mean where the fit is not usable."""
    plain = plain_spend(purchases)
    if way == POPULATION:
        return SpendModel(POPULATION, None, plain.mean_fen, plain.variance), None
    count = features.repeats if way == REPEAT else features.purchases
    mean = features.mean_repeat_fen if way == REPEAT else features.spent_fen / np.maximum(count, 1)
    if ((count > 0) & (mean > 0)).sum() < FEWEST:
        return plain, None
    fit = gamma_gamma.fit(count.astype(np.float64), mean)
    if not fit.has_converged or not gamma_gamma.is_usable(fit.parameters):
        return plain, None
    return SpendModel(way, fit.parameters, plain.mean_fen, plain.variance), fit
