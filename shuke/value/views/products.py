"""商品: what sells and what does not, by category, what goes together, and one product."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shuke.customers.ports import ExportColumn
from shuke.kernel import clock
from shuke.team.services import require
from shuke.value.queries import products as queries
from shuke.value.queries import ready_figures
from shuke.value.queries.products import CategoryRow, ProductRow
from shuke.value.services.downloads import FigureTable
from shuke.value.views.charts import Chart, customers_link, month_label
from shuke.value.views.downloads import table_file, wanted_format
from shuke.value.views.pages import page_context
from shuke.value.wording import percent, yuan

SHOWN, DRAWN, EXPORTED = 30, 12, 100_000
TWO_YEARS_DAYS = 730
FIGURES = "products"


def _view_words() -> dict[str, str]:
    return {
        "best": _("卖得最好"),
        "rising": _("在涨"),
        "falling": _("在跌"),
        "slow": _("卖不动"),
        "loved": _("回头最多"),
    }


def _view_notes() -> dict[str, str]:
    return {
        "best": _("按近一年收入排，退货已减掉。"),
        "rising": _("近 90 天比去年同期多卖的，多得最多的在前。"),
        "falling": _("近 90 天比去年同期少卖的，少得最多的在前。"),
        "slow": _("在售，却 90 天没卖出过，放得最久的在前。"),
        "loved": _("买过的人里，一年内又在另一天买了的占多少；不到 10 人买过的不算。"),
    }


@require_GET
def product_list(request: HttpRequest) -> HttpResponse:
    """The page; with `?download=` its table as a file."""
    require(request.user, "value.view")
    context = page_context(request, "products")
    store = queries.figures_store(request.user, context["place"].store_id)
    view = request.GET.get("view", "best")
    view = view if view in queries.VIEWS else "best"
    category = request.GET.get("category", "")[:80]
    if store is not None and wanted_format(request):
        return table_file(request, _table(store, view, category, has_costs=request.user.may("value.costs")))
    if store is not None:
        context |= _figures(store, view, category, has_costs=request.user.may("value.costs"))
    return render(request, "value/products.html", context)


def _figures(store: int, view: str, category: str, *, has_costs: bool) -> dict[str, Any]:
    sums, categories = queries.product_sums(store), queries.category_rows(store)
    rows = queries.product_rows(store, view, category=category, limit=SHOWN)
    best = rows if view == "best" and not category else queries.product_rows(store, "best", limit=DRAWN)
    ready = ready_figures(FIGURES)
    whole = bool(ready and ready.content["began"] and days_since(ready.content["began"]) >= TWO_YEARS_DAYS)
    return {
        "sums": sums,
        "margin": sums.profit_fen / sums.known_fen
        if sums.profit_fen is not None and sums.known_fen
        else None,
        "known_share": sums.known_fen / sums.revenue_fen if sums.revenue_fen else 0,
        "best": best_chart(best[:DRAWN]),
        "by_category": category_chart(categories, has_before=whole, has_costs=has_costs),
        "has_costs": has_costs,
        "categories": [one for one in categories if one.category],
        "pairs": queries.pair_rows(store),
        "rows": rows,
        "view": view,
        "category": category,
        "views": _view_words().items(),
        "view_note": _view_notes()[view],
    }


def best_chart(rows: list[ProductRow]) -> Chart:
    """The products that bring most, as bars that lie."""
    data = {
        "labels": [one.name for one in rows],
        "series": [{"name": _("近一年收入"), "values": [one.revenue_fen for one in rows]}],
        "format": "fen",
        "is_horizontal": True,
        "hrefs": [reverse("value:product", args=[one.product_id]) for one in rows],
    }
    table_rows = [[one.name, yuan(one.revenue_fen), f"{one.quantity:,}", f"{one.buyers:,}"] for one in rows]
    table = {"head": [_("商品"), _("近一年收入"), _("件数"), _("买过的人")], "rows": table_rows}
    return Chart(data, table, "")


def days_since(day: str) -> int:
    """Days from a day, written 2026-11-28, up to today."""
    return (clock.today() - date.fromisoformat(day)).days


def category_chart(rows: list[CategoryRow], *, has_before: bool, has_costs: bool) -> Chart:
    """Categories this year and, where the orders reach back far enough to compare, the year before."""
    named = rows[:DRAWN]
    labels = [one.category or _("没有品类") for one in named]
    before = {"name": _("前一年"), "values": [one.before_fen for one in named], "is_quiet": True}
    now = {"name": _("近一年"), "values": [one.revenue_fen for one in named]}
    data = {"labels": labels, "series": [before, now] if has_before else [now], "format": "fen"}
    table_rows = [
        [
            label,
            f"{one.products:,}",
            yuan(one.revenue_fen),
            yuan(one.before_fen) if has_before else "–",
            *([_margin_words(one)] if has_costs else []),
        ]
        for label, one in zip(labels, named, strict=True)
    ]
    head = [_("品类"), _("卖出几种"), _("近一年"), _("前一年"), *([_("毛利率")] if has_costs else [])]
    return Chart(data, {"head": head, "rows": table_rows}, _category_words(rows))


def _margin_words(one: CategoryRow) -> str:
    return (
        percent(one.profit_fen / one.known_fen) if one.profit_fen is not None and one.known_fen > 0 else "–"
    )


def _category_words(rows: list[CategoryRow]) -> str:
    total = sum(one.revenue_fen for one in rows)
    if not rows or total <= 0:
        return _("还没有卖出过东西。")
    first = rows[0]
    words = {"name": first.category or _("没有品类"), "share": percent(first.revenue_fen / total)}
    return _("“%(name)s”卖得最多，占 %(share)s。") % words


def _table(store: int, view: str, category: str, *, has_costs: bool) -> FigureTable:
    columns = [
        ExportColumn("name", _("商品")),
        ExportColumn("category", _("品类")),
        ExportColumn("abc", _("ABC")),
        ExportColumn("revenue", _("近一年收入"), "money"),
        ExportColumn("before", _("前一年收入"), "money"),
        ExportColumn("recent", _("近 90 天收入"), "money"),
        ExportColumn("recent_before", _("去年同期 90 天"), "money"),
        ExportColumn("returned", _("退掉的"), "money"),
        ExportColumn("quantity", _("件数"), "number"),
        ExportColumn("buyers", _("买过的人"), "number"),
        ExportColumn("again", _("又来买的人"), "number"),
        ExportColumn("last", _("最近卖出"), "date"),
        *([ExportColumn("profit", _("毛利"), "money")] if has_costs else []),
    ]
    found = queries.product_rows(store, view, category=category, limit=EXPORTED)
    rows = [
        (one.name, one.category, one.abc, one.revenue_fen, one.before_fen, one.recent_fen, one.recent_before_fen,
         one.returned_fen, one.quantity, one.buyers, one.again, one.last_on, *([one.profit_fen] if has_costs else []))
        for one in found
    ]  # fmt: skip
    return FigureTable("products", _("商品"), columns, rows)


@require_GET
def product(request: HttpRequest, product_id: int) -> HttpResponse:
    """One product: its months, its companions, who buys it."""
    require(request.user, "value.view")
    context = page_context(request, "products")
    store = queries.figures_store(request.user, context["place"].store_id)
    one = queries.one_product(store, product_id) if store is not None else None
    if one is None:
        raise Http404
    buyers = customers_link(context["place"].store_id, product=one.name)
    context |= {
        "one": one,
        "has_costs": request.user.may("value.costs"),
        "buyers_url": buyers,
        "pairs": queries.pair_rows(store, product_id=product_id),
        "months": months_chart(one),
    }
    return render(request, "value/product.html", context)


def months_chart(one: ProductRow) -> Chart:
    """What a product brought, month by month, from its first month on."""
    today = clock.today()
    last = today.year * 12 + today.month - 1
    names = [f"{month // 12}-{month % 12 + 1:02d}" for month in range(last - len(one.months) + 1, last + 1)]
    begin = next((place for place, money in enumerate(one.months) if money), len(names) - 1)
    labels = [month_label(name, is_first=place == 0) for place, name in enumerate(names[begin:])]
    values = list(one.months[begin:])
    data = {"labels": labels, "series": [{"name": _("收入"), "values": values}], "format": "fen"}
    rows = [[label, yuan(money)] for label, money in zip(labels, values, strict=True)]
    return Chart(data, {"head": [_("月份"), _("收入")], "rows": rows}, _("最后一个月还没过完。"))
