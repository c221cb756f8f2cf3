"""Levels: high, potential or low value, by what the next twelve months should bring."""

from dataclasses import dataclass

import numpy as np

from shuke.analytics.arrays import BoolArray, FloatArray, IntArray

LEVELS = ("high", "potential", "low", "")
HIGH_FROM, POTENTIAL_FROM = 0.8, 0.5


@dataclass(frozen=True)
class LevelEdges:
    """Expected money (fen) of the next year from which a customer is of high or of potential value."""

    high_from_fen: float
    potential_from_fen: float


def edges_of(expected_fen: FloatArray) -> LevelEdges:
    """The best fifth of buyers (N,) is high, the next up to the median potential."""
    if expected_fen.size == 0:
        return LevelEdges(0.0, 0.0)
    high, potential = np.quantile(expected_fen, (HIGH_FROM, POTENTIAL_FROM))
    return LevelEdges(float(np.ceil(high)), float(np.ceil(potential)))


def level_codes(edges: LevelEdges, expected_fen: FloatArray, has_bought: BoolArray) -> IntArray:
    """Index into `LEVELS`, (N,)."""
    code = np.where(
        expected_fen >= edges.high_from_fen,
        0,
        np.where(expected_fen >= edges.potential_from_fen, 1, 2),
    )
    return np.where(has_bought, code, 3).astype(np.int64)
