"""留存: of those who first bought in a month, how many came back in each month after it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shuke.customers.ports import ExportColumn
from shuke.team.services import require
from shuke.value import queries
from shuke.value.queries.products import figures_store
from shuke.value.services.downloads import FigureTable
from shuke.value.views.charts import Chart, month_label
from shuke.value.views.downloads import table_file, wanted_format
from shuke.value.views.pages import page_context
from shuke.value.wording import percent

RETENTION = "retention"
MONTHS = 12
FEWEST = 10


@require_GET
def retention(request: HttpRequest) -> HttpResponse:
    """The page; with `?download=` every cohort as a file."""
    require(request.user, "value.view")
    context = page_context(request, "retention")
    store = figures_store(request.user, context["place"].store_id)
    ready = queries.ready_figures(RETENTION, store) if store is not None else None
    cohorts = ready.content["cohorts"] if ready else []
    if cohorts and wanted_format(request):
        return table_file(request, _table(cohorts))
    if cohorts:
        ripe = [one for one in cohorts if len(one["active"]) > 1]
        context |= {"map": heat_map(ripe[-MONTHS:]), "curve": curve(cohorts), "stats": figures(cohorts)}
    return render(request, "value/retention.html", context)


def heat_map(cohorts: list[dict[str, Any]]) -> Chart:
    """Rows of cohorts, the newest last, and the share that bought one month later, two, and so on."""
    names = [month_label(one["month"], is_first=place == 0) for place, one in enumerate(cohorts)]
    cells = [
        {
            "x": month - 1,
            "y": row,
            "value": round(count / one["customers"], 4),
            "title": _("%(month)s首购的 %(people)s 位，%(later)s 个月后来了 %(count)s 位")
            % {"month": names[row], "people": f"{one['customers']:,}", "later": month, "count": f"{count:,}"},
        }
        for row, one in enumerate(cohorts)
        for month, count in enumerate(one["active"][: MONTHS + 1])
        if month > 0
    ]
    wide = max((cell["x"] for cell in cells), default=0) + 1
    data = {
        "x": [str(month) for month in range(1, wide + 1)],
        "y": names,
        "x_name": _("首购后第几个月"),
        "y_name": "",
        "cells": cells,
        "format": "share",
    }
    head = [_("首购月份"), _("人数"), *(_("第 %(n)s 月") % {"n": month} for month in range(1, wide + 1))]
    rows = [
        [name, f"{one['customers']:,}", *_shares(one, wide)] for name, one in zip(names, cohorts, strict=True)
    ]
    return Chart(
        data, {"head": head, "rows": rows}, _("每行是同一个月首购的客户。最后一个月还没过完，会偏低。")
    )


def _shares(one: dict[str, Any], wide: int) -> list[str]:
    found = [percent(count / one["customers"]) for count in one["active"][1 : wide + 1]]
    return found + [""] * (wide - len(found))


def pooled(cohorts: list[dict[str, Any]], month: int) -> float | None:
    """Of all customers whose k-th month is over, the share that bought in it; None for too few of them."""
    ripe = [one for one in cohorts if len(one["active"]) > month + 1]
    people = sum(one["customers"] for one in ripe)
    return sum(one["active"][month] for one in ripe) / people if people >= FEWEST else None


def curve(cohorts: list[dict[str, Any]]) -> Chart:
    """Retention of all cohorts together, month by month."""
    shares = [(month, pooled(cohorts, month)) for month in range(1, MONTHS + 1)]
    known = [(month, share) for month, share in shares if share is not None]
    labels = [_("第 %(n)s 月") % {"n": month} for month, _share in known]
    data = {
        "labels": labels,
        "series": [{"name": _("当月又来买的"), "values": [round(share, 4) for _month, share in known]}],
        "format": "percent",
    }
    rows = [[label, percent(share)] for label, (_month, share) in zip(labels, known, strict=True)]
    return Chart(data, {"head": [_("首购后"), _("当月又来买的")], "rows": rows}, _curve_words(dict(known)))


def _curve_words(known: dict[int, float]) -> str:
    if 1 not in known:
        return _("还没有哪批客户过完一个整月。")
    words = {"first": percent(known[1])}
    if 6 in known:
        return _("首购后第一个月有 %(first)s 又来，第六个月还有 %(sixth)s。") % {
            **words,
            "sixth": percent(known[6]),
        }
    return _("首购后第一个月有 %(first)s 又来。") % words


def figures(cohorts: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """(label, figure, note) of the boxes on top."""
    found = [(_("首购后第 %(n)s 个月又来") % {"n": month}, pooled(cohorts, month)) for month in (1, 3, 6, 12)]
    return [(label, "–" if share is None else percent(share), "") for label, share in found]


def _table(cohorts: list[dict[str, Any]]) -> FigureTable:
    wide = max(len(one["active"]) for one in cohorts)
    columns = [
        ExportColumn("month", _("首购月份")),
        ExportColumn("customers", _("人数"), "number"),
        *(ExportColumn(f"m{n}", _("第 %(n)s 月") % {"n": n}, "number") for n in range(1, wide)),
    ]
    rows = [
        (one["month"], one["customers"], *one["active"][1:], *([None] * (wide - len(one["active"]))))
        for one in cohorts
    ]
    return FigureTable("retention", _("留存"), columns, rows)
