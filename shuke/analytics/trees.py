"""Trained trees as plain arrays: kept as text, and asked about one customer or a million with the same figures.

An ensemble is asked the way of C. Lucchese et al., "QuickScorer: A Fast Algorithm to Rank Documents with Additive Ensembles of
Regression Trees", SIGIR (2015): a tree is a word with one bit for each leaf; each split that a customer fails strikes out the
leaves on its left; the lowest bit that is left is the leaf. All splits on one column are one table, looked up by where the value
falls among their thresholds. Page docs/methods/boosting.md.
"""

import base64
import io
import zlib
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from shuke.analytics.arrays import BoolArray, FloatArray, IntArray

MOST_LEAVES = 16
ROWS_AT_ONCE = 1024
ALL = np.uint16(2**MOST_LEAVES - 1)
Words = npt.NDArray[np.uint16]
_WORDS = np.arange(2**MOST_LEAVES)
LOWEST_BIT = np.where(_WORDS > 0, np.frexp((_WORDS & -_WORDS).astype(np.float64))[1] - 1, 0).astype(np.int16)


@dataclass(frozen=True)
class Trees:
    """T trees of at most 16 leaves. What they say is `start` plus one leaf of each tree, before any link function.

    `column`, `threshold`, `is_left_unknown` and `left` are (T, S), S the most splits of a tree (unused: column -1): values up to
    the threshold go left, unknown ones (NaN) where `is_left_unknown` says; `left` has a bit for each leaf on that side.
    `leaf` (T, 16) are the values, from left to right.
    """

    start: FloatArray
    column: IntArray
    threshold: FloatArray
    is_left_unknown: BoolArray
    left: Words
    leaf: FloatArray

    def said(self, columns: FloatArray) -> FloatArray:
        """What the trees say of the rows of `columns` (N, K), (N,)."""
        found = np.empty(columns.shape[0])
        places = {column: _places(steps, columns[:, column]) for column, (steps, _) in self._tables.items()}
        offset = np.arange(self.leaf.shape[0]) * MOST_LEAVES
        for begin in range(0, found.size, ROWS_AT_ONCE):
            rows = slice(begin, begin + ROWS_AT_ONCE)
            leaves = np.full((found[rows].size, offset.size), ALL)
            for column, (_, struck) in self._tables.items():
                leaves &= struck[places[column][rows]]
            found[rows] = self.leaf.ravel()[LOWEST_BIT[leaves] + offset].sum(axis=1)
        return found + self.start[0]

    @cached_property
    def _tables(self) -> dict[int, tuple[FloatArray, Words]]:
        """By column: thresholds (M,), rising; and (M + 2, T) which leaves of each tree stay above 0 … M of them, or unknown."""
        return {
            int(column): self._table(self.column == column)
            for column in np.unique(self.column)
            if column >= 0
        }

    def _table(self, splits: BoolArray) -> tuple[FloatArray, Words]:
        steps, place = np.unique(self.threshold[splits], return_inverse=True)
        tree, kept = np.nonzero(splits)[0], ~self.left[splits]
        stays = np.full((steps.size + 2, self.column.shape[0]), ALL)
        np.bitwise_and.at(stays, (place + 1, tree), kept)
        stays = np.bitwise_and.accumulate(stays, axis=0)
        stays[-1] = ALL
        goes_right = ~self.is_left_unknown[splits]
        np.bitwise_and.at(stays[-1], tree[goes_right], kept[goes_right])
        return steps, stays

    def to_text(self) -> str:
        """The arrays, packed: no pickles."""
        packed = io.BytesIO()
        np.savez(packed, **{field.name: getattr(self, field.name) for field in fields(self)})
        return base64.b64encode(zlib.compress(packed.getvalue(), 6)).decode()

    @staticmethod
    def from_text(text: str) -> "Trees":
        """The trees that `to_text` packed."""
        with np.load(io.BytesIO(zlib.decompress(base64.b64decode(text))), allow_pickle=False) as packed:
            return Trees(**{field.name: packed[field.name] for field in fields(Trees)})


def _places(steps: FloatArray, values: FloatArray) -> IntArray:
    """How many thresholds lie below each value (N,); one more than all for an unknown one."""
    found = np.searchsorted(steps, values, side="left")
    return np.where(np.isnan(values), steps.size + 1, found)


def trees_of(estimator: Any) -> Trees:
    """The trees of a trained histogram gradient boosting of scikit-learn with one output and no categories."""
    nodes = [predictors[0].nodes for predictors in estimator._predictors]
    splits = max(int((~each["is_leaf"].astype(bool)).sum()) for each in nodes)
    shape = (len(nodes), max(splits, 1))
    found = Trees(
        start=np.asarray(estimator._baseline_prediction, np.float64).reshape(-1)[:1],
        column=np.full(shape, -1, np.int64),
        threshold=np.zeros(shape),
        is_left_unknown=np.zeros(shape, bool),
        left=np.zeros(shape, np.uint16),
        leaf=np.zeros((len(nodes), MOST_LEAVES)),
    )
    for tree, each in enumerate(nodes):
        _Reading(found, tree, each).go()
    return found


class _Reading:
    """Reading one tree into its row: leaves are numbered from left to right."""

    def __init__(self, into: Trees, tree: int, nodes: Any) -> None:
        self.into, self.tree, self.nodes = into, tree, nodes
        self.leaves = self.splits = 0

    def go(self, node: int = 0) -> None:
        """Read what hangs below a node."""
        one = self.nodes[node]
        if one["is_leaf"]:
            self.into.leaf[self.tree, self.leaves] = one["value"]
            self.leaves += 1
            return
        place, first = (self.tree, self.splits), self.leaves
        self.splits += 1
        self.into.column[place] = one["feature_idx"]
        self.into.threshold[place] = one["num_threshold"]
        self.into.is_left_unknown[place] = bool(one["missing_go_to_left"])
        self.go(int(one["left"]))
        self.into.left[place] = sum(1 << leaf for leaf in range(first, self.leaves))
        self.go(int(one["right"]))
