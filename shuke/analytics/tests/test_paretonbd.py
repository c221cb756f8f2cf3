import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from shuke.analytics import mbgnbd, paretonbd
from shuke.analytics.nbd import cells_of
from shuke.analytics.paretonbd import ParetoNbdParameters
from shuke.analytics.tests.samples import CALIBRATION_END, cdnow_rows, summary_of

PAPER = ParetoNbdParameters(r=0.553, alpha=10.578, s=0.606, beta=11.669)
POSITIVE = st.floats(0.2, 15.0)


def one(value: float) -> np.ndarray:
    return np.array([float(value)])


def cdnow(shared_data):
    data = summary_of(cdnow_rows(shared_data / "CDNOW_sample.txt"), CALIBRATION_END)
    return cells_of(data.x, data.t_x, data.T)


def test_cdnow_gives_the_parameters_of_the_paper(shared_data):
    fit = paretonbd.fit(cdnow(shared_data))
    assert fit.has_converged and not fit.is_at_boundary and fit.customers == 2357
    assert fit.parameters.r == pytest.approx(0.5533, rel=1e-3)
    assert fit.parameters.alpha == pytest.approx(10.578, rel=1e-3)
    assert fit.parameters.s == pytest.approx(0.6062, rel=1e-3)
    assert fit.parameters.beta == pytest.approx(11.669, rel=1e-3)
    assert fit.log_likelihood == pytest.approx(-9594.976, abs=0.005)


def test_cdnow_by_the_modified_model_is_a_little_more_likely(shared_data):
    fit = mbgnbd.fit(cdnow(shared_data))
    # As published for this sample with MBG/NBD (BTYDplus, mbgnbd.EstimateParameters).
    assert fit.parameters.r == pytest.approx(0.525, abs=5e-4)
    assert fit.parameters.alpha == pytest.approx(6.183, abs=5e-4)
    assert fit.parameters.a == pytest.approx(0.891, abs=5e-4)
    assert fit.parameters.b == pytest.approx(1.614, abs=5e-4)
    assert fit.log_likelihood == pytest.approx(-9582.136, abs=0.005)


def printed_likelihood(p: ParetoNbdParameters, x: int, t_x: float, T: float) -> float:
    """As printed: two Gauss hypergeometric functions (Fader and Hardie 2005, eq. 22), for alpha >= beta or below."""
    a, b, n = p.alpha, p.beta, p.r + p.s + x
    top, low = max(a, b), min(a, b)
    second = p.s + 1 if a >= b else p.r + x

    def part(t: float) -> float:
        return special.hyp2f1(n, second, n + 1, (top - low) / (top + t)) / (top + t) ** n

    mixed = 1 / ((a + T) ** (p.r + x) * (b + T) ** p.s) + p.s / n * (part(t_x) - part(T))
    ways = special.gammaln(p.r + x) - special.gammaln(p.r) + p.r * math.log(a) + p.s * math.log(b)
    return ways + math.log(mixed)


@given(POSITIVE, POSITIVE, st.floats(0.2, 4), POSITIVE, st.integers(0, 20), st.floats(0.05, 0.95))
@settings(max_examples=150, deadline=None)
def test_likelihood_is_the_one_printed(r, alpha, s, beta, x, part):
    p = ParetoNbdParameters(r, alpha, s, beta)
    t_x = 30.0 * part if x else 0.0
    found = paretonbd.log_likelihood(p, one(x), one(t_x), one(30.0))[0]
    assert found == pytest.approx(printed_likelihood(p, x, t_x, 30.0), abs=1e-7)


def plain_odds(p: ParetoNbdParameters, x: int, t_x: float, T: float) -> float:
    """P(gone) / P(alive) by adaptive quadrature in small steps."""

    def inner(t: float) -> float:
        rate = -(p.r + x) * math.log((p.alpha + t) / (p.alpha + T))
        return math.exp(rate - p.s * math.log((p.beta + t) / (p.beta + T))) * p.s / (p.beta + t)

    edges = t_x + (T - t_x) * np.concatenate(([0.0], np.logspace(-9, 0, 60)))
    return sum(integrate.quad(inner, low, high, epsrel=1e-12)[0] for low, high in pairwise(edges))


@pytest.mark.parametrize("x", [0, 1, 30, 400])
@pytest.mark.parametrize("beta", [0.001, 0.5, 20.0, 5000.0])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.999])
def test_chance_of_being_alive_holds_far_from_the_usual(x, beta, part):
    p = ParetoNbdParameters(0.6, 4.0, 0.7, beta)
    t_x = 70.0 * part if x else 0.0
    odds = plain_odds(p, x, t_x, 70.0)
    found = paretonbd.p_alive(p, one(x), one(t_x), one(70.0))[0]
    assert found == pytest.approx(1 / (1 + odds), rel=1e-9)


def test_expected_purchases_have_no_gap_where_s_is_one_or_two():
    for s in (1.0, 2.0):
        around = [
            paretonbd.purchase_moments(ParetoNbdParameters(0.6, 4.0, at, 9.0), one(3), one(20), one(39), 52.0)
            for at in (s - 1e-9, s, s + 1e-9)
        ]
        for name in ("mean", "mean_square"):
            low, middle, high = (getattr(one_of, name)[0] for one_of in around)
            assert low == pytest.approx(middle, rel=1e-7) and high == pytest.approx(middle, rel=1e-7)


def test_expected_purchases_are_those_printed():
    p, x, t_x, T, t = PAPER, 2, 30.43, 38.86, 39.0
    alive = paretonbd.p_alive(p, one(x), one(t_x), one(T))[0]
    whole = (p.r + x) * (p.beta + T) / ((p.alpha + T) * (p.s - 1))
    printed = whole * (1 - ((p.beta + T) / (p.beta + T + t)) ** (p.s - 1)) * alive
    assert paretonbd.expected_purchases(p, one(x), one(t_x), one(T), t)[0] == pytest.approx(
        printed, rel=1e-12
    )
