"""Figures of products and what stands in the same orders, made ready once a night: the page reads no order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction

from shuke.analytics import products
from shuke.analytics.arrays import IntArray
from shuke.analytics.products import ProductFigures, SoldLines
from shuke.kernel import clock
from shuke.kernel.bulk import copy_rows
from shuke.orders.queries import selling
from shuke.orders.queries.selling import Shelved
from shuke.team.queries import Actor, shop
from shuke.team.services import require
from shuke.value.models import WHOLE_SHOP, ReadyFigures
from shuke.value.services.facts import day_number, day_of
from shuke.value.services.reading import lock, read_binary

PRODUCTS_LOCK = 7_301_017
LOOKED_BACK_DAYS = 2 * 366
PIECES = 32
FIGURES = "products"
_COLUMNS = (
    "product_id", "store_id", "name", "category", "is_active", "revenue_fen", "before_fen", "recent_fen", "recent_before_fen",
    "returned_fen", "quantity", "buyers", "again", "first_on", "last_on", "abc", "profit_fen", "months",
)  # fmt: skip
_PAIR_COLUMNS = ("product_id", "other_id", "orders", "share", "lift")

_LINES = """
select string_agg(int8send(order_id) || int8send(product_id) || int8send(store_id) || int8send(customer_id)
  || int8send(ordered_on - date '1970-01-01') || int8send(net_fen) || int8send(returned_fen) || int8send(quantity), ''::bytea)
from ({rows}) line group by order_id %% {pieces}
"""
_LINE = np.dtype([(name, ">i8") for name in SoldLines.__dataclass_fields__])


@dataclass(frozen=True)
class Counted:
    """What was looked at and written: lines read, products on the shelf, rows of figures, pairs."""

    lines: int
    products: int
    rows: int
    pairs: int


def count_products(actor: Actor, *, as_of: date | None = None) -> Counted:
    """Make the figures of all products ready, of the shop and of each store; safe to repeat."""
    require(actor, "value.refresh")
    day = as_of or clock.today()
    shelf, lines = selling.shelf(), _lines(day)
    rows = list(_rows(shelf, lines, day_number(day)))
    pairs = list(_pairs(lines, day_number(day)))
    done = Counted(int(lines.order.size), len(shelf), len(rows), len(pairs))
    with transaction.atomic():
        lock(PRODUCTS_LOCK)
        with connection.cursor() as cursor:
            cursor.execute("delete from value_productfigures")
            cursor.execute("delete from value_productpair")
        copy_rows("value_productfigures", _COLUMNS, rows)
        copy_rows("value_productpair", _PAIR_COLUMNS, pairs)
        began = day_of(lines.day.min()).isoformat() if done.lines else None
        content = {"lines": done.lines, "products": done.products, "began": began}
        ReadyFigures.objects.update_or_create(
            name=FIGURES, store_id=WHOLE_SHOP, defaults={"as_of": day, "content": content}
        )
    return done


def _lines(day: date) -> SoldLines:
    found = selling.traded_lines(
        currency=shop().currency, since=day - timedelta(days=LOOKED_BACK_DAYS), until=day
    )
    pieces = list(read_binary(_LINES.format(rows=found.sql, pieces=PIECES), found.given, _LINE))
    read = np.concatenate(pieces) if pieces else np.zeros(0, _LINE)
    return SoldLines(*(read[name].astype(np.int64) for name in SoldLines.__dataclass_fields__))


def _rows(shelf: list[Shelved], lines: SoldLines, as_of: int) -> Iterator[tuple[Any, ...]]:
    """A row for each product of the whole shop, and for each store that sold it in two years."""
    product = np.array([one.product_id for one in shelf], np.int64)
    yield from _rows_of(shelf, products.figures_of(lines, product, as_of=as_of), WHOLE_SHOP)
    for store in np.unique(lines.store[lines.store > 0]).tolist():
        own = lines.chosen(lines.store == store)
        sold = np.isin(product, own.product)
        kept = [one for one, is_sold in zip(shelf, sold.tolist(), strict=True) if is_sold]
        yield from _rows_of(kept, products.figures_of(own, product[sold], as_of=as_of), store)


def _rows_of(shelf: list[Shelved], found: ProductFigures, store: int) -> Iterator[tuple[Any, ...]]:
    for place, one in enumerate(shelf):
        yield (
            one.product_id,
            store,
            one.name,
            one.category,
            one.is_active,
            *(int(getattr(found, name)[place]) for name in _COLUMNS[5:10]),
            round(int(found.quantity[place]) / 1000),
            int(found.buyers[place]),
            int(found.again[place]),
            _day(found.first_day, place),
            _day(found.last_day, place),
            products.CLASSES[int(found.abc[place])],
            _profit(one, found, place),
            found.months[place].tolist(),
        )


def _day(days: IntArray, place: int) -> date | None:
    return day_of(days[place]) if days[place] >= 0 else None


def _profit(one: Shelved, found: ProductFigures, place: int) -> int | None:
    """Money less costs of the last year; None where the shop has not told what the product costs."""
    if one.cost_fen is None:
        return None
    return int(found.revenue_fen[place]) - round(one.cost_fen * int(found.quantity[place]) / 1000)


def _pairs(lines: SoldLines, as_of: int) -> Iterator[tuple[Any, ...]]:
    found = products.together_of(lines, as_of=as_of)
    columns = (found.product, found.other, found.orders, found.share, found.lift)
    yield from zip(*(column.tolist() for column in columns), strict=True)
