"""Which orders changed: how a copy of the facts (the value room's Parquet files) learns what to read anew."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from shuke.orders.models import OrderChange


@dataclass(frozen=True)
class Changes:
    """Customers whose orders changed since changes were last taken; `is_everything`: too many to name."""

    customer_ids: list[int]
    is_everything: bool


def note_batch(order_ids: range | list[int]) -> None:
    """Note that an import just wrote these orders; in its transaction."""
    if len(order_ids):
        OrderChange.objects.create(first_order_id=min(order_ids), last_order_id=max(order_ids))


def take_changes(*, most: int) -> Changes:
    """Take all changes noted so far and say whose orders they were; more than `most` customers: everything.

    Must run in the transaction that keeps the copy: rolled back, the changes are there again. One whose transaction commits
    later is simply there the next time, so nothing is lost whatever the order of commits. Read the orders after this call.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "create temp table if not exists orders_taken (like orders_orderchange) on commit drop"
        )
        cursor.execute("truncate orders_taken")
        cursor.execute(
            "with taken as (delete from orders_orderchange returning *) insert into orders_taken select * from taken"
        )
        return _changes(cursor, "orders_taken", most)


def waiting_changes(*, most: int) -> Changes:
    """The same of the changes that wait; they stay."""
    with connection.cursor() as cursor:
        return _changes(cursor, "orders_orderchange", most)


def _changes(cursor: Any, table: str, most: int) -> Changes:
    cursor.execute(_EXTENT.format(table=table))
    has_whole, named, imported = cursor.fetchone()
    if has_whole or named + imported > most:
        return Changes([], is_everything=True)
    cursor.execute(_WHOSE.format(table=table))
    return Changes([row[0] for row in cursor.fetchall()], is_everything=False)


_EXTENT = """
select coalesce(bool_or(facts_of is null and first_order_id is null), false), count(distinct facts_of),
  coalesce(sum(last_order_id - first_order_id + 1), 0)
from {table}
"""

# "offset 0": each batch is one walk of the key. Left to itself the planner, who knows nothing of a table just filled, compares
# every note with every order.
_WHOSE = """
select facts_of from {table} where facts_of is not null
union
select o.customer_id
from (select first_order_id, last_order_id from {table} where first_order_id is not null) t
cross join lateral (
  select customer_id from orders_order
  where id between t.first_order_id and t.last_order_id and customer_id is not null offset 0
) o
order by 1
"""
