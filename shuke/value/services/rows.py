"""Rows: scores as table columns, with a digest by which a row that would not change is known without reading it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shuke.analytics import levels, lifecycle, rfm, trend
from shuke.analytics.arrays import BoolArray, FloatArray, IntArray
from shuke.analytics.lifecycle import Moves
from shuke.analytics.scoring import Values
from shuke.value.models import CustomerValue

COLUMNS = [str(field.column) for field in CustomerValue._meta.concrete_fields]
UNCOMPARED = {"customer_id", "as_of", "digest", "moves_digest", "model_run_id"}
MOVE_COLUMNS = ("customer_id", "from_stage", "to_stage", "moved_on")
UNKNOWN = np.int64(-(2**62))
ODD = np.uint64(0x9E3779B97F4A7C15)
Words = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Rows:
    """Everybody's rows: the columns of `CustomerValue` and, beside them, of `StageMove`."""

    values: pa.Table
    moves: pa.Table
    move_row: IntArray  # which row of `values` each move belongs to

    @property
    def customer(self) -> IntArray:
        """Ids, (G,), rising."""
        return self.column("customer_id")

    def column(self, name: str) -> IntArray:
        """A whole-number column of the values, (G,)."""
        found: IntArray = self.values[name].to_numpy()
        return found

    def chosen(self, rows: BoolArray) -> pa.Table:
        """The values of the chosen customers (G,), ready to be written."""
        return decoded(self.values.filter(pa.array(rows)))

    def chosen_moves(self, rows: BoolArray) -> pa.Table:
        """The moves of the chosen customers (G,), ready to be written."""
        return decoded(self.moves.filter(pa.array(rows[self.move_row])))


def rows_of(values: Values, *, model_run_id: int | None) -> Rows:
    """The scores as rows of both tables."""
    moves = move_table(values.moves, values.features.customer)
    table = value_table(values, model_run_id=model_run_id)
    compared = [table[name].combine_chunks() for name in COLUMNS if name in table.column_names]
    skipped = [name in UNCOMPARED for name in COLUMNS if name in table.column_names]
    table = table.append_column("digest", pa.array(_digest(compared, skipped)))
    table = table.append_column("moves_digest", pa.array(_moves_digest(values.moves, table.num_rows)))
    return Rows(table.select(COLUMNS), moves, values.moves.row)


def decoded(table: pa.Table) -> pa.Table:
    """With words instead of their codes."""
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            words = table.column(place).cast(pa.string())
            table = table.set_column(place, field.name, words)
    return table


def _digest(columns: list[pa.Array], skipped: list[bool]) -> IntArray:
    """One number per row of all columns: a polynomial in an odd number, mixed at the end."""
    total = np.zeros(len(columns[0]), np.uint64)
    for column, is_skipped in zip(columns, skipped, strict=True):
        if not is_skipped:
            total = total * ODD + _bits(column)
    return mixed(total).view(np.int64)


def _bits(column: pa.Array) -> Words:
    if pa.types.is_dictionary(column.type):
        column = column.indices
    if pa.types.is_floating(column.type):
        return (column.fill_null(-1e300).to_numpy(zero_copy_only=False) + 0.0).view(np.uint64)
    if pa.types.is_date(column.type):
        column = column.view(pa.int32())
    whole = column.cast(pa.int64()).fill_null(int(UNKNOWN))
    return whole.to_numpy(zero_copy_only=False).view(np.uint64)


def _moves_digest(moves: Moves, customers: int) -> IntArray:
    """One number per customer (G,) of all their moves, whatever their order."""
    words = (moves.day * 25 + moves.from_stage * 5 + moves.to_stage).astype(np.uint64)
    total = np.zeros(customers, np.uint64)
    np.add.at(total, moves.row, mixed(words + np.uint64(1)))
    return total.view(np.int64)


def mixed(words: Words) -> Words:
    """The finish of splitmix64: near numbers become far ones."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def value_table(values: Values, *, model_run_id: int | None) -> pa.Table:
    """The scores as the columns of `CustomerValue`, without digests; words as codes."""
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
        "trend": _words((*trend.TRENDS, ""), values.trend),
        "model_run_id": pa.array(
            np.full(bought.size, model_run_id or 0), mask=np.full(bought.size, not model_run_id)
        ),
    }
    return pa.table({name: columns[name] for name in COLUMNS if name in columns})


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
    return pa.DictionaryArray.from_arrays(places, pa.array(words))
