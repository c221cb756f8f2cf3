"""Trend, cohorts, RFM in windows and eleven groups: named cases."""

from datetime import date

import numpy as np
import pytest
from scipy import stats

from shuke.analytics import cohorts, rfm_views, trend
from shuke.analytics.features import features_of
from shuke.analytics.purchases import Purchases
from shuke.analytics.rfm import RfmScores
from shuke.analytics.tests.samples import day_number, purchases_of

TODAY = date(2026, 11, 22)


def days_ago(*ago: int) -> list[date]:
    return [date.fromordinal(TODAY.toordinal() - one) for one in ago]


def trend_of_days(*ago: int) -> trend.Trend:
    purchases = purchases_of([(1, day, 1000) for day in days_ago(*ago)])
    features = features_of(purchases, as_of=day_number(TODAY), window_days=90)
    return trend.trend_of(purchases, features, window_days=90)


@pytest.mark.parametrize(
    ("why", "ago", "code", "counts"),
    [
        ("more often", (400, 1, 10, 20, 30, 40), trend.RISING, (5, 0)),
        ("four more could be chance", (400, 1, 10, 20, 30), trend.STEADY, (4, 0)),
        ("less often", (400, 100, 110, 120, 130, 140), trend.FALLING, (0, 5)),
        ("as often", (400, 10, 40, 70, 100, 130, 160), trend.STEADY, (3, 3)),
        ("known for one window only", (80, 1, 2, 3, 4, 5, 6), trend.STEADY, (6, 0)),
        ("never came again", (200,), trend.STEADY, (0, 0)),
    ],
)
def test_a_trend_is_more_than_chance(why, ago, code, counts):
    found = trend_of_days(*ago)
    assert (found.recent[0], found.before[0]) == counts, why
    assert found.code[0] == code, why


def test_the_chance_is_exact_and_takes_the_time_known_into_account():
    assert trend_of_days(400, 1, 10, 20, 30, 40).chance[0] == pytest.approx(2 / 2**5)
    young = trend_of_days(120, 1, 10, 20, 30, 40)
    assert young.before_days[0] == 30
    assert young.chance[0] == pytest.approx(min(1.0, 2 * 0.75**5))
    assert young.code[0] == trend.STEADY


def test_without_a_trend_false_alarms_stay_below_the_level():
    rng = np.random.default_rng(3)
    for mean in (0.5, 2.0, 6.0):
        recent, before = rng.poisson(mean, (2, 20_000))
        total = recent + before
        low, high = stats.binom.cdf(recent, total, 0.5), stats.binom.sf(recent - 1, total, 0.5)
        assert (np.minimum(1, 2 * np.minimum(low, high)) < trend.LEVEL).mean() <= trend.LEVEL


def test_cohorts_count_who_came_in_each_month_after_the_first():
    rows = [
        (1, date(2026, 1, 5), 1), (1, date(2026, 1, 9), 1), (1, date(2026, 3, 1), 1),
        (2, date(2026, 1, 31), 1), (2, date(2026, 2, 1), 1), (3, date(2026, 3, 3), 1), (4, date(2026, 6, 1), 1),
    ]  # fmt: skip
    found = cohorts.retention_of(purchases_of(rows), as_of=day_number(date(2026, 4, 10)))
    assert (found.month - 56 * 12).tolist() == [0, 2]
    assert found.customers.tolist() == [2, 1]
    assert found.active.tolist() == [[2, 1, 1, 0], [1, 0, -1, -1]]
    assert found.share[0].tolist() == [1.0, 0.5, 0.5, 0.0] and np.isnan(found.share[1, 2:]).all()


def test_no_purchases_are_no_cohorts():
    found = cohorts.retention_of(purchases_of([(1, TODAY, 1)]), as_of=day_number(TODAY) - 1)
    assert found.month.size == 0 and found.active.shape == (0, 0)


def some_shop() -> Purchases:
    rows = [(one, day, 1000 * one) for one in range(1, 11) for day in days_ago(*range(one, 400, 30 * one))]
    return purchases_of([*rows, (99, TODAY, 500), (99, TODAY, -500)])


def test_three_windows_score_frequency_within_each():
    found = rfm_views.score_in_windows(some_shop(), as_of=day_number(TODAY))
    assert [one.window_days for one in found] == [90, 365, 0]
    for one in found:
        assert one.scores.r[-1] == one.scores.f[-1] == one.scores.m[-1] == 0
        assert one.scores.f[0] == 5
        assert (one.scores.f[:-1] >= 1).all()
    assert found[0].edges != found[2].edges


def test_edges_by_hand_do_not_move_and_must_rise():
    shop, half = some_shop(), rfm_views.FIXED
    for one in rfm_views.score_in_windows(shop, as_of=day_number(TODAY), chosen=half):
        assert one.edges.recency_days == (30.0, 60.0, 90.0, 180.0) and one.edges.high_f == 3.0
    own = rfm_views.ChosenEdges((7.0, 14.0, 30.0, 60.0), (1.0, 3.0, 5.0, 9.0), (1.0, 2.0, 3.0, 4.0))
    assert rfm_views.edges_by_hand(own).frequency == (1.0, 3.0, 5.0, 9.0)
    with pytest.raises(ValueError, match="rise"):
        rfm_views.edges_by_hand(rfm_views.ChosenEdges((7.0, 7.0, 30.0, 60.0), own.frequency, own.money_fen))


@pytest.mark.parametrize(
    ("r", "f", "m", "group"),
    [
        (5, 5, 5, "champions"), (3, 4, 4, "loyal"), (5, 2, 1, "potential_loyal"), (5, 1, 1, "new"),
        (4, 1, 1, "promising"), (3, 3, 3, "need_attention"), (3, 1, 2, "about_to_sleep"), (2, 4, 3, "at_risk"),
        (1, 5, 5, "cannot_lose"), (2, 1, 1, "hibernating"), (1, 1, 1, "lost"),
    ],
)  # fmt: skip
def test_the_eleven_groups(r, f, m, group):
    scores = RfmScores(*(np.array([letter, 0], np.int64) for letter in (r, f, m)))
    codes = rfm_views.eleven_codes(scores)
    assert rfm_views.ELEVEN[codes[0]] == group and codes[1] == -1
