"""The store of facts: what it says is what it was told last, killed anywhere, melted or not, and nobody stays who is gone."""

import os
import signal
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuke.analytics import fact_store
from shuke.analytics.fact_store import ORDERS, FactStore

Rows = dict[int, list[tuple[int, int]]]


def table_of(rows: Rows) -> pa.Table:
    """By customer (day, fen) pairs, as facts."""
    flat = [(who, day, fen) for who in sorted(rows) for day, fen in rows[who]]
    columns = {
        "customer": [who for who, _day, _fen in flat],
        "day": [day for _who, day, _fen in flat],
        "sold_fen": [fen for _who, _day, fen in flat],
        "returned_fen": [0] * len(flat),
        "order": list(range(len(flat))),
        "store": [1] * len(flat),
    }
    return pa.table(columns, schema=ORDERS)


def said_by(store: FactStore) -> Rows:
    """What the store says, by customer."""
    manifest = store.manifest()
    assert manifest is not None
    found = defaultdict(list)
    for row in store.read(manifest).to_pylist():
        found[row["customer"]].append((row["day"], row["sold_fen"]))
    return dict(found)


def said_by_expression(store: FactStore) -> Rows:
    """The same through the expression that DuckDB and Spark run."""
    manifest = store.manifest()
    assert manifest is not None
    connection = ibis.duckdb.connect()
    found = defaultdict(list)
    table = fact_store.current_orders(connection.read_parquet, store, manifest)
    for row in table.order_by("customer", "day", "order").to_pyarrow().to_pylist():
        found[row["customer"]].append((row["day"], row["sold_fen"]))
    connection.disconnect()
    return dict(found)


def all_numbers(folder: Path) -> set[int]:
    """Every customer number in any file of the folder."""
    found: set[int] = set()
    for path in folder.glob("*.parquet"):
        found |= set(pq.read_table(path)["customer"].to_pylist())
    return found


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FactStore:
    monkeypatch.setattr(fact_store, "SPAN", 10)
    return FactStore(tmp_path / "facts")


FIRST: Rows = {1: [(5, 100), (9, 50)], 12: [(3, 70)], 25: [(1, 10), (2, 20)]}


def test_a_store_says_what_it_was_told_and_a_layer_counts_instead(store):
    store.rebuild(token="a", currency="CNY", chunks=[table_of(FIRST)])
    assert said_by(store) == said_by_expression(store) == FIRST
    told = {1: [(5, 100)], 7: [(8, 80)]}
    manifest = store.append(token="b", named=np.array([1, 7]), rows=table_of(told))
    assert said_by(store) == said_by_expression(store) == FIRST | told
    assert (manifest.token, manifest.follows, len(manifest.layers)) == ("b", "a", 1)
    assert [file.bucket for file in manifest.base] == [0, 1, 2]


def test_a_night_s_change_leaves_the_base_alone(store):
    before = store.rebuild(token="a", currency="CNY", chunks=[table_of(FIRST)])
    after = store.append(token="b", named=np.array([12]), rows=table_of({12: [(3, 71)]}))
    assert after.base == before.base


def test_who_has_nothing_left_is_in_no_file_any_more(store):
    store.rebuild(token="a", currency="CNY", chunks=[table_of(FIRST)])
    store.append(token="b", named=np.array([12, 13]), rows=table_of({12: [(3, 71)], 13: [(4, 5)]}))
    store.append(token="c", named=np.array([1, 12]), rows=table_of({}))
    assert said_by(store) == said_by_expression(store) == {13: [(4, 5)], 25: FIRST[25]}
    assert all_numbers(store.folder) == {13, 25}


def test_many_layers_are_melted_into_the_base(store, monkeypatch):
    monkeypatch.setattr(fact_store, "MOST_LAYERS", 2)
    store.rebuild(token="0", currency="CNY", chunks=[table_of(FIRST)])
    for step in range(1, 4):
        manifest = store.append(token=str(step), named=np.array([12]), rows=table_of({12: [(3, step)]}))
        assert len(manifest.layers) == step % 3
    assert said_by(store) == FIRST | {12: [(3, 3)]}
    assert len(list(store.folder.iterdir())) == 4  # three files of the base, and the manifest


def test_rows_that_come_in_chunks_are_cut_into_whole_buckets(store):
    chunks = [table_of({who: [(who, who * 10)]}) for who in (3, 8, 11, 19, 40)]
    manifest = store.rebuild(token="a", currency="CNY", chunks=chunks)
    assert [(file.bucket, file.rows) for file in manifest.base] == [(0, 2), (1, 2), (4, 1)]
    assert said_by(store) == {who: [(who, who * 10)] for who in (3, 8, 11, 19, 40)}


CHANGE = st.dictionaries(
    st.integers(0, 39), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=3), max_size=6
)


@given(st.lists(CHANGE, min_size=1, max_size=8))
@settings(max_examples=12, deadline=None)
def test_after_any_changes_the_store_says_what_was_told_last(tmp_path_factory, changes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fact_store, "SPAN", 10)
        patch.setattr(fact_store, "MOST_LAYERS", 3)
        store, wanted = FactStore(tmp_path_factory.mktemp("facts")), dict[int, Any]()
        store.rebuild(token="0", currency="CNY", chunks=[])
        for place, change in enumerate(changes):
            named = np.array(sorted(change), np.int64)
            store.append(token=str(place), named=named, rows=table_of(change))
            wanted |= {who: sorted(pairs, key=lambda pair: pair[0]) for who, pairs in change.items()}
            wanted = {who: pairs for who, pairs in wanted.items() if pairs}
            assert said_by(store) == wanted
            assert said_by_expression(store) == wanted
            assert all_numbers(store.folder) == set(wanted)


def killed_at(step: int, store: FactStore) -> bool:
    """A process of its own appends and kills itself (`kill -9`) before its `step`-th act on the disk; whether it did."""
    child = os.fork()
    if child == 0:
        steps = iter(range(step))

        def deadly(act: Callable[..., Any]) -> Callable[..., Any]:
            def acting(*args: Any, **options: Any) -> Any:
                if next(steps, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)
                return act(*args, **options)

            return acting

        os.fsync, os.unlink, os.replace = deadly(os.fsync), deadly(os.unlink), deadly(os.replace)
        store.append(token="b", named=np.array([1, 25]), rows=table_of({1: [(5, 1)]}))
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def test_killed_at_any_step_the_store_is_as_before_or_as_after(store, monkeypatch):
    monkeypatch.setattr(fact_store, "MOST_LAYERS", 0)
    after, seen = {1: [(5, 1)], 12: [(3, 70)]}, []
    for step in range(40):
        store.rebuild(token="a", currency="CNY", chunks=[table_of(FIRST)])
        has_died = killed_at(step, store)
        seen.append(said_by(store))
        store.append(token="b", named=np.array([1, 25]), rows=table_of({1: [(5, 1)]}))
        assert said_by(store) == after and all_numbers(store.folder) == {1, 12}
        if not has_died:
            break
    assert step > 6 and seen[0] == FIRST and seen[-1] == after
    assert all(found in (FIRST, after) for found in seen)


def test_a_store_of_another_format_is_no_store(store):
    store.rebuild(token="a", currency="CNY", chunks=[table_of(FIRST)])
    path = store.folder / fact_store.MANIFEST
    path.write_text(path.read_text().replace('"format": 1', '"format": 0'))
    assert store.manifest() is None
    path.write_text("{")
    assert store.manifest() is None
    path.unlink()
    assert store.manifest() is None
