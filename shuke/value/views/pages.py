"""价值: overview and lifecycle, and what the pages share."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shuke.team.queries import reach_of
from shuke.team.rules import Scope
from shuke.team.services import require
from shuke.value import queries
from shuke.value.models import Group, Level
from shuke.value.views import charts
from shuke.value.views.slipping_rows import slipping_rows
from shuke.value.wording import step_name, yuan

SLIPPING_ON_OVERVIEW = 6
GROUP_ORDER = ("key_value", "key_grow", "key_keep", "key_rescue", "value", "grow", "keep", "rescue")


@dataclass(frozen=True)
class Place:
    """Whose figures a page shows: the whole shop (store_id None) or a store, and what else may be chosen."""

    store_id: int | None
    stores: list[tuple[int, str]]
    may_see_all: bool

    @property
    def has_choice(self) -> bool:
        return len(self.stores) + self.may_see_all > 1


def _place(request: HttpRequest) -> Place:
    require(request.user, "value.view")
    stores = queries.stores_with_summaries(request.user)
    sees_all = reach_of(request.user).scope is Scope.ALL
    wanted = request.GET.get("store", "")
    known = {str(pk): pk for pk, _name in stores}
    fallback = None if sees_all or not stores else stores[0][0]
    return Place(known.get(wanted, fallback), stores, sees_all)


def page_context(request: HttpRequest, current: str) -> dict[str, Any]:
    place = _place(request)
    run = queries.newest_run()
    return {
        "current": current,
        "place": place,
        "summaries": queries.summaries_for(request.user, place.store_id),
        "report": queries.latest_report(),
        "run": run if run and run.is_running else None,
        "run_step": step_name(run.step) if run and run.step else "",
        "problem": run.problem if run else "",
        "may_refresh": request.user.may("value.refresh"),
        "import_url": _import_url(request),
    }


def _import_url(request: HttpRequest) -> str:
    """Where orders are brought in, for those who may; empty otherwise."""
    if not request.user.may("imports.run"):
        return ""
    try:
        return reverse("imports:home")
    except NoReverseMatch:
        return ""


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """One screen: who carries the shop, who comes back, who is leaving."""
    context = page_context(request, "overview")
    found, store_id = context["summaries"], context["place"].store_id
    if found and found["overview"]["buyers"]:
        figures = found["overview"]
        context |= {
            "figures": figures,
            "repeat_share": figures["repeat_buyers"] / figures["buyers"],
            **_drawn_figures(found, store_id),
            "slipping": slipping_rows(request, store_id, SLIPPING_ON_OVERVIEW),
            "slipping_url": reverse("value:slipping") + ("" if store_id is None else f"?store={store_id}"),
            "slipping_words": _("%(people)s 位") % {"people": f"{figures['slipping']:,}"},
            "stake_words": _("一年约 %(money)s") % {"money": yuan(figures["at_stake_fen"])},
        }
    return render(request, "value/overview.html", context)


def _drawn_figures(found: dict[str, Any], store_id: int | None) -> dict[str, Any]:
    """What the template draws once after each run, and is worked out only then."""
    return {
        "revenue": SimpleLazyObject(lambda: charts.revenue(found["revenue_monthly"])),
        "matrix": SimpleLazyObject(lambda: charts.rfm_matrix(found["rfm_matrix"], store_id)),
        "pareto": SimpleLazyObject(lambda: charts.pareto(found["pareto"], store_id)),
        "clv": SimpleLazyObject(lambda: charts.clv_distribution(found["clv_distribution"])),
        "groups": SimpleLazyObject(lambda: _groups(found["overview"], store_id)),
        "levels": SimpleLazyObject(lambda: _levels(found["overview"], store_id)),
    }


def _groups(figures: dict[str, Any], store_id: int | None) -> list[dict[str, Any]]:
    return [
        {
            "code": code,
            "label": Group(code).label,
            "customers": figures["groups"][code],
            "clv_fen": figures["group_clv_fen"][code],
            "href": charts.customers_link(store_id, group=code),
            "share": figures["group_clv_fen"][code] / max(1, figures["clv_fen"]),
        }
        for code in GROUP_ORDER
    ]


def _levels(figures: dict[str, Any], store_id: int | None) -> list[dict[str, Any]]:
    return [
        {
            "code": code,
            "label": Level(code).label,
            "customers": figures["levels"][code],
            "clv_fen": figures["level_clv_fen"][code],
            "href": charts.customers_link(store_id, level=code),
        }
        for code in ("high", "potential", "low")
    ]
