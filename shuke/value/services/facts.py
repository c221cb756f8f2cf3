"""Facts: what the orders say, from PostgreSQL into arrays, in Django's own transaction.

Each row travels as fixed-size binary that the server strings together, so Python never touches a row:
5 million orders take seconds. One customer and all customers are the same statement.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection

from shuke.analytics.arrays import Groups, IntArray
from shuke.analytics.purchases import Purchases, merge_days, net_purchases
from shuke.customers.queries import living_with_store
from shuke.kernel import clock
from shuke.orders.queries import Movements, movements
from shuke.team.queries import shop

EPOCH = date(1970, 1, 1)
PIECES = 32

_ORDERS = """
select string_agg(int8send(customer_id) || int4send(ordered_on - date '1970-01-01') || int8send(sold)
  || int8send(returned), ''::bytea)
from ({rows}) movement group by customer_id %% {pieces}
"""
_ORDER_ROW = np.dtype([("customer", ">i8"), ("day", ">i4"), ("sold", ">i8"), ("returned", ">i8")])

_CUSTOMERS = """
select string_agg(int8send(id) || int8send(coalesce(store_id, 0)), ''::bytea)
from ({rows}) person group by id %% {pieces}
"""
_CUSTOMER_ROW = np.dtype([("customer", ">i8"), ("store", ">i8")])


@dataclass(frozen=True)
class ShopFacts:
    """Everybody's purchases, prospects included, and the store each customer belongs to (0: none), (G,)."""

    purchases: Purchases
    store: IntArray


def day_number(day: date) -> int:
    """Days since 1970-01-01, as the models count."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The calendar day of a day number."""
    return EPOCH + timedelta(days=int(number))


def read_shop(*, currency: str, as_of: date) -> ShopFacts:
    """Purchases of all living customers up to and including a day."""
    bought = _read_purchases(movements(currency=currency, as_of=as_of))
    people = _read(_sql(_CUSTOMERS, living_with_store()), {}, _CUSTOMER_ROW)
    customer = people["customer"].astype(np.int64)
    order = np.argsort(customer, kind="stable")
    return ShopFacts(with_customers(bought, customer[order]), people["store"].astype(np.int64)[order])


def read_customer(customer_id: int, *, currency: str, as_of: date) -> Purchases:
    """Purchases of one customer up to and including a day."""
    bought = _read_purchases(movements(currency=currency, as_of=as_of, customer_id=customer_id))
    return with_customers(bought, np.array([customer_id], np.int64))


def purchase_days(customer_id: int) -> list[date]:
    """The days on which a customer bought, oldest first, by the policy of purchases."""
    found = read_customer(customer_id, currency=shop().currency, as_of=clock.today())
    return [day_of(number) for number in found.day.tolist()]


def with_customers(bought: Purchases, customers: IntArray) -> Purchases:
    """The purchases of exactly these customers (sorted ids, (G,)): some have none, others are left out."""
    place = np.searchsorted(customers, bought.customer)
    known = place < customers.size
    known[known] = customers[place[known]] == bought.customer[known]
    counts = np.zeros(customers.size, np.int64)
    counts[place[known]] = bought.groups.counts[known]
    rows = np.repeat(known, bought.groups.counts)
    return Purchases(customers, Groups.of_counts(counts), bought.day[rows], bought.amount_fen[rows])


def _sql(template: str, rows: str) -> str:
    return template.format(pieces=PIECES, rows=rows)


def _read_purchases(found: Movements) -> Purchases:
    rows = _read(_sql(_ORDERS, found.sql), found.given, _ORDER_ROW)
    columns = (rows[name].astype(np.int64) for name in ("customer", "day", "sold", "returned"))
    return net_purchases(merge_days(*columns))


def _read(sql: str, given: dict[str, Any], row: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        pieces = [np.frombuffer(piece, row) for (piece,) in cursor.fetchall() if piece is not None]
    return np.concatenate(pieces) if pieces else np.zeros(0, row)
