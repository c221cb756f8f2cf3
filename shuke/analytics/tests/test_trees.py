"""Trees as plain arrays say what the trained ones say, also when packed, alone, and of what is not known."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from shuke.analytics.boosting import SETTINGS
from shuke.analytics.trees import Trees, trees_of


@pytest.fixture(scope="module")
def table() -> tuple[np.ndarray, np.ndarray]:
    """Columns with ties, unknown values and one that is always the same; and counts that hang on them."""
    rng = np.random.default_rng(4)
    columns = rng.normal(size=(1500, 6))
    columns[:, 1] = np.round(columns[:, 1] * 2)
    columns[::5, 2] = np.nan
    columns[:, 5] = 3.0
    counts = rng.poisson(np.exp(columns[:, 0] + np.where(np.isnan(columns[:, 2]), 1.0, columns[:, 1] / 3)))
    return columns, counts


def test_plain_arrays_say_what_the_trained_trees_say(table):
    columns, counts = table
    few = SETTINGS | {"max_iter": 15}
    with threadpool_limits(1, "openmp"):
        trained = HistGradientBoostingRegressor(loss="poisson", **few).fit(columns, counts)
        chance = HistGradientBoostingClassifier(**few).fit(columns, counts == 0)
    np.testing.assert_allclose(np.exp(trees_of(trained).said(columns)), trained.predict(columns), rtol=1e-12)
    np.testing.assert_allclose(
        trees_of(chance).said(columns), chance.decision_function(columns), rtol=1e-12, atol=1e-12
    )


def test_packed_and_alone_they_say_the_same_to_the_last_bit(table):
    columns, counts = table
    with threadpool_limits(1, "openmp"):
        trained = HistGradientBoostingRegressor(loss="poisson", **SETTINGS).fit(columns, counts)
    trees = trees_of(trained)
    together, again = trees.said(columns), Trees.from_text(trees.to_text())
    np.testing.assert_array_equal(again.said(columns), together)
    alone = [again.said(columns[row : row + 1])[0] for row in range(0, 1500, 50)]
    np.testing.assert_array_equal(alone, together[::50])
    assert again.said(columns[:0]).shape == (0,)


def test_a_tree_read_by_hand():
    """x0 <= 1 ? (x1 <= 0, unknown left ? 10 : 20) : 30, and a second tree that is one leaf."""
    trees = Trees(
        start=np.array([0.5]),
        column=np.array([[0, 1], [-1, -1]]),
        threshold=np.array([[1.0, 0.0], [0.0, 0.0]]),
        is_left_unknown=np.array([[False, True], [False, False]]),
        left=np.array([[0b011, 0b001], [0, 0]], np.uint16),
        leaf=np.pad(np.array([[10.0, 20.0, 30.0], [100.0, 0.0, 0.0]]), ((0, 0), (0, 13))),
    )
    asked = np.array([[1.0, 0.0], [1.0, 0.1], [1.0, np.nan], [1.1, 0.0], [np.nan, 0.0]])
    assert trees.said(asked).tolist() == [110.5, 120.5, 110.5, 130.5, 130.5]
