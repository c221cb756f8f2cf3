"""Indexes that a first big load builds at its end: entry by entry they cost ten times as much as all at once.

What is put off is written down in the transaction that drops it; whoever comes next builds it, after a kill too: the load
itself when it goes on, a worker when it starts, `migrate` before it begins. See "Populating a Database" in PostgreSQL's
documentation, and docs/adr/0017.
"""

from collections.abc import Sequence

from django.db import DatabaseError, connection, transaction
from psycopg import sql

from shuke.kernel.models import LateIndex

LATE_LOCK = 7_306
PATIENCE = "500ms"  # for readers of the table to finish: it is hardly worth waiting for


def put_off(table: str, indexes: Sequence[str]) -> bool:
    """Drop these indexes of a table that has no rows, until `build_late`.

    False, and nothing is changed, where rows are there, where others are at the table, where it is another role's, and inside
    a transaction, which would keep others from the table to its end.
    """
    if connection.in_atomic_block:
        return False
    try:
        with transaction.atomic():
            return _put_off(table, indexes)
    except DatabaseError:
        return False


def _put_off(table: str, indexes: Sequence[str]) -> bool:
    name = sql.Identifier(table)
    with connection.cursor() as cursor:
        cursor.execute(f"set local lock_timeout = '{PATIENCE}'")
        cursor.execute("select pg_advisory_xact_lock(%s)", [LATE_LOCK])
        cursor.execute(sql.SQL("lock table {} in access exclusive mode").format(name))
        cursor.execute(sql.SQL("select exists (select from {})").format(name))
        if cursor.fetchone()[0]:
            return False
        cursor.execute(
            "select c.relname, pg_get_indexdef(c.oid) from pg_index i join pg_class c on c.oid = i.indexrelid"
            " where i.indrelid = %s::regclass and c.relname = any(%s)",
            [table, list(indexes)],
        )
        found = cursor.fetchall()
        LateIndex.objects.bulk_create(LateIndex(name=index, definition=text) for index, text in found)
        for index, _text in found:
            cursor.execute(sql.SQL("drop index {}").format(sql.Identifier(index)))
    return bool(found)


def build_late() -> int:
    """Build what was put off; says how many. Writers of the tables wait meanwhile. Safe to repeat, and twice at once."""
    if not LateIndex.objects.exists():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LATE_LOCK])
        waiting = list(LateIndex.objects.order_by("pk"))
        for index in waiting:
            cursor.execute(index.definition)
            index.delete()
    return len(waiting)
