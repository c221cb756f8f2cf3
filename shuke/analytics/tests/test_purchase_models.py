"""What holds for all three purchase models: simulation, metamorphic relations, robustness."""

import math
from collections.abc import Callable
from dataclasses import astuple
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuke.analytics import betageometric, bgnbd, mbgnbd, nbd, paretonbd
from shuke.analytics.betageometric import BgNbdParameters
from shuke.analytics.nbd import cells_of
from shuke.analytics.paretonbd import ParetoNbdParameters

BG = BgNbdParameters(r=0.8, alpha=5.0, a=0.9, b=3.0)
PARETO = ParetoNbdParameters(r=0.8, alpha=5.0, s=0.6, beta=12.0)
MODELS: list[tuple[ModuleType, Any]] = [(bgnbd, BG), (mbgnbd, BG), (paretonbd, PARETO)]
TIMES = {bgnbd: (1,), mbgnbd: (1,), paretonbd: (1, 3)}
each_model = pytest.mark.parametrize(("model", "p"), MODELS, ids=["bg", "mbg", "pareto"])
HISTORIES = [(0, 0.0, 20.0), (2, 15.0, 20.0), (12, 18.0, 30.0)]


def one(value: float) -> np.ndarray:
    return np.array([float(value)])


def future(model: ModuleType, p: Any, history: tuple[int, float, float], horizon: float) -> np.ndarray:
    """Purchases to come of 200,000 customers with this history, drawn from what is known of them by brute force."""
    x, t_x, T = history
    rng = np.random.default_rng(11)
    rate = rng.gamma(p.r + x, 1 / (p.alpha + T), 200_000)
    if model is paretonbd:
        life = rng.exponential(1 / rng.gamma(p.s, 1 / (p.beta + T), rate.size))
        made = rng.poisson(rate * np.minimum(life, horizon))
    else:
        chances = x + (model is mbgnbd)
        leave = rng.beta(p.a, p.b + chances, rate.size)
        made = np.minimum(rng.poisson(rate * horizon), rng.geometric(leave))
    alive = model.p_alive(p, one(x), one(t_x), one(T))[0]
    return np.where(rng.uniform(size=rate.size) < alive, made, 0)


def customers(model: ModuleType, p: Any, size: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Histories of customers who live by the model: purchases by clock and coin, one after the other."""
    rng = np.random.default_rng(seed)
    T = rng.integers(10, 78, size).astype(float)
    rate = rng.gamma(p.r, 1 / p.alpha, size)
    x, t_x = np.zeros(size), np.zeros(size)
    if model is paretonbd:
        life = rng.exponential(1 / rng.gamma(p.s, 1 / p.beta, size))
        leave = np.zeros(size)
    else:
        life, leave = np.full(size, np.inf), rng.beta(p.a, p.b, size)
    for i in range(size):
        at, stays = 0.0, model is not mbgnbd or rng.uniform() >= leave[i]
        while stays:
            at += rng.exponential(1 / max(rate[i], 1e-12))
            if at > min(T[i], life[i]):
                break
            x[i], t_x[i] = x[i] + 1, at
            stays = rng.uniform() >= leave[i]
    return x, t_x, T


@each_model
@pytest.mark.parametrize("history", HISTORIES)
def test_moments_and_chances_match_a_simulation(model, p, history):
    drawn = future(model, p, history, 26.0)
    x, t_x, T = (one(part) for part in history)
    moments = model.purchase_moments(p, x, t_x, T, 26.0)
    assert moments.mean[0] == pytest.approx(drawn.mean(), abs=5 * drawn.std() / 447)
    squares = (drawn**2).astype(float)
    assert moments.mean_square[0] == pytest.approx(squares.mean(), abs=5 * squares.std() / 447)
    assert model.p_no_purchase(p, x, t_x, T, 26.0)[0] == pytest.approx((drawn == 0).mean(), abs=0.005)
    chances = model.count_chances(p, x, t_x, T, 26.0, 4)[0]
    seen = np.bincount(drawn, minlength=5)[:5] / drawn.size
    np.testing.assert_allclose(chances, seen, atol=0.006)


@each_model
@pytest.mark.parametrize("history", HISTORIES)
def test_chances_of_each_count_add_up_to_the_other_figures(model, p, history):
    x, t_x, T = (one(part) for part in history)
    n = np.arange(161)
    chances = model.count_chances(p, x, t_x, T, 26.0, 160)
    moments = model.purchase_moments(p, x, t_x, T, 26.0)
    assert chances.sum() == pytest.approx(1.0, abs=1e-10)
    assert chances[0] @ n == pytest.approx(moments.mean[0], rel=1e-8)
    assert chances[0] @ n**2 == pytest.approx(moments.mean_square[0], rel=1e-8)
    assert chances[0, 0] == pytest.approx(model.p_no_purchase(p, x, t_x, T, 26.0)[0], abs=1e-12)


@each_model
def test_discounted_purchases_are_the_discounted_sum_of_all_periods(model, p):
    x, t_x, T, rate = one(4), one(18), one(20), 0.05
    place, weight = np.polynomial.legendre.leggauss(40)
    weeks, widths = 100 * (place + 1), 100 * weight
    means = np.array([model.expected_purchases(p, x, t_x, T, week)[0] for week in weeks])
    rest = model.expected_purchases(p, x, t_x, T, 200.0)[0] * np.exp(-rate * 200)
    by_hand = rate * (means * np.exp(-rate * weeks)) @ widths + rest
    assert model.discounted_purchases(p, x, t_x, T, rate)[0] == pytest.approx(by_hand, rel=1e-4)
    with pytest.raises(ValueError, match="above zero"):
        model.discounted_purchases(p, x, t_x, T, 0.0)


@each_model
def test_true_parameters_lie_within_three_standard_errors(model, p):
    fit = model.fit(cells_of(*customers(model, p, 4000, seed=8)))
    assert fit.has_converged and not fit.is_at_boundary
    found, errors, truth = (np.array(astuple(part)) for part in (fit.parameters, fit.errors, p))
    assert (np.abs(found - truth) < 3 * errors).all()


@each_model
def test_metamorphic_replicas_order_ids_and_time_unit(model, p):
    x, t_x, T = customers(model, p, 1200, seed=3)
    base = model.fit(cells_of(x, t_x, T))
    order = np.random.default_rng(1).permutation(x.size)
    assert model.fit(cells_of(x[order], t_x[order], T[order])) == base
    tripled = model.fit(cells_of(np.tile(x, 3), np.tile(t_x, 3), np.tile(T, 3)))
    np.testing.assert_allclose(astuple(tripled.parameters), astuple(base.parameters), rtol=1e-6)
    assert tripled.log_likelihood == pytest.approx(3 * base.log_likelihood, rel=1e-12)
    np.testing.assert_allclose(
        astuple(tripled.errors), np.array(astuple(base.errors)) / math.sqrt(3), rtol=1e-5
    )
    in_days = model.fit(cells_of(x, t_x * 7, T * 7))
    factor = np.ones(4)
    factor[list(TIMES[model])] = 7
    np.testing.assert_allclose(
        astuple(in_days.parameters), np.array(astuple(base.parameters)) * factor, rtol=1e-6
    )
    assert in_days.log_likelihood == pytest.approx(base.log_likelihood - x.sum() * math.log(7), abs=1e-6)


@each_model
def test_starting_from_coarse_times_ends_where_all_starts_end(model, p, monkeypatch):
    cells = cells_of(*customers(model, p, 1500, seed=6))
    slow = model.fit(cells)
    monkeypatch.setattr(nbd, "MANY_CELLS", 100)
    fast = model.fit(cells)
    np.testing.assert_allclose(astuple(fast.parameters), astuple(slow.parameters), rtol=1e-5)
    assert fast.log_likelihood == pytest.approx(slow.log_likelihood, abs=1e-7)


@each_model
def test_customers_without_any_time_are_scored_but_not_fitted(model, p):
    x, t_x, T = customers(model, p, 800, seed=5)
    base = model.fit(cells_of(x, t_x, T))
    assert model.fit(cells_of(*(np.append(part, [0.0, 0.0]) for part in (x, t_x, T)))) == base
    zero = one(0)
    alive = model.p_alive(p, zero, zero, zero)[0]
    assert alive == pytest.approx(3.0 / 3.9 if model is mbgnbd else 1.0)
    assert (
        model.expected_purchases(p, zero, zero, zero, 52.0)[0] == model.expected_purchases_of_new(p, 52.0) > 0
    )
    assert model.log_likelihood(p, zero, zero, zero)[0] == pytest.approx(0.0, abs=1e-12)


@each_model
def test_a_shop_that_nobody_leaves_is_flagged_and_not_an_error(model, p):
    rng = np.random.default_rng(4)
    T = np.full(800, 50.0)
    x = rng.poisson(rng.gamma(2.0, 0.1, T.size) * T).astype(float)
    fit = model.fit(cells_of(x, np.where(x > 0, 49.9, 0.0), T))
    assert fit.is_at_boundary
    assert np.isfinite(fit.log_likelihood)
    assert np.isfinite(model.expected_purchases(fit.parameters, x, np.where(x > 0, 49.9, 0.0), T, 52.0)).all()


def random_truth(model: ModuleType, rng: np.random.Generator) -> Any:
    r, alpha, third, fourth = (
        rng.uniform(0.05, 3), rng.uniform(1, 30), rng.uniform(0.1, 3), rng.uniform(0.2, 6)
    )  # fmt: skip
    if model is paretonbd:
        return ParetoNbdParameters(r, alpha, third, 10 * fourth)
    return BgNbdParameters(r, alpha, third, fourth)


@each_model
def test_random_shops_never_fail_and_never_end_below_the_truth(model, p):
    rng = np.random.default_rng(2024)
    for seed in range(12):
        truth = random_truth(model, rng)
        x, t_x, T = customers(model, truth, 300, seed)
        fit = model.fit(cells_of(x, t_x, T))
        assert fit.log_likelihood >= model.log_likelihood(truth, x, t_x, T).sum() - 1e-6


@each_model
def test_no_observed_time_at_all_is_refused(model, p):
    with pytest.raises(ValueError, match="observed"):
        model.fit(cells_of(one(0), one(0), one(0)))


@each_model
def test_thousands_of_purchases_and_one_day_of_silence_are_no_trouble(model, p):
    x, t_x, T = np.array([2000.0, 1.0, 0.0]), np.array([77.9, 0.01, 0.0]), np.array([78.0, 78.0, 1 / 7])
    means = model.expected_purchases(p, x, t_x, T, 52.0)
    assert 700 < means[0] < 2000 / 78 * 52
    alive = model.p_alive(p, x, t_x, T)
    assert ((alive >= 0) & (alive <= 1)).all() and np.isfinite(model.log_likelihood(p, x, t_x, T)).all()
    left_early = one(2000), one(20), one(78)
    assert 0 <= model.p_alive(p, *left_early)[0] < 1e-12
    assert np.isfinite(model.log_likelihood(p, *left_early)[0])


OBJECTIVES: dict[ModuleType, Callable[[nbd.Cells], Any]] = {
    bgnbd: lambda cells: betageometric.MeanLogLikelihood(0, cells),
    mbgnbd: lambda cells: betageometric.MeanLogLikelihood(1, cells),
    paretonbd: paretonbd.MeanLogLikelihood,
}
POSITIVE = st.floats(0.1, 8.0)


@each_model
@given(point=st.tuples(POSITIVE, POSITIVE, POSITIVE, POSITIVE))
@settings(max_examples=20, deadline=None)
def test_gradient_and_hessian_match_finite_differences(model, p, point):
    rng = np.random.default_rng(3)
    x = np.append(rng.poisson(2.0, 25), [40, 3]).astype(float)
    T = rng.uniform(1, 3, x.size)
    t_x = np.where(x > 0, T * rng.uniform(0.1, 1, x.size), 0.0)
    t_x[-1] = T[-1]
    objective = OBJECTIVES[model](cells_of(x, t_x, T))
    at = np.log(point)
    value, gradient, hessian = objective(at)
    expected = model.log_likelihood(type(p)(*point), x, t_x, T).mean()
    assert value == pytest.approx(expected, rel=1e-9)
    step = 1e-5
    for k in range(4):
        up, down = objective(at + np.eye(4)[k] * step), objective(at - np.eye(4)[k] * step)
        assert gradient[k] == pytest.approx((up[0] - down[0]) / (2 * step), abs=2e-6, rel=1e-6)
        np.testing.assert_allclose(hessian[k], (up[1] - down[1]) / (2 * step), atol=2e-6, rtol=1e-5)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30), st.integers(0, 40)), min_size=1, max_size=50)
)
@settings(max_examples=60, deadline=None)
def test_cells_of_days_are_the_cells_of_the_same_customers(rows):
    x, span, known = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    found = nbd.cells_of_days(x, span, known, 7.0)
    wanted = cells_of(x, span / 7.0, known / 7.0)
    for name in ("x", "t_x", "T", "weight"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))


@given(st.floats(0.01, 1e7), st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_rising_factorial_is_a_product(base, steps):
    product = math.fsum(math.log(base + k) for k in range(steps))
    assert nbd.log_rising(base, np.array([float(steps)]))[0] == pytest.approx(product, rel=1e-11, abs=1e-12)
