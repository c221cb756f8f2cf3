"""Write-back beside a bare COPY of the same rows, the flow of a night's changes, and one order at once."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.report import Report

CHECKOUT = Path(__file__).resolve().parent.parent
TIMES_COPY, AT_ONCE_MS = 3.0, 50.0
TRIED_AT_ONCE = 200


def measure(report: Report, *, customers: int) -> None:
    """Everything that needs PostgreSQL, in a cluster of its own that is thrown away."""
    from shuke.kernel.postgres import EmbeddedPostgres

    folder = CHECKOUT / ".cache" / "bench-value-engine"
    shutil.rmtree(folder, ignore_errors=True)
    postgres = EmbeddedPostgres(folder)
    postgres.start()
    try:
        os.environ.update(
            SHUKE_DATA=str(folder), DATABASE_URL=postgres.url, DJANGO_SETTINGS_MODULE="shuke.config.settings"
        )
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        _people(customers)
        _written_back(report, customers)
        _at_once(report, customers)
        _flow(report, customers)
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _sql(*statements: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _people(customers: int) -> None:
    _sql(
        "insert into customers_customer (id, kind, name, name_key) overriding system value"
        f" select n, 'person', '茶客' || n, 'chake' from generate_series(1, {customers}) n",
        "vacuum analyze customers_customer",
    )


def _timed(act: Callable[[], Any]) -> float:
    from django.db import transaction

    began = time.perf_counter()
    with transaction.atomic():
        act()
    return time.perf_counter() - began


def _written_back(report: Report, customers: int) -> None:
    import numpy as np

    from bench._engine_cold import settled_of
    from bench._engine_shop import AS_OF, facts_of
    from shuke.analytics import scoring
    from shuke.analytics.engines import OneMachine
    from shuke.kernel.bulk import copy_csv
    from shuke.value.models import ModelRun
    from shuke.value.services.learnt import kept
    from shuke.value.services.rows import COLUMNS, MOVE_COLUMNS, rows_of
    from shuke.value.services.writing import csv_of, write_back

    store, manifest = facts_of(customers * 10, CHECKOUT / ".cache" / "bench-facts")
    engine = OneMachine()
    purchases = engine.purchases(store, manifest, as_of=AS_OF)
    learned = scoring.learn(purchases, scoring.Policy(), as_of=AS_OF, earlier=settled_of(purchases))
    run = ModelRun.objects.create(as_of="2024-10-04", parameters=kept(learned.model), state="done")
    today = engine.score_learned(purchases, learned, as_of=AS_OF)
    rows = rows_of(today, model_run_id=run.pk)
    everybody = np.ones(customers, bool)
    chunks = list(csv_of(rows.chosen(everybody)))
    moves = list(csv_of(rows.chosen_moves(everybody)))
    _sql(
        "create table bare (like value_customervalue including all)",
        "create table bare_moves (like value_stagemove including all)",
    )
    bare = min(_bare(lambda: copy_csv("bare", COLUMNS, chunks)) for _ in range(2))
    with_moves = bare + min(_bare(lambda: copy_csv("bare_moves", MOVE_COLUMNS, moves)) for _ in range(2))
    report.note(f"bare COPY of {customers:,} rows of values", bare, "s")
    report.note(f"bare COPY of these and {rows.moves.num_rows:,} moves", with_moves, "s")
    first = _timed(lambda: write_back(rows))
    report.at_most("written back for the first time, moves too / COPY", first / with_moves, TIMES_COPY, "×")
    _sql("vacuum analyze value_customervalue", "vacuum analyze value_stagemove")
    same = _timed(lambda: write_back(rows))
    report.note("nothing changed / COPY", same / bare, "×")
    few = replace(today, clv_fen=today.clv_fen + (today.features.customer % 20 == 0))
    report.note(
        "one in twenty changed / COPY",
        _timed(lambda: write_back(rows_of(few, model_run_id=run.pk))) / bare,
        "×",
    )
    every = rows_of(replace(today, clv_fen=today.clv_fen + 7), model_run_id=run.pk)
    report.at_most("every row changed / COPY", _timed(lambda: write_back(every)) / bare, TIMES_COPY, "×")


def _bare(act: Callable[[], Any]) -> float:
    _sql("truncate bare, bare_moves")
    return _timed(act)


def _at_once(report: Report, customers: int) -> None:
    """Orders of one customer after the other, each scored at once; the customer has ten orders already."""
    from shuke.value.services import refresh_customer

    _sql(
        "insert into orders_order (source, number, kind, customer_id, ordered_at, ordered_on, amount_fen)"
        " select 'b', 'B' || n, 'sale', 1 + n % 5000, now() - n * interval '9 minutes',"
        " (now() - n * interval '9 minutes')::date, 5000 + n % 7000 from generate_series(1, 50000) n",
        "vacuum analyze orders_order",
    )
    taken = []
    for place in range(TRIED_AT_ONCE):
        who = 1 + place * 7 % 5000
        _sql(
            "insert into orders_order (source, number, kind, customer_id, ordered_at, ordered_on, amount_fen)"
            f" values ('b', 'N{place}', 'sale', {who}, now(), now()::date, 8800)"
        )
        began = time.perf_counter()
        assert refresh_customer(who)
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    report.note("one order at once, median", taken[len(taken) // 2], "ms")
    report.at_most("one order at once, p95", taken[len(taken) * 95 // 100], AT_ONCE_MS, "ms")


def _flow(report: Report, customers: int) -> None:
    """A million orders in PostgreSQL: everything into Parquet, then what one customer in a hundred changed."""
    from shuke.value.services import bring_up_to_date

    each = 1_000_000 // customers or 1
    _sql(
        "insert into orders_order (source, number, kind, customer_id, ordered_at, ordered_on, amount_fen, import_run_id)"
        " select 'f', 'F' || n, 'sale', 1 + n % " + str(customers) + ", now() - n % 700 * interval '1 day',"
        f" (now() - n % 700 * interval '1 day')::date, 5000 + n % 7000, 1 from generate_series(1, {customers * each}) n",
        "vacuum analyze orders_order",
    )
    report.note(
        "a million orders from PostgreSQL into Parquet", _timed(lambda: bring_up_to_date(anew=True)), "s"
    )
    _sql(f"update orders_order set refund_fen = 1 where source = 'f' and customer_id <= {customers // 100}")
    began = time.perf_counter()
    assert bring_up_to_date() == customers // 100
    report.note("the same after one customer in a hundred changed", time.perf_counter() - began, "s")
    began = time.perf_counter()
    assert bring_up_to_date() == 0
    report.note("the same when nothing changed", (time.perf_counter() - began) * 1000, "ms")
