"""RFM beside the quintiles: fixed edges and the shop's own, three windows at once, and the view in eleven groups."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from shuke.analytics.arrays import IntArray
from shuke.analytics.features import features_of
from shuke.analytics.purchases import Purchases
from shuke.analytics.rfm import RfmEdges, RfmScores, edges_of, fm_score, score

WINDOWS = (90, 365, 0)
HIGH_BY_HAND = 3.0
ELEVEN = (
    "champions", "loyal", "potential_loyal", "new", "promising", "need_attention",
    "about_to_sleep", "at_risk", "cannot_lose", "hibernating", "lost",
)  # fmt: skip
# Rows: R 1 to 5; columns: (F + M) / 2 rounded up, 1 to 5. As the eleven segments are commonly laid out on that grid.
_GRID = (
    ("lost", "lost", "at_risk", "at_risk", "cannot_lose"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    ("promising", "potential_loyal", "potential_loyal", "loyal", "champions"),
    ("new", "potential_loyal", "potential_loyal", "champions", "champions"),
)


@dataclass(frozen=True)
class ChosenEdges:
    """Four rising edges for each letter, by hand: days since the last purchase, purchases, fen."""

    recency_days: tuple[float, float, float, float]
    frequency: tuple[float, float, float, float]
    money_fen: tuple[float, float, float, float]


FIXED = ChosenEdges(
    (30.0, 60.0, 90.0, 180.0), (1.0, 2.0, 4.0, 8.0), (10_000.0, 30_000.0, 100_000.0, 300_000.0)
)


def edges_by_hand(chosen: ChosenEdges) -> RfmEdges:
    """Edges that do not move with the shop; a letter is high above 3. Raises ValueError when edges do not rise."""
    for edges in (chosen.recency_days, chosen.frequency, chosen.money_fen):
        if any(low >= high for low, high in pairwise(edges)):
            raise ValueError("edges must rise")
    high = (HIGH_BY_HAND,) * 3
    return RfmEdges(chosen.recency_days, chosen.frequency, chosen.money_fen, *high)


@dataclass(frozen=True)
class WindowScores:
    """Scores of all customers (G,) with F and M within `window_days` (0: all time), the edges they were made with, and the money
    of the window."""

    window_days: int
    edges: RfmEdges
    scores: RfmScores
    money_fen: IntArray


def score_in_windows(
    purchases: Purchases, *, as_of: int, windows: tuple[int, ...] = WINDOWS, chosen: ChosenEdges | None = None
) -> tuple[WindowScores, ...]:
    """Scores in several windows: by each window's own quintiles, or by edges chosen by hand. 0 for who has not bought."""
    found = []
    for window in windows:
        features = features_of(purchases.until(as_of), as_of=as_of, window_days=window)
        bought = features.has_bought
        letters = features.silent_days, features.window_purchases, features.window_fen
        edges = edges_by_hand(chosen) if chosen else edges_of(*(letter[bought] for letter in letters))
        all_scores = score(edges, *letters)
        masked = RfmScores(*(np.where(bought, one, 0) for one in (all_scores.r, all_scores.f, all_scores.m)))
        found.append(WindowScores(window, edges, masked, features.window_fen))
    return tuple(found)


def eleven_codes(scores: RfmScores) -> IntArray:
    """Index into `ELEVEN` (N,), -1 for customers who have not bought."""
    table = np.array([[ELEVEN.index(name) for name in row] for row in _GRID])
    up = np.clip(fm_score(scores).astype(np.int64), 1, 5)
    code = table[np.clip(scores.r, 1, 5) - 1, up - 1]
    return np.where(scores.r > 0, code, -1).astype(np.int64)
