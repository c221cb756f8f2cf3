"""Choosing by backtest: nothing later is looked at, the rule, the groups, and the trees."""

from dataclasses import replace

import numpy as np
import pytest

from shuke.analytics import boosting, candidates, choosing, churn
from shuke.analytics.boosting import Extra
from shuke.analytics.candidates import BOOSTING, LAST_PERIOD, MEAN, Forecast, Weights
from shuke.analytics.choosing import Standing
from shuke.analytics.features import features_of, shop_gaps, usual_gaps
from shuke.analytics.purchases import Purchases, merge_days, net_purchases

DAYS, HORIZON = 400, 60


def shop(seed: int = 1, customers: int = 400) -> Purchases:
    """Customers with a rhythm of their own, of whom some leave, over 400 days."""
    rng = np.random.default_rng(seed)
    who, day = [], []
    for one in range(customers):
        at, gap, leaves = float(rng.integers(0, 330)), rng.gamma(2.0, 12.0), rng.beta(1.0, 4.0)
        while at < DAYS:
            who.append(one)
            day.append(int(at))
            if rng.uniform() < leaves:
                break
            at += 1 + rng.exponential(gap)
    money = np.full(len(who), 1000, np.int64)
    return net_purchases(merge_days(np.array(who), np.array(day), money, 0 * money))


@pytest.fixture(scope="module")
def comparison() -> choosing.Comparison:
    found = choosing.compare(shop(), as_of=DAYS - 1, hidden_days=HORIZON)
    assert found is not None
    return found


def test_all_candidates_stand_beside_the_simple_rule(comparison):
    names = {standing.name for standing in comparison.standings}
    assert names == {"bg", "mbg", "pareto", BOOSTING, MEAN, LAST_PERIOD}
    assert comparison.weights is not None and comparison.next_weights is not None
    rule, mean = comparison.of(LAST_PERIOD), comparison.of(MEAN)
    assert mean.root_error < rule.root_error and mean.correlation > rule.correlation
    assert min(one.behind for one in comparison.standings) == 0.0


def test_tenths_cohorts_and_calibration_hold_everybody_once(comparison):
    for standing in comparison.standings:
        for groups in (standing.by_tenth, standing.by_cohort):
            assert sum(group.customers for group in groups) == comparison.customers
            assert sum(group.came for group in groups) == comparison.came
        chances = [group.none_predicted for group in standing.calibration]
        assert chances == sorted(chances)
    best = comparison.of(MEAN).by_tenth
    assert best[0].predicted > best[-1].predicted and best[0].came > best[-1].came
    assert [group.label for group in best] == list(range(10))


def test_forecasts_do_not_look_past_the_cut():
    purchases, cut = shop(), DAYS - 1 - HORIZON
    made = choosing.trial(purchases, cut=cut, horizon_days=HORIZON)
    early = choosing.trial(purchases.until(cut), cut=cut, horizon_days=HORIZON)
    assert made is not None and early is not None
    for name, forecast in made.forecasts.items():
        np.testing.assert_array_equal(forecast.purchases, early.forecasts[name].purchases)
        np.testing.assert_array_equal(forecast.none, early.forecasts[name].none)
    assert made.came.sum() > 0 and early.came.sum() == 0


def test_too_little_history_is_no_comparison():
    assert choosing.compare(shop(customers=60), as_of=DAYS - 1, hidden_days=HORIZON) is None
    assert choosing.compare(shop().until(-1), as_of=DAYS - 1, hidden_days=HORIZON) is None


def standing(name: str, root_error: float, correlation: float, behind: float) -> Standing:
    return Standing(name, root_error, correlation, 0.0, 0.0, 0.5, 0.2, behind, (), (), ())


@pytest.mark.parametrize(
    ("why", "standings", "winner"),
    [
        ("mean is best", [("bg", 1.2, 0.6, 2.0), (MEAN, 1.0, 0.7, 0.0)], MEAN),
        ("mean is within a standard error", [("bg", 0.99, 0.7, 0.0), (MEAN, 1.0, 0.7, 0.9)], MEAN),
        ("one is clearly better", [("bg", 0.9, 0.7, 0.0), (MEAN, 1.0, 0.7, 1.1)], "bg"),
        ("the rule correlates better than one", [("bg", 0.9, 0.4, 0.0), (MEAN, 1.0, 0.7, 1.5)], MEAN),
        ("the rule correlates best of all", [("bg", 0.9, 0.4, 0.0), (MEAN, 1.0, 0.3, 1.5)], "bg"),
    ],
)
def test_the_rule_of_choice(why, standings, winner):
    table = {name: standing(name, *rest) for name, *rest in standings}
    table[LAST_PERIOD] = standing(LAST_PERIOD, 0.1, 0.5, 9.0)
    assert choosing.winner_of(table) == winner, why


def test_weights_find_the_mix_that_was_true():
    rng = np.random.default_rng(2)
    forecasts = {
        name: Forecast(rng.gamma(2.0, 1.0, 400), np.full(400, 0.5)) for name in ("bg", BOOSTING, LAST_PERIOD)
    }
    parts = candidates.parts_of(forecasts)
    found = candidates.weights_from(forecasts, parts @ np.array([0.25, 0.6, 0.15]))
    assert found == Weights(0.25, 0.6, 0.15)
    mixed = candidates.mean_of(forecasts, found).purchases
    np.testing.assert_allclose(mixed, parts @ np.array([0.25, 0.6, 0.15]))
    without = {name: one for name, one in forecasts.items() if name != BOOSTING}
    assert candidates.weights_from(without, parts[:, 0]) is None
    np.testing.assert_allclose(candidates.mean_of(forecasts, None).purchases, (parts[:, 0] + parts[:, 1]) / 2)


def test_origins_end_before_the_day_and_take_the_same_season():
    purchases = shop()
    found = boosting.origins_of(purchases, as_of=DAYS - 1, horizon_days=HORIZON)
    assert found == (279, 299, 319, 339)
    assert DAYS + 99 - 365 in boosting.origins_of(purchases, as_of=DAYS + 99, horizon_days=HORIZON)
    assert boosting.origins_of(purchases, as_of=100, horizon_days=HORIZON) == ()


def test_relabelled_customers_and_shifted_dates_get_the_same_figures(comparison):
    base = shop()
    who, day = base.customer[::-1][base.groups.row_group], base.day + 1000
    other = net_purchases(merge_days(who, day, base.amount_fen, 0 * base.amount_fen))
    found = choosing.compare(other, as_of=DAYS + 999, hidden_days=HORIZON)
    assert found is not None and found.winner == comparison.winner
    for one in comparison.standings:
        same = found.of(one.name)
        assert same.root_error == pytest.approx(one.root_error, abs=2e-3)
        assert same.auc == pytest.approx(one.auc, abs=5e-3)


def test_columns_of_other_rooms_join_as_they_were_known_on_the_day():
    purchases, cut = shop(), DAYS - 1 - HORIZON
    asked = []
    later = purchases.after(cut).groups.counts

    def complaints(day: int) -> np.ndarray:
        asked.append(day)
        answer = purchases.after(day).until(day + HORIZON).groups.counts
        return np.where(answer == 0, 1.0, np.nan)[:, None]

    plain = choosing.trial(purchases, cut=cut, horizon_days=HORIZON)
    rules = choosing.Rules(extra=Extra(("complaints",), complaints))
    told = choosing.trial(purchases, cut=cut, horizon_days=HORIZON, rules=rules)
    assert plain is not None and told is not None
    assert max(asked) == cut and later.sum() > 0
    report = churn.report_of(told, told.forecasts[BOOSTING].none, cut=cut, horizon_days=HORIZON)
    before = churn.report_of(plain, plain.forecasts[BOOSTING].none, cut=cut, horizon_days=HORIZON)
    # A column that gives the answer away is found at once.
    assert report.auc > 0.99 > before.auc


def test_the_warning_of_the_past_is_judged_on_active_customers():
    cut = DAYS - 1 - HORIZON
    made = choosing.trial(shop(), cut=cut, horizon_days=HORIZON, rules=choosing.Rules(has_trees=False))
    assert made is not None and BOOSTING not in made.forecasts
    none = churn.warning_of(made.forecasts, (MEAN,))
    report = churn.report_of(made, none, cut=cut, horizon_days=HORIZON)
    assert 0 < report.left < report.customers < 400
    assert report.auc > 0.6 and report.brier < 0.25
    assert report.capture[-1] == churn.CapturePoint(1.0, 1.0)
    assert sum(group.customers for group in report.calibration) == report.customers


def test_the_warning_is_the_mean_of_what_it_is_made_of():
    one, trees = (Forecast(np.ones(2), np.array(chance)) for chance in ([0.2, 0.6], [0.4, 1.0]))
    np.testing.assert_allclose(churn.warning_of({"bg": one, BOOSTING: trees}, ("bg", BOOSTING)), [0.3, 0.8])
    np.testing.assert_allclose(churn.warning_of({"bg": one, BOOSTING: trees}, (BOOSTING,)), [0.4, 1.0])


def judged(**chances: float) -> choosing.Trial:
    """Eight active customers of whom two left, each forecast giving its chance to those and its rest to the others."""
    left = np.arange(8) < 2
    forecasts = {
        name: Forecast(np.ones(8), np.where(left, chance, 1 - chance)) for name, chance in chances.items()
    }
    return choosing.Trial(forecasts, np.where(left, 0.0, 1.0), np.ones(8, bool), np.full(8, 100))


@pytest.mark.parametrize(
    ("why", "made", "winner", "way"),
    [
        ("no trees", judged(bg=0.6, mean=0.9), "bg", ("bg",)),
        ("trees help", judged(bg=0.6, mean=0.5, boosting=0.8), "bg", ("bg", BOOSTING)),
        ("trees do not help", judged(bg=0.8, mean=0.5, boosting=0.6), "bg", ("bg",)),
        ("with the mean of all", judged(bg=0.6, mean=0.9, boosting=0.8), "bg", (MEAN, BOOSTING)),
        ("trees won, the mean helps", judged(bg=0.6, mean=0.9, boosting=0.8), BOOSTING, (MEAN, BOOSTING)),
        ("trees won and are best alone", judged(bg=0.6, mean=0.6, boosting=0.8), BOOSTING, (BOOSTING,)),
    ],
)
def test_a_warning_is_made_of_what_scored_best(why, made, winner, way):
    assert churn.best_way(made, winner, is_thrifty=False) == way, why


def test_a_large_shop_warns_by_the_winner_unless_another_is_clearly_better():
    left = np.arange(8) < 2
    noisy = Forecast(np.ones(8), np.where(left, 0.7, 0.4) - np.array([0.4, 0, 0, 0.3, 0.2, 0, 0, 0]))
    made = judged(bg=0.6, mean=0.6)
    made = replace(made, forecasts={**made.forecasts, BOOSTING: noisy})
    assert churn.best_way(made, "bg", is_thrifty=False) == ("bg", BOOSTING)
    assert churn.best_way(made, "bg", is_thrifty=True) == ("bg",)


def test_capture_counts_those_who_left_among_the_likeliest():
    chance = np.linspace(0.05, 1.0, 20)
    left = np.arange(20) >= 16
    points = {point.contacted: point.caught for point in churn.capture_curve(chance, left)}
    assert points[0.1] == 0.5 and points[0.2] == 1.0 and points[1.0] == 1.0
    even = churn.capture_curve(np.full(20, 0.5), left)
    assert [point.caught for point in even] == [point.contacted for point in even]
    assert churn.capture_curve(chance, np.zeros(20, bool))[-1].caught == 0.0


def test_a_week_takes_those_with_most_to_lose_and_only_the_active():
    chance = np.array([0.9, 0.5, 0.8, np.nan, 0.9, 0.9])
    money = np.array([100.0, 1000.0, 100.0, 9000.0, 9000.0, 100.0])
    active = np.array([True, True, True, True, False, True])
    assert churn.weekly_choice(chance, money, active, 3).tolist() == [1, 0, 5]
    assert churn.weekly_choice(chance, money, active, 0).tolist() == []
    assert churn.weekly_choice(chance, money, active, 99).tolist() == [1, 0, 5, 2]


def test_reasons_are_the_figures_behind_the_warning():
    rows = [(1, day, 1000) for day in range(0, 181, 15)] + [(1, 200, 1000)]
    rows += [(2, day, 1000) for day in range(100, 181, 20)] + [(2, 190, 1000), (2, 230, 400), (2, 250, 400)]
    rows += [(3, 170, 1000)]
    who, day, money = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    purchases = net_purchases(merge_days(who, day, money, 0 * money))
    features = features_of(purchases, as_of=270, window_days=90)
    usual = usual_gaps(features, shop_gaps(purchases))
    found = churn.reasons_of(purchases, features, usual, window_days=90)
    assert found.codes(0) == (churn.OVERDUE, churn.RARER)
    assert found.codes(1) == (churn.RARER, churn.SMALLER)
    assert found.codes(2) == (churn.SINGLE,)
    assert found.silent_days.tolist() == [70, 20, 100]
    assert found.recent_purchases.tolist() == [1, 3, 0] and found.before_purchases.tolist() == [6, 5, 1]
    assert found.recent_fen[1] == pytest.approx(600.0) and found.before_fen[1] == 1000.0
    assert np.isnan(found.recent_fen[2])


def test_a_model_that_did_not_arrive_is_left_out():
    snapshot = candidates.snapshot_of(shop(), as_of=200, window_days=HORIZON)
    assert set(snapshot.fits) == {"bg", "mbg", "pareto"}
    fewer = replace(snapshot, fits={"bg": snapshot.fits["bg"]})
    assert set(fewer.forecasts(HORIZON)) == {"bg"}
