"""Example values for the gallery page: plainly fictional, fixed, including a hostile name."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from shuke.ui.rhythm import RhythmStrip, build_rhythm

HOSTILE = '<b onclick="alert(1)">"坏"名字</b>'


def _strip(today: date, gaps: list[int], silent: int, usual: tuple[int, int] | None) -> RhythmStrip:
    last = today - timedelta(days=silent)
    days = [last]
    for gap in gaps:
        days.append(days[-1] - timedelta(days=gap))
    low, high = usual or (None, None)
    middle = (low + high) // 2 if low and high else None
    return build_rhythm(days, today, low, high, last + timedelta(days=middle) if middle else None)


def _months() -> list[str]:
    return [f"{month}月" for month in range(1, 13)]


def _charts() -> dict[str, dict[str, Any]]:
    months = _months()
    new = [42, 38, 51, 47, 60, 55, 49, 58, 71, 66, 80, 62]
    known = [120, 98, 131, 140, 138, 150, 149, 160, 182, 175, 210, 190]
    return {
        "stacked": {
            "labels": months,
            "unit": "千元",
            "series": [{"name": "熟客", "values": known}, {"name": "新客", "values": new}],
            "hrefs": [f"?month={n}" for n in range(1, 13)],
        },
        "bars": {
            "labels": ["朋友圈", "门店", "抖音小店", "美团", "转介绍"],
            "unit": "人",
            "is_horizontal": True,
            "series": [{"name": "新客", "values": [312, 280, 190, 122, 64]}],
        },
        "line": {
            "labels": months,
            "format": "percent",
            "series": [
                {"name": "复购率", "values": [0.31, 0.3, 0.33, 0.34, 0.36, 0.35, 0.37, 0.38, 0.41, 0.4, 0.43, 0.42]},
                {"name": "去年", "values": [0.28, 0.27, 0.29, 0.3, 0.3, 0.31, 0.32, 0.33, 0.34, 0.35, 0.35, 0.36], "is_quiet": True},
            ],
        },
        "area": {"labels": months, "format": "yuan", "series": [{"name": "收入", "values": [v * 1000 for v in known]}]},
        "pareto": {
            "points": [[0, 0], [5, 31], [10, 46], [20, 66], [30, 77], [50, 90], [70, 96], [100, 100]],
            "marks": [{"x": 20, "y": 66, "text": "前 20% 的客户带来 66% 的收入", "href": "?top=20"}],
            "x_name": "客户(从高到低)", "y_name": "收入",
        },
        "heatmap": {
            "x": ["1", "2", "3", "4", "5"], "y": ["5", "4", "3", "2", "1"], "x_name": "R 最近", "y_name": "F 频次",
            "cells": [{"x": x, "y": y, "value": (x + 1) * (5 - y) * 7 + x * 11, "href": f"?r={x}&f={y}"} for x in range(5) for y in range(5)],
        },
        "sankey": {
            "nodes": [{"name": "a1", "label": "首购", "hue": 4}, {"name": "a2", "label": "复购", "hue": 2}, {"name": "a3", "label": "忠诚", "hue": 1},
                      {"name": "b1", "label": "首购", "hue": 4}, {"name": "b2", "label": "复购", "hue": 2}, {"name": "b3", "label": "忠诚", "hue": 1}, {"name": "b4", "label": "流失", "hue": 0}],
            "links": [{"source": "a1", "target": "b1", "value": 320}, {"source": "a1", "target": "b2", "value": 210}, {"source": "a1", "target": "b4", "value": 130},
                      {"source": "a2", "target": "b2", "value": 420}, {"source": "a2", "target": "b3", "value": 90}, {"source": "a2", "target": "b4", "value": 60},
                      {"source": "a3", "target": "b3", "value": 240, "href": "?from=loyal"}, {"source": "a3", "target": "b2", "value": 30}],
        },
    }  # fmt: skip


def examples() -> dict[str, Any]:
    """Context of the gallery."""
    today = timezone.localdate()
    return {
        "late": _strip(today, [21, 19, 26, 18, 24, 22, 20, 23, 17, 30, 21], 45, (18, 26)),
        "steady": _strip(today, [30, 33, 28, 31, 29], 12, (28, 33)),
        "single": _strip(today, [], 8, None),
        "charts": _charts(),
        "hostile": HOSTILE,
        "today": today,
        "moment": timezone.now() - timedelta(minutes=25),
        "earlier": timezone.now() - timedelta(days=3),
        "table": {"head": ["渠道", "新客"], "rows": [["朋友圈", "312"], ["门店", "280"]]},
        "reasons": [
            "通常每 21 天来一次，已 45 天没来",
            "近 3 次客单价 ¥368,比平时高 12%",
            "上次买的白茶礼盒按 30 天的量应已喝完",
        ],
    }
