import numpy as np
import pytest

from shuke.analytics import spend
from shuke.analytics.purchases import Purchases, merge_days, net_purchases
from shuke.analytics.tests.samples import cdnow_rows, purchases_of


def made(rows: list[tuple[int, int, int]]) -> Purchases:
    """Purchases from (customer, day, fen)."""
    who, day, fen = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    return net_purchases(merge_days(who, day, np.maximum(fen, 0), np.maximum(-fen, 0)))


def shop(spread: float, seed: int = 4) -> Purchases:
    """300 customers with eight purchases in 160 days; `spread` is how far their usual amounts lie apart (0: all alike)."""
    rng = np.random.default_rng(seed)
    usual = 5000 * np.exp(spread * rng.normal(size=300))
    return made([
        (one, 20 * k + int(rng.integers(0, 20)), 1 + int(usual[one] * rng.gamma(4.0, 0.25)))
        for one in range(300) for k in range(8)
    ])  # fmt: skip


def test_the_first_purchase_and_nothing_paid_stay_out_of_repeat_spend():
    purchases = made([(1, 1, 900), (1, 5, 0), (1, 7, 300), (1, 9, 100), (2, 3, 500)])
    repeat, everything = (spend.spending_of(purchases, way) for way in (spend.REPEAT, spend.ALL))
    assert repeat.count.tolist() == [2, 0] and repeat.mean.tolist() == [200.0, 0.0]
    assert everything.count.tolist() == [3, 1] and everything.mean.tolist() == [1300 / 3, 500.0]


def test_customers_with_their_own_amounts_are_told_apart():
    report = spend.compare(shop(0.8), as_of=160, hidden_days=40)
    assert report is not None and report.winner in (spend.REPEAT, spend.ALL)
    errors = dict(report.errors)
    assert errors[report.winner] < 0.8 * errors[spend.POPULATION]


def test_customers_who_are_all_alike_get_the_mean_of_the_shop():
    report = spend.compare(shop(0.0), as_of=160, hidden_days=40)
    assert report is not None
    errors = dict(report.errors)
    assert min(errors.values()) > 0.98 * errors[spend.POPULATION]
    predicted = spend.predicted_spend(shop(0.0), spend.POPULATION)
    assert predicted is not None and np.ptp(predicted) == 0.0


def test_the_mean_wins_where_the_past_says_nothing():
    rng = np.random.default_rng(3)
    rows = [
        (one, day, int(money))
        for one in range(120)
        for day, money in zip((1, 5, 9), rng.choice([100, 9000], 3), strict=True)
    ]
    rows += [(one, 30, 4000) for one in range(120)]
    report = spend.compare(made(rows), as_of=40, hidden_days=20)
    assert report is not None and report.winner == spend.POPULATION


def test_too_little_is_no_report():
    assert spend.compare(made([(1, 1, 100), (1, 9, 100)]), as_of=10, hidden_days=5) is None
    assert spend.predicted_spend(made([(1, 1, 100), (1, 9, 100)]), spend.REPEAT) is None


def test_currency_scales_the_errors_and_changes_no_choice():
    purchases = shop(0.5)
    dear = Purchases(purchases.customer, purchases.groups, purchases.day, purchases.amount_fen * 100)
    one, other = (spend.compare(each, as_of=160, hidden_days=40) for each in (purchases, dear))
    assert one is not None and other is not None and other.winner == one.winner
    for (_, small), (_, large) in zip(one.errors, other.errors, strict=True):
        assert large == pytest.approx(100 * small, rel=1e-4)


@pytest.mark.parametrize(("slope", "is_dependent"), [(0.0, False), (0.05, False), (1.0, True), (-1.0, True)])
def test_a_warning_is_given_where_frequency_and_spend_really_go_together(slope, is_dependent):
    rng = np.random.default_rng(7)
    count = rng.integers(1, 20, 800).astype(float)
    mean = np.exp(slope * np.log(count) + rng.normal(size=800))
    found = spend.independence_of(spend.Spending(count, mean))
    assert found is not None and found.is_dependent is is_dependent
    assert found.low < found.correlation < found.high and found.customers == 800


def test_independence_needs_customers_who_differ():
    assert spend.independence_of(spend.Spending(np.ones(80), np.arange(1.0, 81.0))) is None
    assert spend.independence_of(spend.Spending(np.arange(1.0, 31.0), np.arange(1.0, 31.0))) is None


def test_cdnow_is_independent_enough_and_worth_telling_apart(shared_data):
    purchases = purchases_of(cdnow_rows(shared_data / "CDNOW_sample.txt"))
    found = spend.independence_of(spend.spending_of(purchases, spend.REPEAT))
    assert found is not None and not found.is_dependent
    end = int(purchases.day.max())
    report = spend.compare(purchases, as_of=end, hidden_days=180)
    assert report is not None and report.winner != spend.POPULATION
