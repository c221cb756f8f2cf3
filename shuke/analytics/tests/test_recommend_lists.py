"""The lists that a shop shows: chosen ways, what is due, never bought, a step up, and what newcomers get."""

import numpy as np

from shuke.analytics import recommend_lists, recommend_new
from shuke.analytics.recommend import Filters, Lines
from shuke.analytics.recommend_lists import DUE, NEW, STEP, Choice, Suggested
from shuke.analytics.recommend_new import Shelf
from shuke.analytics.tests.test_recommending import CAKE, CUP, POT, TEA, ints, made

NOTHING = Filters()


def shelf(**prices: int) -> Shelf:
    products = {"tea": TEA, "cup": CUP, "cake": CAKE, "pot": POT}
    order = sorted(prices, key=lambda name: products[name])
    return Shelf(
        ints(*(products[name] for name in order)),
        np.zeros(len(order), np.int64),
        ints(*(prices[name] for name in order)),
        np.zeros(len(order)),
    )


def learnt(lines: Lines, offered: Shelf, *, as_of: int, fen: float = 10_000.0) -> recommend_lists.Learnt:
    money = np.full(lines.day.size, fen)
    return recommend_lists.learn(lines, money, offered, Choice(), as_of=as_of)


def told(found: Suggested) -> list[tuple[int, int, int, int]]:
    columns = (found.customer, found.kind, found.product, found.because)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def together(*pairs: tuple[int, int]) -> list[tuple[int, int, int]]:
    """For each (customer, product): the product with tea on day 5."""
    return [(who, what, 5) for who, product in pairs for what in (TEA, product)]


def test_each_kind_has_its_own_rows_with_the_figures_behind_them():
    lines = made([(1, TEA, 0), (1, TEA, 30), (1, TEA, 60), *together(*((who, CUP) for who in range(2, 8)))])
    found = recommend_lists.lists_of(learnt(lines, shelf(), as_of=93), NOTHING, ints(1))
    assert told(found) == [(1, DUE, TEA, TEA), (1, NEW, CUP, TEA)]
    assert (found.times.tolist(), found.last_day.tolist()) == ([3, 0], [60, -1])
    assert (found.interval_days.tolist(), found.usual_fen.tolist()) == ([30, 0], [10_000, 0])


def test_a_step_up_is_said_with_its_price_unless_the_product_is_in_the_other_list_already():
    alone = [(who, product, 5) for who in range(2, 9) for product in (CUP, CAKE, POT)]
    lines = made([(1, TEA, 0), (1, TEA, 30), *alone, *((who, 50, 5) for who in range(2, 9))])
    offered = shelf(tea=10_000, cup=15_000)
    crowded = recommend_lists.lists_of(learnt(lines, offered, as_of=31), NOTHING, ints(1))
    assert (1, STEP, CUP, TEA) not in told(crowded) and CUP in crowded.product.tolist()
    everything = Filters(products=ints(CAKE, POT, 50))
    assert told(recommend_lists.lists_of(learnt(lines, offered, as_of=31), everything, ints(1))) == [
        (1, NEW, CUP, -1)
    ]


def test_a_step_up_stands_where_the_other_list_is_full():
    rows = [(who, product, 5) for who in range(2, 9) for product in (CAKE, POT, 50)]
    rows += [(who, CUP, 5) for who in range(2, 7)]
    lines = made([(1, TEA, 0), (1, TEA, 30), *((who, TEA, 5) for who in range(20, 25)), *rows])
    found = recommend_lists.lists_of(learnt(lines, shelf(tea=10_000, cup=15_000), as_of=31), NOTHING, ints(1))
    assert (1, STEP, CUP, TEA) in told(found)
    assert found.usual_fen[found.kind == STEP].tolist() == [15_000]


def test_newcomers_get_the_popular_ones_and_buyers_do_not():
    lines = made([(who, TEA, 5) for who in range(1, 8)] + [(who, CUP, 5) for who in range(1, 6)])
    customers = ints(*range(1, 10))
    segment = ints(*([0] * 8), 1)
    base = learnt(lines, shelf(), as_of=6)
    found = recommend_lists.popular_lists(base, NOTHING, customers, segment)
    assert told(found) == [(8, NEW, TEA, -1), (8, NEW, CUP, -1), (9, NEW, TEA, -1), (9, NEW, CUP, -1)]
    without = recommend_lists.popular_lists(base, Filters(customers=ints(8)), customers, segment)
    assert {row[0] for row in told(without)} == {9}
    assert told(found.between(9, 99)) == [(9, NEW, TEA, -1), (9, NEW, CUP, -1)]


def test_the_usual_money_is_the_lower_median_of_each_product():
    lines = made([(1, TEA, 1), (2, TEA, 1), (3, TEA, 1), (1, CUP, 1), (2, CUP, 1)])
    money = np.array([50.0, 100.0, 30.0, 900.0, 70.0])  # in the order of the lines: by customer and product
    by_line = dict(zip(zip(lines.customer.tolist(), lines.product.tolist(), strict=True), money, strict=True))
    tea = sorted(fen for (_who, what), fen in by_line.items() if what == TEA)
    cup = sorted(fen for (_who, what), fen in by_line.items() if what == CUP)
    assert recommend_lists.usual_money(lines, money) == {TEA: tea[1], CUP: cup[0]}


def test_the_ways_are_chosen_on_hidden_days_and_a_short_history_keeps_the_defaults():
    rows = [(who, product, day) for who in range(40) for product, day in ((TEA, 1), (CUP, 1), (TEA, 40))]
    judged = recommend_lists.judge(made(rows), cut=20)
    assert judged.repeat and judged.repeat.customers == 40 and judged.repeat.recall == 1.0
    assert judged.choice.repeat_half_life_days in (30.0, 60.0, 120.0, 240.0)
    short = recommend_lists.judge(made(rows), cut=50)
    assert short == (Choice(), None, None)


def test_of_a_large_shop_a_sample_is_judged(monkeypatch):
    monkeypatch.setattr(recommend_lists, "LARGEST_SAMPLE", 10)
    rows = [(who, TEA, day) for who in range(40) for day in (1, 40)]
    judged = recommend_lists.judge(made(rows), cut=20)
    assert judged.repeat and judged.repeat.customers == 10


def test_an_empty_shop_has_no_lists():
    none = Lines(ints(), ints(), ints())
    base = learnt(none, shelf(), as_of=5)
    assert told(recommend_lists.lists_of(base, NOTHING, ints())) == []
    assert told(recommend_lists.popular_lists(base, NOTHING, ints(1, 2), ints(0, 0))) == []
    assert base.affinity.product.size == 0 and recommend_new.POPULAR in recommend_new.WAYS
