"""A small shop with a past, for tests: customers and orders written straight into their tables."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from shuke.kernel.bulk import copy_rows

TODAY = date(2026, 11, 22)
_COLUMNS = (
    "source",
    "number",
    "kind",
    "customer_id",
    "store_id",
    "ordered_at",
    "ordered_on",
    "amount_fen",
    "refund_fen",
    "currency",
)


def add_people(count: int, *, stores: list[int] | None = None) -> list[int]:
    """So many customers, spread over the stores; their ids."""
    given = [(stores[place % len(stores)] if stores else None) for place in range(count)]
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_customer (kind, name, name_key, store_id)"
            " select 'person', '茶客' || place, 'chake', store"
            " from unnest(%s::bigint[]) with ordinality as t (store, place) returning id",
            [given],
        )
        return [row[0] for row in cursor.fetchall()]


def add_order(
    customer_id: int | None, day: date, amount_fen: int, *, number: str, refund_fen: int = 0, **other: Any
) -> None:
    """One order (negative: a return document) at noon of a day."""
    kind = "sale" if amount_fen >= 0 else "return"
    moment = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    row = (
        other.get("source", "test"),
        number,
        kind,
        customer_id,
        other.get("store_id"),
        moment,
        day,
        amount_fen,
        refund_fen,
        other.get("currency", "CNY"),
    )
    copy_rows("orders_order", _COLUMNS, [row])


def small_shop(customers: int = 300, *, seed: int = 5, stores: list[int] | None = None) -> list[int]:
    """Customers with orders, refunds and returns up to `TODAY`; the last tenth never bought. Their ids."""
    rng = np.random.default_rng(seed)
    ids = add_people(customers, stores=stores)
    rows: list[tuple[Any, ...]] = []
    for who in ids[: customers * 9 // 10]:
        day = TODAY - timedelta(days=int(rng.integers(0, 500)))
        gap, leave = rng.gamma(2.0, 18.0), rng.beta(0.8, 3.0)
        while day <= TODAY:
            rows.append(
                _row(len(rows), who, day, int(rng.gamma(4.0, 2500.0)) + 1, int(rng.uniform() < 0.05) * 500)
            )
            if rng.uniform() < 0.05:
                rows.append(_row(len(rows), who, day, -int(rng.integers(1, 9000)), 0))
            if rng.uniform() < leave:
                break
            day += timedelta(days=1 + int(rng.exponential(gap)))
    copy_rows("orders_order", _COLUMNS, rows)
    return ids


def _row(number: int, who: int, day: date, amount: int, refund: int) -> tuple[Any, ...]:
    moment = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    kind = "sale" if amount >= 0 else "return"
    return ("test", f"N{number}", kind, who, None, moment, day, amount, refund, "CNY")
