import math

import numpy as np
import pytest
from scipy import integrate, stats

from shuke.analytics import gamma_gamma
from shuke.analytics.gamma_gamma import GammaGammaParameters
from shuke.analytics.tests.samples import CALIBRATION_END, cdnow_rows, summary_of

PAPER = GammaGammaParameters(p=6.249, q=3.745, v=15.448)


def test_cdnow_gives_the_parameters_of_the_paper(shared_data):
    data = summary_of(cdnow_rows(shared_data / "CDNOW_sample.txt"), CALIBRATION_END)
    fit = gamma_gamma.fit(data.paid, data.mean)
    assert fit.customers == 946
    assert fit.parameters.p == pytest.approx(6.249, rel=1e-3)
    assert fit.parameters.q == pytest.approx(3.745, rel=1e-3)
    assert fit.parameters.v == pytest.approx(15.448, rel=1e-3)
    assert fit.log_likelihood == pytest.approx(-4055.9, abs=0.05)
    assert gamma_gamma.population_mean(fit.parameters) == pytest.approx(35.17, abs=0.02)


def test_likelihood_is_the_average_over_nu():
    p = GammaGammaParameters(p=2.0, q=3.0, v=4.0)
    x, z = 3, 5.0

    def inner(nu: float) -> float:
        return stats.gamma.pdf(z, p.p * x, scale=1 / (nu * x)) * stats.gamma.pdf(nu, p.q, scale=1 / p.v)

    value, _ = integrate.quad(inner, 0, 20)
    found = gamma_gamma.log_likelihood(p, np.array([3.0]), np.array([5.0]))[0]
    assert found == pytest.approx(math.log(value), abs=1e-7)


def test_gradient_and_hessian_match_finite_differences():
    rng = np.random.default_rng(5)
    objective = gamma_gamma._MeanLogLikelihood(
        rng.integers(1, 6, 40).astype(float), rng.gamma(2, 1, 40), rng.uniform(1, 3, 40)
    )
    point, step = np.log([1.7, 2.4, 3.1]), 1e-5
    _, gradient, hessian = objective(point)
    for k in range(3):
        up, down = (
            objective(point + np.eye(3)[k] * step),
            objective(point - np.eye(3)[k] * step),
        )
        assert gradient[k] == pytest.approx((up[0] - down[0]) / (2 * step), abs=1e-7)
        np.testing.assert_allclose(hessian[k], (up[1] - down[1]) / (2 * step), atol=1e-7)


def spenders() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(6)
    nu = rng.gamma(4.0, 1 / 20.0, 2000)
    x = rng.integers(1, 8, nu.size).astype(float)
    return x, rng.gamma(5.0 * x, 1 / nu) / x


def test_metamorphic_currency_replicas_and_rows_without_repeat_spend():
    x, z = spenders()
    base = gamma_gamma.fit(x, z)
    in_fen = gamma_gamma.fit(x, z * 100)
    assert in_fen.parameters.v == pytest.approx(100 * base.parameters.v, rel=1e-6)
    assert in_fen.parameters.p == pytest.approx(base.parameters.p, rel=1e-6)
    assert in_fen.log_likelihood == pytest.approx(base.log_likelihood - 2000 * math.log(100), abs=1e-6)
    weighted = gamma_gamma.fit(x, z, np.full(x.size, 4.0))
    assert weighted.log_likelihood == pytest.approx(4 * base.log_likelihood, rel=1e-12)
    padded = gamma_gamma.fit(np.append(x, [0.0, 3.0]), np.append(z, [0.0, 0.0]))
    assert padded == base
    assert abs(base.parameters.q - 4.0) < 3 * base.errors.q


def test_conditional_mean_runs_from_the_population_to_the_customer():
    x, z = np.array([0.0, 1.0, 10.0, 1e6]), np.array([0.0, 100.0, 100.0, 100.0])
    mean = gamma_gamma.conditional_mean(PAPER, x, z)
    assert mean[0] == pytest.approx(gamma_gamma.population_mean(PAPER))
    assert list(mean) == sorted(mean)
    assert mean[3] == pytest.approx(100.0, abs=0.01)
    # Direct from the formula: p (v + x z) / (p x + q - 1).
    assert mean[1] == pytest.approx(6.249 * (15.448 + 100) / (6.249 + 2.745))


def test_spend_moments_match_a_simulation():
    moments = gamma_gamma.spend_moments(PAPER, np.array([4.0]), np.array([30.0]))
    rng = np.random.default_rng(9)
    nu = rng.gamma(PAPER.p * 4 + PAPER.q, 1 / (PAPER.v + 120.0), 400_000)
    assert moments.mean[0] == pytest.approx((PAPER.p / nu).mean(), rel=2e-3)
    assert moments.mean_square[0] == pytest.approx(((PAPER.p / nu) ** 2).mean(), rel=5e-3)
    assert moments.within[0] == pytest.approx((PAPER.p / nu**2).mean(), rel=5e-3)


def test_a_population_without_a_mean_is_not_usable():
    assert not gamma_gamma.is_usable(GammaGammaParameters(2.0, 1.0, 5.0))
    assert gamma_gamma.population_mean(GammaGammaParameters(2.0, 1.0, 5.0)) == math.inf
    assert gamma_gamma.is_usable(PAPER)


def test_one_customer_is_not_enough():
    with pytest.raises(ValueError, match="fewer than two"):
        gamma_gamma.fit(np.array([3.0, 0.0]), np.array([10.0, 0.0]))
