"""Facts: what the orders say, as arrays. Of everybody from the Parquet facts, of one customer from PostgreSQL itself."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.conf import settings

from shuke.analytics.arrays import IntArray
from shuke.analytics.engines import Engine, engine_at
from shuke.analytics.purchases import Purchases, merge_days, net_purchases, with_customers
from shuke.customers.queries import living_with_store
from shuke.kernel import clock
from shuke.orders.queries import Movements, movements, order_facts
from shuke.team.queries import shop
from shuke.value.services.fact_flow import Flowed, facts
from shuke.value.services.reading import read_binary

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
    """Everybody's purchases, prospects included, and the store each customer belongs to (0: none), (G,).

    `rows` facts were read; `flowed` customers were told anew before (None: all).
    """

    purchases: Purchases
    store: IntArray
    rows: int
    flowed: int | None


def day_number(day: date) -> int:
    """Days since 1970-01-01, as the models count."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The calendar day of a day number."""
    return EPOCH + timedelta(days=int(number))


def read_shop(computing: Engine, *, as_of: date) -> ShopFacts:
    """Purchases of all living customers up to and including a day, from facts brought up to date."""
    with facts() as flowed:
        bought = computing.purchases(flowed.store, flowed.manifest, as_of=day_number(as_of))
    return of_living(bought, flowed)


def engine() -> Engine:
    """Where runs are computed: what SHUKE_ENGINE names."""
    return engine_at(settings.SHUKE_ENGINE)


def of_living(bought: Purchases, flowed: Flowed) -> ShopFacts:
    """The purchases of exactly the living customers, with those who never bought, and everybody's store."""
    people = _read(_sql(_CUSTOMERS, living_with_store()), {}, _CUSTOMER_ROW)
    customer = people["customer"].astype(np.int64)
    order = np.argsort(customer, kind="stable")
    store = people["store"].astype(np.int64)[order]
    return ShopFacts(with_customers(bought, customer[order]), store, flowed.manifest.rows, flowed.customers)


def read_customer(customer_id: int, *, currency: str, as_of: date) -> Purchases:
    """Purchases of one customer up to and including a day."""
    bought = _read_purchases(movements(currency=currency, as_of=as_of, customer_id=customer_id))
    return with_customers(bought, np.array([customer_id], np.int64))


def read_customers(customer_ids: list[int], *, currency: str, as_of: date) -> Purchases:
    """Purchases of some customers (ids rising) up to and including a day, in one reading."""
    found = order_facts(currency=currency, customer_ids=customer_ids)
    known = Movements(
        f"select * from ({found.sql}) fact where ordered_on <= %(as_of)s", found.given | {"as_of": as_of}
    )
    return with_customers(_read_purchases(known), np.array(customer_ids, np.int64))


def purchase_days(customer_id: int) -> list[date]:
    """The days on which a customer bought, oldest first, by the policy of purchases."""
    found = read_customer(customer_id, currency=shop().currency, as_of=clock.today())
    return [day_of(number) for number in found.day.tolist()]


def _sql(template: str, rows: str) -> str:
    return template.format(pieces=PIECES, rows=rows)


def _read_purchases(found: Movements) -> Purchases:
    rows = _read(_sql(_ORDERS, found.sql), found.given, _ORDER_ROW)
    columns = (rows[name].astype(np.int64) for name in ("customer", "day", "sold", "returned"))
    return net_purchases(merge_days(*columns))


def _read(sql: str, given: dict[str, Any], row: Any) -> Any:
    pieces = list(read_binary(sql, given, row))
    return np.concatenate(pieces) if pieces else np.zeros(0, row)
