"""Finding out what a file is: format, encoding, delimiter, header row, columns with samples."""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from shuke.imports.reading import parquet, workbook
from shuke.imports.reading.charset import encoding_of, write_utf8
from shuke.imports.reading.kinds import HEAD_BYTES, Unusable, kind_of, read_head
from shuke.imports.rules import clean, header_key, is_nothing

DELIMITERS = (",", "\t", ";", "|")
WHITE = "white"
SAMPLE_ROWS = 200
SHOWN_ROWS = 8
MAX_LINE_BYTES = 1 << 20
MAX_COLUMNS = 400
_NUMERIC = re.compile(r"[\s¥￥$€£+\-(]*[\d.,/:\-年月日时分秒 ]+[%元)]*$")


@dataclass(frozen=True)
class Column:
    """One column: its header as written (or 第 n 列), and up to three different values."""

    name: str
    samples: list[str]


@dataclass(frozen=True)
class Look:
    """What was found. `readable` is the path to stream from; `data_offset` where its first data row begins."""

    kind: str
    encoding: str
    delimiter: str
    readable: str
    columns: list[Column]
    first_rows: list[list[str]]
    has_header: bool
    header_line: int = 0  # line of the header in the file; data begin after it
    data_offset: int = 0
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    rows_estimate: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> "Look":
        columns = [Column(**column) for column in found["columns"]]
        return cls(**(found | {"columns": columns}))


@dataclass(frozen=True)
class _Table:
    """The first records of a text file, and the physical line each ends on."""

    rows: list[list[str]]
    ends: list[int]
    width: int


def look_at(path: Path, *, vocabulary: Collection[str] = (), sheet: str = "", header: str = "auto") -> Look:
    """Find out what a file is. `vocabulary` holds known header keys; `header` is auto, yes or no. Raises Unusable."""
    kind = kind_of(path)
    if kind == "parquet":
        return _parquet_look(path)
    readable, encoding, sheets = _make_readable(path, kind, sheet)
    head = _whole_lines(read_head(readable), readable)
    text = head.decode("utf-8", "replace").replace("\x00", "")
    if not text.strip():
        raise Unusable("empty")
    delimiter = "," if kind == "xlsx" else _delimiter_of(text)
    table = _records(text, delimiter)
    row = _header_row(table, vocabulary, header)
    return _describe(
        _Found(path=readable, head=head, kind=kind, encoding=encoding, sheets=sheets), table, row, delimiter
    )


@dataclass(frozen=True)
class _Found:
    path: Path
    head: bytes
    kind: str
    encoding: str
    sheets: workbook.Sheets


def _make_readable(path: Path, kind: str, sheet: str) -> tuple[Path, str, workbook.Sheets]:
    none = workbook.Sheets([], "")
    copy = path.with_name(path.name + ".utf8.csv")
    if kind == "xlsx":
        return copy, "", workbook.write_csv(path, copy, sheet)
    encoding = encoding_of(path, read_head(path))
    if encoding == "utf-8":
        return path, encoding, none
    write_utf8(path, encoding, copy)
    return copy, encoding, none


def _whole_lines(head: bytes, path: Path) -> bytes:
    if len(head) < HEAD_BYTES or path.stat().st_size == len(head):
        return head
    cut = head.rfind(b"\n")
    if cut < 0:
        raise Unusable("line_too_long")
    return head[: cut + 1]


def _delimiter_of(text: str) -> str:
    lines = [line for line in text.splitlines()[:SAMPLE_ROWS] if line.strip()]
    best, best_score = "", 0.0
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
        width = max((w for w in widths if w > 1), key=lambda w: (widths[w], w), default=1)
        score = widths[width] / max(1, len(lines)) * (1 + min(width, 50) / 100) if width > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    if best_score >= 0.5:
        return best
    widths = Counter(len(line.split()) for line in lines)
    width, count = widths.most_common(1)[0]
    if width > 1 and count >= 0.8 * len(lines):
        return WHITE
    if best_score > 0:
        return best
    raise Unusable("one_column" if any(_is_text(line) for line in lines) else "no_table")


def _is_text(line: str) -> bool:
    return sum(character.isprintable() for character in line) > len(line) * 0.9


def _records(text: str, delimiter: str) -> _Table:
    rows, ends = [], []
    if delimiter == WHITE:
        for number, line in enumerate(text.splitlines()[:SAMPLE_ROWS], 1):
            rows.append(line.split())
            ends.append(number)
    else:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            for cells in reader:
                rows.append(cells)
                ends.append(reader.line_num)
                if len(rows) >= SAMPLE_ROWS:
                    break
        except csv.Error as error:
            raise Unusable("line_too_long") from error
    rows = [[clean(cell) for cell in cells] for cells in rows]
    width = _width(rows)
    if width > MAX_COLUMNS:
        raise Unusable("no_table")
    return _Table(rows, ends, width)


def _width(rows: Sequence[Sequence[str]]) -> int:
    widths = Counter(len(cells) for cells in rows if any(cells))
    return max(widths, key=lambda w: (widths[w], w), default=0)


def _header_row(table: _Table, vocabulary: Collection[str], header: str) -> int | None:
    """Index of the header record, or None when the file has none."""
    candidates = [
        i for i, cells in enumerate(table.rows[:40]) if sum(map(bool, cells)) >= max(1, table.width // 2)
    ]
    if header == "no" or not candidates:
        return None
    hits = {i: sum(header_key(cell) in vocabulary for cell in table.rows[i] if cell) for i in candidates}
    best = max(candidates, key=lambda i: (hits[i], -i))
    if hits[best] >= 2 or (hits[best] == 1 and table.width <= 3):
        return best
    first = candidates[0]
    if header == "yes" or _looks_like_header(table.rows[first]):
        return first
    return None


def _looks_like_header(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return len(set(filled)) == len(filled) and not any(_NUMERIC.match(cell) for cell in filled)


def _describe(found: _Found, table: _Table, row: int | None, delimiter: str) -> Look:
    start = 0 if row is None else row + 1
    data = [cells for cells in table.rows[start:] if any(cells)]
    if not data:
        raise Unusable("header_only")
    width = len(table.rows[row]) if row is not None else table.width
    header = table.rows[row] if row is not None else []
    names = column_names(header, max(width, table.width))
    lines = table.ends[row] if row is not None else 0
    offset = _offset_after(found.head, lines)
    average = max(1.0, (len(found.head) - offset) / max(1, found.head.count(b"\n") - lines))
    rest = found.path.stat().st_size - offset
    return Look(
        kind=found.kind,
        encoding=found.encoding,
        delimiter=delimiter,
        readable=str(found.path),
        columns=[Column(name, _samples(data, i)) for i, name in enumerate(names)],
        first_rows=[_padded(cells, len(names)) for cells in data[:SHOWN_ROWS]],
        has_header=row is not None,
        header_line=lines,
        data_offset=offset,
        sheet=found.sheets.chosen,
        sheets=found.sheets.names,
        rows_estimate=max(1, round(rest / average)),
    )


def column_names(header: Sequence[str], width: int) -> list[str]:
    """One distinct name for each column; nameless ones are 第 n 列."""
    names: list[str] = []
    for i in range(width):
        name = (header[i] if i < len(header) else "")[:100] or f"第 {i + 1} 列"
        while name in names:
            name = f"{name} ({i + 1})"
        names.append(name)
    return names


def _samples(rows: Sequence[Sequence[str]], index: int) -> list[str]:
    seen: list[str] = []
    for cells in rows:
        value = cells[index] if index < len(cells) else ""
        if value and not is_nothing(value) and value not in seen:
            seen.append(value[:80])
        if len(seen) == 3:
            break
    return seen


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [cell[:80] for cell in cells[:width]] + [""] * (width - len(cells))


def _offset_after(head: bytes, lines: int) -> int:
    offset = 0
    for _ in range(lines):
        offset = head.find(b"\n", offset) + 1
    return offset


def _parquet_look(path: Path) -> Look:
    names, rows, total = parquet.preview(path, SAMPLE_ROWS)
    if total == 0:
        raise Unusable("header_only")
    columns = [Column(name, _samples(rows, i)) for i, name in enumerate(column_names(names, len(names)))]
    return Look(
        kind="parquet",
        encoding="",
        delimiter="",
        readable=str(path),
        columns=columns,
        first_rows=[_padded(cells, len(names)) for cells in rows[:SHOWN_ROWS]],
        has_header=True,
        rows_estimate=total,
    )
