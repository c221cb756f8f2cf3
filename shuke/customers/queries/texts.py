"""Finding customers by what notes and touches say (keys of zh.texts), the newest customers first, in bounded steps."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from shuke.customers.queries.custom import searched_fields
from shuke.zh import texts

NOTE = ""  # the kind of a text that is the customer's own note; else custom_12, or the kind of the touch
TEXTS_EACH = 200  # the latest touches of one customer that are read
BLOCK_BITS = 12
STEPS = (4, 16)  # blocks looked at first; then all older ones at once
COUNTED_BLOCKS, MOST_COUNTED = 2, 400  # what is enough to judge how common a word is
MOST_ORDERED = 5_000
_BLOCKS_BELOW = -(2**30)


@dataclass(frozen=True)
class Text:
    """Something written about a customer."""

    kind: str
    words: str
    happened_at: datetime | None = None


def store_marker(store_id: int) -> int:
    """The key that all customers of a store have."""
    return -1 - store_id


def block_marker(customer_id: int) -> int:
    """The key that some thousand customers with neighbouring ids have."""
    return _BLOCKS_BELOW - (customer_id >> BLOCK_BITS)


def texts_of(customer_ids: Sequence[int]) -> dict[int, list[Text]]:
    """What is written about these customers: the note, the shop's own fields, then touches, the latest first.

    No reach is asked for here.
    """
    found: dict[int, list[Text]] = {}
    own = searched_fields()
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, note, case when %s then custom::text else '{}' end from customers_customer"
            " where id = any(%s::bigint[]) and (note <> '' or %s and custom <> '{}')",
            [bool(own), list(customer_ids), bool(own)],
        )
        for pk, note, custom in cursor.fetchall():
            held = json.loads(custom)
            texts_held = [Text(own[key].code, held[key]) for key in held if key in own]
            found[pk] = [*([Text(NOTE, note)] if note else []), *texts_held]
        cursor.execute(
            "select i.id, t.kind, t.body, t.happened_at from unnest(%s::bigint[]) i(id) cross join lateral ("
            " select kind, body, happened_at from customers_interaction"
            " where customer_id = i.id and body <> '' and removed_at is null"
            " order by happened_at desc limit %s) t",
            [list(customer_ids), TEXTS_EACH],
        )
        for pk, kind, body, happened_at in cursor.fetchall():
            found.setdefault(pk, []).append(Text(kind, body, happened_at))
    return found


def ids_by_text(keys: Sequence[int], store_ids: Sequence[int] | None, limit: int) -> list[int]:
    """Customers whose texts have all keys, within the stores (None: all), the newest first, some `limit` of them.

    Looks among the newest some thousand customers first, then further back, then at all until there are enough: what
    everybody's notes say costs no more than what is rare.
    """
    if not keys or store_ids == () or store_ids == []:
        return []
    found: list[int] = []
    at = _newest_block()
    for count in STEPS:
        if at is None or at < 0 or len(found) >= limit:
            return found
        found += _in_blocks(keys, _markers(at, count), store_ids, limit - len(found))
        at -= count
    if at is None or at < 0 or len(found) >= limit:
        return found
    return found + _older(keys, (at + 1) << BLOCK_BITS, store_ids, limit - len(found))


def reached_by_text(
    keys: Sequence[int], store_ids: Sequence[int] | None, own: Sequence[int], limit: int
) -> list[int]:
    """`ids_by_text`, after those of one's own customers outside of the stores whose texts have all keys."""
    if not keys:
        return []
    mine = sorted(ids_with_text(keys, own), reverse=True)
    return list(dict.fromkeys([*mine, *ids_by_text(keys, store_ids, limit)]))


def ids_with_text(keys: Sequence[int], customer_ids: Sequence[int]) -> set[int]:
    """Of these customers, those whose texts have all keys."""
    if not keys or not customer_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "select customer_id from customers_searchtext where customer_id = any(%s::int[])"
            " and keys || '{}'::int[] @> %s::int[]",  # || '{}': look at each customer, never walk the keys
            [list(customer_ids), list(keys)],
        )
        return {row[0] for row in cursor.fetchall()}


def likely_count(keys: Sequence[int]) -> int:
    """About how many customers' texts have all keys, judged by the newest ones."""
    newest = _newest_block()
    if not keys or newest is None:
        return 0
    blocks = min(COUNTED_BLOCKS, newest + 1)
    return len(_in_blocks(keys, _markers(newest, blocks), None, MOST_COUNTED)) * (newest + 1) // blocks


def saying(customer_ids: Iterable[int], words: Sequence[str]) -> dict[int, Text]:
    """For those of the customers whose texts hold all the words, the latest text that holds the first one."""
    folded = [texts.fold(word) for word in words]
    found: dict[int, Text] = {}
    for pk, written in texts_of(list(customer_ids)).items():
        read = [(text, texts.fold(text.words)) for text in written]
        if all(any(texts.holds(one, word) for _text, one in read) for word in folded):
            found[pk] = next(text for text, one in read if texts.holds(one, folded[0]))
    return found


def holds_all(written: Iterable[Text], words: Sequence[str]) -> bool:
    """Whether these texts of one customer hold all the words, each in any of them."""
    read = [texts.fold(text.words) for text in written]
    return all(any(texts.holds(one, texts.fold(word)) for one in read) for word in words)


def _markers(newest: int, count: int) -> list[int]:
    return [_BLOCKS_BELOW - block for block in range(max(0, newest - count + 1), newest + 1)]


def _newest_block() -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("select max(customer_id) from customers_searchtext")
        newest = cursor.fetchone()[0]
    return None if newest is None else newest >> BLOCK_BITS


def _in_blocks(
    keys: Sequence[int], markers: list[int], store_ids: Sequence[int] | None, limit: int
) -> list[int]:
    return _walk(keys, "keys && %s::int[]", markers, store_ids, limit)


def _older(keys: Sequence[int], before: int, store_ids: Sequence[int] | None, limit: int) -> list[int]:
    """Among all customers before an id. Few are left to find here; of very many, only some are put in order."""
    return _walk(keys, "customer_id < %s", before, store_ids, limit)


def _walk(
    keys: Sequence[int], condition: str, value: list[int] | int, store_ids: Sequence[int] | None, limit: int
) -> list[int]:
    within = [] if store_ids is None else [[store_marker(pk) for pk in store_ids]]
    with connection.cursor() as cursor:
        cursor.execute(
            "with held as materialized (select customer_id from customers_searchtext where keys @> %s::int[]"
            f" and {condition}{' and keys && %s::int[]' * len(within)})"  # apart: walk the keys, not the customers
            f" select customer_id from (select customer_id from held limit {MOST_ORDERED}) first_held"
            " order by customer_id desc limit %s",
            [list(keys), value, *within, limit],
        )
        return [row[0] for row in cursor.fetchall()]
