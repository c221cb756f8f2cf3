"""Work on all cores: tables cut into parts of whole customers, done side by side in threads, and put together again.

NumPy and SciPy let go of Python's lock while they compute, so threads are enough and nothing is copied between processes.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from shuke.analytics.arrays import Groups
from shuke.analytics.lifecycle import Moves
from shuke.analytics.purchases import Purchases

Table = TypeVar("Table")
Result = TypeVar("Result")
FEWEST_IN_A_PART = 20_000
PARTS_PER_CORE = 2


def in_parts(tables: Table, work: Callable[[Table], Result]) -> Result:
    """`work` on parts of the customers of `tables`; the results put together are those of the whole.

    `tables` is a table (Purchases, Features …), or a tuple of tables of the same customers. Errors of `work` are raised.
    """
    customers = _customers(tables)
    parts = min(customers // FEWEST_IN_A_PART, PARTS_PER_CORE * _cores())
    if parts < 2:
        return work(tables)
    edges = np.linspace(0, customers, parts + 1).astype(np.int64).tolist()
    cut = [_slice(tables, low, high) for low, high in pairwise(edges)]
    with ThreadPoolExecutor(_cores(), thread_name_prefix="parts") as threads:
        found = list(threads.map(work, cut))
    return _joined(found, edges)


@cache
def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def _customers(tables: Any) -> int:
    first = tables[0] if isinstance(tables, tuple) else tables
    return int(first.customer.size)


def _slice(table: Any, low: int, high: int) -> Any:
    """The rows of customers `low` to `high` of a table, of tables within it, and of arrays."""
    if isinstance(table, tuple):
        return tuple(_slice(one, low, high) for one in table)
    if isinstance(table, Purchases):
        starts = table.groups.starts[low : high + 1]
        rows = slice(int(starts[0]), int(starts[-1]))
        return Purchases(
            table.customer[low:high],
            Groups(starts - starts[0]),
            table.day[rows],
            table.amount_fen[rows],
        )
    if is_dataclass(table):
        kind: Any = type(table)
        return kind(**{one.name: _slice(getattr(table, one.name), low, high) for one in fields(table)})
    return table[low:high] if isinstance(table, np.ndarray) else table


def _joined(found: list[Any], edges: list[int]) -> Any:
    """Parts one after the other; figures that are the same for all parts stay as they are."""
    first = found[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(found)
    if isinstance(first, Moves):
        row = np.concatenate([one.row + low for one, low in zip(found, edges[:-1], strict=True)])
        names = ("day", "from_stage", "to_stage")
        return Moves(row, *(np.concatenate([getattr(one, name) for one in found]) for name in names))
    if is_dataclass(first):
        kind: Any = type(first)
        return kind(
            **{one.name: _joined([getattr(part, one.name) for part in found], edges) for one in fields(first)}
        )
    return first
