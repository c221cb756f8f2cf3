"""Choosing the purchase model of a shop by its own last months: hide them, let every candidate predict, compare.

The rule and why it is not the mean absolute error are in docs/methods/choice.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shuke.analytics import boosting
from shuke.analytics.arrays import BoolArray, FloatArray, IntArray
from shuke.analytics.backtest import auc, is_enough
from shuke.analytics.boosting import Boosting, Extra
from shuke.analytics.candidates import (
    BOOSTING,
    LAST_PERIOD,
    MEAN,
    Forecast,
    Snapshot,
    Weights,
    came_after,
    last_period,
    mean_of,
    snapshot_of,
    weights_from,
)
from shuke.analytics.features import features_of
from shuke.analytics.purchases import Purchases

TENTHS = 10
BY_COST = ("bg", "mbg", "pareto", BOOSTING, MEAN)  # of asking a million customers
DAYS_OF_MONTH = 30.4375


@dataclass(frozen=True)
class Group:
    """Customers together: how many, purchases and share without any, predicted and seen. `label` says which they are."""

    label: int
    customers: int
    predicted: float
    came: int
    none_predicted: float
    none_came: float


@dataclass(frozen=True)
class Standing:
    """How one candidate did on the hidden days.

    `root_error` and `mean_error` are of purchases per customer, `correlation` too; `bias` is the share by which the total was
    missed (0.1: a tenth too many); `auc`, `brier` are of P(none) among customers who bought within a horizon before the
    cut. `behind` is how much worse its squared error is than the best one's, in standard errors of the paired
    difference. `by_tenth` is by prediction, best first; `by_cohort` by age (label: months since the first purchase, at most
    24); `calibration` by P(none), lowest first (label: 0 to 9).
    """

    name: str
    root_error: float
    correlation: float
    mean_error: float
    bias: float
    auc: float
    brier: float
    behind: float
    by_tenth: tuple[Group, ...]
    by_cohort: tuple[Group, ...]
    calibration: tuple[Group, ...]


@dataclass(frozen=True)
class Comparison:
    """All candidates on the hidden days, the rule "as often as in the same time before" among them, and the winner.

    `weights` are those of the mean on the hidden days, from the days before them; `next_weights` those that the hidden
    days themselves teach, for what is still to come. None: the plain mean.
    """

    cut: int
    hidden_days: int
    customers: int
    came: int
    winner: str
    weights: Weights | None
    next_weights: Weights | None
    standings: tuple[Standing, ...]

    def of(self, name: str) -> Standing:
        """The standing of one candidate."""
        return next(standing for standing in self.standings if standing.name == name)


@dataclass(frozen=True)
class Trial:
    """Forecasts of the same customers by each candidate, what came, and who was active before the cut, each (N,)."""

    forecasts: Mapping[str, Forecast]
    came: FloatArray
    active: BoolArray
    known_days: IntArray


@dataclass(frozen=True)
class Rules:
    """How candidates are compared: with trees or without, with columns of other rooms, and whether a tie goes to the cheapest."""

    has_trees: bool = True
    is_thrifty: bool = False
    extra: Extra | None = None


DEFAULT = Rules()


def trial(
    purchases: Purchases,
    *,
    cut: int,
    horizon_days: int,
    weights: Weights | None = None,
    rules: Rules = DEFAULT,
) -> Trial | None:
    """Forecasts made at the end of day `cut` with nothing later, and what came after it; None with too little history."""
    snapshot = snapshot_if_enough(purchases, as_of=cut, window_days=horizon_days)
    if snapshot is None:
        return None
    trees = (
        boosting.train(purchases, as_of=cut, horizon_days=horizon_days, extra=rules.extra)
        if rules.has_trees
        else None
    )
    features = snapshot.features
    return Trial(
        forecasts=candidates_at(purchases, snapshot, trees, weights),
        came=came_after(purchases, snapshot, horizon_days),
        active=(features.silent_days <= horizon_days)[snapshot.known],
        known_days=features.known_days[snapshot.known],
    )


def snapshot_if_enough(purchases: Purchases, *, as_of: int, window_days: int) -> Snapshot | None:
    """A snapshot where there are enough customers by that day for a model, and one could be fitted."""
    features = features_of(purchases.until(as_of), as_of=as_of, window_days=window_days)
    if not is_enough(int(features.has_bought.sum()), int((features.repeats > 0).sum())):
        return None
    snapshot = snapshot_of(purchases, as_of=as_of, window_days=window_days)
    return snapshot if snapshot.fits else None


def candidates_at(
    purchases: Purchases, snapshot: Snapshot, trees: Boosting | None, weights: Weights | None
) -> dict[str, Forecast]:
    """The forecasts of all candidates, by name, over the snapshot's window; without boosting where there are no trees."""
    forecasts = snapshot.forecasts(snapshot.window_days)
    if trees is not None:
        forecasts[BOOSTING] = trees.forecast(purchases, snapshot)
    forecasts[LAST_PERIOD] = last_period(snapshot)
    return {**forecasts, MEAN: mean_of(forecasts, weights)}


@dataclass(frozen=True)
class Examination:
    """A comparison, and the trial it was made from."""

    comparison: Comparison
    trial: Trial


def compare(
    purchases: Purchases, *, as_of: int, hidden_days: int, extra: Extra | None = None
) -> Comparison | None:
    """Hide the last `hidden_days` before `as_of`, let every candidate predict them, name the winner; None with too little."""
    found = examine(purchases, as_of=as_of, hidden_days=hidden_days, rules=Rules(extra=extra))
    return found.comparison if found else None


def examine(
    purchases: Purchases, *, as_of: int, hidden_days: int, rules: Rules = DEFAULT
) -> Examination | None:
    """`compare`, with all that it was made from."""
    cut, past = as_of - hidden_days, purchases.until(as_of)
    earlier = trial(past.until(cut), cut=cut - hidden_days, horizon_days=hidden_days, rules=rules)
    weights = weights_from(earlier.forecasts, earlier.came) if earlier is not None else None
    made = trial(past, cut=cut, horizon_days=hidden_days, weights=weights, rules=rules)
    if made is None:
        return None
    names = [name for name in made.forecasts if name != LAST_PERIOD]
    leader = min(names, key=lambda name: float(_squares(made, name).mean()))
    standings = tuple(_standing(made, name, leader) for name in made.forecasts)
    winner = winner_of({standing.name: standing for standing in standings}, is_thrifty=rules.is_thrifty)
    comparison = Comparison(
        cut=cut,
        hidden_days=hidden_days,
        customers=int(made.came.size),
        came=int(made.came.sum()),
        winner=winner,
        weights=weights,
        next_weights=weights_from(made.forecasts, made.came),
        standings=standings,
    )
    return Examination(comparison, made)


def winner_of(standings: Mapping[str, Standing], *, is_thrifty: bool = False) -> str:
    """The name of the candidate to use.

    Notes
    -----
    The one with the smallest squared error, unless the mean of all is within one standard error of it (of the paired
    difference): then the mean, which is the safest under change (J. Bates, C. Granger, "The Combination of Forecasts", 1969). A
    candidate that correlates worse than the simple rule of the last period is out, if another does not. The absolute error has
    no say: predicting zero for everybody nearly wins it. Thrifty: of those within one standard error the one that costs least to
    ask: what is asked of a million customers every night has its price.
    """
    rule = standings.get(LAST_PERIOD)
    own = {name: standing for name, standing in standings.items() if name != LAST_PERIOD}
    if rule is not None:
        better = {name: one for name, one in own.items() if one.correlation >= rule.correlation}
        own = better or own
    best = min(own.values(), key=lambda standing: standing.root_error)
    near = [name for name, standing in own.items() if standing.behind <= 1.0 or name == best.name]
    if is_thrifty:
        return min(near, key=BY_COST.index)
    return MEAN if MEAN in near else best.name


def _squares(made: Trial, name: str) -> FloatArray:
    result: FloatArray = (made.forecasts[name].purchases - made.came) ** 2
    return result


def _standing(made: Trial, name: str, leader: str) -> Standing:
    forecast, came = made.forecasts[name], made.came
    worse = _squares(made, name) - _squares(made, leader)
    spread = float(worse.std() / np.sqrt(came.size))
    none, absent = forecast.none[made.active], came[made.active] == 0
    months = np.minimum((made.known_days / DAYS_OF_MONTH).astype(np.int64), 24)
    return Standing(
        name=name,
        root_error=round(float(np.sqrt(_squares(made, name).mean())), 5),
        correlation=round(correlation(forecast.purchases, came), 5),
        mean_error=round(float(np.abs(forecast.purchases - came).mean()), 5),
        bias=round(float(forecast.purchases.sum() / max(came.sum(), 1.0) - 1), 5),
        auc=auc(none, absent),
        brier=round(float(((none - absent) ** 2).mean()), 5) if absent.size else 0.0,
        behind=round(float(worse.mean() / spread), 3) if spread > 0 else 0.0,
        by_tenth=_groups(forecast, came, _tenths(-forecast.purchases)),
        by_cohort=_groups(forecast, came, months),
        calibration=calibration_of(Forecast(forecast.purchases[made.active], none), came[made.active]),
    )


def calibration_of(forecast: Forecast, came: FloatArray) -> tuple[Group, ...]:
    """Tenths of customers (N,) by P(none), lowest first: what was said and what was seen."""
    return _groups(forecast, came, _tenths(forecast.none))


def correlation(one: FloatArray, other: FloatArray) -> float:
    """Pearson correlation; 0 where either does not vary."""
    if one.size < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _tenths(values: FloatArray) -> IntArray:
    """Which tenth of the ranked values each belongs to, (N,), 0 lowest."""
    rank = np.empty(values.size, np.int64)
    rank[np.argsort(values, kind="stable")] = np.arange(values.size)
    return rank * TENTHS // max(values.size, 1)


def _groups(forecast: Forecast, came: FloatArray, label: IntArray) -> tuple[Group, ...]:
    found = []
    for one in np.unique(label).tolist():
        rows = label == one
        found.append(
            Group(
                label=one,
                customers=int(rows.sum()),
                predicted=round(float(forecast.purchases[rows].sum()), 2),
                came=int(came[rows].sum()),
                none_predicted=round(float(forecast.none[rows].mean()), 4),
                none_came=round(float((came[rows] == 0).mean()), 4),
            )
        )
    return tuple(found)
