"""Keys met in a run and whose they are, singly and in combination, by the million in little room."""

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
        order = np.argsort(marks.first)  # searched in order, neighbours are found in the same place of memory
        first, second = marks.first[order], marks.second[order]
        ids, sorted_ids = np.empty(len(order), dtype=np.int64), np.zeros(len(order), dtype=np.int64)
        for run in self._runs:
            at = np.minimum(np.searchsorted(run.marks.first, first), len(run.ids) - 1)
            hit = (run.marks.first[at] == first) & (run.marks.second[at] == second)
            sorted_ids[hit] = run.ids[at[hit]]
        ids[order] = sorted_ids
        return ids

    def __len__(self) -> int:
        return sum(len(run.ids) for run in self._runs)

    def add(self, texts: pl.Series, ids: Sequence[int]) -> None:
        """Remember different texts that were not met before."""
        marks = self.marks(texts)
        run = _sorted(marks.first, marks.second, np.array(ids, dtype=np.int64))
        while self._runs and len(self._runs[-1].ids) <= len(run.ids) * 2:
            run = _merged(self._runs.pop(), run)
        self._runs.append(run)


class Holders:
    """Who holds each key: (namespace, value) → customer."""

    def __init__(self) -> None:
        self._many: dict[str, Combinations] = {}
        self._single: dict[str, dict[str, int]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._many.values())) + sum(map(len, self._single.values()))

    def get(self, namespace: str, values: pl.Series) -> I64:
        """The holder of each value; 0 where none is known, and for nulls."""
        ids = np.zeros(len(values), dtype=np.int64)
        if namespace in self._many:
            ids = self._many[namespace].get(Combinations.marks(values))
        if single := self._single.get(namespace):
            others = np.array([single.get(value, 0) for value in values.to_list()], dtype=np.int64)
            ids = np.where(ids == 0, others, ids)
        ids[values.is_null().to_numpy()] = 0
        return ids

    def add(self, namespace: str, values: pl.Series, ids: Sequence[int]) -> None:
        """Remember different values that nobody was known to hold."""
        self._many.setdefault(namespace, Combinations()).add(values, ids)

    def update(self, namespace: str, holders: dict[str, int]) -> None:
        """Remember a few."""
        self._single.setdefault(namespace, {}).update(holders)


def _sorted(first: U64, second: U64, ids: I64) -> _Run:
    order = np.argsort(first, kind="stable")
    return _Run(Marks(first[order], second[order]), ids[order])


def _merged(one: _Run, other: _Run) -> _Run:
    return _sorted(
        np.concatenate([one.marks.first, other.marks.first]),
        np.concatenate([one.marks.second, other.marks.second]),
        np.concatenate([one.ids, other.ids]),
    )
