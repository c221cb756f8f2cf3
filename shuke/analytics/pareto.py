"""Pareto: who carries the shop. Share curve, ABC classes, and where one customer stands in it."""

from dataclasses import dataclass

import numpy as np

from shuke.analytics.arrays import FloatArray, IntArray

A_SHARE, B_SHARE = 0.80, 0.95
STEPS = (0.001, 0.005, *(round(percent / 100, 2) for percent in range(1, 101)))


@dataclass(frozen=True)
class ParetoEdges:
    """Money (fen) from which a customer is A or B, and from which they stand in the top `STEPS` of buyers."""

    a_from_fen: int
    b_from_fen: int
    step_fen: tuple[int, ...]


@dataclass(frozen=True)
class ShareCurve:
    """The best `customers` share of buyers brings `money` share of the money, each (K,)."""

    customers: FloatArray
    money: FloatArray


def edges_of(spent_fen: IntArray) -> ParetoEdges:
    """Edges from the money (N,) of all buyers; A together bring the first 80 %, B the next 15 %. Ties share a class."""
    ranked = np.sort(spent_fen[spent_fen > 0])[::-1]
    if ranked.size == 0:
        return ParetoEdges(0, 0, (0,) * len(STEPS))
    share = np.cumsum(ranked) / ranked.sum()
    cuts = np.minimum(np.searchsorted(share, (A_SHARE, B_SHARE)), ranked.size - 1)
    a, b = int(ranked[cuts[0]]), int(ranked[cuts[1]])
    places = [max(1, int(np.ceil(step * ranked.size))) - 1 for step in STEPS]
    return ParetoEdges(a, b, tuple(int(ranked[place]) for place in places))


def abc_codes(edges: ParetoEdges, spent_fen: IntArray) -> IntArray:
    """0 = A, 1 = B, 2 = C, 3 = nothing bought, (N,)."""
    code = np.where(spent_fen >= edges.a_from_fen, 0, np.where(spent_fen >= edges.b_from_fen, 1, 2))
    return np.where(spent_fen > 0, code, 3).astype(np.int64)


def top_share(edges: ParetoEdges, spent_fen: IntArray) -> FloatArray:
    """The smallest of `STEPS` whose customers spend no more than this one, (N,); NaN when nothing was bought."""
    ascending = -np.array(edges.step_fen, np.int64)
    place = np.minimum(np.searchsorted(ascending, -spent_fen, side="left"), len(STEPS) - 1)
    return np.where(spent_fen > 0, np.array(STEPS)[place], np.nan)


def share_curve(spent_fen: IntArray, points: int = 100) -> ShareCurve:
    """The Pareto curve at evenly spaced shares of buyers, from 0 to 1."""
    ranked = np.sort(spent_fen[spent_fen > 0])[::-1]
    shares = np.linspace(0.0, 1.0, points + 1)
    if ranked.size == 0:
        return ShareCurve(shares, shares)
    running = np.concatenate(([0.0], np.cumsum(ranked) / ranked.sum()))
    return ShareCurve(shares, np.interp(shares * ranked.size, np.arange(ranked.size + 1), running))
