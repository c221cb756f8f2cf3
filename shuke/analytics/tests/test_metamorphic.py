"""What must not matter does not: the same shop told otherwise gives the same figures, for every model."""

from collections.abc import Callable
from dataclasses import astuple

import numpy as np
import pytest

from shuke.analytics import bgnbd, boosting, candidates, clv, gamma_gamma, mbgnbd, nbd, paretonbd, scoring
from shuke.analytics.arrays import IntArray
from shuke.analytics.features import features_of
from shuke.analytics.nbd import Cells, Fit
from shuke.analytics.purchases import Purchases, merge_days, net_purchases
from shuke.analytics.scoring import Policy

MODELS = {"bg": bgnbd.MODEL, "mbg": mbgnbd.MODEL, "pareto": paretonbd}
TIMES = {"bg": (1,), "mbg": (1,), "pareto": (1, 3)}  # which parameters are times
TODAY = 700
SHORT = Policy(churn_horizon_days=60)
Rows = tuple[IntArray, IntArray, IntArray, IntArray]  # customer, day, sold, returned


def orders() -> Rows:
    """Orders of 170 customers over two years, some of them returned in part."""
    rng = np.random.default_rng(8)
    rows = []
    for who in range(170):
        day, gap, leaves = TODAY - int(rng.integers(0, 600)), rng.gamma(2.0, 14.0), rng.beta(1.0, 5.0)
        while day <= TODAY:
            rows.append((who, day, int(rng.gamma(4.0, 2500.0)) * 2 + 2, 0))
            if rng.uniform() < 0.06:
                rows.append((who, min(day + 2, TODAY), 0, int(rng.integers(1, 4000)) * 2))
            if rng.uniform() < leaves:
                break
            day += 1 + int(rng.exponential(gap))
    return tuple(np.array(column, np.int64) for column in zip(*rows, strict=True))  # type: ignore[return-value]


def bought(rows: Rows) -> Purchases:
    return net_purchases(merge_days(*rows))


@pytest.fixture(scope="module")
def told() -> Rows:
    return orders()


@pytest.fixture(scope="module")
def cells(told: Rows) -> Cells:
    purchases = bought(told)
    features = features_of(purchases, as_of=TODAY, window_days=0)
    return clv.histories_of(features, features.has_bought).cells()


def fitted(name: str, cells: Cells) -> Fit:
    fit = MODELS[name].fit(cells)
    assert fit.has_converged
    return fit


def same(one: Fit, other: Fit, *, times: float = 1.0, name: str = "") -> None:
    """Equal parameters, those that are times multiplied."""
    factors = np.ones(4)
    factors[list(TIMES.get(name, ()))] = times
    np.testing.assert_allclose(
        np.array(astuple(one.parameters)) * factors, astuple(other.parameters), rtol=2e-4
    )


@pytest.mark.parametrize("name", MODELS)
def test_a_shop_three_times_over_has_the_same_model(name, cells):
    one, three = fitted(name, cells), fitted(name, Cells(cells.x, cells.t_x, cells.T, cells.weight * 3))
    same(one, three)
    assert three.log_likelihood == pytest.approx(3 * one.log_likelihood, rel=1e-9)
    np.testing.assert_allclose(astuple(three.errors), np.array(astuple(one.errors)) / np.sqrt(3), rtol=1e-3)


@pytest.mark.parametrize("name", MODELS)
def test_days_and_weeks_are_one_model(name, cells):
    weeks, days = fitted(name, cells), fitted(name, Cells(cells.x, cells.t_x * 7, cells.T * 7, cells.weight))
    same(weeks, days, times=7.0, name=name)
    assert days.log_likelihood == pytest.approx(
        weeks.log_likelihood - float(cells.weight @ cells.x) * np.log(7), rel=1e-9
    )
    asked = (cells.x[:20], cells.t_x[:20], cells.T[:20])
    later = (cells.x[:20], cells.t_x[:20] * 7, cells.T[:20] * 7)
    for ask in ("expected_purchases", "p_no_purchase"):
        here = getattr(MODELS[name], ask)(weeks.parameters, *asked, 13.0)
        there = getattr(MODELS[name], ask)(days.parameters, *later, 91.0)
        np.testing.assert_allclose(there, here, rtol=1e-3)


@pytest.mark.parametrize("name", MODELS)
def test_the_order_of_customers_is_no_part_of_a_model(name, cells):
    order = np.random.default_rng(1).permutation(cells.x.size)
    shuffled = Cells(*(column[order] for column in (cells.x, cells.t_x, cells.T, cells.weight)))
    one, other = fitted(name, cells), fitted(name, shuffled)
    same(one, other)
    assert other.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_customers_alike_may_be_told_one_by_one(name, cells):
    each = np.repeat(np.arange(cells.x.size), cells.weight.astype(np.int64))
    alone = Cells(cells.x[each], cells.t_x[each], cells.T[each], np.ones(each.size))
    same(fitted(name, cells), fitted(name, alone))
    counted = nbd.cells_of(alone.x, alone.t_x, alone.T)
    assert counted.weight.sum() == each.size


@pytest.mark.parametrize("way", ["repeat", "all"])
def test_spend_in_another_unit_is_the_same_model(way, told):
    purchases = bought(told)
    features = features_of(purchases, as_of=TODAY, window_days=0)
    count = features.repeats if way == "repeat" else features.purchases
    money = features.mean_repeat_fen if way == "repeat" else features.spent_fen / np.maximum(count, 1)
    fen = gamma_gamma.fit(count.astype(float), money)
    yuan = gamma_gamma.fit(count.astype(float), money / 100)
    thrice = gamma_gamma.fit(count.astype(float), money, np.full(count.shape, 3.0))
    p, q, v = astuple(fen.parameters)
    np.testing.assert_allclose(astuple(yuan.parameters), (p, q, v / 100), rtol=1e-4)
    np.testing.assert_allclose(astuple(thrice.parameters), (p, q, v), rtol=1e-4)
    assert thrice.log_likelihood == pytest.approx(3 * fen.log_likelihood, rel=1e-9)


def halved(rows: Rows) -> Rows:
    """Every order written as two of its day."""
    who, day, sold, returned = rows
    return tuple(np.concatenate([half, half]) for half in (who, day, sold // 2, returned // 2))  # type: ignore[return-value]


def shuffled(rows: Rows) -> Rows:
    order = np.random.default_rng(2).permutation(rows[0].size)
    return tuple(column[order] for column in rows)  # type: ignore[return-value]


def renamed(rows: Rows) -> Rows:
    """Every customer another number, in another order."""
    numbers = 1000 + np.random.default_rng(3).permutation(170)
    return numbers[rows[0]], rows[1], rows[2], rows[3]


def dearer(rows: Rows) -> Rows:
    return rows[0], rows[1], rows[2] * 7, rows[3] * 7


def later(rows: Rows) -> Rows:
    return rows[0], rows[1] + 5000, rows[2], rows[3]


@pytest.fixture(scope="module")
def learned(told: Rows) -> scoring.Learned:
    found = scoring.learn(bought(told), SHORT, as_of=TODAY)
    assert found.findings is not None
    return found


@pytest.mark.parametrize(
    ("change", "as_of", "money"),
    [
        (halved, TODAY, 1),
        (shuffled, TODAY, 1),
        (renamed, TODAY, 1),
        (dearer, TODAY, 7),
        (later, TODAY + 5000, 1),
    ],
)
def test_the_same_shop_told_otherwise_is_valued_the_same(
    change: Callable[[Rows], Rows], as_of: int, money: int, told: Rows, learned: scoring.Learned
):
    """From orders to values, the choice by backtest included."""
    other = scoring.learn(bought(change(told)), SHORT, as_of=as_of)
    assert other.findings is not None and learned.findings is not None
    one, two = learned.findings.comparison, other.findings.comparison
    assert (two.winner, two.came, two.customers) == (one.winner, one.came, one.customers)
    for here, there in zip(one.standings, two.standings, strict=True):
        assert there.name == here.name
        assert there.root_error == pytest.approx(here.root_error, abs=2e-4)
        assert there.auc == pytest.approx(here.auc, abs=2e-3)
    here = scoring.score_all(bought(told), learned, as_of=TODAY)
    there = scoring.score_all(bought(change(told)), other, as_of=as_of)
    place = (
        np.argsort(renamed(told)[0][np.searchsorted(told[0], here.features.customer)])
        if change is renamed
        else ...
    )
    for name, factor in (("leaving", 1), ("alive", 1), ("expected_purchases", 1), ("clv_fen", money)):
        np.testing.assert_allclose(
            getattr(there, name), getattr(here, name)[place] * factor, rtol=2e-3, atol=2e-3 * max(factor, 1) * 500
            if name == "clv_fen" else 1e-3, err_msg=name,
        )  # fmt: skip
    for name in ("r", "f", "m", "group", "stage", "phase", "abc"):
        np.testing.assert_array_equal(getattr(there, name), getattr(here, name)[place], err_msg=name)


def test_trees_learn_the_same_from_the_same_shop_told_otherwise(told: Rows):
    """Another order, other days, another currency, each order written as two."""
    made = []
    for rows, as_of in ((told, TODAY), (halved(shuffled(dearer(later(told)))), TODAY + 5000)):
        purchases = bought(rows)
        trees = boosting.train(purchases, as_of=as_of, horizon_days=60)
        assert trees is not None
        made.append(trees.forecast(purchases, candidates.snapshot_of(purchases, as_of=as_of, window_days=60)))
    np.testing.assert_allclose(made[1].purchases, made[0].purchases, rtol=1e-9)
    np.testing.assert_allclose(made[1].none, made[0].none, rtol=1e-9)
