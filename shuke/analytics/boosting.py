"""Gradient boosting of what comes next, learnt only from earlier days of the same shop.

At each origin (a day in the past) the shop is looked at as it was then, and the purchases of the horizon after it are the
answer; no answer reaches past `as_of`. Histogram gradient boosting as in G. Ke et al., "LightGBM", NIPS 30 (2017), by
scikit-learn; page docs/methods/boosting.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special
from threadpoolctl import threadpool_limits

from shuke.analytics.arrays import BoolArray, FloatArray, IntArray
from shuke.analytics.candidates import Forecast, Snapshot, came_after, snapshot_of
from shuke.analytics.features import YEAR_DAYS, Features, ShopGaps, shop_gaps, usual_gaps
from shuke.analytics.purchases import Purchases
from shuke.analytics.trees import Trees, trees_of

MOST_ROWS = 200_000
FEWEST_ROWS, FEWEST_OF_EACH = 300, 30
SHORTEST_PAST = 45
RECENT_ORIGINS, YEARS_BACK = 4, 2
SETTINGS: dict[str, Any] = {
    "max_iter": 150,
    "learning_rate": 0.05,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 60,
    "l2_regularization": 1.0,
    "early_stopping": False,
    "random_state": 0,
}


@dataclass(frozen=True)
class Extra:
    """More columns for the trees, such as contacts, satisfaction, complaints; the point where other rooms join.

    `at` gives, for a day, the columns (G, K) of all customers as they were known at the end of that day: never later.
    NaN: not known.
    """

    names: tuple[str, ...]
    at: Callable[[int], FloatArray]


@dataclass(frozen=True)
class Seen:
    """What trees look at: customers at the end of a day. `known` (G,) had bought; `said` is what each model says of those."""

    features: Features
    known: BoolArray
    gaps: ShopGaps
    said: Mapping[str, Forecast]


@dataclass(frozen=True)
class Boosting:
    """Trained trees for one horizon: `counts` predicts purchases (Poisson), `none` whether nothing is bought.

    `models` are those whose forecasts the trees see, in order.
    """

    counts: Trees
    none: Trees
    horizon_days: int
    models: tuple[str, ...]
    origins: tuple[int, ...] = ()
    extra: Extra | None = None

    def forecast(self, purchases: Purchases, snapshot: Snapshot) -> Forecast:
        """Forecast of the known customers of a snapshot."""
        past = purchases.until(snapshot.features.as_of)
        return self.forecast_of(past, _seen(past, snapshot, self.horizon_days))

    def forecast_of(self, past: Purchases, seen: Seen) -> Forecast:
        """The same of customers with purchases `past`, none of them later than the day of `seen`."""
        table = columns_of(past, seen, self.horizon_days, self.extra)
        return Forecast(np.exp(self.counts.said(table)), special.expit(self.none.said(table)))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; columns of other rooms cannot be kept."""
        return {
            "counts": self.counts.to_text(),
            "none": self.none.to_text(),
            "horizon_days": self.horizon_days,
            "models": list(self.models),
            "origins": list(self.origins),
        }

    @staticmethod
    def from_json(content: dict[str, Any]) -> "Boosting":
        """The trees that `to_json` described."""
        return Boosting(
            Trees.from_text(content["counts"]),
            Trees.from_text(content["none"]),
            content["horizon_days"],
            tuple(content["models"]),
            tuple(content["origins"]),
        )


def origins_of(purchases: Purchases, *, as_of: int, horizon_days: int) -> tuple[int, ...]:
    """Days to learn from: the same season of earlier years, and the latest days whose answers are known by `as_of`.

    None earlier than half a horizon (at least 45 days) after the first purchase of the shop.
    """
    if purchases.day.size == 0:
        return ()
    first = int(purchases.day.min()) + max(SHORTEST_PAST, horizon_days // 2)
    season = [as_of - YEAR_DAYS * back for back in range(1, YEARS_BACK + 1)]
    step = max(1, horizon_days // 3)
    recent = [as_of - horizon_days - step * back for back in range(RECENT_ORIGINS)]
    return tuple(sorted({day for day in season + recent if first <= day <= as_of - horizon_days}))


def train(
    purchases: Purchases, *, as_of: int, horizon_days: int, extra: Extra | None = None
) -> Boosting | None:
    """Train on the origins before `as_of`; None where there are too few answers of either kind.

    Parameters
    ----------
    purchases : Purchases
        Those after `as_of` are not looked at.
    as_of, horizon_days : int
    extra : Extra, optional

    Notes
    -----
    At most 200,000 rows, evenly taken: more do not change the trees. One thread: the machine is the shop's.
    """
    past = purchases.until(as_of)
    origins = origins_of(past, as_of=as_of, horizon_days=horizon_days)
    models: tuple[str, ...] | None = None
    columns, answers = [], []
    for origin in origins:
        snapshot = snapshot_of(past, as_of=origin, window_days=horizon_days)
        if not snapshot.known.any() or not snapshot.fits:
            continue
        if models is not None and tuple(snapshot.fits) != models:
            return None
        models = tuple(snapshot.fits)
        seen = _seen(past.until(origin), snapshot, horizon_days)
        columns.append(columns_of(past.until(origin), seen, horizon_days, extra))
        answers.append(came_after(past, snapshot, horizon_days))
    if models is None:
        return None
    table, came = np.vstack(columns), np.concatenate(answers)
    stride = -(-came.size // MOST_ROWS)
    table, came = table[::stride], came[::stride]
    if came.size < FEWEST_ROWS or min((came == 0).sum(), (came > 0).sum()) < FEWEST_OF_EACH:
        return None
    return Boosting(*_trees(table, came), horizon_days, models, origins, extra)


def _trees(table: FloatArray, came: FloatArray) -> tuple[Trees, Trees]:
    # Half a second and 60 MB: only for those who train.
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    with threadpool_limits(1, "openmp"):
        counts = HistGradientBoostingRegressor(loss="poisson", **SETTINGS).fit(table, came)
        none = HistGradientBoostingClassifier(**SETTINGS).fit(table, came == 0)
    return trees_of(counts), trees_of(none)


def _seen(past: Purchases, snapshot: Snapshot, horizon_days: int) -> Seen:
    said = snapshot.forecasts(horizon_days)
    return Seen(snapshot.features, snapshot.known, shop_gaps(past), said)


def columns_of(past: Purchases, seen: Seen, horizon_days: int, extra: Extra | None) -> FloatArray:
    """What the trees see of the known customers, (N, K); only what was known at the day.

    Notes
    -----
    Numbers of purchases in all and in windows of 1/6, 1/3, 1 and 2 horizons; silence, time known, time from first to last;
    usual gap and silence in gaps; money per purchase; and what each purchase model says (ln E[X], P(none)), so that the trees
    correct the models instead of learning them again.
    """
    day, features = seen.features.as_of, seen.features
    usual = usual_gaps(features, seen.gaps)
    each = features.spent_fen / np.maximum(features.purchases, 1)
    parts: list[FloatArray | IntArray] = [
        features.repeats, features.silent_days, features.known_days, features.span_days, each,
        features.mean_repeat_fen, *usual.T, features.silent_days / usual[:, 1],
    ]  # fmt: skip
    parts += [past.counts_after(day - window) for window in _windows(horizon_days)]
    if extra is not None:
        parts += list(extra.at(day).T)
    own = [part[seen.known].astype(np.float64) for part in parts]
    said = [column for one in seen.said.values() for column in (np.log(one.purchases + 1e-9), one.none)]
    return np.column_stack(own + said)


def _windows(horizon_days: int) -> tuple[int, ...]:
    return horizon_days // 6, horizon_days // 3, horizon_days, 2 * horizon_days
