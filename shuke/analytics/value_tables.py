"""Values as one Arrow table, a row per customer, and back: how they travel between processes and machines."""

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from shuke.analytics.arrays import Groups
from shuke.analytics.lifecycle import Moves
from shuke.analytics.scoring import Values


def table_of(values: Values) -> pa.Table:
    """Columns named like the fields; `features.spent_fen` within one, `gap_days.0` of several, lists for moves."""
    columns: dict[str, Any] = {}
    _flatten("", values, columns, int(values.features.customer.size))
    return pa.table(columns)


def values_of(table: pa.Table, *, as_of: int) -> Values:
    """The values that `table_of` described, in the order of the rows."""
    found: Values = _built("", Values, table.combine_chunks(), as_of)
    return found


def _flatten(prefix: str, table: Any, columns: dict[str, Any], customers: int) -> None:
    for field in fields(table):
        name, content = prefix + field.name, getattr(table, field.name)
        if isinstance(content, Moves):
            _flatten_moves(name, content, columns, customers)
        elif is_dataclass(content):
            _flatten(f"{name}.", content, columns, customers)
        elif isinstance(content, np.ndarray) and content.ndim == 2:
            columns |= {f"{name}.{place}": content[:, place].copy() for place in range(content.shape[1])}
        elif isinstance(content, np.ndarray):
            columns[name] = content


def _flatten_moves(name: str, moves: Moves, columns: dict[str, Any], customers: int) -> None:
    counts = np.bincount(moves.row, minlength=customers).astype(np.int64)
    offsets = pa.array(Groups.of_counts(counts).starts.astype(np.int32))
    for part in ("day", "from_stage", "to_stage"):
        columns[f"{name}.{part}"] = pa.ListArray.from_arrays(offsets, pa.array(getattr(moves, part)))


def _built(prefix: str, kind: Any, table: pa.Table, as_of: int) -> Any:
    return kind(**{field.name: _field(prefix + field.name, field, table, as_of) for field in fields(kind)})


def _field(name: str, field: Any, table: pa.Table, as_of: int) -> Any:
    if field.type is Moves or field.type == "Moves":
        return _moves(name, table)
    if is_dataclass(field.type):
        return _built(f"{name}.", field.type, table, as_of)
    if field.type is int:
        return as_of
    if f"{name}.0" in table.column_names:
        several = [other for other in table.column_names if other.startswith(f"{name}.")]
        return np.column_stack([_array(table, other) for other in sorted(several)])
    return _array(table, name)


def _moves(name: str, table: pa.Table) -> Moves:
    lists = {part: _whole(table[f"{name}.{part}"]) for part in ("day", "from_stage", "to_stage")}
    counts = lists["day"].value_lengths().to_numpy(zero_copy_only=False).astype(np.int64)
    flat = (one.flatten().to_numpy(zero_copy_only=False).astype(np.int64) for one in lists.values())
    return Moves(Groups.of_counts(counts).row_group, *flat)


def _whole(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _array(table: pa.Table, name: str) -> Any:
    return _whole(table[name]).to_numpy(zero_copy_only=False)
