"""Groups found by k-means, and the conditions that say them."""

import numpy as np
import pytest

from shuke.analytics.clusters import Box, find_groups, k_means, round_numbers, within


def three_kinds() -> np.ndarray:
    """60 regulars, 40 big spenders who come rarely, 20 long gone: days, times, yuan."""
    random = np.random.default_rng(1)
    regulars = np.column_stack(
        [random.integers(1, 20, 60), random.integers(15, 40, 60), random.integers(80, 120, 60)]
    )
    spenders = np.column_stack(
        [random.integers(5, 60, 40), random.integers(2, 5, 40), random.integers(900, 1500, 40)]
    )
    gone = np.column_stack(
        [random.integers(300, 500, 20), random.integers(1, 3, 20), random.integers(70, 140, 20)]
    )
    return np.vstack([regulars, spenders, gone]).astype(float)


def test_plain_groups_are_found_and_said_without_loss() -> None:
    values = three_kinds()
    found = find_groups(values, 3)
    assert [int(within(values, box).sum()) for box in found.boxes] == [60, 40, 20]
    assert found.agreed == 1.0


def test_every_customer_is_in_exactly_one_box() -> None:
    values = np.random.default_rng(2).lognormal(3, 1.2, (500, 3))
    found = find_groups(values, 6)
    held = np.sum([within(values, box) for box in found.boxes], axis=0)
    assert held.tolist() == [1] * 500
    assert found.agreed > 0.6


def test_the_order_of_customers_and_the_unit_do_not_matter() -> None:
    values = three_kinds()
    shuffled = values[np.random.default_rng(3).permutation(len(values))]
    assert find_groups(shuffled, 3).boxes == find_groups(values, 3).boxes


def test_the_same_customers_give_the_same_groups() -> None:
    values = np.random.default_rng(4).normal(size=(300, 2))
    assert np.array_equal(k_means(values, 4, seed=7), k_means(values, 4, seed=7))


def test_customers_all_alike_are_one_group() -> None:
    found = find_groups(np.ones((50, 3)), 3)
    assert found.boxes == (Box((None,) * 3, (None,) * 3),)


def test_fewer_customers_than_groups_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer"):
        find_groups(np.ones((2, 3)), 3)


def test_round_numbers_are_easy_to_say() -> None:
    assert round_numbers(3, 6) == [3, 4, 5]
    assert round_numbers(9.5, 41) == [10, 12, 15, 20, 25, 30, 40]
    assert round_numbers(5, 5) == []
