"""What a customer has never bought: products that go with theirs, the popular ones of their segment, and the next step up.

Products that stand in the same baskets: G. Linden, B. Smith, J. York, "Amazon.com Recommendations", IEEE Internet Computing 7
(2003); weights after BM25, S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework" (2009). Page
docs/methods/recommendations.md.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from shuke.analytics.arrays import FloatArray, IntArray
from shuke.analytics.recommend import (
    Filters,
    Lines,
    Ranked,
    best_of,
    contains,
    never_bought,
    next_baskets,
    recall,
)
from shuke.analytics.recommend_repeat import Habits, habits_of

TOGETHER, BM25, POPULAR = "together", "bm25", "popular"
WAYS = (POPULAR, TOGETHER, BM25)
HALF_LIVES = (30.0, 90.0)
FEWEST_BUYERS = 5
NEIGHBOURS = 200
PRIOR = 2.0
LARGEST_BASKET = 60
BM25_K, BM25_B = 1.2, 0.75
FEWEST_IN_SEGMENT = 30
STEP_FROM, STEP_UNTIL = 1.1, 1.8
ROWS_AT_ONCE = 512
FAR_BEHIND = 1e-6


@dataclass(frozen=True)
class Affinity:
    """How strongly products go with one another.

    `product` (P,) ids, rising, of products with enough buyers; `popularity` (P,) their decayed number of buyers;
    `similar` (P, P) sparse: row i, column j: how much buying i speaks for j.
    """

    product: IntArray
    popularity: FloatArray
    similar: sparse.csr_matrix


def affinity_of(lines: Lines, *, as_of: int, half_life_days: float, way: str) -> Affinity:
    """Learn from the baskets (customer and day) up to `as_of`; older ones count less.

    Notes
    -----
    together: decayed baskets with both / decayed baskets with i: how likely j is where i is, which keeps popular products in
    front (the cosine does not, and does worse). bm25: a product's weight in a basket is idf x (k + 1) / (k (1 - b + b length /
    mean length) + 1); i speaks for j with the sum of products of weights. Products with fewer than 5 buyers, and baskets beyond
    60 products (wholesale, a counter's end), are left out; each product keeps its 200 strongest neighbours.
    """
    past = lines.until(as_of)
    habits = habits_of(past, as_of=as_of, half_life_days=half_life_days)
    names, index, buyers = np.unique(habits.product, return_inverse=True, return_counts=True)
    popularity: FloatArray = np.bincount(index, np.minimum(habits.strength, 1.0), names.size).astype(
        np.float64
    )
    kept = buyers >= FEWEST_BUYERS
    product, popularity = names[kept], popularity[kept]
    baskets, weight = _baskets(past, product, as_of, half_life_days)
    if way == POPULAR or product.size == 0:
        return Affinity(product, popularity, sparse.csr_matrix((product.size, product.size)))
    decayed = sparse.diags_array(weight) @ (_bm25(baskets) if way == BM25 else baskets)
    similar = ((_bm25(baskets) if way == BM25 else baskets).T @ decayed).tocsr()
    if way == TOGETHER:
        often = np.asarray(decayed.sum(axis=0)).ravel()
        similar = (sparse.diags_array(1 / (often + PRIOR)) @ similar).tocsr()
    return Affinity(product, popularity, _strongest(similar))


def _baskets(
    lines: Lines, product: IntArray, as_of: int, half_life_days: float
) -> tuple[sparse.csr_matrix, FloatArray]:
    """Baskets x products (B, P) of ones, and each basket's weight by its age (B,)."""
    rows = np.isin(lines.product, product)
    customer, day = lines.customer[rows], lines.day[rows]
    column = np.searchsorted(product, lines.product[rows])
    keys = np.column_stack((customer, day))
    order = np.lexsort((day, customer))
    ranked = keys[order]
    first = np.concatenate(([True], (ranked[1:] != ranked[:-1]).any(axis=1))) if order.size else order
    basket = np.empty(order.size, np.int64)
    basket[order] = np.cumsum(first) - 1
    size = np.bincount(basket)
    small = size[basket] <= LARGEST_BASKET
    shape = (size.size, product.size)
    table = sparse.csr_matrix((np.ones(int(small.sum())), (basket[small], column[small])), shape=shape)
    weight = np.exp2(-(as_of - ranked[np.flatnonzero(first), 1]) / half_life_days)
    return table, weight


def _bm25(baskets: sparse.csr_matrix) -> sparse.csr_matrix:
    length = np.asarray(baskets.sum(axis=1)).ravel()
    often = np.asarray(baskets.sum(axis=0)).ravel()
    idf = np.log1p((length.size - often + 0.5) / (often + 0.5))
    mean = max(float(length[length > 0].mean()) if (length > 0).any() else 1.0, 1e-9)
    scale = (BM25_K + 1) / (BM25_K * (1 - BM25_B + BM25_B * length / mean) + 1)
    return (sparse.diags_array(scale) @ baskets @ sparse.diags_array(idf)).tocsr()


def _strongest(similar: sparse.csr_matrix) -> sparse.csr_matrix:
    """The strongest neighbours of each product, itself not among them."""
    starts, columns, values = similar.indptr, similar.indices, similar.data
    kept = np.zeros(values.size, bool)
    for row in range(similar.shape[0]):
        part = slice(starts[row], starts[row + 1])
        own = np.where(columns[part] == row, -np.inf, values[part])
        best = own.argpartition(-NEIGHBOURS)[-NEIGHBOURS:] if own.size > NEIGHBOURS else np.arange(own.size)
        kept[starts[row] + best[np.isfinite(own[best])]] = True
    rows = np.repeat(np.arange(similar.shape[0]), np.diff(starts))
    return sparse.csr_matrix((values[kept], (rows[kept], columns[kept])), shape=similar.shape)


@dataclass(frozen=True)
class Suggestions:
    """Recommended products, and of each the product the customer bought that speaks for it most (-1: it is simply popular)."""

    ranked: Ranked
    because: IntArray


def recommend(
    affinity: Affinity, habits: Habits, filters: Filters, most: int, customers: IntArray | None = None
) -> Suggestions:
    """The `most` never-bought products of each customer.

    Parameters
    ----------
    affinity : Affinity
    habits : Habits
        What each customer has bought: the never-bought are the others, and strong habits speak louder.
    filters : Filters
    most : int
    customers : (C,) int64, optional
        Ids; all with habits by default.

    Notes
    -----
    score(j) = sum over bought i of ln(1 + strength_i) similar(i, j). Without similar products, by popularity.
    """
    customers = np.unique(habits.customer) if customers is None else np.unique(customers)
    rows = np.isin(habits.customer, customers) & np.isin(habits.product, affinity.product)
    row = np.searchsorted(customers, habits.customer[rows])
    column = np.searchsorted(affinity.product, habits.product[rows])
    shape = (customers.size, affinity.product.size)
    taste = sparse.csr_matrix((np.log1p(habits.strength[rows]), (row, column)), shape=shape)
    blocked = _blocked(affinity, habits, filters, customers)
    found = [
        _best_in_block(
            affinity, taste[begin : begin + ROWS_AT_ONCE], blocked[begin : begin + ROWS_AT_ONCE], most
        )
        for begin in range(0, customers.size, ROWS_AT_ONCE)
    ]
    what, score = (np.vstack([part[k] for part in found]) if found else np.zeros((0, 0)) for k in (0, 1))
    who = np.repeat(customers, what.shape[1] if found else 0)
    ids = affinity.product[what.ravel().astype(np.int64)]
    ranked = best_of(who, ids, score.ravel().astype(np.float64), most)
    return Suggestions(ranked, _because(affinity, taste, customers, ranked))


def _blocked(affinity: Affinity, habits: Habits, filters: Filters, customers: IntArray) -> sparse.csr_matrix:
    """Customers x products (C, P): ones where a product has been bought or the pair is filtered; see `Filters`."""
    pairs = np.concatenate((habits.customer, filters.pair_customer))
    products = np.concatenate((habits.product, filters.pair_product))
    rows = np.isin(pairs, customers) & np.isin(products, affinity.product)
    row = np.searchsorted(customers, pairs[rows])
    column = np.searchsorted(affinity.product, products[rows])
    table = sparse.csr_matrix(
        (np.ones(row.size), (row, column)), shape=(customers.size, affinity.product.size)
    )
    never, nobody = np.isin(affinity.product, filters.products), np.isin(customers, filters.customers)
    if never.any():
        table = table + sparse.csr_matrix(np.ones((customers.size, 1))) @ sparse.csr_matrix(
            never[None, :] * 1.0
        )
    if nobody.any():
        table = table + sparse.csr_matrix(nobody[:, None] * 1.0) @ sparse.csr_matrix(np.ones((1, never.size)))
    return table.tocsr()


def _best_in_block(
    affinity: Affinity, taste: sparse.csr_matrix, blocked: sparse.csr_matrix, most: int
) -> tuple[IntArray, FloatArray]:
    """Columns and scores (C, most) of some customers; a popular product stands far behind any similar one."""
    share = affinity.popularity / max(float(affinity.popularity.max(initial=0.0)), 1e-12)
    table = (taste @ affinity.similar).toarray() + FAR_BEHIND * share
    table[blocked.nonzero()] = 0.0
    most = min(most, table.shape[1])
    column = (
        np.argpartition(-table, most - 1, axis=1)[:, :most] if most else np.zeros((table.shape[0], 0), int)
    )
    return column, np.take_along_axis(table, column, axis=1)


def _because(affinity: Affinity, taste: sparse.csr_matrix, customers: IntArray, ranked: Ranked) -> IntArray:
    """The bought product with the largest part in each suggestion's score."""
    if ranked.product.size == 0:
        return np.zeros(0, np.int64)
    backward = affinity.similar.T.tocsr()
    column = np.searchsorted(affinity.product, ranked.product)
    row = np.searchsorted(customers, ranked.customer)
    parts = backward[column].multiply(taste[row]).tocsr()
    best = np.asarray(parts.argmax(axis=1)).ravel()
    weight = np.asarray(parts.max(axis=1).todense()).ravel()
    return np.where(weight > 0, affinity.product[best], -1).astype(np.int64)


def popular_in_segments(
    lines: Lines, segment: IntArray, customers: IntArray, *, as_of: int, half_life_days: float, most: int
) -> tuple[Ranked, IntArray]:
    """For customers without purchases: the `most` popular products of each segment (`customer` in the result; -1: the shop).

    Parameters
    ----------
    lines : Lines
    segment, customers : (C,) int64
        Segment code (>= 0) of each customer id. Segments with fewer than 30 buyers get the shop's list.
    as_of, half_life_days : of the weight by age
    most : int

    Returns
    -------
    Ranked, (S,) int64
        Products by segment, and by how many buyers each was decided (the reason).
    """
    habits = habits_of(lines, as_of=as_of, half_life_days=half_life_days)
    order = np.argsort(customers)
    place = np.clip(np.searchsorted(customers[order], habits.customer), 0, max(customers.size - 1, 0))
    known = customers[order][place] == habits.customer if customers.size else np.zeros(place.shape, bool)
    code = np.where(known, segment[order][place] if customers.size else -1, -1)
    buyers = {s: np.unique(habits.customer[code == s]).size for s in np.unique(segment).tolist()}
    codes, products, scores, counts = [], [], [], []
    for one in [-1, *np.unique(segment).tolist()]:
        rows = code == one if buyers.get(one, 0) >= FEWEST_IN_SEGMENT else np.ones(code.shape, bool)
        names, index, count = np.unique(habits.product[rows], return_inverse=True, return_counts=True)
        codes.append(np.full(names.size, one))
        products.append(names)
        scores.append(np.bincount(index, np.minimum(habits.strength[rows], 1.0), names.size))
        counts.append(count)
    ranked = best_of(np.concatenate(codes), np.concatenate(products), np.concatenate(scores), most)
    return ranked, np.concatenate(counts)[ranked.row]


@dataclass(frozen=True)
class Shelf:
    """Products that could be offered, each (P,): id, category code, usual price (fen), decayed number of buyers."""

    product: IntArray
    category: IntArray
    price_fen: IntArray
    popularity: FloatArray


@dataclass(frozen=True)
class StepsUp:
    """For a habit (`row` of the habits), the better product to offer instead, each (S,); prices in fen."""

    ranked: Ranked
    instead_of: IntArray
    price_fen: IntArray
    usual_price_fen: IntArray


def steps_up(habits: Habits, shelf: Shelf, filters: Filters, most: int) -> StepsUp:
    """Upsell: for what a customer buys again, the most popular product of its category one price step (10 to 80 %) above.

    At most one for each habit, of products the customer has never bought; the strongest habits first.
    """
    target = _step_of(shelf)
    order = np.argsort(shelf.product)
    place = np.clip(np.searchsorted(shelf.product[order], habits.product), 0, max(shelf.product.size - 1, 0))
    here = order[place] if shelf.product.size else np.zeros(habits.product.shape, np.int64)
    known = (shelf.product[here] == habits.product) if shelf.product.size else np.zeros(here.shape, bool)
    rows = np.flatnonzero(known & (habits.times > 1))
    rows = rows[target[here[rows]] >= 0]
    goal = target[here[rows]]
    who, what = habits.customer[rows], shelf.product[goal]
    new = ~contains(habits.customer, habits.product, who, what) & filters.allow(who, what)
    ranked = best_of(who, what, np.where(new, habits.strength[rows], 0.0), most)
    return StepsUp(
        ranked,
        habits.product[rows][ranked.row],
        shelf.price_fen[goal][ranked.row],
        shelf.price_fen[here[rows]][ranked.row],
    )


def _step_of(shelf: Shelf) -> IntArray:
    """For each product the place of the one to step up to, -1 without one, (P,): by category, the most popular in reach."""
    target = np.full(shelf.product.size, -1, np.int64)
    for category in np.unique(shelf.category).tolist():
        rows = np.flatnonzero(shelf.category == category)
        rows = rows[np.lexsort((shelf.product[rows], shelf.price_fen[rows]))]
        price = shelf.price_fen[rows]
        low = np.searchsorted(price, np.ceil(price * STEP_FROM), side="left")
        high = np.searchsorted(price, np.floor(price * STEP_UNTIL), side="right")
        for place, (begin, end) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
            if end > begin:
                target[rows[place]] = rows[begin + int(np.argmax(shelf.popularity[rows[begin:end]]))]
    return target


@dataclass(frozen=True)
class NewReport:
    """Recall of the never-bought products of the next basket, by way and half-life; `way`, `half_life_days` are the best."""

    cut: int
    customers: int
    most: int
    way: str
    half_life_days: float
    recall: float
    recalls: tuple[tuple[str, float, float], ...]


def compare(
    lines: Lines,
    *,
    cut: int,
    most: int = 10,
    half_lives: tuple[float, ...] = HALF_LIVES,
    ways: tuple[str, ...] = WAYS,
) -> NewReport | None:
    """Recommend at the end of day `cut` in every way; judge by what known customers' next baskets hold for the first time."""
    before = lines.until(cut)
    new = never_bought(next_baskets(lines, cut), before)
    known = np.isin(new.customer, before.customer)
    customer, product = new.customer[known], new.product[known]
    if customer.size == 0:
        return None
    found = []
    for half_life in half_lives:
        habits = habits_of(before, as_of=cut, half_life_days=half_life)
        for way in ways:
            affinity = affinity_of(before, as_of=cut, half_life_days=half_life, way=way)
            ranked = recommend(affinity, habits, Filters(), most).ranked
            found.append((way, half_life, round(recall(ranked, customer, product), 5)))
    way, half_life, score = max(found, key=lambda one: one[2])
    return NewReport(cut, int(np.unique(customer).size), most, way, half_life, score, tuple(found))
