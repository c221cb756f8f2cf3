"""`bin/bench fields`: the first page of a list of 1,000,000 customers filtered by one of the shop's own fields.

Every kind, by a rare value and by a common one, with two orders, for the whole shop and for a clerk's store; and a value that
only customers at the far end of the order have. The shop is that of the other benchmarks, its fields are filled in once.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bench._big_shop as big_shop
from bench.report import Report

CUSTOMERS = 1_000_000
BAR_MS = 200.0
TIMES = 12
ORDERS = ("-value", "-last")
NAMES = ("明前", "雨前", "秋茶", "冬片", "陈年")
# name → kind, and what stands in the JSON of a customer: about nine of ten have each
FIELDS: dict[str, tuple[str, str]] = {
    "茶龄": ("number", "to_jsonb(round((random() * 30)::numeric, 1)::text)"),
    "预算": ("money", "to_jsonb((random() * 1000000)::int)"),
    "来店": ("date", "to_jsonb((date '2010-01-01' + (random() * 6000)::int)::text)"),
    "级别": ("choice", "to_jsonb(({level}::int[])[1 + (least(power(random(), 6) * 5, 4.9))::int])"),
    "口味": (
        "many",
        "to_jsonb(array[({taste}::int[])[1 + (random() * 4)::int], ({taste}::int[])[1 + (random() * 4)::int]])",
    ),
    "会员": ("flag", "to_jsonb(random() < 0.02)"),
    "单位": ("text", "to_jsonb('单位' || (random() * 200000)::int)"),
    "小店": ("link", "to_jsonb('https://shop-' || (random() * 200000)::int || '.example.com/')"),
    "说明": ("long", "case when random() < 0.01 then to_jsonb('写了些什么'::text) end"),
    "远端": ("choice", "to_jsonb(({far}::int[])[case when r.clv_year_fen < {cut} then 2 else 1 end])"),
}
CHOICES = {"级别": NAMES, "口味": NAMES, "远端": ("多数", "少数")}


@dataclass(frozen=True)
class Asked:
    """A filter of one field: how it is said in the report, and in an address."""

    name: str
    words: str
    condition: str


def main(argv: list[str]) -> int:
    """Measure; 0 when every first page is within its bar."""
    postgres = big_shop.open_shop(customers=CUSTOMERS)
    try:
        report = Report("own fields at 1,000,000 customers")
        fields = _fields(Path(big_shop.CHECKOUT) / ".cache" / f"bench-{CUSTOMERS}", report)
        for asked in _asked(fields):
            _measure(report, asked, fields[asked.name])
        return report.finish(argv)
    finally:
        postgres.stop()


def _say(words: str) -> None:
    print(f"  {words}", file=sys.stderr, flush=True)


def _fields(folder: Path, report: Report) -> dict[str, Any]:
    """The fields by name; defined and filled in unless they are there."""
    from shuke.customers.queries.custom import custom_fields

    if not (folder / "fields-are-made").exists():
        _make(report)
        (folder / "fields-are-made").write_text("")
    return {one.name: one for one in custom_fields()}


def _make(report: Report) -> None:
    from shuke.customers import services
    from shuke.desk.services.own_columns import make_column
    from shuke.desk.services.rows import rebuild_rows
    from shuke.team.queries import SYSTEM

    ids = {}
    for name, (kind, _sql) in FIELDS.items():
        form = services.FieldForm(name=name, kind=kind, choices=CHOICES.get(name, ()))
        field = services.define_field(actor=SYSTEM, form=form)
        ids[name] = field.pk
        with _timed() as took:
            make_column(field.pk)
        report.note(f"a column with its index: {kind}", took[0], "s")
    with _timed() as took:
        _fill(ids)
    _say(f"own fields filled in: {took[0]:.1f} s")
    with _timed() as took:
        rebuild_rows()
    report.note("list rows filled anew with ten own fields", took[0], "s")


@contextmanager
def _timed() -> Iterator[list[float]]:
    took = [0.0]
    began = time.perf_counter()
    yield took
    took[0] = time.perf_counter() - began


def _fill(ids: dict[str, int]) -> None:
    from django.db import connection, transaction

    from shuke.customers.models import CustomChoice

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select setseed(0.42)")
        cursor.execute(
            "select percentile_disc(0.02) within group (order by clv_year_fen) from desk_customerrow where clv_year_fen > 0"
        )
        given = {"cut": cursor.fetchone()[0]}
        for key, name in (("level", "级别"), ("taste", "口味"), ("far", "远端")):
            rows = CustomChoice.objects.filter(field_id=ids[name]).order_by("place")
            given[key] = f"array{list(rows.values_list('pk', flat=True))}"
        parts = ", ".join(
            f"'{ids[name]}', case when random() < 0.9 then {sql.format(**given)} end"
            for name, (_kind, sql) in FIELDS.items()
        )
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(
            f"update customers_customer c set custom = jsonb_strip_nulls(jsonb_build_object({parts}))"
            " from desk_customerrow r where r.customer_id = c.id"
        )


def _asked(fields: dict[str, Any]) -> Iterator[Asked]:
    def ids(name: str, *places: int) -> str:
        return ",".join(str(fields[name].choices[place].id) for place in places)

    for name, words, condition in (
        ("茶龄", "0.3 %", "span.29.9-30"),
        ("茶龄", "75 %", "span.5-"),
        ("茶龄", "none there", "none"),
        ("预算", "1 %", "span.100-200"),
        ("预算", "45 %", "span.5000-"),
        ("来店", "one month", "span.20150101-20150131"),
        ("来店", "ten years", "span.20100101-20191231"),
        ("级别", "the rarest", f"in.{ids('级别', 4)}"),
        ("级别", "the commonest", f"in.{ids('级别', 0)}"),
        ("级别", "not the commonest", f"not.{ids('级别', 0)}"),
        ("口味", "any of two", f"in.{ids('口味', 0, 4)}"),
        ("口味", "both of two", f"all.{ids('口味', 0, 4)}"),
        ("会员", "yes, 2 %", "in.yes"),
        ("会员", "no", "in.no"),
        ("单位", "one word", "in.单位777"),
        ("单位", "contains", "like.7777"),
        ("小店", "contains", "like.shop-123"),
        ("说明", "written, 1 %", "in.some"),
        ("远端", "2 % at the far end", f"in.{ids('远端', 1)}"),
    ):
        yield Asked(name, words, condition)


def _measure(report: Report, asked: Asked, field: Any) -> None:
    """The slowest of the orders and of whole shop and store counts."""
    from django.contrib.auth import get_user_model

    staff = get_user_model()._default_manager
    worst, medians = 0.0, []
    for role in ("owner", "clerk"):
        actor = staff.get(username=role)
        for order in ORDERS:
            took = sorted(_page(actor, f"{field.code}.{asked.condition}", order) for _ in range(TIMES))
            worst = max(worst, took[int(TIMES * 0.95)])
            medians.append(took[TIMES // 2])
    report.at_most(f"{field.kind}: {asked.words}, p95", worst, BAR_MS, "ms")
    report.note(f"{field.kind}: {asked.words}, middle", max(medians), "ms")


def _page(actor: Any, text: str, order: str) -> float:
    """How long the first page takes, its count with it."""
    from shuke.desk.queries.filtering import Narrowed, read
    from shuke.desk.queries.listing import Wanted, list_page

    began = time.perf_counter()
    page = list_page(actor, Wanted(Narrowed("", read(text)), order))
    took = (time.perf_counter() - began) * 1000
    assert not page.left_out, text
    return took
