"""Preferences: when a customer comes and how large their basket is; and what is left of their money after costs.

Plain counts with a stated rule for when a preference is said at all. Page docs/methods/preferences.md.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from shuke.analytics.arrays import FloatArray, IntArray

PARTS_OF_DAY = ("morning", "noon", "afternoon", "evening", "night")
_STARTS = (5, 11, 14, 18, 22)
LEVEL = 0.05


def part_of_day(hour: IntArray) -> IntArray:
    """Index into `PARTS_OF_DAY` (N,) of hours 0 to 23: from 5, 11, 14, 18 and 22 o'clock."""
    return ((np.searchsorted(_STARTS, hour, side="right") - 1) % len(PARTS_OF_DAY)).astype(np.int64)


@dataclass(frozen=True)
class Preference:
    """Per customer (G,): the `favourite` kind (-1: none beyond chance), its `times`, and all `visits`."""

    favourite: IntArray
    times: IntArray
    visits: IntArray


def preference_of(customer: IntArray, kind: IntArray, *, customers: int, kinds: int) -> Preference:
    """The kind (part of the day, weekday, store …) a customer chooses more often than the shop's customers do.

    Parameters
    ----------
    customer : (N,) int64
        Place 0 … `customers` - 1 of the customer of each visit.
    kind : (N,) int64
        0 … `kinds` - 1.

    Notes
    -----
    With k of n visits and the shop's share s of that kind, it is said where P(Binomial(n, s) >= k) is below 5 % divided by the
    number of kinds (Bonferroni); the least likely one wins. Two visits alone never make a preference of a common kind.
    """
    table = np.bincount(customer * kinds + kind, minlength=customers * kinds).reshape(customers, kinds)
    visits = table.sum(axis=1)
    share = table.sum(axis=0) / max(int(table.sum()), 1)
    chance = special.bdtrc(table - 1, visits[:, None], share[None, :])
    chance = np.where(table > 0, chance, 1.0)
    best = chance.argmin(axis=1)
    rows = np.arange(customers)
    is_said = chance[rows, best] < LEVEL / kinds
    favourite = np.where(is_said, best, -1).astype(np.int64)
    return Preference(
        favourite, np.where(is_said, table[rows, best], 0).astype(np.int64), visits.astype(np.int64)
    )


def favourite_of(times: IntArray, share: FloatArray) -> int:
    """The kind that one customer chooses more often than the shop's customers do, by the rule of `preference_of`; -1: none.

    Parameters
    ----------
    times : (K,) int64
        Visits of the customer of each kind.
    share : (K,) float64
        Of all visits of the shop, those of each kind.
    """
    chance = np.where(times > 0, special.bdtrc(times - 1, times.sum(), share), 1.0)
    best = int(chance.argmin())
    return best if chance[best] < LEVEL / times.size else -1


@dataclass(frozen=True)
class Basket:
    """Per customer (G,): orders, lines per order, and the median money (fen) of an order; NaN without one."""

    orders: IntArray
    lines_each: FloatArray
    median_fen: FloatArray


def basket_of(customer: IntArray, lines: IntArray, amount_fen: IntArray, *, customers: int) -> Basket:
    """Usual basket from orders (N,): the median, so that one large order does not speak for all."""
    order = np.lexsort((amount_fen, customer))
    who, money = customer[order], amount_fen[order].astype(np.float64)
    count = np.bincount(who, minlength=customers)
    start = np.concatenate(([0], np.cumsum(count)[:-1]))
    some = count > 0
    median = np.full(customers, np.nan)
    low, high = start + (count - 1) // 2, start + count // 2
    median[some] = (money[low[some]] + money[high[some]]) / 2
    each = np.full(customers, np.nan)
    each[some] = np.bincount(customer, lines, customers)[some] / count[some]
    return Basket(count.astype(np.int64), each, median)


@dataclass(frozen=True)
class Profit:
    """Per customer (G,): money, costs and profit (fen), and the share of the money whose cost is known (NaN without money)."""

    money_fen: IntArray
    cost_fen: IntArray
    profit_fen: IntArray
    known_share: FloatArray


def profit_of(customer: IntArray, money_fen: IntArray, cost_fen: FloatArray, *, customers: int) -> Profit:
    """Profit from order lines (N,); a line whose cost is not known (NaN) is taken at the known lines' margin of the shop.

    Without any known cost, profit is the money and `known_share` 0: the page says so.
    """
    known = ~np.isnan(cost_fen)
    total = float(money_fen[known].sum())
    ratio = float(cost_fen[known].sum()) / total if total else 0.0
    cost = np.where(known, np.nan_to_num(cost_fen), money_fen * ratio)
    money = np.bincount(customer, money_fen, customers)
    spent = np.rint(np.bincount(customer, cost, customers))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(money > 0, np.bincount(customer, money_fen * known, customers) / money, np.nan)
    whole = money.astype(np.int64)
    return Profit(whole, spent.astype(np.int64), whole - spent.astype(np.int64), share)
