"""Cells by the million: what `rules` decides one by one, as polars expressions. Django-free.

Each reader takes a text column that went through `tidy` and gives values plus the cells that cannot be taken. What the fast
expressions do not know goes to `rules`, once per different cell; so both say the same (a test holds them to it).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from shuke.imports import rules
from shuke.imports.rules import Hints, Unreadable

_UNSEEN = r"\x{feff}\x{200b}-\x{200d}\x{2060}"
_ODD = rf"^['={_UNSEEN}]|[{_UNSEEN}]$|[\x00-\x1f\x7f]"
# Bytes of cells that need no second look: not control characters, nor the first byte of any invisible one in UTF-8.
_HARMLESS = bytes(set(range(0x20, 0x100)) - {0x7F, 0xC2, 0xE1, 0xE2, 0xE3, 0xEF})
_KEY_BYTES = bytes(set(range(0x21, 0x7F)) - set(b".+"))
_EDGES = np.array([0x20, ord("'"), ord("=")], dtype=np.uint8)
_LONGEST_NOTHING = max(len(word.encode()) for word in rules.NOTHING)
_EARLIEST = datetime.combine(rules.EARLIEST, time())
_FAST_FORMATS = (
    (r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", "%Y-%m-%d %H:%M:%S"),
    (r"^\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d\d:\d\d$", "%Y/%m/%d %H:%M:%S"),
    (r"^\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d\d$", "%Y/%m/%d %H:%M"),
    (r"^\d{4}-\d\d-\d\d \d\d:\d\d$", "%Y-%m-%d %H:%M"),
)
_FAST_DAYS = (
    (r"^\d{4}-\d\d-\d\d$", "%Y-%m-%d"),
    (r"^\d{4}/\d{1,2}/\d{1,2}$", "%Y/%m/%d"),
    (r"^(?:19|20)\d{6}$", "%Y%m%d"),
)


@dataclass(frozen=True)
class Parsed:
    """Values (null where the cell was empty or cannot be taken) and reason codes (null where all is well)."""

    values: pl.Series
    problems: pl.Series

    @property
    def has_problems(self) -> bool:
        return self.problems.null_count() < len(self.problems)


def tidy(texts: pl.Series) -> pl.Series:
    """What `rules.clean` does; cells that say nothing become null."""
    cells = _Cells(texts)
    cleaned = texts
    if not cells.are_clean():
        cleaned = texts.str.strip_chars()
        odd = cleaned.str.contains(_ODD)
        if odd.any():
            cleaned = _mapped(cleaned, odd, rules.clean)
        cells = _Cells(cleaned)
    nothing = [word for word in cells.short(_LONGEST_NOTHING) if rules.is_nothing(word)]
    if not nothing:
        return cleaned.alias(texts.name)
    return pl.select(pl.when(~cleaned.is_in(nothing)).then(cleaned)).to_series().alias(texts.name)


def _is_clean(texts: pl.Series) -> bool:
    """Whether surely nothing is to be cleaned, by the bytes of the whole column at once; False: look closer."""
    return _Cells(texts).are_clean()


class _Cells:
    """The bytes of a whole column, for judging all its cells at once."""

    def __init__(self, texts: pl.Series) -> None:
        column = texts.to_arrow()
        self._column = column.cast(pa.large_string()) if column.type != pa.large_string() else column
        _valid, ends, content = self._column.buffers()
        start = self._column.offset
        self._edges = np.frombuffer(ends, dtype=np.int64)[start : start + len(column) + 1]
        self._content = content or pa.py_buffer(b"")
        self.lengths = np.diff(self._edges)

    def are_clean(self) -> bool:
        """Whether surely nothing is to be cleaned; False: look closer."""
        if self._content.to_pybytes().translate(None, _HARMLESS):
            return False
        bytes_of = np.frombuffer(self._content, dtype=np.uint8)
        filled = self.lengths > 0
        first, last = bytes_of[self._edges[:-1][filled]], bytes_of[self._edges[1:][filled] - 1]
        return not (np.isin(first, _EDGES).any() or (last == 0x20).any())

    def are_plain_keys(self, limit: int) -> bool:
        """Whether all are short words of ASCII that no spreadsheet has taken for a number; False: look closer."""
        return not self._content.to_pybytes().translate(None, _KEY_BYTES) and self.fit(limit)

    def fit(self, limit: int) -> bool:
        """Whether surely none is longer."""
        return len(self.lengths) == 0 or int(self.lengths.max()) <= limit

    def short(self, most: int) -> list[str]:
        """The different words of at most so many bytes."""
        is_short = self.lengths <= most
        if not is_short.any():
            return []
        words = self._column if is_short.all() else self._column.filter(pa.array(is_short))
        return [word for word in words.unique().to_pylist() if word is not None]


def _mapped(texts: pl.Series, where: pl.Series, function: Callable[[str], str]) -> pl.Series:
    different = texts.filter(where).unique()
    table = {text: function(text) for text in different.to_list()}
    return texts.replace(table)


def _blank(texts: pl.Series) -> Parsed:
    return Parsed(texts, _no_problems(len(texts)))


def _no_problems(rows: int) -> pl.Series:
    return pl.Series("problem", [None], dtype=pl.String).new_from_index(0, rows)


def _completed(texts: pl.Series, fast: pl.Series, exact: Callable[[str], Any]) -> Parsed:
    """`fast` where it knows; `exact` for every other non-empty cell."""
    unknown = fast.is_null() & texts.is_not_null()
    if not unknown.any():
        return Parsed(fast, _no_problems(len(fast)))
    cells = texts.filter(unknown).unique().to_list()
    answers: list[Any] = []
    codes: list[str | None] = []
    for cell in cells:
        try:
            answers.append(exact(cell))
            codes.append(None)
        except Unreadable as problem:
            answers.append(None)
            codes.append(problem.code)
    table = pl.DataFrame(
        {"cell": cells, "answer": pl.Series(answers, dtype=fast.dtype, strict=False), "code": codes},
        schema_overrides={"cell": pl.String, "code": pl.String},
    )
    joined = pl.DataFrame({"cell": texts, "fast": fast}).join(
        table, on="cell", how="left", maintain_order="left"
    )
    done = joined.select(
        pl.coalesce("fast", "answer").alias("value"),
        pl.when(pl.col("fast").is_null()).then(pl.col("code")).alias("problem"),
    )
    return Parsed(done["value"], done["problem"])


def read_words(texts: pl.Series, limit: int) -> Parsed:
    """Plain words, cut where the column is full."""
    if not _Cells(texts).fit(limit) and (texts.str.len_chars() > limit).any():
        texts = texts.str.slice(0, limit)
    return _blank(texts)


def read_keys(texts: pl.Series, limit: int) -> Parsed:
    """Numbers used as names: order number, member number, SKU."""
    if _Cells(texts).are_plain_keys(limit):
        return _blank(texts)
    odd = texts.str.contains(r"^\d+\.0+$|^[0-9.]+[eE]\+|[^\x21-\x7e]") | (texts.str.len_chars() > limit)
    if not odd.any():
        return _blank(texts)
    fast = pl.select(pl.when(~odd).then(texts)).to_series()

    def exact(cell: str) -> str:
        word = rules.plain_key(cell)
        if len(word) > limit:
            raise Unreadable("too_long")
        return word

    return _completed(texts, fast, exact)


def read_moments(texts: pl.Series, hints: Hints) -> Parsed:
    """Local moments, naive, to the microsecond."""
    fast = pl.Series(texts.name, [None], dtype=pl.Datetime("us")).new_from_index(0, len(texts))
    for pattern, form in _formats_of(texts):
        if fast.null_count() == texts.null_count():
            break
        matching = pl.select(pl.when(texts.str.contains(pattern)).then(texts)).to_series()
        found = _strptime(matching, form)
        fast = pl.select(pl.coalesce(fast, found)).to_series()
    sane = (fast >= _EARLIEST) & (fast <= hints.latest)
    fast = pl.select(pl.when(sane).then(fast)).to_series()
    return _completed(texts, fast, lambda cell: rules.parse_moment(cell, hints))


def _strptime(texts: pl.Series, form: str) -> pl.Series:
    if "%H" in form:
        return texts.str.to_datetime(form, strict=False, time_unit="us")
    return texts.str.to_date(form, strict=False).cast(pl.Datetime("us"))


def _formats_of(texts: pl.Series) -> list[tuple[str, str]]:
    """The formats worth trying: those that some cell of a sample has."""
    sample = texts.drop_nulls().gather_every(max(1, len(texts) // 200))
    return [
        (pattern, form)
        for pattern, form in (*_FAST_FORMATS, *_FAST_DAYS)
        if sample.str.contains(pattern).any()
    ]


def read_amounts(texts: pl.Series) -> Parsed:
    """Fen."""
    plain = pl.select(pl.when(texts.str.contains(r"^-?\d{1,11}(?:\.\d{1,2})?$")).then(texts)).to_series()
    fast = (plain.cast(pl.Float64, strict=False) * 100).round().cast(pl.Int64)
    return _completed(texts, fast, rules.parse_amount_fen)


def read_scaled(texts: pl.Series, places: int, exact: Callable[[str], Any]) -> Parsed:
    """Decimals as integers of 10**-places (unit prices, quantities)."""
    pattern = rf"^-?\d{{1,8}}(?:\.\d{{1,{places}}})?$"
    plain = pl.select(pl.when(texts.str.contains(pattern)).then(texts)).to_series()
    fast = (plain.cast(pl.Float64, strict=False) * 10**places).round().cast(pl.Int64)
    return _completed(texts, fast, lambda cell: int((exact(cell) * 10**places).to_integral_value()))


def read_quantities(texts: pl.Series) -> Parsed:
    """Thousandths."""
    return read_scaled(texts, 3, rules.parse_quantity)


def read_prices(texts: pl.Series) -> Parsed:
    """Unit prices in 1/10,000 yuan: some files have prices below a fen."""

    def exact(cell: str) -> Any:
        price = rules.parse_decimal(cell, code="bad_amount")
        rules.to_fen(price)
        return price

    return read_scaled(texts, 4, exact)


def read_codes(texts: pl.Series, exact: Callable[[str], str]) -> Parsed:
    """Words of a small vocabulary."""
    return _completed(texts, pl.Series(texts.name, [None] * len(texts), dtype=pl.String), exact)
