"""Products: figures by hand, classes, and what stands in the same orders."""

import numpy as np

from shuke.analytics import products
from shuke.analytics.products import SoldLines

TEA, CUP, CAKE, POT = 10, 20, 30, 40
TODAY = 20_785  # 2026-11-28


def sold(rows: list[tuple[int, int, int, int, int, int, int]]) -> SoldLines:
    """Lines from (order, product, customer, days ago, net, returned, quantity)."""
    order, product, customer, ago, net, returned, quantity = (
        np.array(one, np.int64) for one in zip(*rows, strict=True)
    )
    return SoldLines(
        order, product, np.ones(order.size, np.int64), customer, TODAY - ago, net, returned, quantity
    )


def figures(rows: list[tuple[int, int, int, int, int, int, int]], *ids: int) -> products.ProductFigures:
    return products.figures_of(sold(rows), np.array(ids, np.int64), as_of=TODAY)


def test_figures_of_a_year_of_the_year_before_and_of_ninety_days():
    found = figures(
        [
            (1, TEA, 1, 0, 500, 0, 1000),
            (2, TEA, 1, 89, 300, 100, 2000),
            (3, TEA, 2, 90, 200, 0, 1000),
            (4, TEA, 2, 364, 50, 0, 1000),
            (5, TEA, 3, 365, 70, 0, 1000),
            (6, TEA, -1, 454, 30, 0, 1000),
            (7, TEA, 3, 455, 20, 0, 1000),
            (8, TEA, 1, 1, -300, 300, 0),
        ],
        TEA,
        CUP,
    )
    assert found.revenue_fen.tolist() == [750, 0] and found.before_fen.tolist() == [120, 0]
    assert found.recent_fen.tolist() == [500, 0] and found.recent_before_fen.tolist() == [100, 0]
    assert found.returned_fen.tolist() == [400, 0] and found.quantity.tolist() == [5000, 0]
    assert (found.buyers.tolist(), found.again.tolist()) == ([2, 0], [2, 0])
    assert found.last_day.tolist() == [TODAY, -1] and found.first_day.tolist() == [TODAY - 455, -1]


def test_two_lines_on_one_day_are_not_coming_back_and_nobody_is_no_buyer():
    found = figures(
        [
            (1, TEA, 1, 3, 10, 0, 1),
            (2, TEA, 1, 3, 10, 0, 1),
            (3, TEA, -1, 2, 10, 0, 1),
            (4, TEA, -1, 1, 10, 0, 1),
        ],
        TEA,
    )
    assert (found.buyers.tolist(), found.again.tolist()) == ([1], [0])


def test_months_end_with_the_running_one():
    found = figures([(1, TEA, 1, 0, 5, 0, 1), (2, TEA, 1, 28, 7, 0, 1), (3, TEA, 1, 800, 9, 0, 1)], TEA)
    assert found.months.shape == (1, 24)
    assert found.months[0, -2:].tolist() == [7, 5] and int(found.months.sum()) == 12


def test_classes_hold_four_fifths_then_fifteen_percent_and_what_never_sold_has_none():
    assert products.classes_of(np.array([5, 700, 0, 150, 120, 25, -40])).tolist() == [2, 0, 3, 0, 1, 2, 3]


def test_what_stands_in_the_same_orders_more_often_than_chance():
    rows = [(n, product, n, 10, 1, 0, 1) for n in range(6) for product in (TEA, CUP)]
    rows += [(n, CAKE, n, 10, 1, 0, 1) for n in range(6, 18)]
    rows += [(n, POT, n, 10, 1, 0, 1) for n in range(4)]  # only four orders with it
    rows += [(0, TEA, 0, 10, 1, 0, 1)]  # twice in one order is once
    found = products.together_of(sold(rows), as_of=TODAY)
    assert list(zip(found.product.tolist(), found.other.tolist(), found.orders.tolist(), strict=True)) == [
        (TEA, CUP, 6),
        (CUP, TEA, 6),
    ]
    np.testing.assert_allclose(found.share, 1.0)
    np.testing.assert_allclose(found.lift, 6 * 18 / 36)


def test_orders_of_a_whole_warehouse_say_nothing_and_an_empty_shop_has_no_pairs():
    rows = [(n, product, n, 10, 1, 0, 1) for n in range(6) for product in range(61)]
    assert products.together_of(sold(rows), as_of=TODAY).product.size == 0
    assert products.together_of(sold(rows), as_of=TODAY - 400).product.size == 0
