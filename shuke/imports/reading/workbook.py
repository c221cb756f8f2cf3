"""XLSX to CSV, guarded: a workbook that unpacks to something monstrous is never opened."""

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from shuke.imports.reading.kinds import Unusable

MAX_UNPACKED_BYTES = 1_500_000_000
MAX_RATIO = 250  # honest sheets pack 5 to 40 times; a bomb a thousand times
FREE_BYTES = 50_000_000  # below this the ratio does not matter
MAX_ENTRIES = 5_000


@dataclass(frozen=True)
class Sheets:
    """The sheets of a workbook and the one to read."""

    names: list[str]
    chosen: str


def check_workbook(path: Path) -> None:
    """Raise Unusable unless this zip is a workbook of sane size."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise Unusable("broken_workbook") from error
    names = {entry.filename for entry in entries}
    if not any(name.startswith("xl/") for name in names):
        raise Unusable("not_workbook" if "[Content_Types].xml" in names else "archive")
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED_BYTES:
        raise Unusable("zip_bomb")
    if unpacked > FREE_BYTES and unpacked / packed > MAX_RATIO:
        raise Unusable("zip_bomb")
    _check_real_sizes(path)


def _check_real_sizes(path: Path) -> None:
    """The directory may lie about sizes: unpack a large part and count."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.compress_size < 50_000:
                continue
            read = 0
            try:
                with archive.open(entry) as stream:
                    while block := stream.read(1 << 20):
                        read += len(block)
                        if read > min(MAX_UNPACKED_BYTES, entry.file_size + (1 << 20)):
                            raise Unusable("zip_bomb")
            except (zipfile.BadZipFile, OSError, EOFError) as error:
                raise Unusable("broken_workbook") from error


def write_csv(path: Path, target: Path, sheet: str = "") -> Sheets:
    """Write the sheet (the one with most cells by default) as UTF-8 CSV; gives all sheet names."""
    check_workbook(path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = list(workbook.sheet_names)
        chosen = sheet if sheet in names else _fullest(workbook, names)
        rows = workbook.get_sheet_by_name(chosen)
        with target.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            for row in rows.iter_rows():
                writer.writerow(_texts(row))
    except CalamineError as error:
        raise Unusable("broken_workbook") from error
    return Sheets(names, chosen)


def _fullest(workbook: CalamineWorkbook, names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    sizes = {}
    for name in names:
        sheet = workbook.get_sheet_by_name(name)
        sizes[name] = sheet.height * sheet.width
    if not sizes:
        raise Unusable("no_table")
    return max(names, key=lambda name: sizes[name])


def _texts(row: Sequence[object]) -> list[str]:
    return [_text(cell) for cell in row]


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e16 else repr(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time | timedelta):
        return str(cell)
    return "" if cell is None else str(cell)
