"""COPY in and out through Django's own connection, inside its transaction."""

import io
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import polars as pl
from django.db import connection, transaction
from psycopg import sql

from shuke.kernel.binary_rows import Kinds, binary_rows

CSV = "with (format csv)"
ROWS_AT_ONCE = 50_000
BLOCK_OF_IDS = 1_000
GAP_OF_IDS = 1_000
SEQUENCE_LOCK = 7_302  # one for each sequence


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
    _copy(table, columns, CSV, chunks)


def _copy(table: str, columns: Sequence[str], form: str, chunks: Iterable[bytes | memoryview]) -> None:
    statement = _statement(table, columns, form)
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
    is_binary: bool = False

    @classmethod
    def of(cls, table: str, columns: Sequence[str], frame: pl.DataFrame) -> "ReadyRows":
        """As CSV: whatever the columns' types are, the server reads them."""
        return cls(table, columns, list(csv_chunks(frame)))

    @classmethod
    def binary(cls, table: str, kinds: Kinds, frame: pl.DataFrame) -> "ReadyRows":
        """In the server's own format, a third quicker for it: `kinds` must say exactly what the table's columns are."""
        return cls(table, tuple(kinds), [binary_rows(frame, kinds)], is_binary=True)

    def write(self) -> None:
        """COPY them in."""
        _copy(self.table, self.columns, "with (format binary)" if self.is_binary else CSV, self.chunks)


def take_ids(table: str, count: int) -> Sequence[int]:
    """Reserve `count` ids of a table's identity column; reserved ids are never given again."""
    if count <= 0:
        return ()
    # The sequence as a constant: looked up per row it costs more than the row's COPY.
    sequence = f"{table}_id_seq"
    with connection.cursor() as cursor:
        if count >= BLOCK_OF_IDS:
            return _take_block(cursor, sequence, count)
        cursor.execute(
            sql.SQL("select nextval({}::regclass) from generate_series(1, {})").format(
                sql.Literal(sequence), sql.Literal(count)
            )
        )
        return [row[0] for row in cursor.fetchall()]


def _take_block(cursor: Any, sequence: str, count: int) -> range:
    """Move the sequence on in one step: a million nextvals would cost as much as the rows.

    Sessions take ids by the hundred (`cache 100`); what they take between our reading and moving the sequence lies in the gap
    left for them. Should even that not do, the primary key refuses the row and the batch is done again.
    """
    key = zlib.crc32(sequence.encode())
    cursor.execute("select pg_advisory_lock(%s, %s)", [SEQUENCE_LOCK, key >> 1])
    try:
        cursor.execute(
            sql.SQL("select setval({}::regclass, last_value + {}) from {}").format(
                sql.Literal(sequence), sql.Literal(GAP_OF_IDS + count), sql.Identifier(sequence)
            )
        )
        last = int(cursor.fetchone()[0])
    finally:
        cursor.execute("select pg_advisory_unlock(%s, %s)", [SEQUENCE_LOCK, key >> 1])
    return range(last - count + 1, last + 1)


def _statement(table: str, columns: Sequence[str], options: str) -> sql.Composed:
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    return sql.SQL("copy {} ({}) from stdin " + options).format(sql.Identifier(table), names)


_kept = threading.local()


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[None]:
    """Do `work` in a transaction of its own, on a connection of its own, while the body writes in the caller's.

    It is committed before the body's transaction can be, and stays when that is rolled back: only for rows that do no harm
    alone. Raises what `work` raised. Within a further transaction (a test's, say) it is simply done first, in the caller's.
    """
    if len(connection.atomic_blocks) != 1:
        work()
        yield
        return
    with _side() as side:
        done = side.submit(_alone, work)
        try:
            yield
        finally:
            wait([done])
    done.result()


@contextmanager
def keeping_beside() -> Iterator[None]:
    """In the body, `beside` keeps its connection from one call to the next: a new one costs the server 20 ms each time."""
    with ThreadPoolExecutor(1, "bulk-beside") as side:
        _kept.side = side
        try:
            yield
        finally:
            del _kept.side
            side.submit(connection.close)  # this thread's own


@contextmanager
def _side() -> Iterator[ThreadPoolExecutor]:
    kept: ThreadPoolExecutor | None = getattr(_kept, "side", None)
    if kept is not None:
        yield kept
        return
    with keeping_beside():
        yield _kept.side


def _alone(work: Callable[[], None]) -> None:
    connection.close_if_unusable_or_obsolete()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set local synchronous_commit = off")
        work()
