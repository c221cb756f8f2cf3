"""Combinations of keys met in a run and whose they are, by the million in little room."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Marks:
    """Each text as 128 bits; the first half orders them."""

    first: U64
    second: U64


@dataclass(frozen=True)
class _Run:
    marks: Marks  # by `first`
    ids: I64


class Combinations:
    """Text → id, kept as sorted runs of hashes that are merged when they are alike in size."""

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    @staticmethod
    def marks(texts: pl.Series) -> Marks:
        """Hashes of texts, the same within one process."""
        return Marks(texts.hash(17).to_numpy(), texts.hash(29).to_numpy())

    def get(self, marks: Marks) -> I64:
        """The id of each; 0 for those not met."""
        ids = np.zeros(len(marks.first), dtype=np.int64)
        for run in self._runs:
            at = np.minimum(np.searchsorted(run.marks.first, marks.first), len(run.ids) - 1)
            hit = (run.marks.first[at] == marks.first) & (run.marks.second[at] == marks.second)
            ids[hit] = run.ids[at[hit]]
        return ids

    def add(self, texts: pl.Series, ids: Sequence[int]) -> None:
        """Remember different texts that were not met before."""
        marks = self.marks(texts)
        run = _sorted(marks.first, marks.second, np.array(ids, dtype=np.int64))
        while self._runs and len(self._runs[-1].ids) <= len(run.ids) * 2:
            run = _merged(self._runs.pop(), run)
        self._runs.append(run)


def _sorted(first: U64, second: U64, ids: I64) -> _Run:
    order = np.argsort(first, kind="stable")
    return _Run(Marks(first[order], second[order]), ids[order])


def _merged(one: _Run, other: _Run) -> _Run:
    return _sorted(
        np.concatenate([one.marks.first, other.marks.first]),
        np.concatenate([one.marks.second, other.marks.second]),
        np.concatenate([one.ids, other.ids]),
    )
