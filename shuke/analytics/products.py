"""Products: what each brought, to how many, who came back for it, and which stand in the same orders.

Page docs/methods/products.md.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from shuke.analytics.arrays import BoolArray, FloatArray, IntArray
from shuke.analytics.cohorts import months_of
from shuke.analytics.pareto import A_SHARE, B_SHARE

YEAR_DAYS, RECENT_DAYS, MONTHS = 365, 90, 24
NOBODY = -1
FEWEST_TOGETHER, NEIGHBOURS, LARGEST_ORDER = 5, 5, 60
A, B, C, NOTHING = range(4)
CLASSES = ("A", "B", "C", "")


@dataclass(frozen=True)
class SoldLines:
    """Lines of orders and of return documents, each (N,) int64.

    `customer`: -1 where nobody is known. `net_fen` after refunds, negative for what a return document takes back; `returned_fen`
    (>= 0) came back; `quantity` in thousandths, 0 for a return document.
    """

    order: IntArray
    product: IntArray
    store: IntArray
    customer: IntArray
    day: IntArray
    net_fen: IntArray
    returned_fen: IntArray
    quantity: IntArray

    def chosen(self, rows: BoolArray) -> "SoldLines":
        """Only the marked lines (N,)."""
        return SoldLines(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class ProductFigures:
    """Of each product (P,): money and quantity of the last year, money of the year before, of the last 90 days and of the same 90
    days a year earlier; buyers of the year, and those of them who bought it on two days or more; the first and last day it was
    sold (-1: never in two years); its class (`CLASSES`); and money by month (P, 24), the last one that of `as_of`.
    """

    product: IntArray
    revenue_fen: IntArray
    before_fen: IntArray
    recent_fen: IntArray
    recent_before_fen: IntArray
    returned_fen: IntArray
    quantity: IntArray
    buyers: IntArray
    again: IntArray
    first_day: IntArray
    last_day: IntArray
    abc: IntArray
    months: IntArray


def figures_of(lines: SoldLines, product: IntArray, *, as_of: int) -> ProductFigures:
    """Figures of the products (P,), rising ids, from lines of the last two years up to `as_of`; others are not looked at."""
    lines = lines.chosen(np.isin(lines.product, product) & (lines.day <= as_of))
    place = np.searchsorted(product, lines.product)
    age = as_of - lines.day

    def total(values: IntArray, rows: BoolArray) -> IntArray:
        found = np.bincount(place[rows], values[rows].astype(np.float64), product.size)
        return np.rint(found).astype(np.int64)

    year, recent = age < YEAR_DAYS, age < RECENT_DAYS
    revenue = total(lines.net_fen, year)
    buyers, again = _buyers(lines, place, year, product.size)
    first, last = _days_sold(lines, place, product.size)
    return ProductFigures(
        product,
        revenue,
        total(lines.net_fen, (age >= YEAR_DAYS) & (age < 2 * YEAR_DAYS)),
        total(lines.net_fen, recent),
        total(lines.net_fen, (age >= YEAR_DAYS) & (age < YEAR_DAYS + RECENT_DAYS)),
        total(lines.returned_fen, year),
        total(lines.quantity, year),
        buyers,
        again,
        first,
        last,
        classes_of(revenue),
        _by_month(lines, place, product.size, as_of),
    )


def _buyers(lines: SoldLines, place: IntArray, rows: BoolArray, products: int) -> tuple[IntArray, IntArray]:
    """Known buyers of each product, and those who bought it on two days or more, (P,)."""
    sold = rows & (lines.quantity > 0) & (lines.customer != NOBODY)
    days = np.unique(np.column_stack((place[sold], lines.customer[sold], lines.day[sold])), axis=0)
    pairs, times = np.unique(days[:, :2], axis=0, return_counts=True)
    buyers = np.bincount(pairs[:, 0], minlength=products)
    again = np.bincount(pairs[times > 1, 0], minlength=products)
    return buyers.astype(np.int64), again.astype(np.int64)


def _days_sold(lines: SoldLines, place: IntArray, products: int) -> tuple[IntArray, IntArray]:
    sold = lines.quantity > 0
    first, last = np.full(products, np.iinfo(np.int64).max), np.full(products, NOBODY, np.int64)
    np.minimum.at(first, place[sold], lines.day[sold])
    np.maximum.at(last, place[sold], lines.day[sold])
    return np.where(last >= 0, first, NOBODY), last


def _by_month(lines: SoldLines, place: IntArray, products: int, as_of: int) -> IntArray:
    ago = int(months_of(np.array([as_of]))[0]) - months_of(lines.day)
    shown = ago < MONTHS
    cell = place[shown] * MONTHS + MONTHS - 1 - ago[shown]
    found = np.bincount(cell, lines.net_fen[shown].astype(np.float64), products * MONTHS)
    return np.rint(found).astype(np.int64).reshape(products, MONTHS)


def classes_of(revenue_fen: IntArray) -> IntArray:
    """A: those that bring the first 80 % of the money, with the one that crosses it; B: the next 15 %; C; 3: nothing sold."""
    order = np.argsort(-revenue_fen, kind="stable")
    ranked = np.maximum(revenue_fen[order], 0)
    before = (np.cumsum(ranked) - ranked) / max(int(ranked.sum()), 1)
    code = np.where(before < A_SHARE, A, np.where(before < B_SHARE, B, C))
    result = np.empty(revenue_fen.size, np.int64)
    result[order] = np.where(ranked > 0, code, NOTHING)
    return result


@dataclass(frozen=True)
class Together:
    """Products that stand in the same orders, each (K,): `orders` with both, their `share` of the orders with `product`, and
    `lift`: how many times as often as if the two had nothing to do with each other."""

    product: IntArray
    other: IntArray
    orders: IntArray
    share: FloatArray
    lift: FloatArray


def together_of(lines: SoldLines, *, as_of: int) -> Together:
    """For each product up to 5 companions of the last year: at least 5 orders in common and a lift above 1, most orders first.

    Orders of more than 60 products (wholesale, a day's till in one) are left out.
    """
    rows = (lines.quantity > 0) & (lines.day <= as_of) & (lines.day > as_of - YEAR_DAYS)
    product, column = np.unique(lines.product[rows], return_inverse=True)
    _orders, row = np.unique(lines.order[rows], return_inverse=True)
    if product.size == 0:
        none = np.zeros(0, np.int64)
        return Together(none, none, none, np.zeros(0), np.zeros(0))
    table = sparse.csr_matrix((np.ones(row.size), (row, column)), shape=(int(row.max()) + 1, product.size))
    table.data[:] = 1.0
    size = np.asarray(table.sum(axis=1)).ravel()
    table = table[size <= LARGEST_ORDER]
    often = np.asarray(table.sum(axis=0)).ravel()
    both = (table.T @ table).tocoo()
    here, there, orders = both.row, both.col, both.data
    lift = orders * table.shape[0] / np.maximum(often[here] * often[there], 1.0)
    kept = (here != there) & (orders >= FEWEST_TOGETHER) & (lift > 1.0)
    here, there, orders, lift = here[kept], there[kept], orders[kept], lift[kept]
    order = np.lexsort((there, -lift, -orders, here))
    here, there, orders, lift = here[order], there[order], orders[order], lift[order]
    first = np.searchsorted(here, here, side="left")
    best = np.arange(here.size) - first < NEIGHBOURS
    share = orders / np.maximum(often[here], 1.0)
    return Together(
        product[here[best]], product[there[best]], orders[best].astype(np.int64), share[best], lift[best]
    )
