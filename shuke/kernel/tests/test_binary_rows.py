"""What goes in by binary COPY comes out as it was."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from shuke.kernel.binary_rows import Kinds
from shuke.kernel.bulk import ReadyRows

pytestmark = pytest.mark.django_db
KINDS: Kinds = {
    "a": "text", "b": "int2", "c": "int4", "d": "int8", "e": "date", "f": "timestamptz", "g": "numeric", "h": "text",
}  # fmt: skip
SQL = "a text, b smallint, c integer, d bigint, e date, f timestamptz, g numeric(12, 3), h text"
SCHEMA: dict[str, Any] = {
    "a": pl.String, "b": pl.Int64, "c": pl.Int64, "d": pl.Int64, "e": pl.Date, "f": pl.Datetime("us"), "g": pl.Int64,
    "h": pl.String,
}  # fmt: skip


def through(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows as the table gives them back."""
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    with connection.cursor() as cursor:
        cursor.execute(f"create temp table binary_in (place serial, {SQL})")
        ReadyRows.binary("binary_in", KINDS, frame).write()
        cursor.execute(f"select {', '.join(KINDS)} from binary_in order by place")
        found = cursor.fetchall()
        cursor.execute("drop table binary_in")
    return found


def expected(row: tuple[Any, ...]) -> tuple[Any, ...]:
    moment = row[5].replace(tzinfo=UTC) if row[5] else None
    quantity = Decimal(row[6]) / 1000 if row[6] is not None else None
    return (*row[:5], moment, quantity, row[7])


def test_every_kind_of_value_and_none() -> None:
    full = ("茶礼", -5, 70_000, 2**40, date(1999, 12, 31), datetime(2026, 1, 3, 9, 5, 6, 7), -1_500, "x")
    other = ("", 0, 0, -(2**40), date(2026, 2, 28), datetime(1980, 1, 1), 0, "中文字")
    none = (None,) * 8
    rows = [full, none, other, full]
    assert through(rows) == [expected(row) for row in rows]
    assert through([full, full]) == [expected(full)] * 2
    assert through([none, none]) == [expected(none)] * 2
    assert through([]) == []


def test_quantities_to_the_thousandth() -> None:
    quantities = [1, 999, 1_000, 9_999_000, 10_000_000, 123_456_789, 999_999_999_999, -999_999_999_999]
    rows: list[tuple[Any, ...]] = [("a", 1, 1, 1, None, None, quantity, "b") for quantity in quantities]
    assert [row[6] for row in through(rows)] == [Decimal(quantity) / 1000 for quantity in quantities]


_text = st.none() | st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=8)
_moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1))


class AnyRows(TestCase):
    @given(
        st.lists(
            st.tuples(
                _text,
                st.none() | st.integers(-(2**15), 2**15 - 1),
                st.none() | st.integers(-(2**31), 2**31 - 1),
                st.none() | st.integers(-(2**63), 2**63 - 1),
                st.none() | st.dates(date(1, 1, 2), date(9999, 1, 1)),
                st.none() | _moments,
                st.none() | st.integers(-999_999_999_999, 999_999_999_999),
                _text,
            ),
            max_size=12,
        )
    )
    @settings(max_examples=40, deadline=None)
    def test_any_rows_come_out_as_they_went_in(self, rows: list[tuple[Any, ...]]) -> None:
        assert through(rows) == [expected(row) for row in rows]
