"""Charts of 预测可信吗 and of the warning: predicted beside seen, and what the coming year may bring."""

from typing import Any

from django.utils.translation import gettext as _

from shuke.value.model_words import candidate_name, verdict
from shuke.value.views.charts import Chart
from shuke.value.wording import percent, yuan

Figures = dict[str, Any]
LAST_COHORT = 24


def tenths(choice: Figures) -> Chart:
    """Purchases predicted and seen, by tenth of the customers, best first."""
    groups = choice["tenths"]
    labels = [_("第 %(n)s 档") % {"n": place + 1} for place in range(len(groups))]
    best = groups[0]["came"] / max(1, choice["came"])
    caption = _("每档人数一样多。预测最会来的一成客户，实际下了全部订单的 %(share)s。") % {
        "share": percent(best)
    }
    return _beside(groups, labels, _("客户(按预测从多到少)"), caption)


def cohorts(choice: Figures) -> Chart:
    """Purchases predicted and seen, by how long customers have been known."""
    groups = choice["cohorts"]
    labels = [_cohort_label(group["label"]) for group in groups]
    worst = max(groups, key=lambda group: abs(group["predicted"] - group["came"]))
    off = worst["predicted"] - worst["came"]
    words = {"who": _cohort_label(worst["label"]), "off": f"{abs(off):,.0f}"}
    caption = (
        _("差得最多的是来了“%(who)s”的客户：多猜了 %(off)s 单。")
        if off > 0
        else _("差得最多的是来了“%(who)s”的客户：少猜了 %(off)s 单。")
    )
    return _beside(groups, labels, _("第一次来是多久以前"), caption % words)


def _cohort_label(months: int) -> str:
    if months == 0:
        return _("不到一个月")
    return _("两年以上") if months >= LAST_COHORT else _("%(months)s 个月") % {"months": months}


def _beside(groups: list[Figures], labels: list[str], head: str, caption: str) -> Chart:
    series = [
        {"name": _("猜的单数"), "values": [one["predicted"] for one in groups], "is_quiet": True},
        {"name": _("实际单数"), "values": [one["came"] for one in groups]},
    ]
    rows = [
        [label, f"{one['customers']:,}", f"{one['predicted']:,.0f}", f"{one['came']:,}",
         percent(one["none_predicted"]), percent(one["none_came"])]
        for label, one in zip(labels, groups, strict=True)
    ]  # fmt: skip
    heads = [head, _("人数"), _("猜的单数"), _("实际单数"), _("猜没来的"), _("实际没来的")]
    data = {"labels": labels, "series": series, "format": "count", "unit": _("单")}
    return Chart(data, {"head": heads, "rows": rows}, caption)


def calibration(choice: Figures) -> Chart:
    """P(no purchase) said and seen among active customers, by tenth of what was said."""
    groups = choice["warning"]["calibration"]
    labels = [_("第 %(n)s 档") % {"n": place + 1} for place in range(len(groups))]
    series = [
        {"name": _("说不来的可能"), "values": [one["none_predicted"] for one in groups], "is_quiet": True},
        {"name": _("真的没来"), "values": [one["none_came"] for one in groups]},
    ]
    rows = [
        [label, f"{one['customers']:,}", percent(one["none_predicted"]), percent(one["none_came"])]
        for label, one in zip(labels, groups, strict=True)
    ]
    off = sum(abs(one["none_predicted"] - one["none_came"]) for one in groups) / max(1, len(groups))
    caption = _("两条线越近，说的可能性越实在：平均相差 %(off)s。") % {"off": percent(off)}
    heads = [_("活跃客户(按不来的可能从低到高)"), _("人数"), _("说不来的可能"), _("真的没来")]
    return Chart(
        {"labels": labels, "series": series, "format": "percent"}, {"head": heads, "rows": rows}, caption
    )


def capture(choice: Figures) -> Chart:
    """Of those who left, how many are among the likeliest 5, 10 … 100 %."""
    points = choice["warning"]["capture"]
    drawn = [
        [0.0, 0.0],
        *([round(one["contacted"] * 100, 1), round(one["caught"] * 100, 1)] for one in points),
    ]
    fifth = next(one for one in points if one["contacted"] == 0.2)
    marks = [
        {"x": 20.0, "y": round(fifth["caught"] * 100, 1),
         "text": _("联系两成，碰到 %(share)s") % {"share": percent(fifth["caught"])}, "href": ""}
    ]  # fmt: skip
    rows = [
        [percent(one["contacted"]), percent(one["caught"])]
        for one in points
        if round(one["contacted"] * 100) % 10 == 0
    ]
    data = {"points": drawn, "marks": marks, "x_name": _("联系的活跃客户"), "y_name": _("碰到的流失客户")}
    caption = _("线越往左上鼓，名单越准；虚线是随便挑。")
    return Chart(data, {"head": [_("联系多少"), _("碰到流失的")], "rows": rows}, caption)


def worth_ranges(summary: Figures) -> Chart | None:
    """The coming year's value with its 80 % range, by tenth of the buyers; None before a run that counted it."""
    ranges = summary.get("ranges")
    if not ranges:
        return None
    labels = [_("第 %(n)s 档") % {"n": place + 1} for place in range(len(ranges))]
    series = [
        {"name": _("往好里看"), "values": [one["high_fen"] for one in ranges], "is_quiet": True},
        {"name": _("预计"), "values": [one["expected_fen"] for one in ranges]},
        {"name": _("往少里看"), "values": [one["low_fen"] for one in ranges], "is_quiet": True},
    ]
    rows = [
        [
            label,
            f"{one['customers']:,}",
            yuan(one["low_fen"]),
            yuan(one["expected_fen"]),
            yuan(one["high_fen"]),
        ]
        for label, one in zip(labels, ranges, strict=True)
    ]
    best = ranges[0]
    caption = _("最值钱的一成客户，每位未来一年预计 %(mean)s；八成的情形在 %(low)s 到 %(high)s 之间。") % {
        "mean": yuan(best["expected_fen"]),
        "low": yuan(best["low_fen"]),
        "high": yuan(best["high_fen"]),
    }
    heads = [_("客户(按价值从高到低)"), _("人数"), _("往少里看"), _("预计"), _("往好里看")]
    return Chart(
        {"labels": labels, "series": series, "format": "fen"}, {"head": heads, "rows": rows}, caption
    )


def candidates(choice: Figures) -> list[dict[str, Any]]:
    """The candidates' lines, the one in use first, then by error."""
    rows = sorted(choice["standings"], key=lambda one: (one["name"] != choice["winner"], one["root_error"]))
    return [
        {
            "name": candidate_name(one["name"]),
            "is_winner": one["name"] == choice["winner"],
            "verdict": verdict(choice, one),
            "root_error": f"{one['root_error']:.3f}",
            "correlation": f"{one['correlation']:.2f}",
            "bias": f"{one['bias'] * 100:+.0f}%",
            "auc": "–" if one["name"] == "last_period" else f"{one['auc']:.2f}",
            "brier": "–" if one["name"] == "last_period" else f"{one['brier']:.3f}",
        }
        for one in rows
    ]
