"""Rows by the million out of PostgreSQL, in Django's own transaction, without Python touching one; and locks."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from django.db import connection


def read_binary(sql: str, given: Mapping[str, Any] | None, row: Any) -> Iterator[Any]:
    """The pieces of a statement whose rows are fixed-size binary strung together by the server, as arrays of `row`."""
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        for (piece,) in cursor.fetchall():
            if piece is not None:
                yield np.frombuffer(piece, row)


def lock(*keys: int) -> None:
    """Hold an advisory lock until the transaction ends."""
    marks = ", ".join("%s" for _ in keys)
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_advisory_xact_lock({marks})", list(keys))


def analyze(*tables: str) -> None:
    """Have the server look at what it holds now."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"analyze {table}")
