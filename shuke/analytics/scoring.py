"""Scoring: everything a shop's run learns (`ShopModel`), and one function that scores one or a million customers with it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from shuke.analytics import backtest, clv, deciding, forecasting, levels, lifecycle, pareto, rfm, spend
from shuke.analytics.arrays import BoolArray, FloatArray, IntArray
from shuke.analytics.bgnbd import BgNbdParameters
from shuke.analytics.deciding import Findings
from shuke.analytics.features import Features, ShopGaps, features_of, shop_gaps, usual_gaps
from shuke.analytics.forecasting import Decision, Forecaster
from shuke.analytics.gamma_gamma import GammaGammaFit, GammaGammaParameters
from shuke.analytics.lifecycle import Moves, Thresholds
from shuke.analytics.nbd import Fit
from shuke.analytics.parts import in_parts
from shuke.analytics.purchases import Purchases
from shuke.analytics.rfm_views import ChosenEdges, edges_by_hand
from shuke.analytics.spend import Independence, SpendModel
from shuke.analytics.trend import trend_of

SLIPPING_FROM_CHANCE = 0.5
SLIPPING_WITHOUT_MODEL = 1.5
TREND_DAYS = 182


@dataclass(frozen=True)
class Policy:
    """What the shop chose; None: derived from its own orders."""

    window_days: int = 365
    loyal_from: int = 4
    decline_after_days: int | None = None
    lapsed_after_days: int | None = None
    churn_horizon_days: int = 90
    rfm_edges: ChosenEdges | None = None


@dataclass(frozen=True)
class ShopModel:
    """All that scoring one customer needs; made by `learn`, kept as JSON with the run.

    `forecaster` is None where the shop has too little data: simple rules are used instead.
    """

    window_days: int
    churn_horizon_days: int
    thresholds: Thresholds
    gaps: ShopGaps
    rfm_edges: rfm.RfmEdges
    pareto_edges: pareto.ParetoEdges
    level_edges: levels.LevelEdges
    forecaster: Forecaster | None
    spend: SpendModel

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; NaN becomes null."""
        plain = replace(self, forecaster=None)
        content = asdict(plain)
        content["gaps"] = {
            name: None if np.isnan(value) else value for name, value in content["gaps"].items()
        }
        content["forecaster"] = self.forecaster.to_json() if self.forecaster else None
        return content

    @staticmethod
    def from_json(content: dict[str, Any]) -> "ShopModel":
        """The model that `to_json` described."""
        if "forecaster" not in content:
            content = _of_former_run(content)
        forecaster = content["forecaster"]
        gaps = {name: np.nan if value is None else value for name, value in content["gaps"].items()}
        edges: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in content["rfm_edges"].items()
        }
        steps = content["pareto_edges"]
        return ShopModel(
            window_days=content["window_days"],
            churn_horizon_days=content["churn_horizon_days"],
            thresholds=Thresholds(**content["thresholds"]),
            gaps=ShopGaps(**gaps),
            rfm_edges=rfm.RfmEdges(**edges),
            pareto_edges=pareto.ParetoEdges(
                steps["a_from_fen"], steps["b_from_fen"], tuple(steps["step_fen"])
            ),
            level_edges=levels.LevelEdges(**content["level_edges"]),
            forecaster=Forecaster.from_json(forecaster) if forecaster else None,
            spend=SpendModel.from_json(content["spend"]),
        )


def _of_former_run(content: dict[str, Any]) -> dict[str, Any]:
    """A model that was kept before shops chose theirs: BG/NBD and Gamma-Gamma, until the next run."""
    bought, gamma = content["purchases_model"], content["spend_model"]
    horizon = content["churn_horizon_days"]
    former = Decision(0, 0, horizon, "bg", is_tested=False)
    forecaster = Forecaster(former, {"bg": BgNbdParameters(**bought)}) if bought else None
    spends = SpendModel(
        spend.REPEAT if gamma else spend.OWN,
        GammaGammaParameters(**gamma) if gamma else None,
        content["shop_mean_fen"],
        0.0,
    )
    return content | {
        "forecaster": forecaster.to_json() if forecaster else None,
        "spend": spends.to_json(),
    }


@dataclass(frozen=True)
class Values:
    """Scores per customer, each (G,). Codes index `rfm.GROUPS`, `levels.LEVELS`, `lifecycle.STAGES`, `lifecycle.PHASES`,
    `trend.TRENDS`.

    Money is fen. NaN: not known (no purchase, or no model). Chances are rounded to four places, gaps to one, so that a
    stored value only changes when it means something. `at_stake_fen` is above zero for slipping customers only; they are
    in decline.
    """

    features: Features
    r: IntArray
    f: IntArray
    m: IntArray
    group: IntArray
    level: IntArray
    abc: IntArray
    top_share: FloatArray
    stage: IntArray
    phase: IntArray
    stage_since: IntArray
    gap_days: FloatArray
    next_expected: FloatArray
    alive: FloatArray
    leaving: FloatArray
    expected_purchases: FloatArray
    mean_spend_fen: IntArray
    clv_fen: IntArray
    clv_low_fen: IntArray
    clv_high_fen: IntArray
    at_stake_fen: IntArray
    is_slipping: BoolArray
    trend: IntArray
    moves: Moves


@dataclass(frozen=True)
class Learned:
    """A model, how it was fitted (empty, None: too little data), what it was chosen by, and how frequency and spend go together.

    `known` holds what learning found out of every customer on the way, so that scoring the same purchases need not again.
    `findings` is None where nothing was compared: too little history, or an earlier decision still holds.
    """

    model: ShopModel
    known: "Known" = field(compare=False, repr=False)
    findings: Findings | None
    purchases_fits: Mapping[str, Fit[Any]]
    spend_fit: GammaGammaFit | None
    independence: Independence | None


@dataclass(frozen=True)
class Earlier:
    """What an earlier run settled: which forecast, and which way of predicting spend."""

    decision: Decision
    spend_way: str


def learn(purchases: Purchases, policy: Policy, *, as_of: int, earlier: Earlier | None = None) -> Learned:
    """Choose, fit and derive everything from the purchases up to `as_of`; works for an empty shop too.

    With what was settled `earlier` nothing is compared; only the parameters are fitted anew.
    """
    features = in_parts(
        purchases, lambda part: features_of(part, as_of=as_of, window_days=policy.window_days)
    )
    bought = features.has_bought
    gaps = shop_gaps(purchases)
    chosen = _choose(purchases, features, policy, earlier)
    model = ShopModel(
        window_days=policy.window_days,
        churn_horizon_days=policy.churn_horizon_days,
        thresholds=lifecycle.default_thresholds(
            gaps,
            loyal_from=policy.loyal_from,
            decline_after_days=policy.decline_after_days,
            lapsed_after_days=policy.lapsed_after_days,
        ),
        gaps=gaps,
        rfm_edges=edges_by_hand(policy.rfm_edges)
        if policy.rfm_edges
        else rfm.edges_of(
            features.silent_days[bought],
            features.window_purchases[bought],
            features.window_fen[bought],
        ),
        pareto_edges=pareto.edges_of(features.spent_fen),
        level_edges=levels.LevelEdges(0.0, 0.0),
        forecaster=chosen.forecaster,
        spend=chosen.spend,
    )
    forecast = in_parts((purchases, features), lambda part: forecast_of(*part, model))
    edges = levels.edges_of(np.rint(forecast.worth.expected_fen[bought]))
    return Learned(
        model=replace(model, level_edges=edges),
        known=Known(features, forecast),
        findings=chosen.findings,
        purchases_fits=chosen.fits,
        spend_fit=chosen.spend_fit,
        independence=spend.independence_of(spend.spending_of(purchases, spend.REPEAT)),
    )


@dataclass(frozen=True)
class _Chosen:
    forecaster: Forecaster | None
    spend: SpendModel
    findings: Findings | None = None
    fits: Mapping[str, Fit[Any]] = field(default_factory=dict)
    spend_fit: GammaGammaFit | None = None


def _choose(purchases: Purchases, features: Features, policy: Policy, earlier: Earlier | None) -> _Chosen:
    """What the shop's history allows: a decision by comparison, one without, or none and the simple rules."""
    bought, as_of, horizon = features.has_bought, features.as_of, policy.churn_horizon_days
    if not backtest.is_enough(int(bought.sum()), int((features.repeats > 0).sum())):
        return _Chosen(None, spend.plain_spend(purchases))
    histories = clv.histories_of(features, bought)
    fits = forecasting.fits_of(earlier.decision, histories) if earlier else None
    if earlier and fits:
        return _fitted(purchases, features, _Settled(earlier.decision, earlier.spend_way, fits))
    findings = deciding.decide(purchases, as_of=as_of, horizon_days=horizon)
    fits = forecasting.fits_of(findings.decision, histories) if findings else None
    if findings and fits:
        way = findings.spend.winner if findings.spend else spend.REPEAT
        return _fitted(purchases, features, _Settled(findings.decision, way, fits, findings))
    decision = forecasting.untested(purchases, as_of=as_of, horizon_days=horizon)
    fits = forecasting.fits_of(decision, histories)
    if fits is None:
        return _Chosen(None, spend.plain_spend(purchases))
    return _fitted(purchases, features, _Settled(decision, spend.REPEAT, fits))


@dataclass(frozen=True)
class _Settled:
    decision: Decision
    spend_way: str
    fits: Mapping[str, Fit[Any]]
    findings: Findings | None = None


def _fitted(purchases: Purchases, features: Features, settled: _Settled) -> _Chosen:
    model, spend_fit = spend.spend_model(purchases, features, settled.spend_way)
    parameters = {name: fit.parameters for name, fit in settled.fits.items()}
    forecaster = Forecaster(settled.decision, parameters)
    return _Chosen(forecaster, model, settled.findings, settled.fits, spend_fit)


@dataclass(frozen=True)
class Forecast:
    """What the models say of each customer, each (G,): NaN where nothing is known, unrounded."""

    purchases: FloatArray
    alive: FloatArray
    leaving: FloatArray
    mean_spend: FloatArray
    worth: clv.Worth


@dataclass(frozen=True)
class Known:
    """Features and forecast of customers, at the same day and by the same model as they are scored with."""

    features: Features
    forecast: Forecast


def forecast_of(purchases: Purchases, features: Features, model: ShopModel) -> Forecast:
    """Purchases, chances and money of the coming year; by the simple rules where the shop has no model."""
    bought = features.has_bought
    amounts = model.spend.moments(features, bought)
    mean = _spread(amounts.mean, bought, 0.0)
    if model.forecaster is None:
        unknown = np.full(bought.size, np.nan)
        counted = np.where(bought, features.year_purchases, np.nan)
        return Forecast(counted, unknown, unknown, mean, clv.rule_worth(features))
    outlook = model.forecaster.year(purchases, features, model.gaps)
    worth = clv.worth_of(outlook, amounts)
    return Forecast(
        purchases=_spread(outlook.purchases, bought, np.nan),
        alive=_spread(outlook.alive, bought, np.nan),
        leaving=_spread(outlook.leaving, bought, np.nan),
        mean_spend=mean,
        worth=clv.Worth(
            *(_spread(money, bought, 0.0) for money in (worth.expected_fen, worth.low_fen, worth.high_fen))
        ),
    )


def _spread(values: FloatArray, chosen: BoolArray, otherwise: float) -> FloatArray:
    result = np.full(chosen.size, otherwise)
    result[chosen] = values
    return result


def score_all(purchases: Purchases, learned: Learned, *, as_of: int) -> Values:
    """`score` with what was just learnt from the same purchases: in parts, on all cores, nothing computed twice."""
    return in_parts(
        (purchases, learned.known),
        lambda part: score(part[0], learned.model, as_of=as_of, known=part[1]),
    )


def score(purchases: Purchases, model: ShopModel, *, as_of: int, known: Known | None = None) -> Values:
    """Values of all customers of `purchases` (one or a million) at the end of day `as_of`; the same figures either way."""
    if known is None:
        found = features_of(purchases, as_of=as_of, window_days=model.window_days)
        known = Known(found, forecast_of(purchases, found, model))
    features, forecast = known.features, known.forecast
    moves = lifecycle.moves_of(purchases, model.thresholds, as_of=as_of)
    standing = lifecycle.standing_of(moves, features.customer.size)
    bought = features.has_bought
    scores = rfm.score(
        model.rfm_edges,
        features.silent_days,
        features.window_purchases,
        features.window_fen,
    )
    expected = np.rint(forecast.worth.expected_fen)
    gap_days = np.round(usual_gaps(features, model.gaps), 1)
    leaving = np.round(forecast.leaving, 4)
    slipping = _is_slipping(features, standing.stage, gap_days, leaving)
    risk = np.where(np.isnan(leaving), slipping, leaving)
    is_lapsed = standing.stage == lifecycle.LAPSED
    phase = lifecycle.phases_of(standing.stage, features.silent_days, model.thresholds)
    return Values(
        features=features,
        r=np.where(bought, scores.r, 0),
        f=np.where(bought, scores.f, 0),
        m=np.where(bought, scores.m, 0),
        group=np.where(bought, rfm.group_codes(model.rfm_edges, scores), -1),
        level=levels.level_codes(model.level_edges, expected, bought),
        abc=pareto.abc_codes(model.pareto_edges, features.spent_fen),
        top_share=pareto.top_share(model.pareto_edges, features.spent_fen),
        stage=standing.stage,
        phase=np.where(slipping, lifecycle.DECLINE, phase),
        stage_since=standing.since,
        gap_days=gap_days,
        next_expected=np.where(
            is_lapsed | ~bought,
            np.nan,
            features.last_day + np.maximum(np.rint(gap_days[:, 1]), 1),
        ),
        alive=np.round(forecast.alive, 4),
        leaving=leaving,
        expected_purchases=np.round(forecast.purchases, 3),
        mean_spend_fen=np.rint(forecast.mean_spend).astype(np.int64),
        clv_fen=expected.astype(np.int64),
        clv_low_fen=np.rint(forecast.worth.low_fen).astype(np.int64),
        clv_high_fen=np.rint(forecast.worth.high_fen).astype(np.int64),
        at_stake_fen=np.rint(np.where(slipping, features.worth_fen * risk, 0.0)).astype(np.int64),
        is_slipping=slipping,
        trend=np.where(bought, trend_of(purchases, features, window_days=TREND_DAYS).code, -1),
        moves=moves,
    )


def _is_slipping(features: Features, stage: IntArray, gap_days: FloatArray, leaving: FloatArray) -> BoolArray:
    """Repeat buyers, not lapsed, silent beyond their usual gap and more likely than not to stay away for the horizon."""
    is_regular = (stage == lifecycle.REPEAT) | (stage == lifecycle.LOYAL)
    high = np.nan_to_num(gap_days[:, 2], nan=np.inf)
    with_model = (features.silent_days > high) & (leaving >= SLIPPING_FROM_CHANCE)
    without = features.silent_days > SLIPPING_WITHOUT_MODEL * high
    result: BoolArray = is_regular & np.where(np.isnan(leaving), without, with_model)
    return result
