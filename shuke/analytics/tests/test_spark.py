"""The same figures on a Spark standalone cluster, a master and two workers on this machine, as on DuckDB and in NumPy."""

import importlib.util
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest

from shuke.analytics import expressions as told
from shuke.analytics import scoring
from shuke.analytics.engines import OneMachine, engine_at
from shuke.analytics.fact_store import FactStore, Manifest, current_orders
from shuke.analytics.features import features_of
from shuke.analytics.purchases import with_customers
from shuke.analytics.tests.test_expressions import AS_OF, big_shop, column, features_are_equal
from shuke.analytics.tests.test_parts import equal

START_SECONDS = 300
# Small, and quick to start: two executors of one core, Java's quick compiler only.
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xss4m"
SETTINGS = f"""
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.driver.memory 512m
spark.driver.extraJavaOptions {QUICK}
spark.executor.memory 512m
spark.executor.cores 1
spark.executor.extraJavaOptions {QUICK}
spark.default.parallelism 2
spark.sql.shuffle.partitions 2
spark.ui.enabled false
spark.ui.showConsoleProgress false
"""


def missing() -> str:
    """What the test needs and does not find here; empty: nothing."""
    if shutil.which("java") is None:
        return "no Java on this machine"
    return "" if importlib.util.find_spec("pyspark") else "PySpark is not installed"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def started(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    import pyspark

    home = Path(pyspark.__file__).parent
    quiet = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": QUICK}
    with (folder / "cluster.log").open("ab") as log:
        return subprocess.Popen(
            [home / "bin" / "spark-class", *arguments],
            env=os.environ | quiet | {"SPARK_HOME": str(home), "SPARK_CONF_DIR": str(folder)},
            stdout=log,
            stderr=log,
        )


def wait_for(folder: Path, words: str, times: int) -> None:
    """Until the cluster has said so as often."""
    end = time.monotonic() + START_SECONDS
    while (folder / "cluster.log").read_text(errors="replace").count(words) < times:
        assert time.monotonic() < end, (folder / "cluster.log").read_text(errors="replace")[-2000:]
        time.sleep(0.2)


@pytest.fixture
def master(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a standalone master with two workers, stopped afterwards."""
    if problem := missing():
        if os.environ.get("SHUKE_REQUIRE_SPARK") == "1":
            pytest.fail(f"Spark tests are required here: {problem}")
        pytest.skip(problem)
    folder = tmp_path / "spark"
    folder.mkdir()
    (folder / "spark-defaults.conf").write_text(SETTINGS)
    monkeypatch.setenv("SPARK_CONF_DIR", str(folder))
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    port, package = free_port(), "org.apache.spark.deploy"
    address = f"spark://127.0.0.1:{port}"
    where = ["--host", "127.0.0.1", "--webui-port", "0"]
    running = [started(folder, f"{package}.master.Master", *where, "--port", str(port))]
    try:
        wait_for(folder, "I have been elected leader", 1)
        for place in ("one", "two"):
            room = ["--cores", "1", "--memory", "600m", "--work-dir", str(folder / place)]
            running.append(started(folder, f"{package}.worker.Worker", *where, *room, address))
        wait_for(folder, "Registering worker", 2)
        yield address
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            process.wait(30)


def layered_store(folder: Path) -> tuple[FactStore, Manifest]:
    """A shop's facts with corrections on top: somebody told anew, somebody gone, somebody new; returns, zero amounts."""
    orders = big_shop(4_000)
    facts = orders.append_column("order", pa.array(np.arange(orders.num_rows)))
    facts = facts.append_column("store", pa.array(np.zeros(orders.num_rows, np.int32)))
    store = FactStore(folder)
    store.rebuild(token="a", currency="CNY", chunks=[facts.sort_by("customer")])
    some = facts.slice(0, 40).set_column(0, "customer", pa.array(np.repeat([3, 999_999], 20)))
    return store, store.append(token="b", named=np.array([3, 7, 999_999]), rows=some)


@pytest.mark.long
def test_spark_gives_the_purchases_features_and_values_that_this_machine_gives(
    master: str, tmp_path: Path
) -> None:
    store, manifest = layered_store(tmp_path / "facts")
    here = OneMachine()
    purchases = here.purchases(store, manifest, as_of=AS_OF)
    everybody = with_customers(purchases, np.union1d(purchases.customer, [2_000_000]))
    learned = scoring.learn(everybody, scoring.Policy(), as_of=AS_OF)
    assert learned.model.forecaster is not None
    with engine_at(master) as cluster:
        there = cluster.purchases(store, manifest, as_of=AS_OF)
        equal(with_customers(there, everybody.customer), everybody)
        values = cluster.score_learned(everybody, learned, as_of=AS_OF)
        equal(values, here.score_learned(everybody, learned, as_of=AS_OF))
        sums_are_equal(cluster, store, manifest, everybody)


def sums_are_equal(cluster: Any, store: FactStore, manifest: Manifest, everybody: Any) -> None:
    """Features, cells and gaps of the cluster beside DuckDB's and NumPy's."""
    duckdb = ibis.duckdb.connect()
    tables = []
    for connection, read in (
        (cluster.connection(), cluster.read_parquet),
        (duckdb, duckdb.read_parquet),
    ):
        orders = current_orders(read, store, manifest)
        bought = told.purchases(told.movements(orders, as_of=AS_OF))
        found = told.features(bought, as_of=AS_OF, window_days=365)
        wanted = (
            found.order_by("customer"),
            told.cells(found, as_of=AS_OF).order_by("x", "t_x", "T"),
            told.gap_counts(bought).order_by("gap_days"),
        )
        tables.append([connection.to_pyarrow(table) for table in wanted])
    features_are_equal(tables[0][0], features_of(everybody, as_of=AS_OF, window_days=365))
    for there, here in zip(*tables, strict=True):
        assert there.column_names == here.column_names and there.num_rows == here.num_rows > 0
        for name in here.column_names:
            np.testing.assert_allclose(
                column(there, name).astype(float), column(here, name).astype(float), rtol=1e-9, atol=0
            )
    duckdb.disconnect()


def test_an_engine_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="SHUKE_ENGINE: abacus"):
        engine_at("abacus")
    assert engine_at("duckdb").name == "duckdb"
