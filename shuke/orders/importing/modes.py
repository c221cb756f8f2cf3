"""Only new ones, only known ones, or both: what a run of orders or products may touch."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from shuke.imports.ports import Setting
from shuke.imports.services.choosing import UPDATE, mode_of
from shuke.orders.importing.grouping import OrderBatch


def only_wanted(batch: OrderBatch, known: Mapping[str, int | None], setting: Setting) -> OrderBatch:
    """The orders of a batch that the run may touch; `known` says which run made those that are there.

    The others leave nothing, not even a customer; their rows count as skipped.
    """
    numbers = batch.orders["number"].to_list()
    if mode_of(setting) == UPDATE:
        mask = [number in known for number in numbers]
    else:
        mask = [number not in known or known[number] == setting.run_id for number in numbers]
    keep, at = pl.Series(mask, dtype=pl.Boolean), np.array(mask, dtype=np.bool_)
    return replace(
        batch,
        orders=batch.orders.filter(keep),
        lines=_moved(batch.lines, keep),
        header_hash=batch.header_hash[at],
        lines_hash=batch.lines_hash[at],
        number_hash=batch.number_hash[at],
        skipped=batch.skipped + int(batch.orders.filter(~keep)["rows"].sum()),
    )


def _moved(lines: pl.DataFrame, keep: pl.Series) -> pl.DataFrame:
    """The lines of the orders kept, by their new places."""
    kind = lines.schema["order"]
    places = pl.DataFrame({"order": keep.arg_true().cast(kind)}).with_row_index("place")
    found = lines.join(places, on="order", how="inner", maintain_order="left")
    return found.with_columns(pl.col("place").cast(kind).alias("order")).drop("place")
