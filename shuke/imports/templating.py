"""Templates as files that Excel and WPS open."""

import csv
import io

import xlsxwriter

from shuke.imports.ports import Template


def csv_template(table: Template) -> bytes:
    """UTF-8 with BOM, so that Excel reads the Chinese."""
    out = io.StringIO()
    csv.writer(out).writerows([table.head, *table.rows])
    return "\ufeff".encode() + out.getvalue().encode()


def xlsx_template(table: Template) -> bytes:
    """Text cells throughout: numbers keep their zeros and digits."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}
    ) as book:
        sheet = book.add_worksheet()
        text = book.add_format({"num_format": "@"})
        sheet.set_column(0, max(0, len(table.head) - 1), 16, text)
        sheet.write_row(0, 0, table.head, book.add_format({"bold": True, "num_format": "@"}))
        for number, row in enumerate(table.rows, 1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell, text)
        sheet.freeze_panes(1, 0)
    return out.getvalue()
