"""Orders as they were before a run changed them, kept so that it can be undone; and orders that were called off since."""

from collections.abc import Sequence

from django.db import connection

from shuke.imports.ports import Setting
from shuke.orders.models import OrderBefore


def call_off(setting: Setting, numbers: Sequence[str]) -> int:
    """Orders that were paid once and that the file now says are closed: all their money went back. Gives how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from orders_order where source = %s and number = any(%s) and kind = 'sale'"
            " and refund_fen < amount_fen and import_run_id is distinct from %s for update",
            [setting.source, list(numbers), setting.run_id],
        )
        ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return 0
        keep_before(setting.run_id, ids)
        cursor.execute("update orders_orderline set refund_fen = amount_fen where order_id = any(%s)", [ids])
        cursor.execute(
            "update orders_order set refund_fen = amount_fen, fingerprint = 0, import_run_id = %s where id = any(%s)",
            [setting.run_id, ids],
        )
    return len(ids)


def keep_before(run_id: int, order_ids: list[int]) -> None:
    """Keep orders as they are now, unless this run kept them already, so that the run can be undone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into orders_orderbefore (run_id, order_id, before)"
            " select %s, o.id, jsonb_build_object('order', to_jsonb(o), 'lines',"
            " coalesce((select jsonb_agg(to_jsonb(l) order by l.line_number) from orders_orderline l"
            " where l.order_id = o.id), '[]'::jsonb)) from orders_order o where o.id = any(%s)"
            " on conflict do nothing",
            [run_id, order_ids],
        )


def kept_before(run_id: int, order_ids: list[int]) -> set[int]:
    """Those of these orders whose former selves this run keeps."""
    kept = OrderBefore.objects.filter(run_id=run_id, order_id__in=order_ids)
    return set(kept.values_list("order_id", flat=True))
