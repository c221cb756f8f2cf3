"""Recommendations: what is bought again, what has never been bought, and what may not be recommended."""

import numpy as np
import pytest

from shuke.analytics import recommend, recommend_new, recommend_repeat
from shuke.analytics.recommend import Filters, Lines, lines_of
from shuke.analytics.recommend_new import Shelf

TEA, CUP, CAKE, POT, RARE = 10, 20, 30, 40, 50
FOREVER = 1e9


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def made(rows: list[tuple[int, int, int]]) -> Lines:
    """Lines from (customer, product, day)."""
    customer, product, day = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    return lines_of(customer, product, day)


def pairs(ranked: recommend.Ranked) -> list[tuple[int, int]]:
    return list(zip(ranked.customer.tolist(), ranked.product.tolist(), strict=True))


def test_an_order_in_parts_and_shuffled_rows_are_the_same_lines():
    rows = [(1, TEA, 5), (2, CUP, 3), (1, CUP, 5)]
    once, parts = made(rows), made([*reversed(rows), *rows])
    for name in ("customer", "product", "day"):
        np.testing.assert_array_equal(getattr(once, name), getattr(parts, name))


def test_habits_count_halve_and_know_their_interval():
    lines = made([(1, TEA, 0), (1, TEA, 30), (1, TEA, 60), (1, CUP, 60), (2, TEA, 90), (2, TEA, 91)])
    habits = recommend_repeat.habits_of(lines, as_of=90, half_life_days=30.0)
    assert list(zip(habits.customer.tolist(), habits.product.tolist(), strict=True)) == [
        (1, TEA),
        (1, CUP),
        (2, TEA),
    ]
    assert habits.times.tolist() == [3, 1, 1]
    np.testing.assert_allclose(habits.strength, [0.125 + 0.25 + 0.5, 0.5, 1.0])
    # Own gaps of 60 days in two, and two of the product's mean gap of 30.
    assert habits.interval_days[0] == 30.0 and np.isnan(habits.interval_days[1])
    assert habits.is_due.tolist() == [True, False, False]
    assert habits.silent_days.tolist() == [30, 30, 0]


@pytest.mark.parametrize(("day", "is_due"), [(83, False), (84, True), (120, True), (121, False)])
def test_due_is_from_four_fifths_to_two_intervals(day, is_due):
    lines = made([(1, TEA, 0), (1, TEA, 30), (1, TEA, 60)])
    habits = recommend_repeat.habits_of(lines, as_of=day, half_life_days=60.0)
    assert habits.is_due.tolist() == [is_due]
    assert bool(pairs(recommend_repeat.due(habits, Filters(), 3))) is is_due


def test_the_strongest_habits_come_first_and_ties_by_product():
    lines = made([(1, CUP, 1), (1, TEA, 1), (1, CAKE, 1), (1, CAKE, 2), (2, POT, 1)])
    habits = recommend_repeat.habits_of(lines, as_of=2, half_life_days=FOREVER)
    found = recommend_repeat.recommend(habits, Filters(), 2)
    assert pairs(found) == [(1, CAKE), (1, TEA), (2, POT)]
    assert found.rank.tolist() == [0, 1, 0]
    assert habits.product[found.row].tolist() == [CAKE, TEA, POT]


def test_filters_keep_out_products_pairs_and_customers():
    lines = made([(one, product, 1) for one in (1, 2, 3) for product in (TEA, CUP, CAKE)])
    habits = recommend_repeat.habits_of(lines, as_of=2, half_life_days=FOREVER)
    filters = Filters(ints(TEA), ints(3), ints(1), ints(CUP))
    assert pairs(recommend_repeat.recommend(habits, filters, 9)) == [(1, CAKE), (2, CUP), (2, CAKE)]


def shop() -> Lines:
    """Tea goes with a cup; ten customers buy both on one day, ten others cake and pot; 21 tea only, 31 cake only."""
    rows = [(one, product, 1) for one in range(1, 11) for product in (TEA, CUP)]
    rows += [(one, product, 1) for one in range(11, 21) for product in (CAKE, POT)]
    return made([*rows, (21, TEA, 2), (31, CAKE, 2), (41, RARE, 2)])


@pytest.mark.parametrize("way", [recommend_new.TOGETHER, recommend_new.BM25])
def test_what_stands_in_the_same_baskets_is_recommended_with_its_reason(way):
    lines = shop()
    habits = recommend_repeat.habits_of(lines, as_of=5, half_life_days=FOREVER)
    affinity = recommend_new.affinity_of(lines, as_of=5, half_life_days=FOREVER, way=way)
    assert affinity.product.tolist() == [TEA, CUP, CAKE, POT]
    found = recommend_new.recommend(affinity, habits, Filters(), 1, ints(21, 31))
    assert pairs(found.ranked) == [(21, CUP), (31, POT)]
    assert found.because.tolist() == [TEA, CAKE]


def test_never_what_was_bought_or_filtered_and_then_the_popular():
    lines = shop()
    habits = recommend_repeat.habits_of(lines, as_of=5, half_life_days=FOREVER)
    affinity = recommend_new.affinity_of(lines, as_of=5, half_life_days=FOREVER, way=recommend_new.TOGETHER)
    filters = Filters(ints(POT), ints(31), ints(21), ints(CUP))
    found = recommend_new.recommend(affinity, habits, filters, 5, ints(21, 31, 41))
    assert pairs(found.ranked) == [(21, CAKE), (41, TEA), (41, CAKE), (41, CUP)]
    assert found.because.tolist() == [-1] * 4


def test_newcomers_get_what_their_segment_likes_or_the_shop():
    rows = [(one, TEA, 1) for one in range(40)] + [(one, CUP, 1) for one in range(100, 135)]
    lines = made([*rows, (200, CAKE, 1)])
    customers = np.array([*range(40), *range(100, 135), 200], np.int64)
    segment = np.array([0] * 40 + [1] * 35 + [2], np.int64)
    found, buyers = recommend_new.popular_in_segments(
        lines, segment, customers, as_of=1, half_life_days=FOREVER, most=1
    )
    assert pairs(found) == [(-1, TEA), (0, TEA), (1, CUP), (2, TEA)]
    assert buyers.tolist() == [40, 40, 35, 40]


def test_a_step_up_stays_in_the_category_and_within_reach():
    shelf = Shelf(
        ints(1, 2, 3, 4, 5), ints(7, 7, 7, 7, 8), ints(100, 105, 150, 300, 150), np.array([9.0, 9, 5, 9, 9])
    )
    lines = made([(1, 1, 0), (1, 1, 5), (2, 3, 0), (2, 3, 5), (3, 1, 0), (4, 1, 0), (4, 1, 2), (4, 3, 1)])
    habits = recommend_repeat.habits_of(lines, as_of=9, half_life_days=FOREVER)
    found = recommend_new.steps_up(habits, shelf, Filters(), 3)
    # 1 steps up to 3; from 3 the next is twice as dear; 3 came once only; 4 has bought 3 already.
    assert pairs(found.ranked) == [(1, 3)]
    assert (found.instead_of.tolist(), found.price_fen.tolist(), found.usual_price_fen.tolist()) == (
        [1],
        [150],
        [100],
    )
    assert pairs(recommend_new.steps_up(habits, shelf, Filters(products=ints(3)), 3).ranked) == []


def test_recall_is_the_mean_share_found_and_counts_who_got_nothing():
    ranked = recommend.best_of(ints(1, 1, 2), ints(TEA, CUP, TEA), np.ones(3), 10)
    assert recommend.recall(ranked, ints(1, 1, 2, 3), ints(TEA, CAKE, TEA, TEA)) == pytest.approx(0.5)
    assert recommend.recall(ranked, ints(), ints()) == 0.0


def test_backtests_look_at_the_next_basket_only():
    lines = made([(1, TEA, 1), (1, TEA, 2), (1, CUP, 11), (1, TEA, 12), (2, TEA, 11)])
    report = recommend_repeat.compare(lines, cut=5)
    assert report is not None and (report.customers, report.recall) == (1, 0.0)
    baskets = recommend.next_baskets(lines, 5)
    assert list(zip(baskets.customer.tolist(), baskets.product.tolist(), strict=True)) == [(1, CUP), (2, TEA)]
    assert recommend_repeat.compare(lines, cut=50) is None
    assert recommend_new.compare(lines, cut=50) is None


def test_the_better_way_for_new_products_is_found():
    rows = [(one, product, 1) for one in range(1, 31) for product in (TEA, CUP)]
    rows += [(one, product, 1) for one in range(31, 101) for product in (CAKE, POT)]
    rows += [(200 + one, TEA, 2) for one in range(20)] + [(200 + one, CUP, 9) for one in range(20)]
    report = recommend_new.compare(made(rows), cut=5, most=1)
    assert report is not None and report.way == recommend_new.TOGETHER and report.recall == 1.0
    assert {way: score for way, _, score in report.recalls}[recommend_new.POPULAR] == 0.0


def test_relabelled_ids_in_the_same_order_get_the_same_recommendations():
    lines = shop()
    moved = lines_of(lines.customer * 7 + 1, lines.product * 3 + 2, lines.day + 400)
    found = []
    for one, as_of in ((lines, 5), (moved, 405)):
        habits = recommend_repeat.habits_of(one, as_of=as_of, half_life_days=60.0)
        affinity = recommend_new.affinity_of(one, as_of=as_of, half_life_days=60.0, way=recommend_new.BM25)
        found.append(recommend_new.recommend(affinity, habits, Filters(), 3).ranked)
    assert pairs(found[1]) == [(who * 7 + 1, what * 3 + 2) for who, what in pairs(found[0])]


def test_nothing_bought_is_nothing_recommended():
    lines = lines_of(ints(), ints(), ints())
    habits = recommend_repeat.habits_of(lines, as_of=5, half_life_days=60.0)
    affinity = recommend_new.affinity_of(lines, as_of=5, half_life_days=60.0, way=recommend_new.TOGETHER)
    assert pairs(recommend_repeat.recommend(habits, Filters(), 3)) == []
    assert pairs(recommend_new.recommend(affinity, habits, Filters(), 3, ints(1)).ranked) == []
