"""Rows: scores as table columns, written back through COPY; rows that would not change are not touched."""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
from django.db import connection

from shuke.analytics import levels, lifecycle, rfm
from shuke.analytics.arrays import BoolArray, FloatArray, IntArray
from shuke.analytics.lifecycle import Moves
from shuke.analytics.scoring import Values
from shuke.kernel.bulk import copy_csv
from shuke.value.models import CustomerValue, StageMove

BATCH = 100_000
COLUMNS = [str(field.column) for field in CustomerValue._meta.concrete_fields]
UNCOMPARED = {"customer_id", "as_of", "model_run_id"}
MOVE_COLUMNS = ("customer_id", "from_stage", "to_stage", "moved_on")


def value_table(values: Values, *, model_run_id: int | None) -> pa.Table:
    """The scores as the columns of `CustomerValue`, in its order."""
    found = values.features
    bought = found.has_bought
    columns = {
        "customer_id": pa.array(found.customer),
        "as_of": _days(np.full(bought.size, found.as_of), np.ones(bought.size, bool)),
        "purchases": pa.array(found.purchases),
        "first_on": _days(found.first_day, bought),
        "last_on": _days(found.last_day, bought),
        "spent_fen": pa.array(found.spent_fen),
        "window_purchases": pa.array(found.window_purchases),
        "window_spent_fen": pa.array(found.window_fen),
        "mean_spend_fen": pa.array(values.mean_spend_fen),
        "r_score": pa.array(values.r),
        "f_score": pa.array(values.f),
        "m_score": pa.array(values.m),
        "group": _words((*rfm.GROUPS, ""), values.group),
        "level": _words(levels.LEVELS, values.level),
        "abc": _words(("A", "B", "C", ""), values.abc),
        "top_share": _floats(values.top_share),
        "stage": _words(lifecycle.STAGES, values.stage),
        "phase": _words(lifecycle.PHASES, values.phase),
        "stage_since": _days(values.stage_since, values.stage != lifecycle.PROSPECT),
        "usual_gap_days": _floats(values.gap_days[:, 1]),
        "usual_gap_low_days": _floats(values.gap_days[:, 0]),
        "usual_gap_high_days": _floats(values.gap_days[:, 2]),
        "next_expected_on": _days(
            np.nan_to_num(values.next_expected).astype(np.int64), ~np.isnan(values.next_expected)
        ),
        "alive_chance": _floats(values.alive),
        "leaving_chance": _floats(values.leaving),
        "expected_purchases_year": _floats(values.expected_purchases),
        "clv_year_fen": pa.array(values.clv_fen),
        "clv_low_fen": pa.array(values.clv_low_fen),
        "clv_high_fen": pa.array(values.clv_high_fen),
        "at_stake_fen": pa.array(values.at_stake_fen),
        "model_run_id": pa.array(
            np.full(bought.size, model_run_id or 0), mask=np.full(bought.size, not model_run_id)
        ),
    }
    return pa.table({name: columns[name] for name in COLUMNS})


def move_table(moves: Moves, customer: IntArray) -> pa.Table:
    """Dated moves as the columns of `StageMove`."""
    return pa.table(
        {
            "customer_id": pa.array(customer[moves.row]),
            "from_stage": _words(lifecycle.STAGES, moves.from_stage),
            "to_stage": _words(lifecycle.STAGES, moves.to_stage),
            "moved_on": _days(moves.day, np.ones(moves.day.size, bool)),
        }
    )


def _days(numbers: IntArray, known: BoolArray) -> pa.Array:
    return pa.array(numbers.astype(np.int32), mask=~known).cast(pa.date32())


def _floats(values: FloatArray) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _words(words: tuple[str, ...], codes: IntArray) -> pa.Array:
    places = np.where(codes < 0, len(words) - 1, codes).astype(np.int8)
    return pa.DictionaryArray.from_arrays(places, pa.array(words)).dictionary_decode()


def _csv(table: pa.Table) -> Iterator[bytes]:
    options = pa.csv.WriteOptions(include_header=False, quoting_style="needed")
    for start in range(0, table.num_rows, BATCH):
        buffer = io.BytesIO()
        pa.csv.write_csv(table.slice(start, BATCH), buffer, options)
        yield buffer.getvalue()


def write_values(table: pa.Table) -> int:
    """Make `CustomerValue` equal to the table of everybody; returns how many rows were written or removed.

    Only rows that differ reach the upsert: it would lock, and so write, every row it meets.
    """
    names = ", ".join(f'i."{name}"' for name in COLUMNS)
    compared = [name for name in COLUMNS if name not in UNCOMPARED]
    old, new = (", ".join(f'{alias}."{name}"' for name in compared) for alias in ("v", "i"))
    with connection.cursor() as cursor:
        _prepare(cursor, "value_incoming", "(like value_customervalue)")
        copy_csv("value_incoming", COLUMNS, _csv(table))
        cursor.execute("analyze value_incoming (customer_id)")
        cursor.execute(
            "delete from value_customervalue v where not exists"
            " (select from value_incoming i where i.customer_id = v.customer_id)"
        )
        removed = cursor.rowcount
        cursor.execute(
            _upsert(
                f"select {names} from value_incoming i left join value_customervalue v using (customer_id)"
                f" where v.customer_id is null or ({old}) is distinct from ({new})"
            )
        )
        return removed + cursor.rowcount


def _prepare(cursor: Any, name: str, shape: str) -> None:
    """An empty staging table for this transaction, and memory to compare it with the stored one by hashing."""
    cursor.execute("set local work_mem = '256MB'")
    cursor.execute(f"drop table if exists pg_temp.{name}")
    cursor.execute(f"create temp table {name} {shape} on commit drop")


def _upsert(source: str) -> str:
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in COLUMNS if name != "customer_id")
    compared = [name for name in COLUMNS if name not in UNCOMPARED]
    old = ", ".join(f'value_customervalue."{name}"' for name in compared)
    new = ", ".join(f'excluded."{name}"' for name in compared)
    return (
        f"insert into value_customervalue ({names}) {source} on conflict (customer_id) do update set {sets}"
        f" where ({old}) is distinct from ({new})"
    )


def write_moves(table: pa.Table) -> int:
    """Make `StageMove` equal to everybody's replayed history; returns how many moves were added or removed."""
    shape = "(customer_id bigint, from_stage varchar, to_stage varchar, moved_on date)"
    same = (
        "i.customer_id = m.customer_id and i.moved_on = m.moved_on"
        " and i.to_stage = m.to_stage and i.from_stage = m.from_stage"
    )
    with connection.cursor() as cursor:
        _prepare(cursor, "value_moves_incoming", shape)
        copy_csv("value_moves_incoming", MOVE_COLUMNS, _csv(table))
        cursor.execute("analyze value_moves_incoming")
        cursor.execute(
            f"delete from value_stagemove m where not exists (select from value_moves_incoming i where {same})"
        )
        removed = cursor.rowcount
        cursor.execute(
            "insert into value_stagemove (customer_id, from_stage, to_stage, moved_on)"
            " select customer_id, from_stage, to_stage, moved_on from value_moves_incoming i"
            f" where not exists (select from value_stagemove m where {same})"
            " on conflict do nothing"
        )
        return removed + cursor.rowcount


def write_customer(table: pa.Table, moves: pa.Table) -> bool:
    """The same for the one customer of the tables; says whether their value changed."""
    row: dict[str, Any] = table.to_pylist()[0]
    marks = ", ".join("%s" for _ in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(_upsert(f"values ({marks})"), [row[name] for name in COLUMNS])
        has_changed = cursor.rowcount > 0
    _write_customer_moves(row["customer_id"], moves.to_pylist())
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
