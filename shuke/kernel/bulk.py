"""COPY in and out through Django's own connection, inside its transaction."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import polars as pl
from django.db import connection
from psycopg import sql

ROWS_AT_ONCE = 50_000


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY Python rows into a table.

    Rows are drawn between COPYs, never during one: a generator that asks the database for more would wait for ever.
    """
    drawn, statement = iter(rows), _statement(table, columns, "")
    while part := list(islice(drawn, ROWS_AT_ONCE)):
        with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in part:
                copy.write_row(row)


def copy_csv(table: str, columns: Sequence[str], chunks: Iterable[bytes | memoryview]) -> None:
    """COPY ready-made CSV bytes (no header, empty = null, quoted "" = empty text) into a table."""
    statement = _statement(table, columns, "with (format csv)")
    # Django does not see into COPY: without this its errors would not be Django's.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for chunk in chunks:
            copy.write(chunk)


def csv_chunks(frame: pl.DataFrame, rows: int = 20_000) -> Iterator[memoryview]:
    """A frame as the CSV that `copy_csv` takes; empty text stays text."""
    for part in frame.iter_slices(rows):
        out = io.BytesIO()
        part.write_csv(out, include_header=False, quote_style="necessary")
        yield out.getbuffer()


@dataclass(frozen=True)
class ReadyRows:
    """Rows of a table as they go into COPY, made before it is their turn."""

    table: str
    columns: Sequence[str]
    chunks: list[memoryview]

    @classmethod
    def of(cls, table: str, columns: Sequence[str], frame: pl.DataFrame) -> "ReadyRows":
        return cls(table, columns, list(csv_chunks(frame)))

    def write(self) -> None:
        """COPY them in."""
        copy_csv(self.table, self.columns, self.chunks)


def take_ids(table: str, count: int) -> Sequence[int]:
    """Reserve `count` ids of a table's identity column; reserved ids are never given again."""
    if count <= 0:
        return ()
    # The sequence as a constant: looked up per row it costs more than the row's COPY.
    taken = sql.SQL("select nextval({}::regclass) v from generate_series(1, {})").format(
        sql.Literal(f"{table}_id_seq"), sql.Literal(count)
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("select min(v), max(v) from ({}) taken").format(taken))
        first, last = cursor.fetchone()
        if last - first == count - 1:
            return range(first, last + 1)
        cursor.execute(taken)  # somebody else took ids in between: take them one by one
        return [row[0] for row in cursor.fetchall()]


def _statement(table: str, columns: Sequence[str], options: str) -> sql.Composed:
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    return sql.SQL("copy {} ({}) from stdin " + options).format(sql.Identifier(table), names)
