"""Backtest: hide the last days, predict them from what came before, and compare with what came."""

from dataclasses import dataclass

import numpy as np

from shuke.analytics import bgnbd, clv
from shuke.analytics.arrays import BoolArray, FloatArray, IntArray
from shuke.analytics.features import features_of
from shuke.analytics.purchases import Purchases

FEWEST_CUSTOMERS, FEWEST_REPEATERS = 100, 50
TENTHS = 10


@dataclass(frozen=True)
class Tenth:
    """A tenth of the customers by prediction, best first: purchases and chance of none, predicted and seen."""

    customers: int
    predicted: float
    came: int
    none_predicted: float
    none_came: float


@dataclass(frozen=True)
class BacktestReport:
    """Predicted against what came, for the customers known before the hidden days.

    `correlation`, `mean_error` (absolute) and `root_error` are per customer, beside those of the simple rule (as many as in
    the same number of days before). `auc` says how well the chance of no purchase ranks those who did not come.
    """

    hidden_days: int
    customers: int
    predicted_purchases: float
    came_purchases: int
    predicted_fen: float
    came_fen: int
    correlation: float
    rule_purchases: int
    rule_correlation: float
    mean_error: float
    rule_mean_error: float
    root_error: float
    rule_root_error: float
    auc: float
    tenths: tuple[Tenth, ...]


def is_enough(customers: int, repeaters: int) -> bool:
    """Whether a model may be fitted at all; below, the simple rules are used and the page says so."""
    return customers >= FEWEST_CUSTOMERS and repeaters >= FEWEST_REPEATERS


def backtest(purchases: Purchases, *, as_of: int, hidden_days: int) -> BacktestReport | None:
    """Fit on the purchases before the last `hidden_days`, predict them, compare; None with too little history.

    Notes
    -----
    Returns are netted before the cut, so a purchase that came back later is missing on both sides.
    """
    cut = as_of - hidden_days
    features = features_of(purchases.until(cut), as_of=cut, window_days=hidden_days)
    known = features.has_bought
    if not is_enough(int(known.sum()), int((features.repeats > 0).sum())):
        return None
    histories = clv.histories_of(features, known)
    fitted = bgnbd.fit(histories.cells())
    later = purchases.after(cut).until(as_of)
    predicted = clv.outlook_of(fitted.parameters, histories, hidden_days)
    came = later.groups.counts[known].astype(np.float64)
    rule = features.window_purchases[known].astype(np.float64)
    each = _mean_spend(features.spent_fen[known], features.purchases[known])
    return BacktestReport(
        hidden_days=hidden_days,
        customers=int(known.sum()),
        predicted_purchases=round(float(predicted.purchases.sum()), 1),
        came_purchases=int(came.sum()),
        predicted_fen=round(float(predicted.purchases @ each)),
        came_fen=int(later.groups.sums(later.amount_fen)[known].sum()),
        correlation=_correlation(predicted.purchases, came),
        rule_purchases=int(rule.sum()),
        rule_correlation=_correlation(rule, came),
        mean_error=round(float(np.abs(predicted.purchases - came).mean()), 4),
        rule_mean_error=round(float(np.abs(rule - came).mean()), 4),
        root_error=round(float(np.sqrt(((predicted.purchases - came) ** 2).mean())), 4),
        rule_root_error=round(float(np.sqrt(((rule - came) ** 2).mean())), 4),
        auc=auc(predicted.none, came == 0),
        tenths=_tenths(predicted, came),
    )


def _mean_spend(spent: IntArray, count: IntArray) -> FloatArray:
    shop = spent.sum() / max(1, count.sum())
    result: FloatArray = (spent + clv.OWN_MEAN_SHRINK * shop) / (count + clv.OWN_MEAN_SHRINK)
    return result


def _correlation(one: FloatArray, other: FloatArray) -> float:
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return round(float(np.corrcoef(one, other)[0, 1]), 4)


def auc(chance: FloatArray, happened: BoolArray) -> float:
    """Area under the ROC curve: chance that one it happened to ranks above one it did not; ties count half. 0.5 if undefined."""
    yes = int(happened.sum())
    no = happened.size - yes
    if not yes or not no:
        return 0.5
    _, index, counts = np.unique(chance, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    total = float(ranks[index][happened].sum())
    return round((total - yes * (yes + 1) / 2) / (yes * no), 4)


def _tenths(predicted: clv.Outlook, came: FloatArray) -> tuple[Tenth, ...]:
    order = np.argsort(-predicted.purchases, kind="stable")
    return tuple(
        Tenth(
            customers=int(rows.size),
            predicted=round(float(predicted.purchases[rows].sum()), 1),
            came=int(came[rows].sum()),
            none_predicted=round(float(predicted.none[rows].mean()), 4),
            none_came=round(float((came[rows] == 0).mean()), 4),
        )
        for rows in np.array_split(order, TENTHS)
        if rows.size
    )
