"""Rows in PostgreSQL's binary COPY format, whole columns at once: the server parses nothing, Python touches no row.

Each field is its length and its bytes, big-endian. Fields of one width lie beside each other in one array of records; texts of
different lengths are joined in between. See "Binary Format" in PostgreSQL's documentation of COPY.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TAIL = b"\xff\xff"
TEXT, NUMERIC = "text", "numeric"
INTEGERS = {"int2": ">i2", "int4": ">i4", "int8": ">i8"}
_DAYS_TO_2000 = 10_957
_MICROSECONDS_TO_2000 = _DAYS_TO_2000 * 86_400_000_000
_NUMERIC = np.dtype(
    [("digits", ">i2"), ("weight", ">i2"), ("sign", ">i2"), ("scale", ">i2"), ("d", ">i2", (4,))]
)
_NULL = -1

Kinds = Mapping[str, str]
"""Column → text, int2, int4, int8, date, timestamptz (from naive UTC) or numeric (from integer thousandths)."""


def binary_rows(frame: pl.DataFrame, kinds: Kinds) -> memoryview:
    """All rows of a frame with these columns, ready for COPY … (format binary). Raises KeyError for an unknown kind."""
    record = _Record(len(frame))
    record.add(np.full(len(frame), len(kinds), dtype=">i2"))
    for name, kind in kinds.items():
        column = frame[name]
        if kind == TEXT:
            _add_text(record, column)
        elif column.null_count() and column.null_count() == len(column):
            record.add(np.full(len(frame), _NULL, dtype=">i4"))
        else:
            _add_fixed(record, column, _values(column, kind))
    return memoryview(HEAD + record.joined() + TAIL)


class _Record:
    """Columns of bytes, one after the other in each row."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._fixed: list[npt.NDArray[Any]] = []
        self._pieces: list[Any] = []

    def add(self, values: npt.NDArray[Any]) -> None:
        """A field of one width in every row."""
        self._fixed.append(values)

    def add_varying(self, piece: Any) -> None:
        """Bytes of a different length in each row."""
        self._end_of_fixed()
        self._pieces.append(piece)

    def joined(self) -> bytes:
        if not self._pieces:
            return self._side_by_side().tobytes()
        self._end_of_fixed()
        joined = pc.binary_join_element_wise(*self._pieces, b"")
        _valid, ends, content = joined.buffers()
        end = np.frombuffer(ends, dtype=np.int32)[joined.offset + len(joined)]
        return bytes(memoryview(content)[:end]) if content is not None else b""

    def _end_of_fixed(self) -> None:
        if self._fixed:
            records = self._side_by_side()
            width = pa.binary(records.dtype.itemsize)
            array = pa.Array.from_buffers(width, self.rows, [None, pa.py_buffer(records)])
            self._pieces.append(array.cast(pa.binary()))
            self._fixed = []

    def _side_by_side(self) -> npt.NDArray[Any]:
        names = [f"f{place}" for place in range(len(self._fixed))]
        records = np.empty(
            self.rows, dtype=[(name, values.dtype) for name, values in zip(names, self._fixed, strict=True)]
        )
        for name, values in zip(names, self._fixed, strict=True):
            records[name] = values
        return records


def _add_text(record: _Record, column: pl.Series) -> None:
    array = column.to_arrow().cast(pa.binary())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    length = pc.binary_length(array).fill_null(_NULL).to_numpy(zero_copy_only=False)
    record.add(length.astype(">i4"))
    width = int(length[0]) if record.rows else 0
    if width > 0 and (length == width).all():
        content = np.frombuffer(array.buffers()[2], dtype=np.uint8)
        start = np.frombuffer(array.buffers()[1], dtype=np.int32)[array.offset]
        record.add(content[start : start + width * record.rows].view(f"S{width}"))
    elif (length > 0).any():
        record.add_varying(array.fill_null(b""))


def _add_fixed(record: _Record, column: pl.Series, values: npt.NDArray[Any]) -> None:
    width = values.dtype.itemsize
    if not column.null_count():
        record.add(np.full(record.rows, width, dtype=">i4"))
        record.add(values)
        return
    field = _Record(record.rows)
    field.add(np.full(record.rows, width, dtype=">i4"))
    field.add(values)
    full = pa.Array.from_buffers(pa.binary(width + 4), record.rows, [None, pa.py_buffer(field.joined())])
    is_null = column.is_null().to_arrow()
    record.add_varying(pc.if_else(is_null, pa.scalar(b"\xff" * 4), full.cast(pa.binary())))


def _values(column: pl.Series, kind: str) -> npt.NDArray[Any]:
    """Null stands as nought here."""
    if kind == "date":
        return (_integers(column.cast(pl.Date).cast(pl.Int32)) - _DAYS_TO_2000).astype(">i4")
    if kind == "timestamptz":
        moments = _integers(column.cast(pl.Datetime("us")).cast(pl.Int64))
        return (moments - _MICROSECONDS_TO_2000).astype(">i8")
    integers = _integers(column.cast(pl.Int64))
    return _numeric(integers) if kind == NUMERIC else integers.astype(INTEGERS[kind])


def _integers(column: pl.Series) -> npt.NDArray[np.int64]:
    return (column.fill_null(0) if column.null_count() else column).to_numpy()


def _numeric(thousandths: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """Base-10000 digits: three before the point, one behind it; the server drops those that are nought."""
    size = np.abs(thousandths)
    whole = size // 1000
    values = np.empty(len(size), dtype=_NUMERIC)
    values["digits"], values["weight"], values["scale"] = 4, 2, 3
    values["sign"] = np.where(thousandths < 0, 0x4000, 0)
    for place, digit in enumerate((whole // 10**8, whole // 10**4 % 10**4, whole % 10**4, size % 1000 * 10)):
        values["d"][:, place] = digit
    return values
