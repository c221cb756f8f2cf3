import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from shuke.analytics import betageometric, bgnbd
from shuke.analytics.bgnbd import BgNbdParameters
from shuke.analytics.tests.samples import CALIBRATION_END, cdnow_rows, summary_of

PAPER = BgNbdParameters(r=0.2426, alpha=4.4136, a=0.7929, b=2.4259)
POSITIVE = st.floats(0.1, 8.0)


def one(value: float) -> np.ndarray:
    return np.array([float(value)])


def test_cdnow_gives_the_parameters_of_the_paper(shared_data):
    data = summary_of(cdnow_rows(shared_data / "CDNOW_sample.txt"), CALIBRATION_END)
    fit = bgnbd.fit(bgnbd.cells_of(data.x, data.t_x, data.T))
    assert fit.customers == 2357
    assert fit.has_converged and not fit.is_at_boundary
    assert fit.parameters.r == pytest.approx(0.2426, rel=1e-3)
    assert fit.parameters.alpha == pytest.approx(4.4136, rel=1e-3)
    assert fit.parameters.a == pytest.approx(0.7929, rel=1e-3)
    assert fit.parameters.b == pytest.approx(2.4259, rel=1e-3)
    assert fit.log_likelihood == pytest.approx(-9582.43, abs=0.01)


def test_cdnow_unconditional_mean_and_the_paper_example_customer(shared_data):
    # Table 2 of the paper's note: customer with x = 2, t_x = 30.43, T = 38.86 is expected to buy 1.226 times in 39 weeks.
    found = bgnbd.expected_purchases(PAPER, one(2), one(30.43), one(38.86), 39.0)
    assert found[0] == pytest.approx(1.226, abs=1e-3)


def plain_likelihood(p: BgNbdParameters, x: int, t_x: float, T: float) -> float:
    """Averages over lambda and p by quadrature: P(history) = lambda^x e^(-lambda T) (1-p)^x + gone at t_x."""

    rate, leave = np.meshgrid(np.linspace(0, 40, 20_001), np.linspace(0, 1, 401), sparse=True)
    stays = rate**x * np.exp(-rate * T) * (1 - leave) ** x
    goes = rate**x * np.exp(-rate * t_x) * leave * (1 - leave) ** (x - 1) if x else 0.0
    density = stats.gamma.pdf(rate, p.r, scale=1 / p.alpha) * stats.beta.pdf(leave, p.a, p.b)
    return integrate.simpson(integrate.simpson((stays + goes) * density, x=rate[0]), x=leave[:, 0])


@pytest.mark.parametrize(("x", "t_x", "T"), [(0, 0.0, 5.0), (1, 2.0, 6.0), (4, 5.5, 6.0)])
def test_likelihood_is_the_average_over_rates_and_dropout(x, t_x, T):
    p = BgNbdParameters(r=2.0, alpha=3.0, a=2.0, b=3.0)
    found = bgnbd.log_likelihood(p, one(x), one(t_x), one(T))[0]
    assert found == pytest.approx(math.log(plain_likelihood(p, x, t_x, T)), abs=1e-6)


@given(POSITIVE, POSITIVE, POSITIVE, POSITIVE)
@settings(max_examples=30, deadline=None)
def test_gradient_and_hessian_match_finite_differences(r, alpha, a, b):
    rng = np.random.default_rng(3)
    x = rng.poisson(2.0, 25).astype(float)
    T = rng.uniform(1, 3, 25)
    t_x = np.where(x > 0, T * rng.uniform(0.1, 1, 25), 0.0)
    objective = betageometric.MeanLogLikelihood(0, bgnbd.cells_of(x, t_x, T))
    point = np.log([r, alpha, a, b])
    value, gradient, hessian = objective(point)
    assert value == pytest.approx(
        bgnbd.log_likelihood(BgNbdParameters(r, alpha, a, b), x, t_x, T).mean(),
        rel=1e-9,
    )
    step = 1e-5
    for k in range(4):
        move = np.eye(4)[k] * step
        up, down = objective(point + move), objective(point - move)
        assert gradient[k] == pytest.approx((up[0] - down[0]) / (2 * step), abs=1e-6)
        np.testing.assert_allclose(hessian[k], (up[1] - down[1]) / (2 * step), atol=1e-6)


def by_hypergeometric(p, x, t_x, T, t):
    """Eq. 10 of the paper, as printed."""
    series = special.hyp2f1(p.r + x, p.b + x, p.a + p.b + x - 1, t / (p.alpha + T + t))
    shrink = ((p.alpha + T) / (p.alpha + T + t)) ** (p.r + x)
    alive = 1 / (1 + (x > 0) * p.a / (p.b + x - 1) * ((p.alpha + T) / (p.alpha + t_x)) ** (p.r + x))
    return (p.a + p.b + x - 1) / (p.a - 1) * (1 - shrink * series) * alive


@given(
    POSITIVE,
    POSITIVE,
    POSITIVE.filter(lambda a: abs(a - 1) > 0.01),
    POSITIVE,
    st.integers(0, 40),
)
@settings(max_examples=60, deadline=None)
def test_expected_purchases_match_the_formula_of_the_paper(r, alpha, a, b, x):
    p = BgNbdParameters(r, alpha, a, b)
    t_x = 30.0 if x else 0.0
    found = bgnbd.expected_purchases(p, one(x), one(t_x), one(39.0), 52.0)[0]
    assert found == pytest.approx(by_hypergeometric(p, x, t_x, 39.0, 52.0), rel=1e-7)


def test_expected_purchases_are_smooth_where_a_is_one_and_finite_for_huge_x():
    at = [
        bgnbd.expected_purchases(BgNbdParameters(0.5, 4.0, a, 2.0), one(3), one(20), one(39), 52)[0]
        for a in (1 - 1e-9, 1.0, 1 + 1e-9)
    ]
    assert at[0] == pytest.approx(at[1], rel=1e-7) and at[2] == pytest.approx(at[1], rel=1e-7)
    huge = bgnbd.expected_purchases(PAPER, one(2000), one(77.9), one(78.0), 52.0)[0]
    assert 700 < huge < 2000 / 78 * 52


def test_chance_of_no_purchase_falls_from_one_with_the_horizon_to_the_chance_of_being_gone():
    x, t_x, T = one(5), one(20), one(30)
    chances = [bgnbd.p_no_purchase(PAPER, x, t_x, T, h)[0] for h in (0.0, 1.0, 13.0, 1e12)]
    assert chances[0] == 1.0
    assert chances == sorted(chances, reverse=True)
    assert chances[3] == pytest.approx(1 - bgnbd.p_alive(PAPER, x, t_x, T)[0], abs=1e-6)


def test_a_shop_that_nobody_leaves_is_flagged_and_not_an_error():
    rng = np.random.default_rng(4)
    T = np.full(800, 50.0)
    x = rng.poisson(rng.gamma(2.0, 0.1, T.size) * T).astype(float)
    fit = bgnbd.fit(bgnbd.cells_of(x, np.where(x > 0, 49.9, 0.0), T))
    assert fit.is_at_boundary
    assert np.isfinite(fit.log_likelihood)


def test_no_observed_time_at_all_is_refused():
    with pytest.raises(ValueError, match="observed"):
        bgnbd.fit(bgnbd.cells_of(one(0), one(0), one(0)))
