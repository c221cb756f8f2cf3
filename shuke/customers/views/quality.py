"""资料完整度: how good the shop's profiles are, and what a good one is."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shuke.customers.forms.quality import QualityPolicyForm
from shuke.customers.queries.quality import Overview, quality_overview, quality_policy
from shuke.customers.rules import quality as rules
from shuke.customers.services import quality as services
from shuke.customers.views.gate import actor_of, needs
from shuke.customers.views.merging import check_tabs
from shuke.customers.views.plans import settings_tabs
from shuke.team.queries import visible_stores
from shuke.ui.toasts import flash

FIFTH = 20


@require_GET
@needs("customers.view")
def overview(request: HttpRequest) -> HttpResponse:
    """How complete and fresh the profiles within reach are, by field; each figure opens the customers behind it."""
    actor = actor_of(request)
    kind = rules.COMPANY if request.GET.get("kind") == rules.COMPANY else rules.PERSON
    stores = list(visible_stores(actor))
    given = request.GET.get("store", "")
    store = next((one for one in stores if str(one.pk) == given), None)
    found = quality_overview(actor, kind, store.pk if store else None)
    context = {
        "tab": "quality",
        "kind": kind,
        "stores": stores if len(stores) > 1 else [],
        "store": store,
        "found": found,
        "bands": _bands(found) if found else [],
        "scope": f"~kind.in.{kind}" + (f"~store.in.{store.pk}" if store else ""),
        **check_tabs(request),
    }
    return render(request, "customers/check_quality.html", context)


def _bands(found: Overview) -> list[dict[str, Any]]:
    """The fifths, the best first, with the condition that lists who is in them."""
    most = max(found.bands) or 1
    return [
        {
            "low": place * FIFTH,
            "high": place * FIFTH + FIFTH - 1 if place < 4 else 100,
            "count": count,
            "percent": round(100 * count / found.customers),
            "length": round(100 * count / most),
        }
        for place, count in reversed(list(enumerate(found.bands)))
    ]


@require_http_methods(["GET", "POST"])
@needs("shop.configure")
def quality_policy_page(request: HttpRequest) -> HttpResponse:
    """What counts, and how fast it ages."""
    form = QualityPolicyForm(request.POST or None, policy=quality_policy())
    if request.method == "POST" and form.is_valid():
        services.save_quality_policy(actor=actor_of(request), form=form.quality())
        flash(request, _("保存好了，正在按新的办法给所有资料打分。"))
        return redirect("customers:quality_policy")
    context = {"form": form, "rows": form.rows(), "tabs": settings_tabs(request, "quality")}
    return render(request, "customers/quality_policy.html", context, status=422 if form.errors else 200)
