"""The expressions say what the NumPy functions say, on random histories: to the fen and the day, quantiles to 1e-9."""

from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuke.analytics import expressions as told
from shuke.analytics import rfm
from shuke.analytics.clv import histories_of
from shuke.analytics.features import Features, features_of, gap_histogram, shop_gaps
from shuke.analytics.purchases import Purchases, gaps, merge_days, net_purchases

AS_OF = 800
WHOLE = ("customer", "purchases", "first_day", "last_day", "spent_fen", "repeat_fen", "window_purchases", "window_fen",
         "year_purchases", "year_fen", "worth_fen")  # fmt: skip
# Few days, so that orders meet on one; zero amounts; returns smaller and larger than all there is.
ROW = st.tuples(st.integers(1, 6), st.integers(0, 25).map(lambda step: step * 40), st.integers(-90, 100))


@pytest.fixture(scope="module")
def duckdb() -> Any:
    connection = ibis.duckdb.connect()
    yield connection
    connection.disconnect()


def orders_of(rows: list[tuple[int, int, int]]) -> pa.Table:
    """Rows (customer, day, fen; negative: a return document) as facts."""
    customer, day, fen = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    return pa.table(
        {
            "customer": customer,
            "day": day.astype(np.int32),
            "sold_fen": np.maximum(fen, 0),
            "returned_fen": np.maximum(-fen, 0),
        }
    )


def by_numpy(orders: pa.Table, as_of: int = AS_OF) -> Purchases:
    columns = [orders[name].to_numpy().astype(np.int64) for name in orders.column_names]
    return net_purchases(merge_days(*columns)).until(as_of)


def column(table: pa.Table, name: str) -> Any:
    return table[name].to_numpy(zero_copy_only=False)


def features_are_equal(found: pa.Table, wanted: Features) -> None:
    bought = wanted.has_bought
    for name in WHOLE:
        np.testing.assert_array_equal(column(found, name), getattr(wanted, name)[bought], err_msg=name)
    quantiles = np.column_stack([column(found, f"gap_{percent}") for percent in (25, 50, 75)])
    np.testing.assert_allclose(quantiles.astype(float), wanted.gap_quantiles[bought], rtol=1e-9)


@given(st.lists(ROW, min_size=1, max_size=60), st.sampled_from([0, 90, 365]))
@settings(max_examples=15, deadline=None)
def test_random_histories_give_the_same_purchases_and_features(duckdb, rows, window_days):
    orders = orders_of([row for row in rows if row[1] <= AS_OF] or [(1, 0, 5)])
    bought = told.purchases(told.movements(ibis.memtable(orders), as_of=AS_OF))
    wanted = by_numpy(orders)
    found = duckdb.to_pyarrow(bought.order_by("customer", "day"))
    np.testing.assert_array_equal(column(found, "day"), wanted.day)
    np.testing.assert_array_equal(column(found, "amount_fen"), wanted.amount_fen)
    np.testing.assert_array_equal(column(found, "customer"), np.repeat(wanted.customer, wanted.groups.counts))
    table = told.features(bought, as_of=AS_OF, window_days=window_days).order_by("customer")
    features_are_equal(duckdb.to_pyarrow(table), features_of(wanted, as_of=AS_OF, window_days=window_days))


def big_shop(size: int = 5_000) -> pa.Table:
    rng = np.random.default_rng(11)
    fen = np.where(rng.uniform(size=size) < 0.1, -rng.integers(0, 9_000, size), rng.integers(0, 20_000, size))
    days = (rng.integers(0, 700, size)).tolist()
    return orders_of(list(zip(rng.integers(1, 400, size).tolist(), days, fen.tolist(), strict=True)))


def test_cells_gaps_spend_and_scores_are_those_of_the_models(duckdb):
    orders = big_shop()
    wanted = features_of(by_numpy(orders), as_of=AS_OF, window_days=365)
    bought = told.purchases(told.movements(ibis.memtable(orders), as_of=AS_OF))
    table = told.features(bought, as_of=AS_OF, window_days=365)
    cells = duckdb.to_pyarrow(told.cells(table, as_of=AS_OF).order_by("x", "t_x", "T"))
    histories = histories_of(wanted, wanted.has_bought)
    np.testing.assert_array_equal(column(cells, "x"), histories.x)
    np.testing.assert_allclose(column(cells, "t_x") / 7, histories.t_x, rtol=1e-12)
    np.testing.assert_allclose(column(cells, "T") / 7, histories.T, rtol=1e-12)
    np.testing.assert_array_equal(column(cells, "customers"), histories.customers)
    counts = duckdb.to_pyarrow(told.gap_counts(bought).order_by("gap_days"))
    days, times = gap_histogram(by_numpy(orders))
    np.testing.assert_array_equal(column(counts, "gap_days"), days)
    np.testing.assert_array_equal(column(counts, "times"), times)
    repeats = duckdb.to_pyarrow(told.spend(table).order_by("customer"))
    np.testing.assert_array_equal(column(repeats, "repeat_fen"), wanted.repeat_fen[wanted.repeats > 0])
    np.testing.assert_array_equal(column(repeats, "x"), wanted.repeats[wanted.repeats > 0])
    some = wanted.has_bought
    figures = (wanted.silent_days[some], wanted.window_purchases[some], wanted.window_fen[some])
    edges = rfm.edges_of(*figures)
    scores = duckdb.to_pyarrow(
        told.rfm_scores(
            table, as_of=AS_OF, edges=(edges.recency_days, edges.frequency, edges.money_fen)
        ).order_by("customer")
    )
    for letter in "rfm":
        np.testing.assert_array_equal(column(scores, letter), getattr(rfm.score(edges, *figures), letter))


def test_quantiles_of_the_shop_from_counts_equal_those_from_all_gaps():
    purchases = by_numpy(big_shop(900))
    _groups, days = gaps(purchases)
    found = shop_gaps(purchases)
    wanted = np.quantile(days, (0.25, 0.5, 0.75, 0.8, 0.95))
    np.testing.assert_allclose(
        (found.low, found.middle, found.high, found.slow, found.slowest), wanted, rtol=1e-12
    )


def test_of_each_customer_the_newest_layer_counts(duckdb):
    rows = ibis.memtable(
        pa.table(
            {"customer": [1, 1, 2, 3, 1, 2], "sold_fen": [5, 6, 7, 8, 9, 4], "layer": [0, 0, 0, 0, 1, 2]}
        )
    )
    named = ibis.memtable(pa.table({"customer": [1, 3, 2], "layer": [1, 1, 2]}))
    found = duckdb.to_pyarrow(told.current_rows(rows, named).order_by("customer")).to_pylist()
    # 1 was told anew once, 2 twice, 3 has nothing left.
    assert found == [{"customer": 1, "sold_fen": 9}, {"customer": 2, "sold_fen": 4}]
