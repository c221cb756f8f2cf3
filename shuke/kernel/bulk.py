"""COPY in and out through Django's own connection, inside its transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from psycopg import sql


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY Python rows into a table."""
    with connection.cursor() as cursor, cursor.copy(_statement(table, columns, "")) as copy:
        for row in rows:
            copy.write_row(row)


def copy_csv(table: str, columns: Sequence[str], chunks: Iterable[bytes]) -> None:
    """COPY ready-made CSV bytes (no header, empty = null, quoted "" = empty text) into a table."""
    with connection.cursor() as cursor, cursor.copy(_statement(table, columns, "with (format csv)")) as copy:
        for chunk in chunks:
            copy.write(chunk)


def _statement(table: str, columns: Sequence[str], options: str) -> sql.Composed:
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    return sql.SQL("copy {} ({}) from stdin " + options).format(sql.Identifier(table), names)
