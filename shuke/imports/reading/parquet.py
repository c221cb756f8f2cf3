"""Parquet as batches of text columns."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from shuke.imports.reading.kinds import Unusable


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise Unusable("broken_parquet") from error


def preview(path: Path, rows: int) -> tuple[list[str], list[list[str]], int]:
    """Column names, the first rows as text, and how many rows there are."""
    with _open(path) as file:
        names = [str(name) for name in file.schema_arrow.names]
        first = next(text_batches(path, rows), None)
        return (
            names,
            [] if first is None else [list(row) for row in first.head(rows).rows()],
            file.metadata.num_rows,
        )


def text_batches(path: Path, rows: int) -> Iterator[pl.DataFrame]:
    """All rows as frames c0, c1 … of text, empty for null."""
    with _open(path) as file:
        try:
            for batch in file.iter_batches(batch_size=rows, use_threads=False):
                frame = pl.from_arrow(pa.Table.from_batches([batch]))
                assert isinstance(frame, pl.DataFrame)
                yield pl.DataFrame(
                    [_text(column).alias(f"c{i}") for i, column in enumerate(frame.get_columns())]
                )
        except pa.ArrowException as error:
            raise Unusable("broken_parquet") from error


def _text(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if kind.is_float():
        whole = column.cast(pl.Int64, strict=False)
        words = pl.DataFrame({"x": column, "w": whole}).select(
            pl.when(pl.col("x") == pl.col("w"))
            .then(pl.col("w").cast(pl.String))
            .otherwise(pl.col("x").cast(pl.String))
        )
        return words.to_series().replace("NaN", None).fill_null("")
    if isinstance(kind, pl.Datetime):
        local = column.dt.convert_time_zone("Asia/Shanghai") if kind.time_zone else column
        return local.dt.strftime("%Y-%m-%d %H:%M:%S").fill_null("")
    if kind == pl.Boolean:
        return pl.select(pl.when(column).then(pl.lit("TRUE")).otherwise(pl.lit("FALSE"))).to_series()
    if kind.is_nested() or kind == pl.Binary:
        return pl.Series([""] * len(column), dtype=pl.String)
    return column.cast(pl.String).fill_null("")
