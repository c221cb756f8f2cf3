"""A big fictional shop for benchmarks: made once per size, kept in a cluster of its own under .cache, tuned as a shop's is."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from shuke.kernel.postgres import EmbeddedPostgres

CHECKOUT = Path(__file__).resolve().parent.parent
STORES = ("滨江店", "古城店", "湖畔店", "线上店")
PRODUCTS = 240
SPAN_DAYS = 540
PASSWORD = "bench-cha-ye-2026"  # noqa: S105 - of a shop that exists on this machine only


def open_shop(*, customers: int = 1_000_000, orders_each: float = 5.0) -> EmbeddedPostgres:
    """Start the benchmark cluster, set Django up on it, and make the shop unless it is there. Stop it when done."""
    folder = CHECKOUT / ".cache" / f"bench-{customers}"
    postgres = EmbeddedPostgres(folder)
    postgres.start()
    os.environ.update(
        SHUKE_DATA=str(folder),
        DATABASE_URL=postgres.url,
        SHUKE_KEEP_STATEMENTS="1",  # as without DATABASE_URL: nothing stands between
        DJANGO_SETTINGS_MODULE="shuke.config.settings",
    )
    import django

    django.setup()
    done = folder / "shop-is-made"
    if done.exists():
        _catch_up()
    else:
        _make(customers, orders_each)
        done.write_text("")
    _suggest()
    return postgres


def _suggest() -> None:
    """Whom to contact today, as every morning: an empty 今天 would be too easy a page."""
    from shuke.desk.services.suggestions import suggest_for_today

    suggest_for_today()


def _catch_up() -> None:
    """Bring a shop made earlier to the tables of today."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _say(what: str, since: float) -> None:
    print(f"  {what}: {time.perf_counter() - since:.1f} s", file=sys.stderr, flush=True)


def _make(customers: int, orders_each: float) -> None:
    from django.core.management import call_command

    _sql("drop schema public cascade", "create schema public")  # what an interrupted making left
    call_command("migrate", verbosity=0)
    for step, act in (
        ("people", lambda: _people(customers)),
        ("orders", lambda: _orders(customers, orders_each)),
        ("search terms", _terms),
        ("values", _values),
        ("list rows", _rows),
        ("vacuum", _vacuum),
    ):
        started = time.perf_counter()
        act()
        _say(step, started)


def _sql(*statements: str) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "set local session_replication_role = replica"
        )  # made consistent; checked by nobody twice
        for statement in statements:
            cursor.execute(statement)


def _people(count: int) -> None:
    from django.contrib.auth import get_user_model
    from django.db import transaction

    from shuke.kernel.bulk import copy_rows
    from shuke.team import services as team
    from shuke.team.queries import SYSTEM
    from shuke.team.rules import READY_ROLES

    stores = team.stores_named(STORES)
    _sql(
        "truncate customers_customer, customers_identity, orders_order, orders_orderline, orders_product cascade"
    )
    known = set(get_user_model()._default_manager.values_list("username", flat=True))
    for role in READY_ROLES.keys() - known:
        staff = team.add_staff(actor=SYSTEM, username=role, name=role, role=role, password=PASSWORD)
        staff.stores.set([stores[STORES[1]]])
        team.change_password(actor=staff, password=PASSWORD)
    columns = (
        "id",
        "kind",
        "name",
        "name_key",
        "phone",
        "gender",
        "store_id",
        "birthday_calendar",
        "birthday_month",
    )
    columns += ("birthday_day", "created_at")
    for first in range(1, count + 1, 50_000):
        ids = range(first, min(first + 50_000, count + 1))
        with transaction.atomic():
            copy_rows("customers_customer", columns, _customer_rows(ids))
    _sql(
        "insert into customers_identity (namespace, value, customer_id) "
        "select 'phone', '+86' || phone, id from customers_customer",
        "select setval(pg_get_serial_sequence('customers_customer', 'id'), max(id)) from customers_customer",
    )


def _customer_rows(ids: range) -> Iterator[tuple[object, ...]]:
    from django.utils import timezone

    from shuke.zh import fictional, pinyin

    now = timezone.now()
    for n in ids:
        name = fictional.name(n)
        store = (1, 2, 3, 4)[n * 7 % 11 % 4]
        has_birthday = n % 3 == 0
        birthday = ("solar", n % 12 + 1, n % 28 + 1) if has_birthday else ("", None, None)
        key = pinyin.sort_key(name)
        yield (n, "person", name, key, fictional.phone(n), fictional.gender(n), store, *birthday, now)


def _orders(customers: int, each: float) -> None:
    _sql(
        f"""insert into orders_product (sku, name, category, price_fen, is_active)
        select 'P' || n, (array['绿茶','白茶','普洱','乌龙','红茶','茶具','礼盒','茶点'])[n % 8 + 1] || n, 
               (array['绿茶','白茶','普洱','乌龙','红茶','茶具','礼盒','茶点'])[n % 8 + 1], 3000 + n * 97 % 40000, true
        from generate_series(1, {PRODUCTS}) n""",
        "select setseed(0.42)",
        f"""create temp table plan on commit drop as
        select c, random() as pace, 1 + floor(-ln(1 - random()) * {each - 0.5})::int as times,
               floor(random() * {SPAN_DAYS})::int as joined
        from generate_series(1, {customers}) c""",
        """create temp table visits on commit drop as
        select c, now() - interval '1 day' * greatest(0, joined - floor((joined + 1) * power(random(), 1 + pace)) )
                  - interval '1 minute' * floor(random() * 600) as at,
               3000 + floor(-ln(1 - random()) * 14000)::bigint as fen
        from plan, generate_series(1, times)""",
        """insert into orders_order
          (id, source, number, kind, customer_id, store_id, channel, ordered_at, ordered_on, amount_fen, refund_fen,
           currency, fingerprint)
        select row_number() over (order by at), 'pos', 'B' || row_number() over (order by at), 'sale', c,
               1 + c * 7 % 11 % 4, '门店', at, (at at time zone 'Asia/Shanghai')::date, fen, 0, 'CNY', 0
        from visits order by at""",
        f"""insert into orders_orderline (order_id, line_number, product_id, quantity, amount_fen, refund_fen)
        select id, n, (select min(id) from orders_product) + (id * 31 + n * n * customer_id * 17) % {PRODUCTS}, 1,
               amount_fen / 2, 0
        from orders_order, generate_series(1, 2) n""",
        "select setval(pg_get_serial_sequence('orders_order', 'id'), max(id)) from orders_order",
    )


def _terms() -> None:
    from shuke.customers.services import terms

    terms.queue_all_terms()
    while terms.index_pending_batch():
        pass


def _values() -> None:
    from shuke.team.queries import SYSTEM
    from shuke.value.services import refresh_all

    refresh_all(actor=SYSTEM)


def _rows() -> None:
    from shuke.desk.services import rebuild_rows

    rebuild_rows()


def _vacuum() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
