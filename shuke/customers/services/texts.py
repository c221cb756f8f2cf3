"""What notes and touches say, kept as keys: one row per customer about whom something is written.

Besides the keys of the words (zh.texts) a row carries two markers below zero, so that one walk of the index stays within reach
and within bounds: the customer's store, and the block of customers it belongs to. See docs/adr/0009-words-of-notes.md.
"""

from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from shuke.customers.queries.texts import block_marker, store_marker, texts_of
from shuke.zh.texts import text_keys

TEXT_LOCK = 7_304  # one for each customer


@transaction.atomic
def index_texts(customer_ids: Iterable[int]) -> int:
    """Write the keys of these few customers' texts anew, each in its turn: of two touches at once, the second reads both."""
    ids = sorted(set(customer_ids))
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, id) from unnest(%s::int[]) id", [TEXT_LOCK, ids])
    return write_texts(ids)


def write_texts(customer_ids: Sequence[int]) -> int:
    """Write the keys of these customers' texts anew; returns how many have any. Those gone or merged lose theirs."""
    ids = list(customer_ids)
    if not ids:
        return 0
    stores = _stores(ids)
    rows: list[tuple[int, str]] = []
    for pk, texts in texts_of(list(stores)).items():
        keys = set().union(*(text_keys(text.words) for text in texts))
        if keys:
            marked = sorted(keys | {store_marker(stores[pk]), block_marker(pk)})
            rows.append((pk, f"{{{','.join(map(str, marked))}}}"))
    _write(ids, rows)
    return len(rows)


def _write(ids: list[int], rows: list[tuple[int, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from customers_searchtext where customer_id = any(%s::int[])",
            [sorted(set(ids) - {pk for pk, _keys in rows})],
        )
        cursor.execute(
            "insert into customers_searchtext (customer_id, keys)"
            " select id, keys::int[] from unnest(%s::int[], %s::text[]) made(id, keys)"
            " on conflict (customer_id) do update set keys = excluded.keys"
            " where customers_searchtext.keys <> excluded.keys",
            [[pk for pk, _keys in rows], [keys for _pk, keys in rows]],
        )


def _stores(ids: list[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, coalesce(store_id, 0) from customers_customer"
            " where id = any(%s::bigint[]) and merged_into_id is null and deleted_at is null",
            [ids],
        )
        return dict(cursor.fetchall())
