"""Candidates: the purchase models that a shop's choice is made from, fitted at one day and asked about a horizon.

BG/NBD, MBG/NBD, Pareto/NBD, gradient boosting, the rule "as in the last period", and the mean of them all. Which one a shop
uses is settled by a backtest (`choosing`); docs/methods/choice.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from shuke.analytics import bgnbd, mbgnbd, paretonbd
from shuke.analytics.arrays import BoolArray, FloatArray
from shuke.analytics.clv import Histories, histories_of
from shuke.analytics.features import DAYS_PER_WEEK, Features, features_of
from shuke.analytics.nbd import Cells, Fit, PurchaseMoments
from shuke.analytics.purchases import Purchases


class PurchaseModel(Protocol):
    """What the modules `bgnbd`, `mbgnbd` and `paretonbd` have in common; `p` are the model's own parameters."""

    def fit(self, cells: Cells) -> Fit[Any]:
        """Maximum-likelihood fit."""

    def purchase_moments(
        self, p: Any, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float
    ) -> PurchaseMoments:
        """E[X] and E[X^2] in the horizon."""

    def p_no_purchase(
        self, p: Any, x: FloatArray, t_x: FloatArray, T: FloatArray, horizon: float
    ) -> FloatArray:
        """P(no purchase in the horizon)."""


MODELS: Mapping[str, PurchaseModel] = {"bg": bgnbd.MODEL, "mbg": mbgnbd.MODEL, "pareto": paretonbd}
BOOSTING, LAST_PERIOD, MEAN = "boosting", "last_period", "mean"
GRID = 20


@dataclass(frozen=True)
class Forecast:
    """Per customer, each (N,): purchases expected in the horizon, and P(no purchase in it)."""

    purchases: FloatArray
    none: FloatArray


@dataclass(frozen=True)
class Snapshot:
    """A shop at the end of a day: features (of all customers), who had bought, their histories, and the fitted models."""

    window_days: int
    features: Features
    known: BoolArray
    histories: Histories
    fits: Mapping[str, Fit[Any]]

    def forecasts(self, horizon_days: int) -> dict[str, Forecast]:
        """What each fitted model says of the known customers."""
        return {
            name: forecast_of(name, fit.parameters, self.histories, horizon_days)
            for name, fit in self.fits.items()
        }


def snapshot_of(purchases: Purchases, *, as_of: int, window_days: int) -> Snapshot:
    """Fit every model on the purchases up to and including day `as_of`; a model that does not arrive is left out."""
    features = features_of(purchases.until(as_of), as_of=as_of, window_days=window_days)
    known = features.has_bought
    histories = histories_of(features, known)
    fits = {name: model.fit(histories.cells()) for name, model in MODELS.items()}
    return Snapshot(
        window_days,
        features,
        known,
        histories,
        {name: fit for name, fit in fits.items() if fit.has_converged},
    )


def forecast_of(name: str, parameters: Any, histories: Histories, horizon_days: int) -> Forecast:
    """One model's forecast of the customers of `histories`: each distinct history once."""
    model, horizon = MODELS[name], horizon_days / DAYS_PER_WEEK
    mean = model.purchase_moments(parameters, histories.x, histories.t_x, histories.T, horizon).mean
    none = model.p_no_purchase(parameters, histories.x, histories.t_x, histories.T, horizon)
    return Forecast(mean[histories.index], none[histories.index])


def last_period(snapshot: Snapshot) -> Forecast:
    """The simple rule: as many purchases as in the window before the day."""
    count = snapshot.features.window_purchases[snapshot.known].astype(np.float64)
    return Forecast(count, (count == 0).astype(np.float64))


@dataclass(frozen=True)
class Weights:
    """Shares, adding up to 1, with which the purchase models together, boosting and the last period enter the mean."""

    models: float
    boosting: float
    last_period: float


def mean_of(forecasts: Mapping[str, Forecast], weights: Weights | None) -> Forecast:
    """The mean of the candidates: with weights where an earlier backtest gave some, else the plain mean without the rule.

    P(none) is always the plain mean of models and boosting: the rule knows no chances.
    """
    own = {name: one for name, one in forecasts.items() if name in MODELS or name == BOOSTING}
    purchases = np.mean([one.purchases for one in own.values()], axis=0)
    none = np.mean([one.none for one in own.values()], axis=0)
    if weights is not None:
        parts = parts_of(forecasts)
        purchases = parts @ np.array([weights.models, weights.boosting, weights.last_period])
    return Forecast(purchases, none)


def parts_of(forecasts: Mapping[str, Forecast]) -> FloatArray:
    """What `Weights` weigh, (N, 3): the models' mean, boosting (the models' mean where there is none), the last period."""
    models = np.mean([one.purchases for name, one in forecasts.items() if name in MODELS], axis=0)
    trees = forecasts[BOOSTING].purchases if BOOSTING in forecasts else models
    return np.column_stack([models, trees, forecasts[LAST_PERIOD].purchases])


def weights_from(forecasts: Mapping[str, Forecast], came: FloatArray) -> Weights | None:
    """The shares (in twentieths) with the smallest squared error; None without boosting, whose share would be a guess."""
    if BOOSTING not in forecasts:
        return None
    parts = parts_of(forecasts)
    square, with_came = parts.T @ parts, parts.T @ came
    steps = np.array([(a, b, GRID - a - b) for a in range(GRID + 1) for b in range(GRID + 1 - a)], np.float64)
    shares = steps / GRID
    errors = ((shares @ square) * shares).sum(axis=1) - 2 * shares @ with_came
    return Weights(*map(float, shares[np.argmin(errors)]))


def came_after(purchases: Purchases, snapshot: Snapshot, horizon_days: int) -> FloatArray:
    """Purchases of the known customers in the horizon after the snapshot, (N,)."""
    day = snapshot.features.as_of
    later = purchases.after(day).until(day + horizon_days)
    return later.groups.counts[snapshot.known].astype(np.float64)
