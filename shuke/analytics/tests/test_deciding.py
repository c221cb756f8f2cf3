"""What a shop settles on, and forecasting with it: one customer or all, today or from what was kept."""

import json
from dataclasses import replace

import numpy as np
import pytest

from shuke.analytics import boosting, clv, deciding, forecasting, scoring
from shuke.analytics.candidates import BOOSTING, MEAN, Weights
from shuke.analytics.deciding import Findings
from shuke.analytics.features import features_of, shop_gaps
from shuke.analytics.forecasting import Decision, Forecaster
from shuke.analytics.purchases import Purchases, with_customers
from shuke.analytics.scoring import Earlier, Policy, ShopModel
from shuke.analytics.spend import ALL, OWN, POPULATION, REPEAT, SpendModel, spend_model
from shuke.analytics.tests.test_choosing import DAYS, HORIZON, shop

TODAY = DAYS - 1
POLICY = Policy(churn_horizon_days=HORIZON)


@pytest.fixture(scope="module")
def bought() -> Purchases:
    return shop()


@pytest.fixture(scope="module")
def findings(bought: Purchases) -> Findings:
    found = deciding.decide(bought, as_of=TODAY, horizon_days=HORIZON, with_trees=True)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def decisions(findings: Findings, bought: Purchases) -> dict[str, Decision]:
    """A decision of every kind that the shop could have made."""
    trees = boosting.train(bought, as_of=TODAY, horizon_days=HORIZON)
    made = replace(findings.decision, weights=None, boosting=None, warned_by=())
    with_trees = replace(made, boosting=trees)
    return {
        "mean": replace(with_trees, winner=MEAN, weights=Weights(0.5, 0.3, 0.2)),
        "boosting": replace(with_trees, winner=BOOSTING),
        "mixed": replace(with_trees, winner=BOOSTING, warned_by=(MEAN, BOOSTING)),
        "warned": replace(with_trees, winner="mbg", warned_by=("mbg", BOOSTING)),
        **{name: replace(made, winner=name) for name in ("bg", "mbg", "pareto")},
        "untested": forecasting.untested(bought, as_of=TODAY, horizon_days=HORIZON),
    }


def forecaster_of(bought: Purchases, decision: Decision) -> Forecaster:
    learned = scoring.learn(bought, POLICY, as_of=TODAY, earlier=Earlier(decision, REPEAT))
    assert learned.model.forecaster is not None
    return learned.model.forecaster


@pytest.mark.parametrize("kind", ["mean", "boosting", "mixed", "warned", "bg", "mbg", "pareto", "untested"])
def test_every_customer_alone_gets_the_values_of_all_from_what_was_kept(bought, decisions, kind):
    decision = decisions[kind]
    learned = scoring.learn(bought, POLICY, as_of=TODAY, earlier=Earlier(decision, ALL))
    assert learned.findings is None and learned.model.forecaster.decision is decision
    kept = ShopModel.from_json(json.loads(json.dumps(learned.model.to_json())))
    together = scoring.score_all(bought, learned, as_of=TODAY)
    for row in range(0, bought.customer.size, 11):
        single = scoring.score(with_customers(bought, bought.customer[row : row + 1]), kept, as_of=TODAY)
        for name in (
            "leaving",
            "alive",
            "expected_purchases",
            "clv_fen",
            "clv_low_fen",
            "clv_high_fen",
            "level",
        ):
            np.testing.assert_array_equal(
                getattr(single, name)[0], getattr(together, name)[row], err_msg=name
            )


@pytest.mark.parametrize("kind", ["mean", "boosting", "mixed", "warned", "bg", "untested"])
def test_the_year_agrees_with_the_horizon_it_was_tested_on(bought, decisions, kind):
    forecaster = forecaster_of(bought, decisions[kind])
    features, gaps = features_of(bought, as_of=TODAY, window_days=365), shop_gaps(bought)
    near, year = forecaster.near(bought, features, gaps), forecaster.year(bought, features, gaps)
    np.testing.assert_array_equal(year.leaving, near.none)
    assert (year.purchases >= near.purchases - 1e-12).all()
    assert (year.none <= np.maximum(near.none, 1 - year.purchases) + 1e-12).all()
    assert (1 - year.none <= year.purchases + 1e-12).all()
    assert (year.alive >= 1 - year.leaving - 1e-12).all() and (year.alive <= 1 + 1e-12).all()
    assert (year.square >= year.purchases).all()


def test_a_model_that_won_alone_is_asked_alone(bought, decisions):
    forecaster = forecaster_of(bought, decisions["pareto"])
    assert set(forecaster.models) == {"pareto"}
    features = features_of(bought, as_of=TODAY, window_days=365)
    histories = clv.histories_of(features, features.has_bought)
    alone = forecasting.outlook_of("pareto", forecaster.models["pareto"], histories)
    year = forecaster.year(bought, features, shop_gaps(bought))
    np.testing.assert_allclose(year.purchases, alone.purchases, rtol=1e-12)
    np.testing.assert_allclose(year.none, alone.none, rtol=1e-12)


def test_findings_speak_of_the_hidden_days(findings, bought):
    hidden = bought.after(TODAY - HORIZON)
    known = bought.until(TODAY - HORIZON).groups.counts > 0
    assert findings.came_fen == int(hidden.amount_fen[known[hidden.groups.row_group]].sum())
    assert findings.predicted_fen == pytest.approx(findings.came_fen, rel=0.25)
    assert findings.comparison.winner == findings.decision.winner
    assert findings.warned_by == findings.decision.warned_by
    assert findings.warning.brier <= findings.brier_alone
    assert findings.sampled == findings.buyers == 400


def test_a_small_shop_decides_without_trees_and_a_smaller_one_not_at_all(bought):
    found = deciding.decide(bought, as_of=TODAY, horizon_days=HORIZON)
    assert found is not None and found.decision.boosting is None
    assert {one.name for one in found.comparison.standings} == {"bg", "mbg", "pareto", "last_period", MEAN}
    assert deciding.decide(shop(customers=60), as_of=TODAY, horizon_days=HORIZON) is None


def test_a_young_shop_has_a_forecast_that_says_it_was_not_tested():
    young = shop().until(80)
    learned = scoring.learn(young, Policy(churn_horizon_days=90), as_of=80)
    decision = learned.model.forecaster.decision
    assert learned.findings is None
    assert (decision.is_tested, decision.winner, decision.boosting) == (False, MEAN, None)


@pytest.mark.parametrize(
    ("why", "days", "share", "horizon", "holds"),
    [
        ("the next night", 1, 1.0, HORIZON, True),
        ("six days later", 6, 1.0, HORIZON, True),
        ("a week later", 7, 1.0, HORIZON, False),
        ("asked for an earlier day", -1, 1.0, HORIZON, False),
        ("history was imported", 1, 1.3, HORIZON, False),
        ("an import was taken back", 1, 0.7, HORIZON, False),
        ("the shop looks at another horizon", 1, 1.0, 30, False),
    ],
)
def test_a_decision_holds_for_a_week_in_the_same_shop(findings, bought, why, days, share, horizon, holds):
    decision = replace(findings.decision, purchases=round(bought.day.size / share))
    found = deciding.is_still_good(decision, bought, as_of=TODAY + days, horizon_days=horizon)
    assert found is holds, why
    untested = replace(decision, is_tested=False)
    assert not deciding.is_still_good(untested, bought, as_of=TODAY, horizon_days=HORIZON)


def test_buyers_are_sampled_evenly_with_all_their_purchases(bought):
    some = deciding.sample_of(bought, 100)
    assert some.customer.tolist() == bought.customer[::4].tolist()
    assert some.groups.counts.tolist() == bought.groups.counts[::4].tolist()
    assert deciding.sample_of(bought, 400) is bought


def test_the_ways_of_predicting_spend(bought):
    features = features_of(bought, as_of=TODAY, window_days=0)
    chosen = features.has_bought
    model, fit = spend_model(bought, features, POPULATION)
    assert fit is None and model.moments(features, chosen).mean.tolist() == [1000.0] * 400
    assert model.variance == 0.0
    # Everybody always pays the same: nothing to fit, each customer's own mean.
    model, fit = spend_model(bought, features, REPEAT)
    assert (model.way, fit) in ((OWN, None), (REPEAT, fit))
    rng = np.random.default_rng(1)
    paid = Purchases(bought.customer, bought.groups, bought.day, rng.integers(500, 5000, bought.day.size))
    features = features_of(paid, as_of=TODAY, window_days=0)
    for way in (REPEAT, ALL):
        model, fit = spend_model(paid, features, way)
        assert model.way == way and fit is not None
        again = SpendModel.from_json(json.loads(json.dumps(model.to_json())))
        np.testing.assert_array_equal(
            again.moments(features, chosen).mean, model.moments(features, chosen).mean
        )


def test_a_model_kept_before_shops_chose_theirs_still_scores(bought):
    model = scoring.learn(bought, POLICY, as_of=TODAY).model
    decision = forecasting.untested(bought, as_of=TODAY, horizon_days=HORIZON)
    bg = forecaster_of(bought, replace(decision, winner="bg")).models["bg"]
    content = model.to_json()
    former = {name: value for name, value in content.items() if name not in ("forecaster", "spend")}
    former |= {
        "purchases_model": {"r": bg.r, "alpha": bg.alpha, "a": bg.a, "b": bg.b},
        "spend_model": {"p": 6.0, "q": 4.0, "v": 700.0},
        "shop_mean_fen": 1000.0,
    }
    read = ShopModel.from_json(former)
    assert read.forecaster == Forecaster(Decision(0, 0, HORIZON, "bg", is_tested=False), {"bg": bg})
    assert read.spend.way == REPEAT and read.spend.gamma.v == 700.0
    empty = ShopModel.from_json(former | {"purchases_model": None, "spend_model": None})
    assert empty.forecaster is None and empty.spend.way == OWN
