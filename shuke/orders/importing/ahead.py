"""Lines that an import writes on a second connection, committed a moment before their orders.

What was announced and never followed by its orders (the process was killed in between) is dropped before the run goes on or
is taken back.
"""

import polars as pl
from django.db import connection, transaction

from shuke.orders.models import LinesAhead


def announce_lines(run_id: int, order_ids: pl.Series) -> None:
    """Say whose lines come, in the transaction that writes them."""
    LinesAhead.objects.create(run_id=run_id, first_order_id=order_ids.min(), last_order_id=order_ids.max())


def forget_announced(run_id: int) -> None:
    """Their orders are there, in the transaction that wrote them."""
    LinesAhead.objects.filter(run_id=run_id).delete()


@transaction.atomic
def drop_lines_ahead(run_id: int) -> None:
    """Drop lines whose orders never came. Safe to repeat."""
    for ahead in LinesAhead.objects.filter(run_id=run_id):
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from orders_orderline l where order_id between %s and %s"
                " and not exists (select 1 from orders_order o where o.id = l.order_id)",
                [ahead.first_order_id, ahead.last_order_id],
            )
        ahead.delete()
