"""Real public files go through the import; figures are checked against DuckDB on the raw file."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.db import connection

from shuke.imports import queries, services
from shuke.imports.models import ImportRun
from shuke.orders.models import Order
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def imported(path: Path, **options: str) -> ImportRun:
    run = services.receive_file(actor=SYSTEM, name=path.name, chunks=[path.read_bytes()])
    run = services.set_mapping(
        actor=SYSTEM, run_id=run.pk, mapping=run.mapping, options=run.options | options, source="x"
    )
    services.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    return services.run_import(run.pk)


def one(statement: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return tuple(cursor.fetchone())


def raw_lines(path: Path, *, skip: int) -> str:
    return (
        f"select string_split_regex(trim(line), '\\s+') w from (select unnest(string_split(rtrim(content, chr(10)), chr(10)))"
        f" line, unnest(range(1000000)) n from read_text('{path}')) where line is not null and n >= {skip}"
    )


@pytest.mark.parametrize(
    ("name", "skip", "customer"), [("CDNOW_sample.txt", 0, 2), ("CDNOW_master.txt", 1, 1)]
)
def test_cdnow_goes_through_without_header_or_order_numbers(
    name: str, skip: int, customer: int, shared_data: Path
) -> None:
    path = shared_data / name
    run = imported(path, currency="USD")
    width = 5 if customer == 2 else 4
    expected = duckdb.sql(
        f"select count(*), count(distinct w[{customer}]), sum(round(w[{width}]::decimal(12,2) * 100))::bigint,"
        f" sum(w[{width - 1}]::int)::bigint, count(distinct w[{width - 2}]), sum((w[{width}]::decimal(12,2) = 0)::int)"
        f" from ({raw_lines(path, skip=skip)})"
    ).fetchone()
    assert run.state == "done" and run.rows_rejected == 0
    found = one(
        "select count(*), count(distinct customer_id), sum(amount_fen)::bigint, (select sum(quantity)::bigint from"
        " orders_orderline), count(distinct ordered_on), sum((amount_fen = 0)::int) from orders_order"
    )
    assert found == tuple(expected or ())
    assert found[0] == {"CDNOW_sample.txt": 6919, "CDNOW_master.txt": 69659}[name]
    assert set(Order.objects.values_list("currency", flat=True).distinct()) == {"USD"}


def test_online_retail_keeps_cancellations_and_lines_without_customer(shared_data: Path) -> None:
    path = shared_data / "online_retail_2009_2010.parquet"
    run = imported(path, currency="GBP")
    raw = f"(select *, round(price * qty * 100) fen from '{path}')"
    lines, orders, customers, nobody = duckdb.sql(
        f"select count(*), count(distinct invoice), count(distinct customer_id),"
        f" count(distinct invoice) filter (customer_id is null) from {raw}"
    ).fetchone() or (0, 0, 0, 0)
    tally = queries.tally_of(run)
    assert (run.state, tally.read, tally.created, tally.rejected) == ("done", lines, lines, 0)
    found = one(
        "select count(*), count(distinct customer_id), count(*) filter (where customer_id is null) from orders_order"
    )
    assert found == (orders, customers, nobody)
    returned = duckdb.sql(
        f"select count(*) from (select invoice from {raw} group by 1 having sum(fen) < 0)"
    ).fetchone()
    assert Order.objects.filter(kind="return").count() == (returned or (0,))[0]
    total = duckdb.sql(f"select sum(fen)::bigint from {raw}").fetchone()
    # Prices below a penny are rounded per line: half a fen up here, to even there.
    assert abs(one("select sum(amount_fen)::bigint from orders_order")[0] - (total or (0,))[0]) <= 50
