"""RFM: three windows, three kinds of edges, eight groups and eleven; and by which edges the shop scores."""

from itertools import pairwise
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shuke.customers.ports import ExportColumn
from shuke.team.services import require
from shuke.ui.toasts import flash
from shuke.value import queries, services
from shuke.value.forms import EdgesForm
from shuke.value.models import Group, RfmEdgeChoice
from shuke.value.queries.products import figures_store
from shuke.value.services.downloads import FigureTable
from shuke.value.views.charts import Cell, Chart, customers_link, matrix_chart
from shuke.value.views.downloads import table_file, wanted_format
from shuke.value.views.pages import GROUP_ORDER, page_context
from shuke.value.wording import percent, yuan

RFM_VIEWS = "rfm_views"
WINDOWS, MODES, VIEWS = ("365", "90", "0"), RfmEdgeChoice.Mode.values, ("eight", "eleven")


def _window_words() -> dict[str, str]:
    return {"365": _("近一年"), "90": _("近 90 天"), "0": _("全部时间")}


def _view_words() -> dict[str, str]:
    return {"eight": _("八类"), "eleven": _("十一类")}


def eleven_words() -> dict[str, tuple[str, str]]:
    """The eleven groups: their names, and what to do."""
    return {
        "champions": (_("最好的客户"), _("常来、刚来过、花得多：给专属的好处，请他们介绍朋友。")),
        "loyal": (_("忠实客户"), _("来得稳：新品先请他们试，问问还缺什么。")),
        "potential_loyal": (_("快成熟客的"), _("近来常来：请入会，配一样没买过的。")),
        "new": (_("新来的"), _("刚来第一次：两周内问用得怎样。")),
        "promising": (_("有希望的"), _("最近来过、花得少：给第二次来的理由。")),
        "need_attention": (_("要留心的"), _("以前不错，最近慢了：照节奏提醒。")),
        "about_to_sleep": (_("快要睡着的"), _("来得少又久没来：发一次值得来的理由。")),
        "at_risk": (_("可能要走的"), _("以前常来，很久没来：打个电话问问。")),
        "cannot_lose": (_("绝不能丢的"), _("以前花得最多，很久没来：店长亲自联系。")),
        "hibernating": (_("睡着的"), _("很久没来，买得也少：便宜地试一次就好。")),
        "lost": (_("走了的"), _("最久没来、买得最少：不必多花钱。")),
    }


@require_GET
def rfm(request: HttpRequest) -> HttpResponse:
    """The page; with `?download=` the groups of the view as a file."""
    require(request.user, "value.view")
    context = page_context(request, "rfm")
    store = figures_store(request.user, context["place"].store_id)
    ready = queries.ready_figures(RFM_VIEWS, store) if store is not None else None
    chosen = services.stored_edges()
    window = _one_of(request.GET.get("window", ""), WINDOWS)
    known = [mode for mode in MODES if ready and f"{window}:{mode}" in ready.content]
    mode = _one_of(request.GET.get("edges", ""), (chosen.mode, *known)) if known else chosen.mode
    view = _one_of(request.GET.get("groups", ""), VIEWS)
    context |= {"window": window, "mode": mode, "view": view, "chosen": chosen.mode}
    if ready and mode in known:
        found = ready.content[f"{window}:{mode}"]
        if wanted_format(request):
            return table_file(request, _table(found, view))
        is_stored = window == str(services.stored_policy().rfm_window_days) and mode == chosen.mode
        context |= {
            "windows": _window_words().items(),
            "modes": [(one, RfmEdgeChoice.Mode(one).label) for one in known],
            "views": _view_words().items(),
            "matrix": matrix(found, context["place"].store_id, has_links=is_stored),
            "groups": group_rows(found, view, context["place"].store_id, has_links=is_stored),
            "edges": edge_words(found["edges"]),
            "is_stored": is_stored,
            "may_configure": request.user.may("value.configure"),
        }
    return render(request, "value/rfm.html", context)


def _one_of(wanted: str, known: tuple[str, ...]) -> str:
    return wanted if wanted in known else known[0]


def matrix(found: dict[str, Any], store_id: int | None, *, has_links: bool) -> Chart:
    """The 5 x 5 matrix of this window and these edges; a cell opens its customers where lists know the same scores."""
    cells = []
    for place, (customers, fen) in enumerate(found["cells"]):
        r, fm = place // 5 + 1, place % 5 + 1
        cells.append(Cell(r, fm, customers, fen, customers_link(store_id, r=r, fm=fm) if has_links else ""))
    titles = [_("这段时间花了 %(money)s") % {"money": yuan(one.fen)} for one in cells]
    return matrix_chart(cells, titles, _("花了"), "")


def group_rows(
    found: dict[str, Any], view: str, store_id: int | None, *, has_links: bool
) -> list[dict[str, Any]]:
    """The groups of a view: name, what to do, customers, money and its share."""
    total = sum(money for _customers, money in found[view].values())
    rows = []
    for code in GROUP_ORDER if view == "eight" else eleven_words():
        label, advice = (str(Group(code).label), "") if view == "eight" else eleven_words()[code]
        customers, money = found[view][code]
        link = customers_link(store_id, group=code) if view == "eight" and has_links else ""
        share = money / total if total > 0 else 0.0
        row = {"code": code, "label": label, "advice": advice, "href": link, "share": share}
        rows.append(row | {"customers": customers, "fen": money})
    return rows


def edge_words(edges: dict[str, list[float]]) -> list[tuple[int, tuple[str, str, str]]]:
    """What each score means for R, F and M, the best first."""
    days, times, money = edges["recency_days"], edges["frequency"], edges["money_fen"]
    letters = (
        _spans(days, lambda edge: _("%(n)s 天") % {"n": f"{edge:,.0f}"})[::-1],
        _spans(times, lambda edge: _("%(n)s 次") % {"n": f"{edge:,.0f}"}),
        _spans(money, lambda edge: yuan(edge)),
    )
    return [
        (score, (letters[0][score - 1], letters[1][score - 1], letters[2][score - 1]))
        for score in range(5, 0, -1)
    ]


def _spans(edges: list[float], said: Any) -> list[str]:
    first = _("%(edge)s以内") % {"edge": said(edges[0])}
    last = _("超过 %(edge)s") % {"edge": said(edges[-1])}
    between = [f"{said(low)} – {said(high)}" for low, high in pairwise(edges)]
    return [first, *between, last]


def _table(found: dict[str, Any], view: str) -> FigureTable:
    columns = [
        ExportColumn("group", _("类别")),
        ExportColumn("customers", _("客户"), "number"),
        ExportColumn("money", _("花了"), "money"),
        ExportColumn("share", _("占比")),
    ]
    rows = [
        (one["label"], one["customers"], one["fen"], percent(one["share"]))
        for one in group_rows(found, view, None, has_links=False)
    ]
    return FigureTable("rfm", "RFM", columns, rows)


@require_http_methods(["GET", "POST"])
def rfm_edges(request: HttpRequest) -> HttpResponse:
    """Choose by which edges everybody's scores are made."""
    require(request.user, "value.configure")
    form = EdgesForm(request.POST or None, initial=EdgesForm.initial_of(services.stored_edges()))
    if request.method == "POST" and form.is_valid():
        services.save_edges(actor=request.user, form=form.edges())
        flash(request, _("界线保存好了，正在重新计算。"))
        return redirect("value:rfm")
    context = page_context(request, "rfm") | {"form": form}
    return render(request, "value/rfm_edges.html", context, status=422 if form.errors else 200)
