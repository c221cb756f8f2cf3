"""Taking back what an import run did to orders, and settling what it did for nothing."""

from collections import Counter
from typing import Any

from django.db import connection, transaction

from shuke.customers.events import CustomersRemoved
from shuke.customers.services import bulk, filling
from shuke.imports.ports import Counts, Progress
from shuke.kernel.outbox import publish
from shuke.orders.events import OrdersRemoved
from shuke.orders.importing.ahead import drop_lines_ahead
from shuke.orders.models import Behaviour, Order, OrderBefore, OrderLine, Product
from shuke.orders.services.days import forget_all_day_figures
from shuke.team.queries import SYSTEM
from shuke.team.services import remove_stores_of_run

BATCH = 20_000
CUSTOMER_BATCH = 2_000
_COLUMNS = (
    "source", "number", "kind", "customer_id", "store_id", "channel", "ordered_at", "ordered_on", "amount_fen",
    "refund_fen", "currency", "fingerprint", "import_run_id", "recorded_at",
)  # fmt: skip


def _run(statement: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def settle_unchanged(run_id: int, counts: Counts) -> Counts:
    """Orders that came in pieces and in the end say what they said before are unchanged. Safe to repeat."""
    settled = (
        "from orders_orderbefore b where b.run_id = %s and b.order_id = o.id"
        " and (b.before->'order'->>'fingerprint')::bigint = o.fingerprint"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), coalesce(sum((select count(*) from orders_orderline l where l.order_id = o.id)), 0)"
            " from orders_order o, orders_orderbefore b where b.run_id = %s and b.order_id = o.id"
            " and (b.before->'order'->>'fingerprint')::bigint = o.fingerprint",
            [run_id],
        )
        row: Any = cursor.fetchone()
    if not row[0]:
        return counts
    _run(
        f"update orders_order o set import_run_id = (b.before->'order'->>'import_run_id')::bigint {settled}",
        [run_id],
    )
    _run(
        "delete from orders_orderbefore b using orders_order o where b.run_id = %s and b.order_id = o.id"
        " and (b.before->'order'->>'fingerprint')::bigint = o.fingerprint",
        [run_id],
    )
    moved = Counter(counts)
    moved.update(orders_unchanged=int(row[0]), rows_unchanged=int(row[1]))
    moved.subtract(orders_updated=int(row[0]), rows_updated=int(row[1]))
    return dict(moved)


def undo(run_id: int, progress: Progress) -> Counts:
    """Remove what the run made, put back what it replaced. Each batch is a transaction; safe to repeat."""
    counts: Counter[str] = Counter()
    drop_lines_ahead(run_id)
    counts.update(filling.empty_filled(run_id, progress))
    total = Order.objects.filter(import_run_id=run_id).count() + bulk.count_of_run(run_id)
    while restored := _restore_some(run_id):
        counts["orders_restored"] += restored
    while removed := _remove_some(run_id):
        counts["orders_removed"] += removed
        progress(counts["orders_removed"], total)
    _run("delete from orders_orderbefore where run_id = %s", [run_id])
    counts["products_removed"] = _remove_products(run_id)
    after = 0
    while ids := bulk.customers_of_run(run_id, after=after, limit=CUSTOMER_BATCH):
        after = ids[-1]
        counts["customers_removed"] += bulk.remove_untouched(without_orders(ids))
        progress(counts["orders_removed"] + counts["customers_removed"], total)
    bulk.forget_run(run_id)
    counts["stores_removed"] = remove_stores_of_run(actor=SYSTEM, import_run_id=run_id)
    with transaction.atomic():
        forget_all_day_figures()
        publish(OrdersRemoved(run_id=run_id))
        publish(CustomersRemoved(run_id=run_id))
    return dict(counts)


def without_orders(customer_ids: list[int]) -> list[int]:
    """Those who have neither orders nor behaviour here."""
    busy = set(Order.objects.filter(customer_id__in=customer_ids).values_list("customer_id", flat=True))
    busy |= set(Behaviour.objects.filter(customer_id__in=customer_ids).values_list("customer_id", flat=True))
    return [pk for pk in customer_ids if pk not in busy]


@transaction.atomic
def _restore_some(run_id: int) -> int:
    rows = list(
        OrderBefore.objects.filter(run_id=run_id).order_by("pk").values_list("pk", "order_id")[:BATCH]
    )
    if not rows:
        return 0
    kept, orders = [pk for pk, _order in rows], [order for _pk, order in rows]
    _run("delete from orders_orderline where order_id = any(%s)", [orders])
    assigned = ", ".join(f"{column} = r.{column}" for column in _COLUMNS)
    _run(
        f"update orders_order o set {assigned} from orders_orderbefore b,"
        " jsonb_populate_record(null::orders_order, b.before->'order') r where b.id = any(%s) and o.id = b.order_id",
        [kept],
    )
    _run(
        "insert into orders_orderline select l.* from orders_orderbefore b,"
        " jsonb_populate_recordset(null::orders_orderline, b.before->'lines') l where b.id = any(%s)",
        [kept],
    )
    OrderBefore.objects.filter(pk__in=kept).delete()
    return len(rows)


@transaction.atomic
def _remove_some(run_id: int) -> int:
    ids = list(Order.objects.filter(import_run_id=run_id).order_by("pk").values_list("pk", flat=True)[:BATCH])
    if ids:
        _run("delete from orders_orderline where order_id = any(%s)", [ids])
        _run("delete from orders_orderbefore where order_id = any(%s)", [ids])
        _run("delete from orders_order where id = any(%s)", [ids])
    return len(ids)


@transaction.atomic
def _remove_products(run_id: int) -> int:
    used = OrderLine.objects.values("product_id")
    made = Product.objects.filter(import_run_id=run_id)
    return made.exclude(pk__in=used).delete()[0] if made.exists() else 0
