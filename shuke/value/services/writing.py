"""Writing values back: what changed only, told by digests, under a lock that lets everybody read."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
from django.db import connection

from shuke.analytics.arrays import BoolArray, IntArray
from shuke.customers.queries import living_with_store
from shuke.kernel.bulk import copy_csv
from shuke.orders.services import waiting_changes
from shuke.value.models import StageMove
from shuke.value.services.reading import read_binary
from shuke.value.services.rows import COLUMNS, MOVE_COLUMNS, Rows, decoded

BATCH = 100_000
MOST_LEFT_ALONE = 100_000  # more than that is an import, which has everybody computed again at its end
_STORED = """
select string_agg(int8send(customer_id) || int8send(digest) || int8send(moves_digest), ''::bytea)
from value_customervalue group by customer_id % 32
"""
_STORED_ROW = np.dtype([("customer", ">i8"), ("digest", ">i8"), ("moves", ">i8")])


@dataclass(frozen=True)
class Written:
    """Rows of values written or removed, and moves likewise."""

    values: int
    moves: int


@dataclass(frozen=True)
class _Stored:
    """What the table says now, by customer, (S,), rising."""

    customer: IntArray
    digest: IntArray
    moves: IntArray

    def differs(self, customer: IntArray, digest: IntArray, stored: IntArray) -> tuple[BoolArray, BoolArray]:
        """Which of the customers (G,) are new here, and which are known with another digest."""
        place = np.minimum(np.searchsorted(self.customer, customer), max(self.customer.size - 1, 0))
        known = self.customer[place] == customer if self.customer.size else np.zeros(customer.size, bool)
        other = np.zeros(customer.size, bool)
        other[known] = stored[place[known]] != digest[known]
        return ~known, other


def write_back(rows: Rows) -> Written:
    """Make both tables equal to everybody's rows; only rows that differ are sent at all.

    Left alone are customers whose orders changed since the facts were read: they were, or will be, written by themselves.
    Others' writes to the table wait until the transaction ends; reading goes on.
    """
    with connection.cursor() as cursor:
        cursor.execute("lock table value_customervalue in share row exclusive mode")
    left_alone = np.array(waiting_changes(most=MOST_LEFT_ALONE).customer_ids, np.int64)
    stored, given = _stored(), ~np.isin(rows.customer, left_alone)
    is_new, is_other = (
        part & given for part in stored.differs(rows.customer, rows.column("digest"), stored.digest)
    )
    _new, moved = stored.differs(rows.customer, rows.column("moves_digest"), stored.moves)
    gone = _remove(np.setdiff1d(stored.customer, rows.customer))
    _copy("value_customervalue", COLUMNS, rows.chosen(is_new))
    _update(rows.chosen(is_other))
    moves = _write_moves(rows, is_new=is_new, moved=moved & given)
    return Written(gone + int(is_new.sum()) + int(is_other.sum()), moves)


def _stored() -> _Stored:
    pieces = list(read_binary(_STORED, None, _STORED_ROW))
    found = np.concatenate(pieces) if pieces else np.zeros(0, _STORED_ROW)
    order = np.argsort(found["customer"], kind="stable")
    return _Stored(*(found[name].astype(np.int64)[order] for name in ("customer", "digest", "moves")))


def _remove(customers: IntArray) -> int:
    """Values of who is no customer any more; who became one since the facts were read stays."""
    if not customers.size:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from value_customervalue where customer_id = any(%s)"
            f" and customer_id not in (select id from ({living_with_store()}) living)",
            [customers.tolist()],
        )
        removed = int(cursor.rowcount)
        cursor.execute(
            "delete from value_stagemove where customer_id = any(%s)"
            " and not exists (select from value_customervalue v where v.customer_id = value_stagemove.customer_id)",
            [customers.tolist()],
        )
    return removed


def _update(table: pa.Table) -> None:
    if not table.num_rows:
        return
    sets = ", ".join(f'"{name}" = i."{name}"' for name in COLUMNS if name != "customer_id")
    with connection.cursor() as cursor:
        _prepare(cursor, "value_incoming", "(like value_customervalue)")
        _copy("value_incoming", COLUMNS, table)
        cursor.execute("analyze value_incoming (customer_id)")
        cursor.execute(
            f"update value_customervalue v set {sets} from value_incoming i where v.customer_id = i.customer_id"
        )


def _write_moves(rows: Rows, *, is_new: BoolArray, moved: BoolArray) -> int:
    """Of customers whose history reads otherwise now, what differs is changed; the first time all is copied in."""
    if not StageMove.objects.exists():
        fresh = rows.chosen_moves(is_new)
        _copy("value_stagemove", MOVE_COLUMNS, fresh)
        return int(fresh.num_rows)
    moved = moved | is_new
    if not moved.any():
        return 0
    same = (
        "i.customer_id = m.customer_id and i.moved_on = m.moved_on"
        " and i.to_stage = m.to_stage and i.from_stage = m.from_stage"
    )
    with connection.cursor() as cursor:
        shape = "(customer_id bigint, from_stage varchar, to_stage varchar, moved_on date)"
        _prepare(cursor, "value_moves_incoming", shape)
        _copy("value_moves_incoming", MOVE_COLUMNS, rows.chosen_moves(moved))
        cursor.execute("analyze value_moves_incoming")
        cursor.execute(
            "delete from value_stagemove m where customer_id = any(%s)"
            f" and not exists (select from value_moves_incoming i where {same})",
            [rows.customer[moved].tolist()],
        )
        removed = int(cursor.rowcount)
        cursor.execute(
            "insert into value_stagemove (customer_id, from_stage, to_stage, moved_on)"
            " select customer_id, from_stage, to_stage, moved_on from value_moves_incoming i"
            f" where not exists (select from value_stagemove m where {same}) on conflict do nothing"
        )
        return removed + int(cursor.rowcount)


def _copy(name: str, columns: Any, table: pa.Table) -> None:
    if table.num_rows:
        copy_csv(name, columns, csv_of(table))


def csv_of(table: pa.Table) -> Iterator[bytes]:
    """Rows as the CSV that COPY takes, in pieces."""
    options = pa.csv.WriteOptions(include_header=False, quoting_style="needed")
    for start in range(0, table.num_rows, BATCH):
        buffer = io.BytesIO()
        pa.csv.write_csv(table.slice(start, BATCH), buffer, options)
        yield buffer.getvalue()


def _prepare(cursor: Any, name: str, shape: str) -> None:
    """An empty staging table for this transaction, and memory to compare it with the stored one by hashing."""
    cursor.execute("set local work_mem = '256MB'")
    cursor.execute(f"drop table if exists pg_temp.{name}")
    cursor.execute(f"create temp table {name} {shape} on commit drop")


def write_customer(rows: Rows) -> bool:
    """The same for the one customer of the rows; says whether their value changed."""
    row: dict[str, Any] = decoded(rows.values).to_pylist()[0]
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in COLUMNS if name != "customer_id")
    marks = ", ".join("%s" for _ in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into value_customervalue ({names}) values ({marks}) on conflict (customer_id) do update set {sets}"
            " where value_customervalue.digest <> excluded.digest"
            " or value_customervalue.moves_digest <> excluded.moves_digest",
            [row[name] for name in COLUMNS],
        )
        has_changed = cursor.rowcount > 0
    if has_changed:
        _write_customer_moves(row["customer_id"], decoded(rows.moves).to_pylist())
    return has_changed


def _write_customer_moves(customer_id: int, moves: list[dict[str, Any]]) -> None:
    stored = StageMove.objects.filter(customer_id=customer_id)
    old = {(move.from_stage, move.to_stage, move.moved_on): move.pk for move in stored}
    new = {(move["from_stage"], move["to_stage"], move["moved_on"]) for move in moves}
    gone = [pk for key, pk in old.items() if key not in new]
    if gone:
        stored.filter(pk__in=gone).delete()
    StageMove.objects.bulk_create(
        [
            StageMove(customer_id=customer_id, from_stage=key[0], to_stage=key[1], moved_on=key[2])
            for key in sorted(new - old.keys(), key=lambda key: key[2])
        ],
        ignore_conflicts=True,
    )
