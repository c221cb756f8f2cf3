"""Summaries: the figures of the pages, computed once a run, per store and for the whole shop."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from shuke.analytics import levels, lifecycle, pareto, rfm, trend
from shuke.analytics.arrays import BoolArray, IntArray
from shuke.analytics.lifecycle import Moves
from shuke.analytics.purchases import Purchases
from shuke.analytics.scoring import Values
from shuke.kernel.bulk import copy_rows
from shuke.value.services.facts import day_of

MONTHS_SHOWN = 24
FLOW_MONTHS = 12
TENTHS = 10
CLV_BINS_YUAN = (0, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


@dataclass(frozen=True)
class Scored:
    """All that the summaries are made of."""

    purchases: Purchases
    values: Values
    moves: Moves
    store: IntArray


def summaries_of(scored: Scored) -> Iterator[tuple[str, int | None, dict[str, Any]]]:
    """(name, store id or None for the whole shop, content), for every store that has customers."""
    stores: list[int | None] = [None, *(int(store) for store in np.unique(scored.store) if store)]
    recent, as_of = _recent_purchases(scored), scored.values.features.as_of
    for store in stores:
        chosen = np.ones(scored.store.size, bool) if store is None else scored.store == store
        yield "overview", store, _overview(scored.values, chosen)
        yield "rfm_matrix", store, _rfm_matrix(scored.values, chosen)
        yield "pareto", store, _pareto(scored.values, chosen)
        yield "lifecycle_flow", store, _flow(scored, chosen)
        yield "revenue_monthly", store, _revenue(recent if store is None else recent.of(chosen), as_of)
        yield "clv_distribution", store, _clv_distribution(scored.values, chosen)


def write_summaries(scored: Scored, model_run_id: int) -> None:
    """Replace all summaries with those of this run."""
    rows = [(name, store, json.dumps(content), model_run_id) for name, store, content in summaries_of(scored)]
    with connection.cursor() as cursor:
        cursor.execute("delete from value_valuesummary")
    copy_rows("value_valuesummary", ("name", "store_id", "content", "model_run_id"), rows)


def _counts(codes: IntArray, words: tuple[str, ...]) -> dict[str, int]:
    found = np.bincount(codes[codes >= 0], minlength=len(words))
    return {word: int(count) for word, count in zip(words, found, strict=False) if word}


def _overview(values: Values, chosen: BoolArray) -> dict[str, Any]:
    bought = chosen & values.features.has_bought
    slipping = chosen & values.is_slipping
    return {
        "customers": int(chosen.sum()),
        "buyers": int(bought.sum()),
        "repeat_buyers": int((chosen & (values.features.purchases > 1)).sum()),
        "spent_fen": int(values.features.spent_fen[chosen].sum()),
        "year_fen": int(values.features.year_fen[chosen].sum()),
        "clv_fen": int(values.clv_fen[chosen].sum()),
        "slipping": int(slipping.sum()),
        "at_stake_fen": int(values.at_stake_fen[slipping].sum()),
        "stages": _counts(values.stage[chosen], lifecycle.STAGES),
        "phases": _counts(values.phase[chosen], lifecycle.PHASES),
        "groups": _counts(values.group[chosen], rfm.GROUPS),
        "group_clv_fen": _money_by(values.group[chosen], values.clv_fen[chosen], rfm.GROUPS),
        "levels": _counts(values.level[chosen], levels.LEVELS),
        "level_clv_fen": _money_by(values.level[chosen], values.clv_fen[chosen], levels.LEVELS),
        "abc": _counts(values.abc[chosen], ("A", "B", "C", "")),
        "trends": _counts(values.trend[chosen], trend.TRENDS),
    }


def _money_by(codes: IntArray, money: IntArray, words: tuple[str, ...]) -> dict[str, int]:
    known = codes >= 0
    sums = np.bincount(codes[known], money[known].astype(np.float64), len(words))
    return {word: round(float(total)) for word, total in zip(words, sums, strict=False) if word}


def _rfm_matrix(values: Values, chosen: BoolArray) -> dict[str, Any]:
    bought = chosen & values.features.has_bought
    fm = (values.f[bought] + values.m[bought] + 1) // 2
    cell = (values.r[bought] - 1) * 5 + fm - 1
    counts = np.bincount(cell, minlength=25)
    clv = np.bincount(cell, values.clv_fen[bought].astype(np.float64), 25)
    return {
        "cells": [
            {
                "r": place // 5 + 1,
                "fm": place % 5 + 1,
                "customers": int(counts[place]),
                "clv_fen": round(float(clv[place])),
            }
            for place in range(25)
        ]
    }


def _pareto(values: Values, chosen: BoolArray) -> dict[str, Any]:
    spent = values.features.spent_fen[chosen]
    curve = pareto.share_curve(spent)
    fifth = float(np.interp(0.2, curve.customers, curve.money))
    carriers = float(np.interp(0.8, curve.money, curve.customers)) if spent.sum() else 0.0
    return {
        "points": [
            [round(x * 100, 1), round(y * 100, 2)] for x, y in zip(curve.customers, curve.money, strict=True)
        ],
        "top_fifth_share": round(fifth, 4),
        "customers_for_80": round(carriers, 4),
        "buyers": int((spent > 0).sum()),
    }


def _months(days: IntArray) -> IntArray:
    """Months since 1970-01, (N,)."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _month_name(month: int) -> str:
    return f"{1970 + month // 12}-{month % 12 + 1:02d}"


def _flow(scored: Scored, chosen: BoolArray) -> dict[str, Any]:
    """Moves by month, and over the last twelve months: where everybody stood then and stands now."""
    as_of = scored.values.features.as_of
    inside = chosen[scored.moves.row]
    row, day = scored.moves.row[inside], scored.moves.day[inside]
    to_stage, from_stage = scored.moves.to_stage[inside], scored.moves.from_stage[inside]
    before = np.full(chosen.size, lifecycle.PROSPECT)
    early = day <= as_of - 365
    before[row[early]] = to_stage[early]
    now = scored.values.stage
    links = np.bincount(before[chosen] * 5 + now[chosen], minlength=25)
    this_month = int(_months(np.array([as_of]))[0])
    month = _months(day)
    recent = month > this_month - FLOW_MONTHS
    codes = ((month[recent] - this_month + FLOW_MONTHS - 1) * 5 + from_stage[recent]) * 5 + to_stage[recent]
    moved = np.bincount(codes, minlength=FLOW_MONTHS * 25).reshape(FLOW_MONTHS, 5, 5)
    stages = lifecycle.STAGES
    return {
        "links": [
            {"from": stages[a], "to": stages[b], "customers": int(links[a * 5 + b])}
            for a in range(5)
            for b in range(5)
            if links[a * 5 + b]
        ],
        "months": [
            {
                "month": _month_name(this_month - FLOW_MONTHS + 1 + place),
                "moves": [
                    {"from": stages[a], "to": stages[b], "customers": int(moved[place, a, b])}
                    for a in range(5)
                    for b in range(5)
                    if moved[place, a, b]
                ],
            }
            for place in range(FLOW_MONTHS)
        ],
    }


@dataclass(frozen=True)
class _Recent:
    """Purchases of the months shown, by customer and day: customer's row, month's place, money, first or not, (P,)."""

    row: IntArray
    place: IntArray
    money: IntArray
    is_first: BoolArray

    def of(self, chosen: BoolArray) -> "_Recent":
        """Those of the chosen customers (G,)."""
        inside = chosen[self.row]
        return _Recent(self.row[inside], self.place[inside], self.money[inside], self.is_first[inside])


def _recent_purchases(scored: Scored) -> _Recent:
    groups, day = scored.purchases.groups, scored.purchases.day
    as_of = scored.values.features.as_of
    first_shown = int(_months(np.array([as_of]))[0]) - MONTHS_SHOWN + 1
    month_of = _months(np.arange(as_of - 31 * MONTHS_SHOWN, as_of + 1)) - first_shown
    shown = day > as_of - 31 * MONTHS_SHOWN
    place = month_of[day[shown] - as_of + 31 * MONTHS_SHOWN]
    is_first = np.zeros(day.size, bool)
    is_first[groups.starts[:-1][groups.counts > 0]] = True
    found = _Recent(groups.row_group[shown], place, scored.purchases.amount_fen[shown], is_first[shown])
    inside = place >= 0
    return _Recent(found.row[inside], place[inside], found.money[inside], found.is_first[inside])


def _revenue(recent: _Recent, as_of: int) -> dict[str, Any]:
    """Money and customers by month, of first purchases and of later ones."""
    place, first, later = recent.place, recent.is_first, ~recent.is_first
    sums = {
        name: np.bincount(place[part], recent.money[part].astype(np.float64), MONTHS_SHOWN)
        for name, part in (("new", first), ("returning", later))
    }
    newcomers = np.bincount(place[first], minlength=MONTHS_SHOWN)
    visits = recent.row[later] * MONTHS_SHOWN + place[later]
    once = np.concatenate(([True], visits[1:] != visits[:-1])) if visits.size else np.zeros(0, bool)
    regulars = np.bincount(visits[once] % MONTHS_SHOWN, minlength=MONTHS_SHOWN)
    used = np.flatnonzero(sums["new"] + sums["returning"])
    start = int(used[0]) if used.size else MONTHS_SHOWN - 1
    first_shown = int(_months(np.array([as_of]))[0]) - MONTHS_SHOWN + 1
    return {
        "months": [
            {
                "month": _month_name(first_shown + at),
                "new_fen": round(float(sums["new"][at])),
                "returning_fen": round(float(sums["returning"][at])),
                "new_customers": int(newcomers[at]),
                "returning_customers": int(regulars[at]),
            }
            for at in range(start, MONTHS_SHOWN)
        ],
        "as_of": day_of(as_of).isoformat(),
    }


def _clv_distribution(values: Values, chosen: BoolArray) -> dict[str, Any]:
    bought = chosen & values.features.has_bought
    clv = values.clv_fen[bought] / 100
    place = np.searchsorted(CLV_BINS_YUAN, clv, side="right") - 1
    counts = np.bincount(place, minlength=len(CLV_BINS_YUAN))
    money = np.bincount(place, clv, len(CLV_BINS_YUAN))
    return {
        "bins": [
            {"from_yuan": low, "customers": int(count), "clv_fen": round(float(total) * 100)}
            for low, count, total in zip(CLV_BINS_YUAN, counts, money, strict=True)
        ],
        "median_fen": round(float(np.median(clv)) * 100) if clv.size else 0,
        "mean_fen": round(float(clv.mean()) * 100) if clv.size else 0,
        "ranges": _ranges(values, np.flatnonzero(bought)),
    }


def _ranges(values: Values, rows: IntArray) -> list[dict[str, Any]]:
    """By tenth of the buyers, most valuable first: the mean value expected of each, and of both ends of their 80 % ranges."""
    ordered = rows[np.argsort(-values.clv_fen[rows], kind="stable")]
    money = {"expected_fen": values.clv_fen, "low_fen": values.clv_low_fen, "high_fen": values.clv_high_fen}
    return [
        {"customers": int(part.size)} | {name: round(float(fen[part].mean())) for name, fen in money.items()}
        for part in np.array_split(ordered, TENTHS)
        if part.size
    ]
