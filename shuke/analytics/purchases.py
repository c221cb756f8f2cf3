"""Purchases: what counts as one, after same-day merging and returns.

Policy (docs/methods/purchases.md): all orders of a customer on one shop day are one purchase; a refund written on an order
reduces that order; a return document of its own reduces the customer's latest purchases up to its day, newest first; a day
left with nothing is no purchase. One currency only: the caller chooses it.
"""

from dataclasses import dataclass

import numpy as np

from shuke.analytics.arrays import FloatArray, Groups, IntArray

MOST = 1 << 60


@dataclass(frozen=True)
class Movements:
    """Money per customer and day, sorted by both, each (N,) int64.

    `day` counts days since 1970-01-01; `sold_fen >= 0` is net of refunds written on the orders; `returned_fen >= 0` comes
    from return documents.
    """

    customer: IntArray
    day: IntArray
    sold_fen: IntArray
    returned_fen: IntArray


@dataclass(frozen=True)
class Purchases:
    """Purchase days of customers: `customer` (G,), and per purchase `day` and `amount_fen` (P,) > 0, oldest first."""

    customer: IntArray
    groups: Groups
    day: IntArray
    amount_fen: IntArray

    def until(self, last_day: int) -> "Purchases":
        """Only the purchases up to and including a day; the customers stay."""
        kept = self.day <= last_day
        return Purchases(self.customer, self.groups.keep(kept), self.day[kept], self.amount_fen[kept])

    def counts_after(self, day: int) -> IntArray:
        """Number of purchases of each customer after a day, (G,)."""
        return self.groups.sums((self.day > day).astype(np.int64))

    def after(self, day: int) -> "Purchases":
        """Only the purchases after a day; the customers stay."""
        kept = self.day > day
        return Purchases(self.customer, self.groups.keep(kept), self.day[kept], self.amount_fen[kept])


def merge_days(customer: IntArray, day: IntArray, sold_fen: IntArray, returned_fen: IntArray) -> Movements:
    """Sort rows (N,) in any order and add up those of one customer and day."""
    if not _is_sorted(customer, day):
        order = np.lexsort((day, customer))
        customer, day, sold_fen, returned_fen = (
            column[order] for column in (customer, day, sold_fen, returned_fen)
        )
    if customer.size == 0:
        return Movements(customer, day, sold_fen, returned_fen)
    first = np.concatenate(([True], (customer[1:] != customer[:-1]) | (day[1:] != day[:-1])))
    starts = np.flatnonzero(first)
    if starts.size == customer.size:
        return Movements(customer, day, sold_fen, returned_fen)
    sold = np.add.reduceat(sold_fen, starts)
    returned = np.add.reduceat(returned_fen, starts)
    return Movements(customer[starts], day[starts], sold, returned)


def _is_sorted(customer: IntArray, day: IntArray) -> bool:
    later, same = customer[1:] > customer[:-1], customer[1:] == customer[:-1]
    return bool((later | (same & (day[1:] >= day[:-1]))).all())


def net_purchases(movements: Movements) -> Purchases:
    """Purchase days net of returns; a customer whose purchases all came back stays, with none.

    Notes
    -----
    Returns eat the newest purchases first, like a stack. With H the stack's height after each day, the reflected walk
    H_k = max(H_(k-1) + sold_k - returned_k, 0), the part of day i that stays is
    clip(min_(j >= i) H_j - H_(i-1), 0, sold_i): no loop over customers. A return that finds nothing left (its purchase
    is older than the data) is dropped.
    """
    customers, groups = Groups.of_sorted(movements.customer)
    left = movements.sold_fen.copy()
    has_return = groups.sums(movements.returned_fen) > 0
    if has_return.any():
        rows = np.repeat(has_return, groups.counts)
        left[rows] = _left_after_returns(
            Groups.of_counts(groups.counts[has_return]),
            movements.sold_fen[rows],
            movements.returned_fen[rows],
        )
    kept = left > 0
    return Purchases(customers, groups.keep(kept), movements.day[kept], left[kept])


def _left_after_returns(groups: Groups, sold: IntArray, returned: IntArray) -> IntArray:
    change = sold - returned
    running = np.cumsum(change)
    before = np.concatenate(([0], running))[groups.starts[:-1]]
    walk = running - np.repeat(before, groups.counts)
    reach = int(np.abs(change).sum()) + 1
    if reach * groups.counts.size >= MOST:
        return _left_in_halves(groups, sold, returned)
    offset = groups.row_group * reach * 2
    lowest = np.minimum.accumulate(walk - offset) + offset
    height = walk - np.minimum(lowest, 0)
    ahead = np.minimum.accumulate((height + offset)[::-1])[::-1] - offset
    below = np.concatenate(([0], height[:-1]))
    below[groups.starts[:-1]] = 0
    return np.clip(ahead - below, 0, sold)


def _left_in_halves(groups: Groups, sold: IntArray, returned: IntArray) -> IntArray:
    """Very large sums would not fit the group offsets: halve the customers until they do."""
    if groups.counts.size == 1:
        raise OverflowError("the amounts of one customer do not fit")
    middle = groups.counts.size // 2
    row = int(groups.starts[middle])
    return np.concatenate(
        [
            _left_after_returns(Groups.of_counts(groups.counts[:middle]), sold[:row], returned[:row]),
            _left_after_returns(Groups.of_counts(groups.counts[middle:]), sold[row:], returned[row:]),
        ]
    )


def with_customers(bought: Purchases, customers: IntArray) -> Purchases:
    """The purchases of exactly these customers (sorted ids, (G,)): some have none, others are left out."""
    place = np.searchsorted(customers, bought.customer)
    known = place < customers.size
    known[known] = customers[place[known]] == bought.customer[known]
    counts = np.zeros(customers.size, np.int64)
    counts[place[known]] = bought.groups.counts[known]
    if known.all():
        return Purchases(customers, Groups.of_counts(counts), bought.day, bought.amount_fen)
    rows = np.repeat(known, bought.groups.counts)
    return Purchases(customers, Groups.of_counts(counts), bought.day[rows], bought.amount_fen[rows])


def gaps(purchases: Purchases) -> tuple[Groups, IntArray]:
    """Days between neighbouring purchases of each customer: groups of n-1 gaps (none below two purchases)."""
    counts = np.maximum(purchases.groups.counts - 1, 0)
    if purchases.day.size == 0:
        return Groups.of_counts(counts), np.zeros(0, np.int64)
    inner = purchases.groups.place[1:] > 0
    return Groups.of_counts(counts), np.diff(purchases.day)[inner]


def group_quantiles(groups: Groups, values: IntArray, levels: tuple[float, ...]) -> FloatArray:
    """Linear quantiles (G, L) of each group's values; NaN for an empty group."""
    result = np.full((groups.counts.size, len(levels)), np.nan)
    if values.size == 0:
        return result
    span = int(values.max()) + 1
    ordered = np.sort(groups.row_group * span + values) % span
    some = groups.counts > 0
    for column, level in enumerate(levels):
        place = (groups.counts[some] - 1) * level
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, groups.counts[some] - 1)
        start, part = groups.starts[:-1][some], place - low
        result[some, column] = ordered[start + low] * (1 - part) + ordered[start + high] * part
    return result
