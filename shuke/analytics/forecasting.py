"""Forecasting with what a shop settled on: one customer or a million, by the same code.

A `Decision` says which forecast the shop's own last months favour (`deciding`), a `Forecaster` adds the parameters of the models
it needs, fitted anew every night. Over the horizon that was tested the chosen forecast speaks; for the rest of the year the
models do, which know how purchases go on; docs/methods/choice.md.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from shuke.analytics import bgnbd, churn, clv, mbgnbd, paretonbd
from shuke.analytics.arrays import FloatArray
from shuke.analytics.boosting import Boosting, Seen
from shuke.analytics.candidates import (
    BOOSTING,
    LAST_PERIOD,
    MEAN,
    MODELS,
    Forecast,
    Weights,
    forecast_of,
    mean_of,
)
from shuke.analytics.clv import Histories
from shuke.analytics.features import DAYS_PER_WEEK, YEAR_DAYS, Features, ShopGaps
from shuke.analytics.nbd import Fit
from shuke.analytics.purchases import Purchases

PARAMETERS: Mapping[str, Any] = {
    "bg": bgnbd.BgNbdParameters,
    "mbg": bgnbd.BgNbdParameters,
    "pareto": paretonbd.ParetoNbdParameters,
}
ALIVE: Mapping[str, Any] = {"bg": bgnbd.p_alive, "mbg": mbgnbd.p_alive, "pareto": paretonbd.p_alive}
LEAST = 1e-300


@dataclass(frozen=True)
class Decision:
    """What a shop uses until it compares again: which candidate, and what that needs besides the models' parameters.

    Parameters
    ----------
    made_on : int
        The day of the comparison; `purchases` were known then.
    horizon_days : int
        Length of the hidden days, and of the warning.
    winner : str
        A name of `candidates.MODELS`, BOOSTING or MEAN.
    weights, boosting
        Of the mean, and the trees; None where nothing asks for them.
    warned_by : tuple of str
        The forecasts whose mean P(no purchase) is; empty: the winner's alone.
    is_tested : bool
        False: there were no days to hide yet, and nothing was compared.
    """

    made_on: int
    purchases: int
    horizon_days: int
    winner: str
    weights: Weights | None = None
    boosting: Boosting | None = None
    warned_by: tuple[str, ...] = ()
    is_tested: bool = True

    @property
    def models(self) -> tuple[str, ...]:
        """The purchase models that it asks, by name."""
        if self.boosting is not None:
            return self.boosting.models
        return (self.winner,) if self.winner in MODELS else tuple(MODELS)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "made_on": self.made_on,
            "purchases": self.purchases,
            "horizon_days": self.horizon_days,
            "winner": self.winner,
            "weights": asdict(self.weights) if self.weights else None,
            "boosting": self.boosting.to_json() if self.boosting else None,
            "warned_by": list(self.warned_by),
            "is_tested": self.is_tested,
        }

    @staticmethod
    def from_json(content: dict[str, Any]) -> "Decision":
        """The decision that `to_json` described."""
        weights, trees = content["weights"], content["boosting"]
        parts: dict[str, Any] = {
            "weights": Weights(**weights) if weights else None,
            "boosting": Boosting.from_json(trees) if trees else None,
            "warned_by": tuple(content["warned_by"]),
        }
        return Decision(**content | parts)


def untested(purchases: Purchases, *, as_of: int, horizon_days: int) -> Decision:
    """For a shop without days to hide: the plain mean of the purchase models, the safest where nothing is known."""
    return Decision(as_of, int(purchases.day.size), horizon_days, MEAN, is_tested=False)


@dataclass(frozen=True)
class YearOutlook(clv.Outlook):
    """The coming year of those who have bought, each (K,), and `leaving`: P(no purchase within the horizon)."""

    leaving: FloatArray


@dataclass(frozen=True)
class Forecaster:
    """A decision with the parameters of the models it needs."""

    decision: Decision
    models: Mapping[str, Any]

    def near(self, past: Purchases, features: Features, gaps: ShopGaps) -> Forecast:
        """Purchases in the horizon, and the warning: P(none) in it; of those who have bought, (K,)."""
        histories = clv.histories_of(features, features.has_bought)
        return self._chosen(self._said(histories), past, features, gaps)

    def year(self, past: Purchases, features: Features, gaps: ShopGaps) -> YearOutlook:
        """The coming year of those who have bought, (K,), in their order.

        Notes
        -----
        With H the horizon, c the chosen forecast and m the mean of the models it stands on (itself, for a model):
        E[X_year] = c(H) + m(year) - m(H); P(none in year) = P_c(none in H) m(none in year) / m(none in H), which only says that
        both agree on what comes after H. The second factorial moment of m grows with the square of the mean. Who buys within
        H was alive: P(alive) is not less than 1 - P_c(none in H); and P(some) not more than E[X].
        """
        histories = clv.histories_of(features, features.has_bought)
        said = self._said(histories)
        chosen = self._chosen(said, past, features, gaps)
        winner = self.decision.winner
        names = (winner,) if winner in self.models else tuple(self.models)
        near = mean_of({name: said[name] for name in names}, None)
        far = _mixed([outlook_of(name, self.models[name], histories) for name in names])
        bought = chosen.purchases + np.maximum(far.purchases - near.purchases, 0.0)
        pairs = np.maximum(far.square - far.purchases, 0.0) * (bought / np.maximum(far.purchases, LEAST)) ** 2
        none = chosen.none * np.clip(far.none / np.maximum(near.none, LEAST), 0.0, 1.0)
        return YearOutlook(
            purchases=bought,
            square=bought + pairs,
            none=np.maximum(none, 1.0 - bought),
            alive=np.maximum(far.alive, 1.0 - chosen.none),
            leaving=chosen.none,
        )

    def _said(self, histories: Histories) -> dict[str, Forecast]:
        horizon = self.decision.horizon_days
        return {name: forecast_of(name, each, histories, horizon) for name, each in self.models.items()}

    def _chosen(
        self, said: Mapping[str, Forecast], past: Purchases, features: Features, gaps: ShopGaps
    ) -> Forecast:
        decision, known = self.decision, features.has_bought
        forecasts = dict(said)
        if decision.boosting is not None:
            forecasts[BOOSTING] = decision.boosting.forecast_of(past, Seen(features, known, gaps, said))
        names = decision.warned_by or (decision.winner,)
        if MEAN in (decision.winner, *names):
            count = past.counts_after(features.as_of - decision.horizon_days)[known].astype(np.float64)
            forecasts[LAST_PERIOD] = Forecast(count, (count == 0).astype(np.float64))
            forecasts[MEAN] = mean_of(forecasts, decision.weights)
        chosen = forecasts[decision.winner]
        return Forecast(chosen.purchases, churn.warning_of(forecasts, names))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        models = {name: asdict(parameters) for name, parameters in self.models.items()}
        return {"decision": self.decision.to_json(), "models": models}

    @staticmethod
    def from_json(content: dict[str, Any]) -> "Forecaster":
        """The forecaster that `to_json` described."""
        models = {name: PARAMETERS[name](**found) for name, found in content["models"].items()}
        return Forecaster(Decision.from_json(content["decision"]), models)


def fits_of(decision: Decision, histories: Histories) -> dict[str, Fit[Any]] | None:
    """The models that a decision needs, fitted; None where one that it cannot do without does not arrive.

    The mean without trees does with those that arrive.
    """
    cells = histories.cells()
    fits = {name: MODELS[name].fit(cells) for name in decision.models}
    found = {name: fit for name, fit in fits.items() if fit.has_converged}
    needs_all = decision.boosting is not None or decision.winner in MODELS
    return None if not found or (needs_all and len(found) < len(fits)) else found


def outlook_of(name: str, parameters: Any, histories: Histories) -> clv.Outlook:
    """One model's year, by customer: each distinct history once."""
    model, horizon = MODELS[name], YEAR_DAYS / DAYS_PER_WEEK
    x, t_x, T, index = histories.x, histories.t_x, histories.T, histories.index
    moments = model.purchase_moments(parameters, x, t_x, T, horizon)
    none = model.p_no_purchase(parameters, x, t_x, T, horizon)
    alive = ALIVE[name](parameters, x, t_x, T)
    return clv.Outlook(moments.mean[index], moments.mean_square[index], none[index], alive[index])


def _mixed(outlooks: list[clv.Outlook]) -> clv.Outlook:
    """An even mixture: every figure is a mean of the models'."""
    names = ("purchases", "square", "none", "alive")
    return clv.Outlook(*(np.mean([getattr(one, name) for one in outlooks], axis=0) for name in names))
