"""Keeps what lists ask about purchases (`CustomerMark`) equal to the orders. Set-based; what would not change is not written."""

from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import connection, transaction

from shuke.orders.models import CustomerMark, Order, OrderBefore

PART = 10_000
MANY = 200_000
MARKS_LOCK = 7_301_090


def refresh_marks(customer_ids: Iterable[int]) -> None:
    """Bring the marks of these customers up to date, some thousand in a transaction; safe to repeat."""
    ids = iter(customer_ids)
    while part := list(islice(ids, PART)):
        _refresh_part(part)


def refresh_marks_of_run(run_id: int) -> None:
    """Bring up to date whom an import's orders are about: those it made and those it replaced."""
    made = Order.objects.filter(import_run_id=run_id, customer__isnull=False)
    replaced = OrderBefore.objects.filter(run_id=run_id, order__customer__isnull=False)
    ids = set(made.values_list("customer_id", flat=True).iterator(20_000))
    ids |= set(replaced.values_list("order__customer_id", flat=True).iterator(20_000))
    refresh_marks(sorted(ids))


def rebuild_marks() -> None:
    """Bring everybody's marks up to date: after an import was undone, and at night."""
    refresh_marks(_everybody())


def _everybody() -> Iterator[int]:
    """All who have orders or marks, walked in the indexes."""
    last = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_NEXT_IDS, {"last": last, "most": PART})
            found = [pk for (pk,) in cursor.fetchall()]
            if not found:
                return
            yield from found
            last = found[-1]


@transaction.atomic
def _refresh_part(ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [MARKS_LOCK])
        cursor.execute("set local work_mem = '64MB'")
        cursor.execute("drop table if exists found_marks")
        cursor.execute(_FOUND, [ids, ids, ids])
        cursor.execute(_NEW_MARKS)
        cursor.execute(_WRITE, [ids])


def forget_marks(customer_ids: list[int]) -> None:
    """Customers that are gone have none."""
    CustomerMark.objects.filter(customer_id__in=customer_ids).delete()


_NEXT_IDS = """
with recursive walk (id) as (
  (select least(
    (select min(customer_id) from orders_order where customer_id > %(last)s),
    (select min(customer_id) from orders_customermark where customer_id > %(last)s)))
  union all
  select least(
    (select min(customer_id) from orders_order where customer_id > walk.id),
    (select min(customer_id) from orders_customermark where customer_id > walk.id))
  from walk where walk.id is not null
)
select id from walk where id is not null limit %(most)s
"""

# A sale of which something was kept; a line that was not wholly paid back, or cost nothing.
_FOUND = """
create temp table found_marks on commit drop as
with sales as (
  select id, customer_id, ordered_on, channel, store_id from orders_order
  where customer_id = any(%s) and kind = 'sale' and amount_fen >= 0 and (refund_fen < amount_fen or amount_fen = 0)
), bought as (
  select s.customer_id, s.ordered_on, p.id as product_id, p.category
  from sales s join orders_orderline l on l.order_id = s.id join orders_product p on p.id = l.product_id
  where l.refund_fen < l.amount_fen or l.amount_fen = 0
), borne as (
  select customer_id, ordered_on, 'product' as kind, product_id::text as key from bought
  union all select customer_id, ordered_on, 'category', category from bought where category <> ''
  union all select customer_id, ordered_on, 'channel', channel from sales where channel <> ''
  union all select customer_id, ordered_on, 'store', store_id::text from sales where store_id is not null
  union all select customer_id, ordered_on, 'return', '' from orders_order
    where customer_id = any(%s) and (kind = 'return' or amount_fen < 0 or refund_fen > 0)
)
select customer_id, kind, key, max(ordered_on) as last_on, least(count(distinct ordered_on), 32000)::smallint as days
from borne where customer_id in (select id from customers_customer where id = any(%s)) group by 1, 2, 3
"""

_NEW_MARKS = """
insert into orders_mark (kind, key)
select distinct f.kind, f.key from found_marks f
where not exists (select 1 from orders_mark m where m.kind = f.kind and m.key = f.key)
on conflict (kind, key) do nothing
"""

_WRITE = """
with found as (
  select m.id as mark_id, f.customer_id, f.last_on, f.days
  from found_marks f join orders_mark m on m.kind = f.kind and m.key = f.key
), gone as (
  delete from orders_customermark old where old.customer_id = any(%s)
    and not exists (select 1 from found f where f.mark_id = old.mark_id and f.customer_id = old.customer_id)
)
insert into orders_customermark (mark_id, customer_id, last_on, days)
select mark_id, customer_id, last_on, days from found
on conflict (mark_id, customer_id) do update set last_on = excluded.last_on, days = excluded.days
where (orders_customermark.last_on, orders_customermark.days) is distinct from (excluded.last_on, excluded.days)
"""
