"""Everybody's recommendations, once a night: learnt from the lines of two years, written where they differ.

The ways are chosen by what customers bought in the last, hidden days (`analytics.recommend_lists`). Customers are done part by
part, each in a transaction of its own: a run that is killed leaves whole lists, and the next one goes over all of them again.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction

from shuke.analytics import recommend_lists
from shuke.analytics.arrays import BoolArray, FloatArray, IntArray
from shuke.analytics.recommend import Filters, Lines
from shuke.analytics.recommend_lists import Judged, Learnt, Suggested
from shuke.analytics.recommend_new import Shelf
from shuke.customers.queries import living_with_store, never_to_contact
from shuke.kernel import clock
from shuke.kernel.bulk import copy_rows
from shuke.orders.queries import Movements, selling
from shuke.team.queries import Actor, shop
from shuke.team.services import require
from shuke.value import ports
from shuke.value.models import WHOLE_SHOP, ReadyFigures, Recommendation, RecommendationShown
from shuke.value.services.facts import day_number, day_of
from shuke.value.services.reading import analyze, lock, read_binary
from shuke.value.services.rows import ODD, Words, mixed

RECOMMEND_LOCK = 7_301_016
LOOKED_BACK_DAYS = 730
HIDDEN_DAYS = 60
RETURNS_LOOKED_BACK_DAYS = 365
CUSTOMERS_AT_ONCE = 50_000
PIECES = 32
FIGURES = "recommendations"

_LINES = """
select string_agg(int8send(customer_id) || int8send(product_id) || int4send(ordered_on - date '1970-01-01')
  || int8send(amount_fen), ''::bytea) from ({rows}) line group by customer_id %% {pieces}
"""
_LINE = np.dtype([("customer", ">i8"), ("product", ">i8"), ("day", ">i4"), ("money", ">i8")])
_PAIRS = """
select string_agg(int8send(customer_id) || int8send(product_id), ''::bytea) from ({rows}) pair group by customer_id %% {pieces}
"""
_PAIR = np.dtype([("customer", ">i8"), ("product", ">i8")])
_PEOPLE = """
select string_agg(int8send(id) || int8send(coalesce(store_id, 0)), ''::bytea) from ({rows}) person group by id %% {pieces}
"""
_PERSON = np.dtype([("customer", ">i8"), ("store", ">i8")])
_STORED = """
select string_agg(int8send(customer_id) || int8send(kind) || int8send(rank) || int8send(product_id)
  || int8send(coalesce(because_id, -1)) || int8send(times) || int8send(coalesce(last_on - date '1970-01-01', -1))
  || int8send(interval_days) || int8send(usual_fen), ''::bytea)
from value_recommendation where customer_id >= %(low)s and customer_id < %(high)s
"""
_STORED_ROW = np.dtype([(name, ">i8") for name in recommend_lists.COLUMNS])
_TABLE = (
    "customer_id",
    "kind",
    "rank",
    "product_id",
    "because_id",
    "times",
    "last_on",
    "interval_days",
    "usual_fen",
)


@dataclass(frozen=True)
class Recommended:
    """What a run did: customers looked at, rows that stand, customers whose rows differed and were written."""

    customers: int
    rows: int
    changed: int


def recommend_all(actor: Actor, *, as_of: date | None = None) -> Recommended:
    """Work out everybody's recommendations and write what changed; safe to repeat, one at a time."""
    require(actor, "value.refresh")
    day = as_of or clock.today()
    lines, money = _lines(day)
    judged = recommend_lists.judge(lines, cut=day_number(day) - HIDDEN_DAYS)
    learnt = recommend_lists.learn(lines, money, _shelf(lines, money), judged.choice, as_of=day_number(day))
    filters, people = _filters(learnt, day), _read(_PEOPLE, Movements(living_with_store(), {}), _PERSON)
    done = _write_everybody(
        learnt, filters, people["customer"].astype(np.int64), people["store"].astype(np.int64)
    )
    _keep_figures(judged, done, day)
    analyze("value_recommendation")
    return done


def _lines(day: date) -> tuple[Lines, FloatArray]:
    """What was bought in two years, a row for each customer, product and day, and the money of each (L,)."""
    since = day - timedelta(days=LOOKED_BACK_DAYS)
    found = _read(_LINES, selling.bought_lines(currency=shop().currency, since=since, until=day), _LINE)
    customer, product, days = (found[name].astype(np.int64) for name in ("customer", "product", "day"))
    order = np.lexsort((days, product, customer))
    customer, product, days = customer[order], product[order], days[order]
    if order.size == 0:
        return Lines(customer, product, days), np.zeros(0)
    differs = (np.diff(customer) != 0) | (np.diff(product) != 0) | (np.diff(days) != 0)
    first = np.flatnonzero(np.concatenate(([True], differs)))
    money = np.add.reduceat(found["money"].astype(np.float64)[order], first)
    return Lines(customer[first], product[first], days[first]), money


def _shelf(lines: Lines, money: FloatArray) -> Shelf:
    """Products with a category and a price, as the shop told it or as is usually paid: what a step up can be told of."""
    paid, products = recommend_lists.usual_money(lines, money), selling.shelf()
    prices = {one.product_id: one.price_fen or paid.get(one.product_id, 0) for one in products}
    known = [one for one in products if one.is_active and one.category and prices[one.product_id] > 0]
    codes = {name: code for code, name in enumerate(sorted({one.category for one in known}))}
    return Shelf(
        np.array([one.product_id for one in known], np.int64),
        np.array([codes[one.category] for one in known], np.int64),
        np.array([prices[one.product_id] for one in known], np.int64),
        np.zeros(len(known)),
    )


def _filters(learnt: Learnt, day: date) -> Filters:
    """Nobody is offered what is off the shelf or has not sold for months; nor a customer what they brought back or refused."""
    asleep = np.array([one.product_id for one in selling.shelf() if not one.is_active], np.int64)
    lines = learnt.lines
    lately = np.unique(lines.product[lines.day > learnt.as_of - recommend_lists.SOLD_LATELY_DAYS])
    since = day - timedelta(days=RETURNS_LOOKED_BACK_DAYS)
    back = _read(_PAIRS, selling.brought_back(since=since), _PAIR)
    refused = RecommendationShown.objects.filter(unsuitable_at__isnull=False).values_list(
        "customer_id", "product_id"
    )
    more = ports.recommendation_limits()
    pairs = np.array([*refused, *more.pairs], np.int64).reshape(-1, 2)
    return Filters(
        products=np.concatenate(
            (asleep, np.setdiff1d(lines.product, lately), np.array(more.products, np.int64))
        ),
        customers=np.array([*never_to_contact(), *more.customers], np.int64),
        pair_customer=np.concatenate((back["customer"].astype(np.int64), pairs[:, 0])),
        pair_product=np.concatenate((back["product"].astype(np.int64), pairs[:, 1])),
    )


def _read(template: str, found: Movements, row: Any) -> Any:
    sql = template.format(rows=found.sql, pieces=PIECES)
    pieces = list(read_binary(sql, found.given, row))
    return np.concatenate(pieces) if pieces else np.zeros(0, row)


def _write_everybody(learnt: Learnt, filters: Filters, customer: IntArray, store: IntArray) -> Recommended:
    order = np.argsort(customer, kind="stable")
    customer, (_stores, segment) = customer[order], np.unique(store[order], return_inverse=True)
    newcomers = recommend_lists.popular_lists(learnt, filters, customer, segment.astype(np.int64))
    rows = changed = 0
    for low, high, part in _parts(customer):
        known = np.intersect1d(part, learnt.repeat.customer)
        lists = recommend_lists.lists_of(learnt, filters, known)
        wanted = recommend_lists.stacked([newcomers.between(low, high), lists])
        rows += wanted.customer.size
        changed += _write_part(wanted, low, high)
    return Recommended(int(customer.size), rows, changed)


def _parts(customer: IntArray) -> Iterator[tuple[int, int, IntArray]]:
    """Customers by the ten thousand, with the range of ids each part answers for: together all ids there are."""
    starts = [*range(0, customer.size, CUSTOMERS_AT_ONCE)] or [0]
    lows = [0, *(int(customer[start]) for start in starts[1:])]
    highs = [*lows[1:], 2**62]
    for start, low, high in zip(starts, lows, highs, strict=True):
        yield low, high, customer[start : start + CUSTOMERS_AT_ONCE]


@transaction.atomic
def _write_part(wanted: Suggested, low: int, high: int) -> int:
    """Make the rows of a range of customers equal to those wanted; returns how many customers' rows differed."""
    lock(RECOMMEND_LOCK)
    pieces = list(read_binary(_STORED, {"low": low, "high": high}, _STORED_ROW))
    found = np.concatenate(pieces) if pieces else np.zeros(0, _STORED_ROW)
    stored = Suggested(*(found[name].astype(np.int64) for name in recommend_lists.COLUMNS))
    before, after = _digests(stored), _digests(wanted)
    changed = np.array(
        sorted(who for who in before.keys() | after.keys() if before.get(who) != after.get(who)), np.int64
    )
    if not changed.size:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("delete from value_recommendation where customer_id = any(%s)", [changed.tolist()])
    copy_rows("value_recommendation", _TABLE, _rows(wanted, np.isin(wanted.customer, changed)))
    return int(changed.size)


def _digests(rows: Suggested) -> dict[int, int]:
    """One number per customer of all their rows, whatever their order."""
    total: Words = np.zeros(rows.customer.size, np.uint64)
    for name in recommend_lists.COLUMNS:
        total = total * ODD + getattr(rows, name).view(np.uint64)
    customers, place = np.unique(rows.customer, return_inverse=True)
    sums = np.zeros(customers.size, np.uint64)
    np.add.at(sums, place, mixed(total))
    return dict(zip(customers.tolist(), sums.tolist(), strict=True))


def _rows(wanted: Suggested, chosen: BoolArray) -> Iterator[tuple[Any, ...]]:
    columns = [getattr(wanted, name)[chosen].tolist() for name in recommend_lists.COLUMNS]
    for customer, kind, rank, product, because, times, last, interval, usual in zip(*columns, strict=True):
        last_on = None if last < 0 else day_of(last)
        yield customer, kind, rank, product, None if because < 0 else because, times, last_on, interval, usual


def _keep_figures(judged: Judged, done: Recommended, day: date) -> None:
    """What was chosen and by which figures, for the page that tells it."""
    content = {
        "choice": asdict(judged.choice),
        "hidden_days": HIDDEN_DAYS,
        "repeat": asdict(judged.repeat) | {"recall": judged.repeat.recall} if judged.repeat else None,
        "new": asdict(judged.new) if judged.new else None,
        "done": asdict(done),
    }
    ReadyFigures.objects.update_or_create(
        name=FIGURES, store_id=WHOLE_SHOP, defaults={"as_of": day, "content": content}
    )


def forget_recommendations(customer_id: int, product_ids: list[int]) -> None:
    """What somebody has just bought is recommended to them no more."""
    Recommendation.objects.filter(customer_id=customer_id, product_id__in=product_ids).delete()
