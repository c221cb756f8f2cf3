"""What every backtest needs: whether there is enough to learn from, and how well a chance ranks."""

import numpy as np

from shuke.analytics.arrays import BoolArray, FloatArray

FEWEST_CUSTOMERS, FEWEST_REPEATERS = 100, 50


def is_enough(customers: int, repeaters: int) -> bool:
    """Whether a model may be fitted at all; below, the simple rules are used and the page says so."""
    return customers >= FEWEST_CUSTOMERS and repeaters >= FEWEST_REPEATERS


def auc(chance: FloatArray, happened: BoolArray) -> float:
    """Area under the ROC curve: chance that one it happened to ranks above one it did not; ties count half. 0.5 if undefined."""
    yes = int(happened.sum())
    no = happened.size - yes
    if not yes or not no:
        return 0.5
    _, index, counts = np.unique(chance, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    total = float(ranks[index][happened].sum())
    return round((total - yes * (yes + 1) / 2) / (yes * no), 4)
