"""阶段流动: where customers came from and went, over a year or in one month; and what the shop does with each stage."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shuke.customers.ports import ExportColumn
from shuke.team.services import require
from shuke.ui.toasts import flash
from shuke.value.forms import StrategyForm
from shuke.value.models import Stage, Trend
from shuke.value.queries import stage_strategies
from shuke.value.services import save_strategies
from shuke.value.services.downloads import FigureTable
from shuke.value.views import charts
from shuke.value.views.charts import customers_link, month_label
from shuke.value.views.downloads import table_file, wanted_format
from shuke.value.views.pages import page_context


def ready_strategies() -> dict[str, str]:
    """What to do with each stage, where the shop has not written words of its own."""
    return {
        "prospect": _("留了联系方式还没买：送一份小样或首单礼，请他来一次。"),
        "first": _("买过一次：两周内问问用得怎样，给第二次来的理由。"),
        "repeat": _("开始回头：记住口味，照他的节奏提醒，配一两样没买过的。"),
        "loyal": _("常来的人：专人照看，新品先尝，请他介绍朋友。"),
        "lapsed": _("很久没来：先问原因、把事情办好，再请他回来看看。"),
    }


@require_GET
def lifecycle(request: HttpRequest) -> HttpResponse:
    """The page; `?month=2026-10` draws the moves of one month; with `?download=` all moves by month as a file."""
    context = page_context(request, "lifecycle")
    found, store_id = context["summaries"], context["place"].store_id
    if found and found["overview"]["customers"]:
        flow = found["lifecycle_flow"]
        if wanted_format(request):
            return table_file(request, _moves_table(flow))
        month = _month(flow, request.GET.get("month", ""))
        context |= {
            "flow": charts.month_flow(month, store_id) if month else charts.stage_flow(flow, store_id),
            "month": month["month"] if month else "",
            "month_label": _month_words(month["month"]) if month else "",
            "months": [
                (one["month"], _month_words(one["month"])) for one in reversed(flow["months"]) if one["moves"]
            ],
            "moves": charts.monthly_moves(flow),
            "trends": _trends(found["overview"].get("trends", {}), store_id),
            "stages": _stages(found["overview"]["stages"], store_id),
            "thresholds": context["report"].parameters["thresholds"] if context["report"] else None,
            "may_configure": request.user.may("value.configure"),
        }
    return render(request, "value/lifecycle.html", context)


def _month(flow: dict[str, Any], wanted: str) -> dict[str, Any] | None:
    return next((one for one in flow["months"] if one["month"] == wanted and one["moves"]), None)


def _month_words(month: str) -> str:
    return month_label(month, is_first=True)


def _stages(counts: dict[str, int], store_id: int | None) -> list[dict[str, Any]]:
    own, ready = stage_strategies(), ready_strategies()
    return [
        {
            "code": stage,
            "label": Stage(stage).label,
            "customers": counts[stage],
            "href": customers_link(store_id, stage=stage),
            "strategy": own.get(stage) or ready[stage],
        }
        for stage in Stage.values
    ]


def _trends(counts: dict[str, int], store_id: int | None) -> list[dict[str, Any]]:
    """How many customers come more often than before, less often, or as ever."""
    return [
        {
            "label": Trend(code).label,
            "customers": counts[code],
            "href": customers_link(store_id, trend=code),
        }
        for code in (Trend.RISING.value, Trend.STEADY.value, Trend.FALLING.value)
        if code in counts
    ]


def _moves_table(flow: dict[str, Any]) -> FigureTable:
    columns = [
        ExportColumn("month", _("月份")),
        ExportColumn("from", _("从")),
        ExportColumn("to", _("到")),
        ExportColumn("customers", _("客户"), "number"),
    ]
    rows = [
        (one["month"], str(Stage(move["from"]).label), str(Stage(move["to"]).label), move["customers"])
        for one in flow["months"]
        for move in one["moves"]
    ]
    return FigureTable("stage-moves", _("阶段流动"), columns, rows)


@require_http_methods(["GET", "POST"])
def strategies(request: HttpRequest) -> HttpResponse:
    """Read and change what the shop does with each stage."""
    require(request.user, "value.configure")
    own, ready = stage_strategies(), ready_strategies()
    form = StrategyForm(
        request.POST or None, ready=ready, initial={stage: own.get(stage, "") for stage in ready}
    )
    if request.method == "POST" and form.is_valid():
        save_strategies(actor=request.user, texts=form.cleaned_data)
        flash(request, _("每个阶段的做法保存好了。"))
        return redirect("value:lifecycle")
    context = page_context(request, "lifecycle") | {"form": form}
    return render(request, "value/strategies.html", context, status=422 if form.errors else 200)
