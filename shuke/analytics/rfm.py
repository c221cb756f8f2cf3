"""RFM: recency, frequency, money as scores 1 to 5 and the eight classic groups.

Edges are the shop's own quintiles; equal values always get equal scores. A letter is "high" above the mean score of the
shop's customers, which the page states. Sources: A. Hughes, "Strategic Database Marketing" (1994); the eight groups as they
are taught in Chinese retail (重要价值 … 一般挽留).
"""

from dataclasses import dataclass

import numpy as np

from shuke.analytics.arrays import FloatArray, IntArray

QUINTILES = (0.2, 0.4, 0.6, 0.8)
GROUPS = (
    "rescue",
    "keep",
    "grow",
    "value",
    "key_rescue",
    "key_keep",
    "key_grow",
    "key_value",
)


@dataclass(frozen=True)
class RfmEdges:
    """Four edges per letter (days, count, fen), and the score above which a letter counts as high."""

    recency_days: tuple[float, ...]
    frequency: tuple[float, ...]
    money_fen: tuple[float, ...]
    high_r: float
    high_f: float
    high_m: float


@dataclass(frozen=True)
class RfmScores:
    """Scores 1 to 5, each (N,), 5 best; 0 for customers who have not bought."""

    r: IntArray
    f: IntArray
    m: IntArray


def edges_of(recency_days: IntArray, frequency: IntArray, money_fen: IntArray) -> RfmEdges:
    """Edges from the customers who have bought, each input (N,)."""
    if recency_days.size == 0:
        return RfmEdges((0.0,) * 4, (0.0,) * 4, (0.0,) * 4, 3.0, 3.0, 3.0)
    recency, count, money = (
        _quintiles(recency_days),
        _quintiles(frequency),
        _quintiles(money_fen),
    )
    scores = score(
        RfmEdges(recency, count, money, 3.0, 3.0, 3.0),
        recency_days,
        frequency,
        money_fen,
    )
    high_r, high_f, high_m = (round(float(letter.mean()), 6) for letter in (scores.r, scores.f, scores.m))
    return RfmEdges(recency, count, money, high_r, high_f, high_m)


def _quintiles(values: IntArray) -> tuple[float, ...]:
    found = np.quantile(values, QUINTILES, method="inverted_cdf")
    return tuple(float(value) for value in found)


def score(edges: RfmEdges, recency_days: IntArray, frequency: IntArray, money_fen: IntArray) -> RfmScores:
    """Scores of one or many customers from stored edges.

    Notes
    -----
    f = 1 + number of edges below the value; r = 5 - number of edges below the silence. A value on an edge belongs below
    it, whatever the order of the rows.
    """
    r = 5 - np.searchsorted(edges.recency_days, recency_days, side="left")
    f = 1 + np.searchsorted(edges.frequency, frequency, side="left")
    m = 1 + np.searchsorted(edges.money_fen, money_fen, side="left")
    return RfmScores(r.astype(np.int64), f.astype(np.int64), m.astype(np.int64))


def group_codes(edges: RfmEdges, scores: RfmScores) -> IntArray:
    """Index into `GROUPS` (N,): 4 for high money, 2 for high recency, 1 for high frequency, added up."""
    high_m = (scores.m > edges.high_m).astype(np.int64)
    high_r = (scores.r > edges.high_r).astype(np.int64)
    high_f = (scores.f > edges.high_f).astype(np.int64)
    return 4 * high_m + 2 * high_r + high_f


def fm_score(scores: RfmScores) -> FloatArray:
    """The vertical axis of the 5 x 5 matrix, (N,): (F + M) / 2 rounded up."""
    return np.ceil((scores.f + scores.m) / 2)
