import numpy as np
import pytest

from shuke.analytics import preferences
from shuke.analytics.preferences import PARTS_OF_DAY


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


@pytest.mark.parametrize(
    ("hour", "part"),
    [
        (5, "morning"),
        (10, "morning"),
        (11, "noon"),
        (14, "afternoon"),
        (18, "evening"),
        (22, "night"),
        (4, "night"),
    ],
)
def test_the_day_has_five_parts(hour, part):
    assert PARTS_OF_DAY[preferences.part_of_day(ints(hour))[0]] == part


def test_a_preference_is_more_than_the_shop_s_own_rhythm():
    # The shop is visited half in the mornings; the first comes only at night, the second like everybody, the third twice.
    rest = np.tile(ints(0, 1), 100)
    customer = np.concatenate((np.zeros(6), np.ones(6), np.full(2, 2), np.full(rest.size, 3))).astype(
        np.int64
    )
    kind = np.concatenate((np.full(6, 4), ints(0, 1, 0, 1, 0, 1), ints(0, 0), rest))
    found = preferences.preference_of(customer, kind, customers=5, kinds=5)
    assert found.favourite.tolist() == [4, -1, -1, -1, -1]
    assert found.times.tolist()[0] == 6 and found.visits.tolist() == [6, 6, 2, 200, 0]


def test_the_usual_basket_is_the_median():
    found = preferences.basket_of(
        ints(0, 0, 0, 1, 1), ints(1, 2, 3, 1, 2), ints(900, 100, 300, 50, 70), customers=3
    )
    assert found.orders.tolist() == [3, 2, 0]
    assert found.median_fen[:2].tolist() == [300.0, 60.0] and np.isnan(found.median_fen[2])
    assert found.lines_each[:2].tolist() == [2.0, 1.5]


def test_profit_takes_unknown_costs_at_the_known_margin_and_says_so():
    cost = np.array([60.0, np.nan, 20.0])
    found = preferences.profit_of(ints(0, 0, 1), ints(100, 100, 100), cost, customers=3)
    assert found.cost_fen.tolist() == [100, 20, 0]
    assert found.profit_fen.tolist() == [100, 80, 0]
    assert found.known_share[:2].tolist() == [0.5, 1.0] and np.isnan(found.known_share[2])
    blind = preferences.profit_of(ints(0), ints(100), np.array([np.nan]), customers=1)
    assert (blind.profit_fen.tolist(), blind.known_share.tolist()) == ([100], [0.0])
