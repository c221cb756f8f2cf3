"""Charts of the value pages: from a summary to what the chart draws, its table, and a line that says what it shows."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from shuke.value.models import Stage
from shuke.value.wording import percent, yuan

Summary = dict[str, Any]


@dataclass(frozen=True)
class Chart:
    """Everything `<c-chart>` needs besides its name and kind."""

    data: dict[str, Any]
    table: dict[str, Any]
    caption: str


def customers_link(store_id: int | None = None, **wanted: Any) -> str:
    """The address of the customer list narrowed to what a mark stands for; empty where there is no such page."""
    try:
        address = reverse("desk:customer_list")
    except NoReverseMatch:
        return ""
    if store_id is not None:
        wanted["store"] = store_id
    return f"{address}?{urlencode(wanted, doseq=True)}"


def month_label(month: str, *, is_first: bool = False) -> str:
    """2026-03 as 3月, with the year at its beginning."""
    year, number = month.split("-")
    words = {"year": year[2:], "month": int(number)}
    return _("%(year)s年%(month)s月") % words if is_first or number == "01" else _("%(month)s月") % words


def revenue(summary: Summary) -> Chart:
    """Revenue by month, of newcomers and of regulars."""
    months = summary["months"]
    labels = [month_label(one["month"], is_first=place == 0) for place, one in enumerate(months)]
    series = [
        {"name": _("熟客"), "values": [one["returning_fen"] for one in months]},
        {"name": _("新客"), "values": [one["new_fen"] for one in months]},
    ]
    rows = [
        [
            label,
            yuan(one["returning_fen"]),
            yuan(one["new_fen"]),
            one["returning_customers"],
            one["new_customers"],
        ]
        for label, one in zip(labels, months, strict=True)
    ]
    head = [_("月份"), _("熟客收入"), _("新客收入"), _("熟客人数"), _("新客人数")]
    return Chart(
        {"labels": labels, "series": series, "format": "fen"},
        {"head": head, "rows": rows},
        _revenue_words(months),
    )


def _revenue_words(months: list[dict[str, Any]]) -> str:
    whole = months[:-1][-12:]
    old, new = (sum(one[f"{who}_fen"] for one in whole) for who in ("returning", "new"))
    if old + new == 0:
        return _("还没有完整的月份可看。")
    words = {"share": percent(old / (old + new)), "months": len(whole), "old": yuan(old), "new": yuan(new)}
    if old >= new:
        return _("最近 %(months)s 个整月，熟客带来 %(old)s，占 %(share)s：生意主要靠回头客。") % words
    return _("最近 %(months)s 个整月，新客带来 %(new)s，熟客只占 %(share)s：留住他们是最大的机会。") % words


@dataclass(frozen=True)
class Cell:
    """One cell of the 5 x 5 matrix: its scores, customers and money; `href` opens the customers, where they can be listed."""

    r: int
    fm: int
    customers: int
    fen: int
    href: str = ""


def rfm_matrix(summary: Summary, store_id: int | None) -> Chart:
    """The 5 x 5 matrix with the money of the coming year; every cell opens its customers."""
    cells = [
        Cell(
            one["r"],
            one["fm"],
            one["customers"],
            one["clv_fen"],
            customers_link(store_id, r=one["r"], fm=one["fm"]),
        )
        for one in summary["cells"]
    ]
    titles = [_("未来一年 %(money)s") % {"money": yuan(one.fen)} for one in cells]
    return matrix_chart(cells, titles, _("未来一年"), _matrix_words(summary["cells"]))


def matrix_chart(cells: list[Cell], titles: list[str], money_head: str, caption: str) -> Chart:
    """The 5 x 5 matrix of R against F and M."""
    drawn = [
        {
            "x": one.r - 1,
            "y": 5 - one.fm,
            "value": one.customers,
            "title": title,
            **({"href": one.href} if one.href else {}),
        }
        for one, title in zip(cells, titles, strict=True)
    ]
    data = {
        "x": [_("很久没来"), "2", "3", "4", _("刚来过")],
        "y": [_("多而大"), "4", "3", "2", _("少而小")],
        "x_name": _("最近一次消费"),
        "y_name": _("次数与金额"),
        "cells": drawn,
    }
    rows = [[f"R{one.r} · FM{one.fm}", f"{one.customers:,}", yuan(one.fen)] for one in cells]
    return Chart(data, {"head": [_("格子"), _("客户"), money_head], "rows": rows}, caption)


def _matrix_words(cells: list[dict[str, Any]]) -> str:
    faded = [one for one in cells if one["r"] <= 2 and one["fm"] >= 4]
    words = {
        "people": f"{sum(one['customers'] for one in faded):,}",
        "money": yuan(sum(one["clv_fen"] for one in faded)),
    }
    return _("左上角是买得多却很久没来的 %(people)s 位，未来一年还值 %(money)s。点格子看是谁。") % words


def pareto(summary: Summary, store_id: int | None) -> Chart:
    """The share of money that the best customers bring."""
    carriers, fifth = summary["customers_for_80"], summary["top_fifth_share"]
    marks = [
        {
            "x": round(carriers * 100, 1),
            "y": 80,
            "text": _("%(share)s 的客户带来八成收入") % {"share": percent(carriers)},
            "href": customers_link(store_id, sort="-spent"),
        }
    ]
    rows = [[f"{x:g}%", f"{y:.1f}%"] for x, y in summary["points"] if x and x % 10 == 0]
    data = {
        "points": summary["points"],
        "marks": marks,
        "x_name": _("客户(从买得最多的算起)"),
        "y_name": _("收入"),
    }
    caption = _("买得最多的两成客户带来 %(share)s 的收入;%(carriers)s 的客户(%(people)s 位)撑起八成。") % {
        "share": percent(fifth),
        "carriers": percent(carriers),
        "people": f"{round(carriers * summary['buyers']):,}",
    }
    return Chart(data, {"head": [_("前多少客户"), _("占收入")], "rows": rows}, caption)


def clv_distribution(summary: Summary) -> Chart:
    """How many customers are worth how much in the coming year."""
    bins = summary["bins"]
    labels = [_bin_label(bins, place) for place in range(len(bins))]
    rows = [
        [label, f"{one['customers']:,}", yuan(one["clv_fen"])]
        for label, one in zip(labels, bins, strict=True)
    ]
    data = {
        "labels": labels,
        "series": [{"name": _("客户"), "values": [one["customers"] for one in bins]}],
        "format": "count",
        "unit": _("位"),
    }
    caption = _("一半客户未来一年值不到 %(median)s，平均却有 %(mean)s：少数人很值钱。") % {
        "median": yuan(summary["median_fen"]),
        "mean": yuan(summary["mean_fen"]),
    }
    return Chart(data, {"head": [_("未来一年"), _("客户"), _("合计")], "rows": rows}, caption)


def _bin_label(bins: list[dict[str, Any]], place: int) -> str:
    low = bins[place]["from_yuan"]
    if place + 1 == len(bins):
        return _("¥%(low)s 以上") % {"low": f"{low:,}"}
    return f"¥{low:,}–{bins[place + 1]['from_yuan']:,}"


STAGE_HUES = {"prospect": 0, "first": 3, "repeat": 1, "loyal": 2, "lapsed": 5}


def stage_flow(summary: Summary, store_id: int | None) -> Chart:
    """Where customers stood a year ago and where they stand now."""
    links = [one for one in summary["links"] if (one["from"], one["to"]) != ("prospect", "prospect")]
    return _flow(links, store_id, (_("一年前"), _("现在")), _flow_words(links))


def month_flow(month: Summary, store_id: int | None) -> Chart:
    """The moves of one month: from which stage to which."""
    moves = month["moves"]
    lost = sum(one["customers"] for one in moves if one["to"] == "lapsed")
    words = {"all": f"{sum(one['customers'] for one in moves):,}", "lost": f"{lost:,}"}
    caption = _("这个月有 %(all)s 次变动，其中 %(lost)s 位流失。") % words
    return _flow(moves, store_id, (_("从"), _("到")), caption)


def _flow(links: list[dict[str, Any]], store_id: int | None, heads: tuple[str, str], caption: str) -> Chart:
    """Customers from a stage on the left to one on the right; a stream opens the customers at its end."""
    befores = [stage for stage in Stage.values if any(one["from"] == stage for one in links)]
    nows = [stage for stage in Stage.values if any(one["to"] == stage for one in links)]
    nodes = [
        *(
            {"name": f"a-{stage}", "label": _before_label(stage), "hue": STAGE_HUES[stage]}
            for stage in befores
        ),
        *(
            {"name": f"b-{stage}", "label": str(Stage(stage).label), "hue": STAGE_HUES[stage]}
            for stage in nows
        ),
    ]
    drawn = [
        {
            "source": f"a-{one['from']}",
            "target": f"b-{one['to']}",
            "value": one["customers"],
            "href": customers_link(store_id, stage=one["to"]),
        }
        for one in links
    ]
    rows = [
        [_before_label(one["from"]), str(Stage(one["to"]).label), f"{one['customers']:,}"] for one in links
    ]
    return Chart({"nodes": nodes, "links": drawn}, {"head": [*heads, _("客户")], "rows": rows}, caption)


def _before_label(stage: str) -> str:
    return _("还没来过") if stage == "prospect" else str(Stage(stage).label)


def _flow_words(links: list[dict[str, Any]]) -> str:
    def people(*pairs: tuple[str, str]) -> int:
        return sum(one["customers"] for one in links if (one["from"], one["to"]) in pairs)

    regulars = ("repeat", "loyal")
    lost = people(*((stage, "lapsed") for stage in regulars))
    kept = people(*((one, other) for one in regulars for other in regulars))
    won = sum(one["customers"] for one in links if one["from"] == "prospect")
    words = {"lost": f"{lost:,}", "kept": f"{kept:,}", "won": f"{won:,}"}
    return _("一年前的熟客里 %(kept)s 位还在、%(lost)s 位流失；这一年新来了 %(won)s 位。") % words


def monthly_moves(summary: Summary) -> Chart:
    """Customers that entered each stage, month by month."""
    months = summary["months"]
    labels = [month_label(one["month"], is_first=place == 0) for place, one in enumerate(months)]
    series: list[dict[str, Any]] = [
        {
            "name": str(Stage(stage).label),
            "values": [_entered(one["moves"], stage) for one in months],
            "hue": STAGE_HUES[stage],
        }
        for stage in ("first", "repeat", "loyal", "lapsed")
    ]
    rows = [[label, *(one["values"][place] for one in series)] for place, label in enumerate(labels)]
    back = sum(move["customers"] for one in months for move in one["moves"] if move["from"] == "lapsed")
    caption = _("过去十二个月，有 %(back)s 位流失的客户又回来了。") % {"back": f"{back:,}"}
    head = [_("月份"), *(one["name"] for one in series)]
    return Chart(
        {"labels": labels, "series": series, "format": "count", "unit": _("位")},
        {"head": head, "rows": rows},
        caption,
    )


def _entered(moves: list[dict[str, Any]], stage: str) -> int:
    return sum(move["customers"] for move in moves if move["to"] == stage)
