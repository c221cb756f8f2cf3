"""Groups of alike customers by k-means, and the few plain conditions that tell them apart.

k-means on standardised logarithms finds the groups; a tree of thresholds with one leaf per group then says each in conditions
that a person can read and a list can be asked for. Sources: D. Arthur, S. Vassilvitskii, "k-means++" (2007); S. Dasgupta,
N. Frost, M. Moshkovitz, C. Rashtchian, "Explainable k-Means and k-Medians Clustering" (2020), whose tree cuts where it parts the
fewest from their group.
"""

from dataclasses import dataclass

import numpy as np

from shuke.analytics.arrays import BoolArray, FloatArray, IntArray

RESTARTS, MOST_ROUNDS = 4, 60
ROUND_NUMBERS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
SMALL = 10  # up to here every whole number is a round one


@dataclass(frozen=True)
class Box:
    """One group in conditions: above `low` and up to `high` in each column; None: any."""

    low: tuple[int | None, ...]
    high: tuple[int | None, ...]


@dataclass(frozen=True)
class Explained:
    """The groups found, largest first.

    boxes    one per group
    middles  shape (groups, columns): the median of each group, in the units given
    agreed   the share of customers whom the boxes put where k-means did
    """

    boxes: tuple[Box, ...]
    middles: FloatArray
    agreed: float


def find_groups(values: FloatArray, count: int, *, seed: int = 7) -> Explained:
    """Find up to `count` groups and say them in conditions.

    Parameters
    ----------
    values : shape (customers, columns), not negative, any unit
    count  : how many groups are looked for; fewer are found where round numbers cannot tell two apart

    Raises
    ------
    ValueError : fewer customers than groups
    """
    if len(values) < count:
        raise ValueError("fewer customers than groups")
    held, labels = np.unique(k_means(standardised(values), count, seed=seed), return_inverse=True)
    middles = np.array([np.median(values[labels == one], axis=0) for one in range(len(held))])
    boxes = boxes_of(values, labels, middles)
    order = sorted(boxes, key=lambda one: -int(np.sum(labels == one)))
    chosen = np.full(len(values), -1)
    for one, box in boxes.items():
        chosen[within(values, box)] = one
    return Explained(tuple(boxes[one] for one in order), middles[order], float(np.mean(chosen == labels)))


def standardised(values: FloatArray) -> FloatArray:
    """log(1 + x) with mean 0 and variance 1 in each column: money and days spread over decades."""
    logs = np.log1p(values)
    spread = logs.std(axis=0)
    return np.asarray((logs - logs.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def k_means(points: FloatArray, count: int, *, seed: int) -> IntArray:
    """The group of each point: the best of a few starts by k-means++, the same for the same points and seed."""
    random = np.random.default_rng(seed)
    found = [_lloyd(points, _starts(points, count, random)) for _ in range(RESTARTS)]
    return min(found, key=lambda one: one[1])[0]


def _starts(points: FloatArray, count: int, random: np.random.Generator) -> FloatArray:
    centres = points[[random.integers(len(points))]]
    while len(centres) < count:
        near = _distances(points, centres).min(axis=1)
        total = near.sum()
        share = near / total if total > 0 else None
        centres = np.vstack([centres, points[random.choice(len(points), p=share)]])
    return centres


def _lloyd(points: FloatArray, centres: FloatArray) -> tuple[IntArray, float]:
    """Move centres until nobody changes group; an empty group takes the point farthest from its centre."""
    labels = np.full(len(points), -1)
    for _round in range(MOST_ROUNDS):
        distances = _distances(points, centres)
        nearest = distances.argmin(axis=1)
        for empty in set(range(len(centres))) - set(nearest.tolist()):
            nearest[distances[np.arange(len(points)), nearest].argmax()] = empty
        if np.array_equal(nearest, labels):
            break
        labels = nearest
        centres = np.array(
            [
                points[labels == one].mean(axis=0) if (labels == one).any() else centre
                for one, centre in enumerate(centres)
            ]
        )
    spread = float(((points - centres[labels]) ** 2).sum())
    return labels, spread


def _distances(points: FloatArray, centres: FloatArray) -> FloatArray:
    return np.asarray(((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2))


def boxes_of(values: FloatArray, labels: IntArray, middles: FloatArray) -> dict[int, Box]:
    """One box for each group that round numbers can tell from the others."""
    columns = values.shape[1]
    everywhere = Box((None,) * columns, (None,) * columns)
    boxes: dict[int, Box] = {}
    waiting = [(np.ones(len(values), dtype=bool), list(range(len(middles))), everywhere)]
    while waiting:
        inside, groups, box = waiting.pop()
        cut = _best_cut(values[inside], labels[inside], middles, groups) if len(groups) > 1 else None
        if cut is None:
            boxes[max(groups, key=lambda one: int(np.sum(labels[inside] == one)))] = box
            continue
        column, threshold = cut
        is_low = values[:, column] <= threshold
        low = [one for one in groups if middles[one, column] <= threshold]
        high = [one for one in groups if one not in low]
        waiting.append((inside & is_low & np.isin(labels, low), low, _below(box, column, threshold)))
        waiting.append((inside & ~is_low & np.isin(labels, high), high, _above(box, column, threshold)))
    return boxes


def _best_cut(
    values: FloatArray, labels: IntArray, middles: FloatArray, groups: list[int]
) -> tuple[int, int] | None:
    """The column and round number that part the fewest customers from the middle of their group."""
    best: tuple[float, int, int] | None = None
    for column in range(values.shape[1]):
        own = middles[labels, column]
        ends = middles[groups, column]
        for threshold in round_numbers(float(ends.min()), float(ends.max())):
            parted = float(np.sum((values[:, column] <= threshold) != (own <= threshold)))
            if best is None or parted < best[0]:
                best = (parted, column, threshold)
    return best[1:] if best else None


def round_numbers(low: float, high: float) -> list[int]:
    """Whole numbers from `low` to below `high` that are easy to say: 1 to 10, then 12, 15, 20, 25, 30, 40 …"""
    found, scale = set(range(1, SMALL + 1)), 10
    while scale <= high:
        found |= {round(one * scale) for one in ROUND_NUMBERS}
        scale *= 10
    return sorted(one for one in found if low <= one < high)


def _below(box: Box, column: int, threshold: int) -> Box:
    return Box(box.low, (*box.high[:column], threshold, *box.high[column + 1 :]))


def _above(box: Box, column: int, threshold: int) -> Box:
    return Box((*box.low[:column], threshold, *box.low[column + 1 :]), box.high)


def within(values: FloatArray, box: Box) -> BoolArray:
    """Which rows a box holds, as truth values."""
    held = np.ones(len(values), dtype=bool)
    for column, (low, high) in enumerate(zip(box.low, box.high, strict=True)):
        if low is not None:
            held &= values[:, column] > low
        if high is not None:
            held &= values[:, column] <= high
    return held
