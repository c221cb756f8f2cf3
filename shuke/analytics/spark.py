"""Runs on an Apache Spark cluster: purchases by the Ibis expressions, values by the NumPy functions on each partition.

The driver gets everybody's purchases and values and learns from them; executors do the sorting, netting and scoring. Executors
need the facts' folder at the same path, and a Python with this package. Memory, cores and the like are Spark's own settings
(`spark-defaults.conf` in SPARK_CONF_DIR).
"""

import os
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Any
from uuid import uuid4

import ibis
import numpy as np
import pyarrow as pa

from shuke.analytics import expressions, scoring
from shuke.analytics.arrays import Groups, IntArray
from shuke.analytics.engines import MONEY_BY_DAY
from shuke.analytics.fact_store import FactStore, Manifest, current_orders
from shuke.analytics.purchases import Purchases, with_customers
from shuke.analytics.scoring import Learned, ShopModel, Values
from shuke.analytics.value_tables import table_of, values_of

PARTITIONS_PER_CORE = 3


class SparkCluster:
    """A session on a standalone master, opened at the first need and closed with the run."""

    name = "spark"

    def __init__(self, address: str) -> None:
        self.address = address
        self._session: Any = None
        self._bought: Any = None

    def __enter__(self) -> "SparkCluster":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        if self._session is not None:
            self._session.stop()
            self._session = self._bought = None

    def purchases(self, store: FactStore, manifest: Manifest, *, as_of: int) -> Purchases:
        connection = self.connection()
        orders = current_orders(self.read_parquet, store, manifest).select(MONEY_BY_DAY)
        bought = expressions.purchases(expressions.movements(orders, as_of=as_of))
        # Kept by the executors for scoring: the files may be replaced meanwhile.
        self._bought = self._session.sql(connection.compile(bought)).persist()
        return purchases_of(self._bought.toArrow())

    def score(self, purchases: Purchases, model: ShopModel, *, as_of: int) -> Values:
        """Who bought is scored by the executors, from what `purchases` left with them; the others here."""
        from pyspark.sql.pandas.types import from_arrow_schema

        parts = PARTITIONS_PER_CORE * self._session.sparkContext.defaultParallelism
        ordered = self._bought.repartitionByRange(parts, "customer").sortWithinPartitions("customer", "day")
        schema = from_arrow_schema(table_of(scoring.score(_nobody(), model, as_of=as_of)).schema)
        found = ordered.mapInArrow(_scorer(model.to_json(), as_of), schema).toArrow()
        return _completed(found, purchases, model, as_of)

    def score_learned(self, purchases: Purchases, learned: Learned, *, as_of: int) -> Values:
        return self.score(purchases, learned.model, as_of=as_of)

    def connection(self) -> Any:
        """Ibis on the session."""
        if self._session is None:
            self._session = open_session(self.address)
        return ibis.pyspark.connect(self._session)

    def read_parquet(self, paths: list[str]) -> Any:
        """Files as one Ibis table: its own reader takes a single path only."""
        connection, name = self.connection(), f"facts_{uuid4().hex}"
        self._session.read.parquet(*paths).createOrReplaceTempView(name)
        return connection.table(name)


def open_session(address: str) -> Any:
    """A Spark session on a master, in UTC, whose executors run this Python."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(address).appName("shuke")
    session = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def purchases_of(rows: pa.Table) -> Purchases:
    """Purchases (`customer`, `day`, `amount_fen`) in any order, as arrays by customer and day."""
    columns = [rows[name].to_numpy().astype(np.int64) for name in ("customer", "day", "amount_fen")]
    order = np.lexsort((columns[1], columns[0]))
    customer, day, amount = (column[order] for column in columns)
    customers, groups = Groups.of_sorted(customer)
    return Purchases(customers, groups, day, amount)


def _scorer(model: dict[str, Any], as_of: int) -> Any:
    """What an executor does with its partition: whole customers, all at once."""

    def score_partition(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        held = list(batches)
        if held:
            bought = purchases_of(pa.Table.from_batches(held))
            values = scoring.score(bought, ShopModel.from_json(model), as_of=as_of)
            yield from table_of(values).to_batches()

    return score_partition


def _completed(found: pa.Table, purchases: Purchases, model: ShopModel, as_of: int) -> Values:
    """Together with those who have no purchase, in the order of the purchases."""
    lonely = purchases.customer[purchases.groups.counts == 0]
    rest = table_of(scoring.score(with_customers(_nobody(), lonely), model, as_of=as_of))
    table = pa.concat_tables([found.cast(rest.schema), rest])
    order = np.argsort(table["features.customer"].to_numpy(), kind="stable")
    wanted = table.take(pa.array(order))
    inside = np.isin(wanted["features.customer"].to_numpy(), purchases.customer)
    return values_of(wanted.filter(pa.array(inside)), as_of=as_of)


def _nobody() -> Purchases:
    none: IntArray = np.zeros(0, np.int64)
    return Purchases(none, Groups.of_counts(none), none, none)
