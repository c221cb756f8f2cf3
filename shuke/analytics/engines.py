"""Where the figures of a run are made: on this machine (DuckDB reads, NumPy computes) or on a Spark cluster.

Both give the same purchases and values; `docs/scale.md` says when the second is worth its keep.
"""

from types import TracebackType
from typing import Protocol

import ibis
import numpy as np
import pyarrow as pa

from shuke.analytics import scoring
from shuke.analytics.fact_store import FactStore, Manifest
from shuke.analytics.parts import in_parts
from shuke.analytics.purchases import Purchases, merge_days, net_purchases
from shuke.analytics.scoring import Learned, ShopModel, Values

MONEY_BY_DAY = ["customer", "day", "sold_fen", "returned_fen"]


class Engine(Protocol):
    """What a run asks of an engine, between entering and leaving it. `score…` follows `purchases` of the same day."""

    name: str

    def __enter__(self) -> "Engine": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def purchases(self, store: FactStore, manifest: Manifest, *, as_of: int) -> Purchases:
        """Everybody's purchases net of returns up to a day, by customer; who has none left stays, with none."""

    def score(self, purchases: Purchases, model: ShopModel, *, as_of: int) -> Values:
        """Everybody's values by a model learnt earlier."""

    def score_learned(self, purchases: Purchases, learned: Learned, *, as_of: int) -> Values:
        """Everybody's values by a model learnt from these very purchases."""


class OneMachine:
    """DuckDB reads the Parquet files through Ibis; merging, netting and scoring are NumPy, in parts on all cores."""

    name = "duckdb"

    def __enter__(self) -> "OneMachine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to close."""

    def purchases(self, store: FactStore, manifest: Manifest, *, as_of: int) -> Purchases:
        rows = store.laid_over(manifest, self._base(store, manifest))
        customer, day, sold, returned = (rows[name].to_numpy() for name in MONEY_BY_DAY)
        if day.size and int(day.max()) > as_of:
            known = day <= as_of
            customer, day, sold, returned = (column[known] for column in (customer, day, sold, returned))
        return net_purchases(merge_days(customer, day.astype(np.int64), sold, returned))

    def score(self, purchases: Purchases, model: ShopModel, *, as_of: int) -> Values:
        return in_parts(purchases, lambda part: scoring.score(part, model, as_of=as_of))

    def score_learned(self, purchases: Purchases, learned: Learned, *, as_of: int) -> Values:
        return scoring.score_all(purchases, learned, as_of=as_of)

    def _base(self, store: FactStore, manifest: Manifest) -> pa.Table:
        if not manifest.base:
            return store.read(manifest, MONEY_BY_DAY).slice(0, 0)
        connection = ibis.duckdb.connect()
        try:
            files = connection.read_parquet(store.paths(file.name for file in manifest.base))
            found: pa.Table = files.select(MONEY_BY_DAY).to_pyarrow()
            return found
        finally:
            connection.disconnect()


def engine_at(address: str) -> Engine:
    """The engine that SHUKE_ENGINE names: `duckdb`, or `spark://host:port` (a standalone master). Else ValueError."""
    if address == OneMachine.name:
        return OneMachine()
    if address.startswith("spark://"):
        from shuke.analytics.spark import SparkCluster

        return SparkCluster(address)
    raise ValueError(f"SHUKE_ENGINE: {address}")
