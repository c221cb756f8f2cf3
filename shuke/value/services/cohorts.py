"""Figures of 留存 and RFM, and when the shop is visited: made ready after each run of the values, for the shop and each store.

Pages read no purchase.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import transaction

from shuke.analytics import rfm, rfm_views
from shuke.analytics.arrays import BoolArray, IntArray
from shuke.analytics.cohorts import Retention, retention_of
from shuke.analytics.preferences import PARTS_OF_DAY, part_of_day
from shuke.analytics.purchases import Purchases
from shuke.analytics.rfm_views import FIXED, WindowScores
from shuke.kernel import clock
from shuke.orders.queries.selling import visits_by_time
from shuke.team.queries import Actor
from shuke.team.services import require
from shuke.value.models import WHOLE_SHOP, ReadyFigures
from shuke.value.services.facts import day_number, engine, read_shop
from shuke.value.services.reading import lock
from shuke.value.services.rfm_edges import FIXED_EDGES, OWN_EDGES, QUANTILES, own_edges

VIEWS_LOCK = 7_301_018
RETENTION, RFM_VIEWS, VISIT_TIMES = "retention", "rfm_views", "visit_times"
LOOKED_BACK_DAYS = 730
COHORTS_KEPT = 25


def count_views(actor: Actor, *, as_of: date | None = None) -> int:
    """Make the figures of both pages ready; returns for how many stores, the whole shop among them. Safe to repeat."""
    require(actor, "value.refresh")
    day = as_of or clock.today()
    with engine() as computing:
        facts = read_shop(computing, as_of=day)
    number = day_number(day)
    scored = list(_scored(facts.purchases, number))
    rows = []
    for store, chosen in _stores(facts.store):
        kept = retention_of(_of(facts.purchases, chosen), as_of=number)
        rows.append(_row(RETENTION, store, day, _retention_json(kept)))
        views = {f"{found.window_days}:{mode}": _view(found, chosen) for mode, found in scored}
        rows.append(_row(RFM_VIEWS, store, day, views))
    rows.append(_row(VISIT_TIMES, WHOLE_SHOP, day, _visit_times(day)))
    with transaction.atomic():
        lock(VIEWS_LOCK)
        ReadyFigures.objects.filter(name__in=(RETENTION, RFM_VIEWS, VISIT_TIMES)).delete()
        ReadyFigures.objects.bulk_create(rows)
    return len(rows) // 2


def _visit_times(day: date) -> dict[str, list[float]]:
    """Of all sales of two years, the share of each part of the day and of each weekday."""
    parts, weekdays = np.zeros(len(PARTS_OF_DAY)), np.zeros(7)
    for weekday, hour, sales in visits_by_time(since=day - timedelta(days=LOOKED_BACK_DAYS)):
        parts[part_of_day(np.array([hour]))[0]] += sales
        weekdays[weekday] += sales
    return {
        "parts": (parts / max(parts.sum(), 1)).tolist(),
        "weekdays": (weekdays / max(weekdays.sum(), 1)).tolist(),
    }


def _row(name: str, store: int, day: date, content: dict[str, Any]) -> ReadyFigures:
    return ReadyFigures(name=name, store_id=store, as_of=day, content=content)


def _stores(store: IntArray) -> Iterator[tuple[int, BoolArray]]:
    yield WHOLE_SHOP, np.ones(store.size, bool)
    for one in np.unique(store[store > 0]).tolist():
        yield one, store == one


def _of(purchases: Purchases, chosen: BoolArray) -> Purchases:
    """The purchases of the chosen customers (G,); the others stay, without any."""
    rows = chosen[purchases.groups.row_group]
    groups = purchases.groups.keep(rows)
    return Purchases(purchases.customer, groups, purchases.day[rows], purchases.amount_fen[rows])


def _retention_json(found: Retention) -> dict[str, Any]:
    """The last cohorts, the oldest first; months to come are left out."""
    last = slice(-COHORTS_KEPT, None)
    rows = zip(
        found.month[last].tolist(), found.customers[last].tolist(), found.active[last].tolist(), strict=True
    )
    return {
        "cohorts": [
            {
                "month": f"{1970 + month // 12}-{month % 12 + 1:02d}",
                "customers": customers,
                "active": [count for count in active if count >= 0][:COHORTS_KEPT],
            }
            for month, customers, active in rows
        ]
    }


def _scored(purchases: Purchases, as_of: int) -> Iterator[tuple[str, WindowScores]]:
    """Everybody's scores in each window, by the shop's quintiles, by the fixed edges, and by its own where it set any."""
    own = own_edges()
    ways = [(QUANTILES, None), (FIXED_EDGES, FIXED), *([(OWN_EDGES, own)] if own else [])]
    for mode, chosen in ways:
        for found in rfm_views.score_in_windows(purchases, as_of=as_of, chosen=chosen):
            yield mode, found


def _view(found: WindowScores, chosen: BoolArray) -> dict[str, Any]:
    scores = found.scores
    bought = chosen & (scores.r > 0)
    money = found.money_fen[bought].astype(np.float64)
    fm = np.clip(rfm.fm_score(scores)[bought].astype(np.int64), 1, 5)
    cell = (scores.r[bought] - 1) * 5 + fm - 1
    eight, eleven = rfm.group_codes(found.edges, scores)[bought], rfm_views.eleven_codes(scores)[bought]
    edges = {name: list(getattr(found.edges, name)) for name in ("recency_days", "frequency", "money_fen")}
    return {
        "edges": edges,
        "cells": _counted(cell, money, 25),
        "eight": dict(zip(rfm.GROUPS, _counted(eight, money, len(rfm.GROUPS)), strict=True)),
        "eleven": dict(zip(rfm_views.ELEVEN, _counted(eleven, money, len(rfm_views.ELEVEN)), strict=True)),
    }


def _counted(code: IntArray, money: Any, size: int) -> list[list[int]]:
    """[customers, fen] of each code."""
    customers = np.bincount(code, minlength=size).tolist()
    sums = np.rint(np.bincount(code, money, size)).astype(np.int64).tolist()
    return [list(pair) for pair in zip(customers, sums, strict=True)]
