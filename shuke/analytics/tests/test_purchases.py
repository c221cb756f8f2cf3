import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shuke.analytics.arrays import Groups
from shuke.analytics.purchases import gaps, group_quantiles, merge_days, net_purchases

ROW = st.tuples(st.integers(1, 5), st.integers(0, 12), st.integers(-40, 60))


def run(rows: list[tuple[int, int, int]]) -> dict[int, list[tuple[int, int]]]:
    """Rows (customer, day, amount; negative: return) -> purchase days by customer."""
    customer, day, amount = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    found = net_purchases(merge_days(customer, day, np.maximum(amount, 0), np.maximum(-amount, 0)))
    pairs = list(zip(found.day.tolist(), found.amount_fen.tolist(), strict=True))
    starts = found.groups.starts.tolist()
    return {who: pairs[starts[i] : starts[i + 1]] for i, who in enumerate(found.customer.tolist())}


def by_hand(rows: list[tuple[int, int, int]]) -> dict[int, list[tuple[int, int]]]:
    """The policy as a shopkeeper would do it: a stack per customer, returns eat the newest first."""
    result: dict[int, list[tuple[int, int]]] = {}
    for who in sorted({row[0] for row in rows}):
        stack: list[list[int]] = []
        for day in sorted({row[1] for row in rows if row[0] == who}):
            amounts = [row[2] for row in rows if row[:2] == (who, day)]
            stack.append([day, sum(a for a in amounts if a > 0)])
            back = -sum(a for a in amounts if a < 0)
            for entry in reversed(stack):
                taken = min(entry[1], back)
                entry[1], back = entry[1] - taken, back - taken
        result[who] = [(day, left) for day, left in stack if left > 0]
    return result


@given(st.lists(ROW, min_size=1, max_size=40))
@settings(max_examples=300, deadline=None)
def test_many_at_once_equal_a_stack_per_customer(rows):
    assert run(rows) == by_hand(rows)


@given(st.lists(ROW, min_size=1, max_size=40))
@settings(max_examples=100, deadline=None)
def test_one_customer_alone_equals_the_same_among_many(rows):
    together = run(rows)
    for who in together:
        assert run([row for row in rows if row[0] == who]) == {who: together[who]}


def test_orders_of_one_day_are_one_purchase():
    assert run([(7, 3, 100), (7, 3, 50), (7, 9, 20)]) == {7: [(3, 150), (9, 20)]}


def test_a_return_eats_the_newest_purchases_first_and_empty_days_vanish():
    assert run([(1, 1, 100), (1, 5, 60), (1, 8, -90)]) == {1: [(1, 70)]}


def test_a_return_never_touches_later_purchases_and_is_dropped_when_nothing_is_left():
    assert run([(1, 1, 30), (1, 2, -100), (1, 6, 80)]) == {1: [(6, 80)]}


def test_amounts_too_large_for_one_pass_are_done_in_halves():
    large = 1 << 56
    rows = [(who, day, amount) for who in range(1, 9) for day, amount in ((1, large), (2, 10), (3, -20))]
    assert run(rows) == {who: [(1, large - 10)] for who in range(1, 9)}


@given(st.lists(st.lists(st.integers(1, 400), max_size=7), min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_quantiles_of_groups_equal_numpy(lists):
    groups = Groups.of_counts(np.array([len(one) for one in lists], np.int64))
    values = np.array([value for one in lists for value in one], np.int64)
    found = group_quantiles(groups, values, (0.25, 0.5, 0.75))
    for row, one in zip(found, lists, strict=True):
        wanted = np.quantile(one, (0.25, 0.5, 0.75)) if one else [np.nan] * 3
        np.testing.assert_allclose(row, wanted)


def test_gaps_stay_within_a_customer():
    customer = np.array([1, 1, 1, 2, 3, 3], np.int64)
    day = np.array([10, 12, 20, 5, 1, 4], np.int64)
    money = np.full(6, 10, np.int64)
    groups, days = gaps(net_purchases(merge_days(customer, day, money, money * 0)))
    assert groups.counts.tolist() == [2, 0, 1]
    assert days.tolist() == [2, 8, 3]


def test_no_rows_are_no_customers():
    none = np.zeros(0, np.int64)
    found = net_purchases(merge_days(none, none, none, none))
    assert found.customer.size == 0 and found.groups.counts.size == 0


def test_a_history_that_begins_later_has_its_first_purchase_there():
    rows = [(1, 3, 100), (1, 40, 60), (1, 55, 80), (2, 50, 10)]
    whole, later = run(rows), run([row for row in rows if row[1] >= 30])
    assert later == {1: whole[1][1:], 2: whole[2]}
