"""The flow of facts: from PostgreSQL into Parquet, what changed only, and nothing lost or left.

Every change of orders is noted in its transaction (`orders.services.take_changes`). A flow takes the notes, reads all orders of
the customers they name, tells the store of facts and remembers the store's new token, in one transaction. Killed before the
commit, the notes are there again and the store is one state ahead, which the next flow recognises. A store that does not belong
to the database (a restored backup, another machine, a currency changed) is built anew.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import pyarrow as pa
from django.conf import settings
from django.db import transaction

from shuke.analytics.fact_store import ORDERS, SPAN, FactStore, Manifest
from shuke.kernel import clock
from shuke.kernel.jobs import enqueue_named
from shuke.orders.queries import Movements, newest_customer_with_orders, order_facts
from shuke.orders.services import take_changes
from shuke.team.queries import shop
from shuke.value.models import FactsState
from shuke.value.services.reading import lock, read_binary

FACTS_LOCK = 7_301_014
BUCKETS_AT_ONCE = 8  # half a million customers: what the server and we hold in memory at a time
LARGEST_CHANGE = 200_000  # customers or orders; above, reading everything in order is quicker

_FACTS = """
select string_agg(int8send(customer_id) || int4send(ordered_on - date '1970-01-01') || int8send(sold)
  || int8send(returned) || int8send(id) || int4send(store_id::int), ''::bytea)
from ({rows}) fact where customer_id >= %(low)s and customer_id < %(high)s
group by customer_id / {span} order by customer_id / {span}
"""
_ROW = np.dtype(
    [
        ("customer", ">i8"),
        ("day", ">i4"),
        ("sold", ">i8"),
        ("returned", ">i8"),
        ("order", ">i8"),
        ("store", ">i4"),
    ]
)
_COLUMNS = {"customer": "customer", "day": "day", "sold_fen": "sold", "returned_fen": "returned", "order": "order",
            "store": "store"}  # fmt: skip


@dataclass(frozen=True)
class Flowed:
    """The facts as they are now, and what the flow did: customers told anew (None: all)."""

    store: FactStore
    manifest: Manifest
    customers: int | None


@contextmanager
def facts(*, anew: bool = False) -> Iterator[Flowed]:
    """The facts brought up to date, for as long as the body reads them: no other flow replaces a file meanwhile."""
    with transaction.atomic():
        lock(FACTS_LOCK)
        yield _flow(FactStore(facts_folder()), anew=anew)


def bring_up_to_date(*, anew: bool = False) -> int | None:
    """Let what changed flow into the facts; returns how many customers were told anew, None when it was everybody."""
    with facts(anew=anew) as flowed:
        return flowed.customers


def rebuild_facts() -> int:
    """Make the facts from nothing, whatever lies in their folder, damaged or not; returns how many there are.

    Killed in between there are none, which the next flow takes for a reason to do the same.
    """
    with transaction.atomic():
        lock(FACTS_LOCK)
        shutil.rmtree(facts_folder(), ignore_errors=True)
        return _flow(FactStore(facts_folder()), anew=True).manifest.rows


def facts_folder() -> Path:
    """Where the facts are kept: a copy that can be deleted at any time."""
    return Path(settings.SHUKE_DATA) / "facts"


def drop_facts_of(customer_ids: list[int]) -> None:
    """Of customers who are deleted for good no row or number stays in the facts: they flow as soon as that is done."""
    enqueue_named("value.keep_facts")


def _flow(store: FactStore, *, anew: bool) -> Flowed:
    state, _is_new = FactsState.objects.get_or_create(is_single=True)
    currency, before, token = shop().currency, store.manifest(), uuid4().hex
    changes = take_changes(most=LARGEST_CHANGE)
    if anew or changes.is_everything or before is None or not _belongs(before, state.token, currency):
        manifest = store.rebuild(token=token, currency=currency, chunks=_everything(currency))
        told: int | None = None
    elif changes.customer_ids:
        named = np.array(changes.customer_ids, np.int64)
        rows = _rows(order_facts(currency=currency, customer_ids=changes.customer_ids), 0, int(named[-1]) + 1)
        manifest = store.append(
            token=token, named=named, rows=pa.concat_tables([ORDERS.empty_table(), *rows])
        )
        told = named.size
    else:
        return Flowed(store, before, 0)
    FactsState.objects.filter(pk=state.pk).update(token=token, flowed_at=clock.now())
    return Flowed(store, manifest, told)


def _belongs(manifest: Manifest, token: str, currency: str) -> bool:
    """Whether the files are the state that this database knows, or one that was made from it and never committed."""
    return bool(token) and token in (manifest.token, manifest.follows) and manifest.currency == currency


def _everything(currency: str) -> Iterator[pa.Table]:
    newest, step = newest_customer_with_orders(), SPAN * BUCKETS_AT_ONCE
    for low in range(0, newest + 1, step):
        yield from _rows(order_facts(currency=currency), low, low + step)


def _rows(found: Movements, low: int, high: int) -> Iterator[pa.Table]:
    sql = _FACTS.format(rows=found.sql, span=SPAN)
    for piece in read_binary(sql, found.given | {"low": low, "high": high}, _ROW):
        columns = {
            name: piece[column].astype(_ROW[column].newbyteorder("=")) for name, column in _COLUMNS.items()
        }
        yield pa.table(columns, schema=ORDERS)
