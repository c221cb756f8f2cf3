"""Array types, and sorted arrays in groups (one group per customer), as all table maths here use them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows of a sorted table cut into groups: group `g` owns rows `starts[g]` up to `starts[g + 1]`.

    Parameters
    ----------
    starts : (G + 1,) int64
        First row of each group, and the number of rows at the end. Groups may be empty.
    """

    starts: IntArray

    @staticmethod
    def of_sorted(keys: IntArray) -> tuple[IntArray, "Groups"]:
        """Distinct keys (G,) of a sorted key column (N,), and their groups."""
        if keys.size == 0:
            return keys, Groups(np.zeros(1, np.int64))
        first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))).astype(np.int64)
        return keys[first], Groups(np.append(first, keys.size))

    @staticmethod
    def of_counts(counts: IntArray) -> "Groups":
        """Groups with the given numbers of rows (G,)."""
        return Groups(np.concatenate(([0], np.cumsum(counts))).astype(np.int64))

    @property
    def counts(self) -> IntArray:
        """Rows in each group, (G,)."""
        return np.diff(self.starts)

    @property
    def row_group(self) -> IntArray:
        """Group number of each row, (N,)."""
        return np.repeat(np.arange(self.counts.size, dtype=np.int64), self.counts)

    @property
    def place(self) -> IntArray:
        """Place of each row within its group, from 0, (N,)."""
        return np.arange(self.starts[-1], dtype=np.int64) - np.repeat(self.starts[:-1], self.counts)

    def sums(self, values: IntArray) -> IntArray:
        """Sum per group, (G,); 0 for an empty group."""
        running = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))
        return running[self.starts[1:]] - running[self.starts[:-1]]

    def keep(self, rows: BoolArray) -> "Groups":
        """The same groups (some may become empty) after keeping only the marked rows (N,)."""
        return Groups.of_counts(self.sums(rows.astype(np.int64)))

    def firsts(self, values: IntArray, empty: int) -> IntArray:
        """First value per group, (G,); `empty` where a group has no rows."""
        return self._pick(values, self.starts[:-1], empty)

    def lasts(self, values: IntArray, empty: int) -> IntArray:
        """Last value per group, (G,); `empty` where a group has no rows."""
        return self._pick(values, self.starts[1:] - 1, empty)

    def _pick(self, values: IntArray, rows: IntArray, empty: int) -> IntArray:
        if values.size == 0:
            return np.full(rows.size, empty, np.int64)
        picked = values[np.clip(rows, 0, values.size - 1)]
        return np.where(self.counts > 0, picked, empty)
