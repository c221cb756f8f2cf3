"""CSV and XLSX as rows come: memory stays flat however long the list is."""

import csv
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import xlsxwriter
from django.utils import timezone

from shuke.customers.ports import ExportColumn
from shuke.customers.rules.exporting import plain_text, safe_cell

ROWS_OF_SHEET = 1_000_000
WIDTHS = {"text": 18, "number": 10, "money": 12, "date": 12}
LONGEST_CELL = 32_000
FIRST_YEAR = 1900  # no workbook knows earlier days


class Writer(Protocol):
    """Takes rows in the order of the columns."""

    def row(self, values: list[Any]) -> None:
        """Write one row; None is an empty cell."""


def writer_for(format: str, path: Path, columns: list[ExportColumn]) -> AbstractContextManager[Writer]:
    """The writer of a format, its header written."""
    return CsvWriter(path, columns) if format == "csv" else XlsxWriter(path, columns)


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        value = "、".join(str(one) for one in value)
    return str(value)[:LONGEST_CELL]


def _day(value: Any) -> date:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


class CsvWriter:
    """UTF-8 with a byte order mark, so that Excel reads Chinese; texts that look like formulas are made harmless."""

    def __init__(self, path: Path, columns: list[ExportColumn]) -> None:
        self.columns = columns
        self.file = path.open("w", encoding="utf-8-sig", newline="")
        self.out = csv.writer(self.file)
        self.out.writerow([safe_cell(str(column.label)) for column in columns])

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()

    def row(self, values: list[Any]) -> None:
        self.out.writerow(
            [self._cell(column, value) for column, value in zip(self.columns, values, strict=True)]
        )

    @staticmethod
    def _cell(column: ExportColumn, value: Any) -> Any:
        if value in (None, "", [], ()):
            return ""
        if column.kind == "money":
            return f"{value / 100:.2f}"
        if column.kind == "date":
            return _day(value).isoformat()
        return value if column.kind == "number" else safe_cell(_text(value))


class XlsxWriter:
    """Every text is written as text, never as a formula or a link; a sheet holds a million rows, then the next begins."""

    def __init__(self, path: Path, columns: list[ExportColumn]) -> None:
        self.columns = columns
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(str(path), options)
        self.head = self.book.add_format({"bold": True})
        self.formats = {
            "money": self.book.add_format({"num_format": "#,##0.00"}),
            "date": self.book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        self._begin_sheet()

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.book.close()

    def _begin_sheet(self) -> None:
        self.sheet, self.place = self.book.add_worksheet(), 1
        self.sheet.freeze_panes(1, 0)
        for n, column in enumerate(self.columns):
            self.sheet.set_column(n, n, WIDTHS.get(column.kind, 18))
            self.sheet.write_string(0, n, plain_text(str(column.label)), self.head)

    def row(self, values: list[Any]) -> None:
        if self.place > ROWS_OF_SHEET:
            self._begin_sheet()
        for n, (column, value) in enumerate(zip(self.columns, values, strict=True)):
            if value not in (None, "", [], ()):
                self._cell(n, column, value)
        self.place += 1

    def _cell(self, n: int, column: ExportColumn, value: Any) -> None:
        if column.kind == "money":
            self.sheet.write_number(self.place, n, value / 100, self.formats["money"])
        elif column.kind == "date" and _day(value).year < FIRST_YEAR:
            self.sheet.write_string(self.place, n, _day(value).isoformat())
        elif column.kind == "date":
            self.sheet.write_datetime(self.place, n, _day(value), self.formats["date"])
        elif column.kind == "number":
            self.sheet.write_number(self.place, n, value)
        else:
            self.sheet.write_string(self.place, n, plain_text(_text(value)))
