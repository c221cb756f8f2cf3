"""Recommendations: what both kinds share. The lines they read, filters, the best few for each customer, and how they are judged.

Two kinds, never blended: what a customer buys again (`recommend_repeat`), and what they have never bought (`recommend_new`). Page
docs/methods/recommendations.md. Customers and products are ids (int64); days count from 1970-01-01.
"""

from dataclasses import dataclass, field

import numpy as np

from shuke.analytics.arrays import BoolArray, FloatArray, Groups, IntArray

NONE = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Lines:
    """What was bought: one row for each customer, product and day, sorted by these three, each (L,) int64."""

    customer: IntArray
    product: IntArray
    day: IntArray

    def until(self, last_day: int) -> "Lines":
        """Only what was bought up to and including a day."""
        return self._keep(self.day <= last_day)

    def after(self, day: int) -> "Lines":
        """Only what was bought after a day."""
        return self._keep(self.day > day)

    def _keep(self, rows: BoolArray) -> "Lines":
        return Lines(self.customer[rows], self.product[rows], self.day[rows])


def lines_of(customer: IntArray, product: IntArray, day: IntArray) -> Lines:
    """Lines (N,) in any order, as often as they come: the same product twice on a day, or an order in parts, is one line."""
    order = np.lexsort((day, product, customer))
    customer, product, day = customer[order], product[order], day[order]
    if customer.size == 0:
        return Lines(customer, product, day)
    changes = (customer[1:] != customer[:-1]) | (product[1:] != product[:-1]) | (day[1:] != day[:-1])
    first = np.concatenate(([True], changes))
    return Lines(customer[first], product[first], day[first])


@dataclass(frozen=True)
class Filters:
    """What must not be recommended: products to nobody (out of stock), pairs (returned, complained about), and customers at
    all (opted out). Ids; `pair_customer` and `pair_product` go together."""

    products: IntArray = field(default_factory=lambda: NONE)
    customers: IntArray = field(default_factory=lambda: NONE)
    pair_customer: IntArray = field(default_factory=lambda: NONE)
    pair_product: IntArray = field(default_factory=lambda: NONE)

    def allow(self, customer: IntArray, product: IntArray) -> BoolArray:
        """Which pairs (N,) may be recommended."""
        allowed = ~np.isin(product, self.products) & ~np.isin(customer, self.customers)
        if self.pair_customer.size:
            allowed &= ~contains(self.pair_customer, self.pair_product, customer, product)
        return allowed


def contains(customers: IntArray, products: IntArray, customer: IntArray, product: IntArray) -> BoolArray:
    """Which pairs (N,) are among the given pairs (K,)."""
    names, codes = np.unique(np.concatenate((products, product)), return_inverse=True)
    keys = np.concatenate((customers, customer)) * names.size + codes
    result: BoolArray = np.isin(keys[customers.size :], keys[: customers.size])
    return result


@dataclass(frozen=True)
class Ranked:
    """The best products of each customer, each (S,): sorted by customer and `rank` (0 is best); `row` is the candidate's."""

    customer: IntArray
    product: IntArray
    rank: IntArray
    score: FloatArray
    row: IntArray


def best_of(customer: IntArray, product: IntArray, score: FloatArray, most: int) -> Ranked:
    """The `most` candidates (N,) with the highest score above zero of each customer; equal scores by product id."""
    rows = np.flatnonzero(score > 0)
    order = rows[np.lexsort((product[rows], -score[rows], customer[rows]))]
    _, groups = Groups.of_sorted(customer[order])
    kept = groups.place < most
    order = order[kept]
    return Ranked(customer[order], product[order], groups.place[kept], score[order], order)


def recall(ranked: Ranked, truth_customer: IntArray, truth_product: IntArray) -> float:
    """Mean over the customers of `truth` (T,) of the share of their products that was recommended; 0 without any.

    The truth is distinct pairs. A customer without a recommendation counts with 0.
    """
    if truth_customer.size == 0:
        return 0.0
    hit = contains(ranked.customer, ranked.product, truth_customer, truth_product)
    _, index, counts = np.unique(truth_customer, return_inverse=True, return_counts=True)
    return float((np.bincount(index, hit, counts.size) / counts).mean())


def next_baskets(lines: Lines, day: int) -> Lines:
    """The first day with a purchase after `day` of each customer, with all its lines."""
    later = lines.after(day)
    if later.day.size == 0:
        return later
    _, groups = Groups.of_sorted(later.customer)
    first = np.minimum.reduceat(later.day, groups.starts[:-1])
    return later._keep(later.day == np.repeat(first, groups.counts))


def never_bought(lines: Lines, before: Lines) -> Lines:
    """The lines whose customer had not bought the product before: the first of each pair."""
    new = lines._keep(~contains(before.customer, before.product, lines.customer, lines.product))
    if new.day.size == 0:
        return new
    same = (new.customer[1:] == new.customer[:-1]) & (new.product[1:] == new.product[:-1])
    return new._keep(np.concatenate(([True], ~same)))
