"""Content fingerprints: stable 64-bit numbers of what an order says, added up line by line."""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

U64 = npt.NDArray[np.uint64]


def mix(values: U64) -> U64:
    """splitmix64's finaliser: spreads near numbers far apart."""
    x = values + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def combine(columns: Sequence[U64]) -> U64:
    """One number per row from several columns, in their order."""
    total = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        total = mix(total ^ column)
    return total


def of_integers(values: pl.Series) -> U64:
    """Integers (null differs from 0)."""
    integers = values.cast(pl.Int64)
    if integers.null_count():
        integers = integers.fill_null(-(2**62))
    return integers.to_numpy().astype(np.int64).view(np.uint64)


def word_number(word: str) -> int:
    """A stable 64-bit number of a word."""
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest(), "little")


class Words:
    """Numbers of words, remembered: few different ones come by the million."""

    def __init__(self, most: int = 300_000) -> None:
        self._numbers: dict[str, int] = {}
        self._most = most

    def numbers(self, words: pl.Series) -> U64:
        """One number per row; null counts as the empty word."""
        if not len(words):
            return np.zeros(0, dtype=np.uint64)
        plain = words.fill_null("") if words.null_count() else words
        different = plain.unique()
        known = self._numbers
        if len(known) > self._most:
            known.clear()
        fresh = [known.get(word) for word in different.to_list()]
        if None in fresh:
            for word in different.to_list():
                if word not in known:
                    known[word] = word_number(word)
            fresh = [known[word] for word in different.to_list()]
        if len(different) == 1:
            return np.full(len(words), fresh[0], dtype=np.uint64)
        table = pl.Series(fresh, dtype=pl.UInt64)
        return plain.replace_strict(different, table, return_dtype=pl.UInt64).to_numpy()


def as_signed(values: U64) -> pl.Series:
    """For PostgreSQL's bigint."""
    return pl.Series(values.view(np.int64))


class SeenNumbers:
    """A set of 64-bit numbers that stays small: sorted runs, merged when they are alike in size."""

    def __init__(self) -> None:
        self._runs: list[U64] = []

    def __len__(self) -> int:
        return sum(map(len, self._runs))

    def contains(self, numbers: U64) -> npt.NDArray[np.bool_]:
        """Which of these were added before."""
        found = np.zeros(len(numbers), dtype=np.bool_)
        for run in self._runs:
            at = np.minimum(np.searchsorted(run, numbers), len(run) - 1)
            found |= run[at] == numbers
        return found

    def counts(self, numbers: U64) -> npt.NDArray[np.int64]:
        """How often each was added before (each time counts)."""
        total = np.zeros(len(numbers), dtype=np.int64)
        for run in self._runs:
            total += np.searchsorted(run, numbers, "right") - np.searchsorted(run, numbers, "left")
        return total

    def add(self, numbers: U64) -> None:
        """Remember these."""
        if not len(numbers):
            return
        run = np.sort(numbers)
        while self._runs and len(self._runs[-1]) <= len(run) * 2:
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        self._runs.append(run)
