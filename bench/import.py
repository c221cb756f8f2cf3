"""Importing a million order rows against PostgreSQL's own COPY of the same file, in one run.

The file has twelve columns with Chinese headers, 600,000 orders of 147,000 people. The import reads, validates, finds or makes
the customers and writes orders, lines and identities with all their indexes; COPY fills one bare typed table.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from bench.report import Report
from shuke.kernel.postgres import EmbeddedPostgres

CHECKOUT = Path(__file__).resolve().parents[1]
FOLDER = CHECKOUT / ".cache" / "bench-import"
ROWS = 1_000_000
TIMES_COPY = 4.0
MEGABYTES = 500.0
COLUMNS = (
    "订单号",
    "下单时间",
    "手机号",
    "姓名",
    "会员号",
    "门店",
    "渠道",
    "货号",
    "商品",
    "品类",
    "数量",
    "实付金额",
)
BARE = """create table bare_import (a text, b timestamp, c text, d text, e text, f text, g text, h text, i text, j text,
          k numeric(12, 3), l numeric(14, 2))"""


def make_file(path: Path, rows: int) -> None:
    """Orders of fictional people over 18 months, lines of an order together, in order of time."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(7)
    orders = int(rows * 0.6)
    order = np.sort(np.concatenate([np.arange(orders), rng.integers(0, orders, rows - orders)]))
    person = rng.integers(0, int(rows * 0.15), orders)[order]
    moment = np.sort(rng.integers(0, 540 * 86_400, orders))[order] + 1_704_067_200
    product, quantity = rng.integers(0, 500, rows), rng.integers(1, 4, rows)
    store = rng.integers(0, 8, orders)[order]
    fen = ((product * 37 % 900 + 10) * 100 + 90) * quantity
    table = pl.DataFrame(
        {"o": order, "p": person, "t": moment, "g": product, "q": quantity, "s": store, "f": fen}
    )
    table.select(
        (pl.lit("E2024") + pl.col("o").cast(pl.String).str.zfill(12)).alias(COLUMNS[0]),
        pl.from_epoch("t").dt.strftime("%Y-%m-%d %H:%M:%S").alias(COLUMNS[1]),
        (pl.col("p") + 15_400_000_000).cast(pl.String).alias(COLUMNS[2]),
        (pl.lit("测试客户") + pl.col("p").cast(pl.String)).alias(COLUMNS[3]),
        (pl.lit("M") + pl.col("p").cast(pl.String).str.zfill(8)).alias(COLUMNS[4]),
        (pl.lit("测试门店") + pl.col("s").cast(pl.String)).alias(COLUMNS[5]),
        pl.when(pl.col("s") < 2).then(pl.lit("小程序")).otherwise(pl.lit("门店")).alias(COLUMNS[6]),
        (pl.lit("SKU") + pl.col("g").cast(pl.String).str.zfill(5)).alias(COLUMNS[7]),
        (pl.lit("示例商品 ") + pl.col("g").cast(pl.String)).alias(COLUMNS[8]),
        (pl.lit("品类") + (pl.col("g") % 12).cast(pl.String)).alias(COLUMNS[9]),
        pl.col("q").alias(COLUMNS[10]),
        (pl.col("f") / 100).alias(COLUMNS[11]),
    ).write_csv(path, float_precision=2)


def copy_seconds(url: str, path: Path) -> float:
    """COPY of the file into one bare typed table."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop table if exists bare_import")
        connection.execute(BARE)
        began = time.perf_counter()
        with (
            connection.cursor() as cursor,
            cursor.copy("copy bare_import from stdin with (format csv, header)") as copy,
            path.open("rb") as file,
        ):
            while block := file.read(1 << 20):
                copy.write(block)
        took = time.perf_counter() - began
        connection.execute("drop table bare_import")
        connection.execute("checkpoint")
    return took


def child(path: str) -> int:
    """One import in a process of its own; prints its figures as JSON."""
    import resource

    import django

    django.setup()
    from django.db import connection

    from shuke.imports.services import import_file

    connection.ensure_connection()
    began = time.perf_counter()
    report = import_file(path=Path(path))
    took = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": took, "megabytes": memory, "state": report.state} | report.counts))
    return 0


def run_child(*arguments: str) -> dict[str, float]:
    """The last line that the child printed."""
    answer = subprocess.run(
        [sys.executable, "-c", "import sys; from importlib import import_module;"
         "sys.exit(getattr(import_module('bench.import'), sys.argv[1])(*sys.argv[2:]))", *arguments],
        stdout=subprocess.PIPE, check=True, text=True, cwd=CHECKOUT,
    )  # fmt: skip
    found: dict[str, float] = json.loads(answer.stdout.strip().splitlines()[-1])
    return found


def prepare() -> int:
    """An empty, migrated database."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True)
    print("{}")
    return 0


def follow_up() -> int:
    """What jobs do after the import, and the rows whose other end is missing."""
    import django

    django.setup()
    from shuke.customers.services import index_pending_batch, queue_terms_of_run
    from shuke.imports.models import ImportRun
    from shuke.orders.queries import orphaned_orders

    queue_terms_of_run(ImportRun.objects.earliest("pk").pk)
    began = time.perf_counter()
    while index_pending_batch():
        pass
    print(json.dumps({"terms_seconds": time.perf_counter() - began, "orphans": orphaned_orders()}))
    return 0


def main(argv: list[str]) -> int:
    rows = int(argv[argv.index("--rows") + 1]) if "--rows" in argv else ROWS
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"orders-{rows}.csv"
    if not path.exists():
        make_file(path, rows)
    with EmbeddedPostgres(FOLDER / "data") as server:
        admin = psycopg.connect(server.connection.url, autocommit=True)
        admin.execute("drop database if exists bench_import with (force)")
        admin.execute("create database bench_import")
        url = server.connection.url.rsplit("/", 1)[0] + "/bench_import"
        os.environ |= {
            "DATABASE_URL": url, "SHUKE_DATA": str(FOLDER / "shop"), "DJANGO_SETTINGS_MODULE": "shuke.config.settings",
        }  # fmt: skip
        shutil.rmtree(FOLDER / "shop", ignore_errors=True)
        run_child("prepare")
        copy = sorted(copy_seconds(url, path) for _ in range(3))[1]
        first = run_child("child", str(path))
        again = run_child("child", str(path))
        after = run_child("follow_up")
        copy_after = copy_seconds(url, path)
        report = _report(rows, (copy, copy_after), first, again, after)
        admin.execute("drop database if exists bench_import with (force)")
        admin.close()
    return report.finish(argv)


def _report(
    rows: int,
    copies: tuple[float, float],
    first: dict[str, float],
    again: dict[str, float],
    after: dict[str, float],
) -> Report:
    copy = sum(copies) / len(copies)
    report = Report(f"import of {rows:,} order rows")
    report.note("COPY into a bare table, before", copies[0], "s")
    report.note("COPY into a bare table, after", copies[1], "s")
    report.note("import", first["seconds"], "s")
    report.at_most("import, times COPY", first["seconds"] / copy, TIMES_COPY)
    report.at_most("memory of the import", first["megabytes"], MEGABYTES, "MB")
    report.at_least("rows created", first["rows_created"], rows)
    report.note("orders", int(first["orders_created"]))
    report.note("customers", int(first["customers_created"]))
    report.note("import again", again["seconds"], "s")
    report.at_least("rows unchanged, again", again["rows_unchanged"], rows)
    report.note("search terms by job", after["terms_seconds"], "s")
    report.at_most("rows without their order or customer", after["orphans"], 0)
    return report
