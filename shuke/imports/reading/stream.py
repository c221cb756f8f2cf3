"""Streaming a table in batches of text columns, from any position, with flat memory."""

import csv
import io
import re
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
from pyarrow import csv as arrow_csv

from shuke.imports.reading import parquet
from shuke.imports.reading.kinds import Unusable
from shuke.imports.reading.look import WHITE, Look

BLOCK_BYTES = 3 * 1024 * 1024
BATCH_ROWS = 50_000
LONGEST_ROW_BYTES = 8 * 1024 * 1024
_BLANKS = re.compile(rb"[ \t]+")
_EDGES = re.compile(rb"(?m)^\t|\t(?=\r?$)")


@dataclass(frozen=True)
class Position:
    """Where a batch begins: byte offset (Parquet: row), rows of it that are done already, line of its first row."""

    offset: int
    skip: int
    line: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class RowProblem:
    """A row that is no row of this table."""

    line: int
    code: str
    cells: list[str]


@dataclass(frozen=True)
class Batch:
    """Rows as text: columns c0, c1 … and `line`. `blank` rows were empty and count as nothing."""

    frame: pl.DataFrame
    problems: list[RowProblem]
    start: Position
    end: Position
    is_last: bool

    def position_after(self, rows: int) -> Position:
        """Where to go on when only the first `rows` rows of this batch are done."""
        if rows >= len(self.frame):
            return self.end
        return Position(self.start.offset, self.start.skip + rows, self.start.line)


def start_of(look: Look) -> Position:
    """The position of the first data row."""
    return Position(look.data_offset, 0, look.header_line + 1)


def read_batches(
    look: Look, position: Position | None = None, *, block: int = BLOCK_BYTES
) -> Generator[Batch, None, None]:
    """Batches from a position on. Raises Unusable when the file is gone or broken."""
    begin = position or start_of(look)
    if look.kind == "parquet":
        yield from _parquet_batches(look, begin)
    else:
        yield from _text_batches(look, begin, block)


def _parquet_batches(look: Look, begin: Position) -> Iterator[Batch]:
    row, skip = 0, begin.skip
    for frame in parquet.text_batches(Path(look.readable), BATCH_ROWS):
        start = Position(row, 0, row + 1)
        row += len(frame)
        if row <= begin.offset:
            continue
        frame = frame.with_row_index("line", offset=start.line)
        end = Position(row, 0, row + 1)
        yield Batch(
            frame[skip:], [], Position(start.offset, skip, start.line), end, row >= look.rows_estimate
        )
        skip = 0


def _text_batches(look: Look, begin: Position, block: int) -> Iterator[Batch]:
    width, start = len(look.columns), begin
    for chunk, is_last in _chunks(Path(look.readable), begin.offset, block):
        frame, problems, rows = _parse(chunk, look.delimiter, width, start.line)
        end = Position(start.offset + len(chunk), 0, start.line + rows)
        if start.skip:
            first = int(frame["line"][start.skip]) if start.skip < len(frame) else end.line
            frame, problems = frame[start.skip :], [p for p in problems if p.line >= first]
        yield Batch(frame, problems, start, end, is_last)
        start = end


def _chunks(path: Path, offset: int, block: int) -> Iterator[tuple[bytes, bool]]:
    """Blocks that end where a record ends."""
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise Unusable("gone") from error
    with file:
        file.seek(offset)
        rest = b""
        while True:
            fresh = file.read(block)
            held = rest + fresh
            if not fresh:
                if held:
                    yield held, True
                return
            cut = record_end(held)
            if cut == 0 and len(held) > LONGEST_ROW_BYTES + block:
                raise Unusable("line_too_long")
            if len(fresh) < block:
                yield held, True
                return
            if cut:
                yield held[:cut], False
            rest = held[cut:]


def record_end(held: bytes) -> int:
    """Where the last complete record ends: after a newline that no open quote holds. 0: nowhere."""
    cut = held.rfind(b"\n") + 1
    if cut == 0 or b'"' not in held:
        return cut
    quotes, tries = held.count(b'"', 0, cut), 0
    while quotes % 2 and cut and tries < 20_000:
        opened = held.rfind(b'"', 0, cut)
        quotes -= 1
        before = held.rfind(b"\n", 0, opened) + 1
        quotes -= held.count(b'"', before, opened)
        cut, tries = before, tries + 1
    # Never even: the quotes are not quoting (5" tiles); cut at the last newline then.
    return cut or held.rfind(b"\n") + 1


def _parse(chunk: bytes, delimiter: str, width: int, line: int) -> tuple[pl.DataFrame, list[RowProblem], int]:
    if b"\x00" in chunk:
        chunk = chunk.replace(b"\x00", b"")
    if delimiter == WHITE:
        chunk, delimiter = _EDGES.sub(b"", _BLANKS.sub(b"\t", chunk)), "\t"
    if b"\r" in chunk and b"\n" not in chunk:
        chunk = chunk.replace(b"\r", b"\n")
    try:
        return _parse_fast(chunk, delimiter, width, line)
    except pa.ArrowInvalid:
        return _parse_slowly(chunk, delimiter, width, line)


def _parse_fast(
    chunk: bytes, delimiter: str, width: int, line: int
) -> tuple[pl.DataFrame, list[RowProblem], int]:
    odd: list[tuple[int, str]] = []

    def keep(row: arrow_csv.InvalidRow) -> str:
        odd.append((row.number, row.text))
        return "skip"

    names = [f"c{i}" for i in range(width)]
    table = arrow_csv.read_csv(
        pa.py_buffer(chunk),
        arrow_csv.ReadOptions(use_threads=False, column_names=names, block_size=len(chunk) + 1),
        arrow_csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=b'"' in chunk,
            ignore_empty_lines=False,
            invalid_row_handler=keep,
        ),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=True
        ),
    )
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    if not odd:
        return frame.with_row_index("line", offset=line), [], len(frame)
    return _with_odd_rows(frame, odd, delimiter, line)


def _with_odd_rows(
    frame: pl.DataFrame, odd: list[tuple[int, str]], delimiter: str, line: int
) -> tuple[pl.DataFrame, list[RowProblem], int]:
    """Lines for the rows around those that arrow left out, and these rows mended where that is safe."""
    width, total = frame.width, len(frame) + len(odd)
    numbers = {number - 1 for number, _ in odd}
    lines = [line + i for i in range(total) if i not in numbers]
    frame = frame.insert_column(0, pl.Series("line", lines, dtype=pl.UInt32))
    mended, problems = [], []
    for number, text in odd:
        cells = next(csv.reader([text], delimiter=delimiter), [])
        _sort_out(cells, line + number - 1, width, mended, problems)
    if mended:
        extra = pl.DataFrame(mended, schema=frame.schema, orient="row")
        frame = pl.concat([frame, extra]).sort("line")
    return frame, problems, total


def _sort_out(cells: list[str], line: int, width: int, good: list[list[Any]], bad: list[RowProblem]) -> None:
    """A short row is padded, empty extra cells are dropped, a blank row vanishes; the rest is a problem."""
    if not any(cell.strip() for cell in cells):
        return
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        bad.append(RowProblem(line, "ragged", cells))
        return
    good.append([line, *cells[:width], *[""] * (width - len(cells))])


def _parse_slowly(
    chunk: bytes, delimiter: str, width: int, line: int
) -> tuple[pl.DataFrame, list[RowProblem], int]:
    """The forgiving parser, for chunks with stray quotes or broken characters."""
    text = chunk.decode("utf-8", "replace")
    good: list[list[Any]] = []
    bad: list[RowProblem] = []
    rows = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    previous = csv.field_size_limit(LONGEST_ROW_BYTES)
    try:
        for rows, cells in enumerate(reader, 1):
            if any("\ufffd" in cell for cell in cells):
                bad.append(RowProblem(line + rows - 1, "broken_text", cells))
            else:
                _sort_out(cells, line + rows - 1, width, good, bad)
    except csv.Error as error:
        raise Unusable("line_too_long") from error
    finally:
        csv.field_size_limit(previous)
    schema: dict[str, Any] = {"line": pl.UInt32} | {f"c{i}": pl.String for i in range(width)}
    return pl.DataFrame(good, schema=schema, orient="row"), bad, rows
