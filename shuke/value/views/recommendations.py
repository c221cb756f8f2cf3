"""推荐: to whom something is due, what became of recommendations, how they are chosen; and the answers given to them."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shuke.customers.ports import ExportColumn
from shuke.customers.queries import display_name, people_reached
from shuke.customers.rules.numbers import customer_number
from shuke.team.services import require
from shuke.ui.toasts import flash, toast
from shuke.value import queries, services
from shuke.value.queries import Recommended
from shuke.value.services.downloads import FigureTable
from shuke.value.views.downloads import table_file, wanted_format
from shuke.value.views.pages import page_context
from shuke.value.wording import percent

DUE_SHOWN = 100
DUE_EXPORTED = 5_000
FIGURES = "recommendations"


@require_GET
def recommended(request: HttpRequest) -> HttpResponse:
    """The page; with `?download=` the list of who is due as a file."""
    require(request.user, "value.view")
    context = page_context(request, "recommended")
    store_id = context["place"].store_id
    if wanted_format(request):
        return table_file(request, _due_table(request, store_id))
    ready = queries.ready_figures(FIGURES)
    found = queries.due_customers(request.user, DUE_SHOWN, store_id=store_id)
    context |= {
        "ready": ready,
        "due": _named(request, found),
        "outcomes": queries.outcomes(),
        "how": choice_words(ready.content) if ready else [],
    }
    return render(request, "value/recommended.html", context)


def _named(request: HttpRequest, found: list[Recommended]) -> list[tuple[str, Recommended]]:
    people = people_reached(request.user, [one.customer_id for one in found])
    return [(display_name(people[one.customer_id]), one) for one in found if one.customer_id in people]


def _due_table(request: HttpRequest, store_id: int | None) -> FigureTable:
    columns = [
        ExportColumn("number", _("本店编号")),
        ExportColumn("name", _("客户")),
        ExportColumn("product", _("商品")),
        ExportColumn("times", _("买过几次"), "number"),
        ExportColumn("last_on", _("上次买"), "date"),
        ExportColumn("gap", _("通常几天一次"), "number"),
        ExportColumn("usual", _("每次花"), "money"),
    ]
    found = queries.due_customers(request.user, DUE_EXPORTED, store_id=store_id)
    rows = [
        (
            customer_number(one.customer_id),
            name,
            one.product,
            one.times,
            one.last_on,
            one.interval_days,
            one.usual_fen,
        )
        for name, one in _named(request, found)
    ]
    return FigureTable("due", _("该补货了"), columns, rows, names_customers=True)


def choice_words(content: dict[str, Any]) -> list[str]:
    """How the lists are chosen, and how well they did on hidden days, in plain sentences."""
    repeat, new = content["repeat"], content["new"]
    if not repeat or not new:
        return [_("历史还不够长，没法藏起一段来检验，先用别的店里常见的做法。")]
    best = {way: recall for way, _half_life, recall in sorted(new["recalls"], key=lambda one: one[2])}
    words = [
        _("我们藏起最近 %(days)s 天，用之前的订单去猜每位客户下一次买什么，各猜 %(most)s 样。")
        % {"days": content["hidden_days"], "most": repeat["most"]},
        _("常买的：下一次买的东西里，%(share)s 在我们猜的里面（看了 %(people)s 位）。")
        % {"share": percent(repeat["recall"]), "people": f"{repeat['customers']:,}"},
        _("没买过的：下一次头一回买的东西里，%(share)s 在我们猜的里面；只推店里卖得最多的，是 %(popular)s。")
        % {"share": percent(new["recall"]), "popular": percent(best.get("popular", 0.0))},
    ]
    return [*words, _WAYS.get(new["way"], _WAYS["together"])()]


_WAYS = {
    "popular": lambda: _("猜没买过的东西，这家店用“卖得最多”猜得最准，所以就用它。"),
    "together": lambda: _("猜没买过的东西，这家店用“常在同一单里出现”猜得最准，所以就用它。"),
    "bm25": lambda: _("猜没买过的东西，这家店用“常在同一单里出现，越特别越算数”猜得最准，所以就用它。"),
}


@require_POST
def seen(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The recommendations of a customer came into somebody's view."""
    try:
        services.note_shown(actor=request.user, customer_id=customer_id)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    return HttpResponse(status=204)


@require_POST
def unsuitable(request: HttpRequest, customer_id: int, product_id: int) -> HttpResponse:
    """不合适: the line goes away, and can be put back."""
    try:
        answer = services.find_unsuitable(actor=request.user, customer_id=customer_id, product_id=product_id)
    except (ObjectDoesNotExist, services.NothingRecommended) as error:
        raise Http404 from error
    words, undo = _("好，以后不再向这位客户推荐它。"), reverse("value:suitable", args=[answer])
    if request.headers.get("HX-Request"):
        return toast(HttpResponse(""), words, undo_url=undo)
    flash(request, words, undo_url=undo)
    return redirect("desk:customer", pk=customer_id)


@require_POST
def suitable(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Take 不合适 back."""
    try:
        services.find_suitable_again(actor=request.user, answer_id=answer_id)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    return toast(HttpResponse(status=204), _("撤销了。"))
