"""清除演示数据: one page that says what goes and what stays, and one button."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shuke.config.demo import services, shop
from shuke.customers.services import roster_ids
from shuke.team.queries import Actor
from shuke.team.services import require
from shuke.team.views.shop import settings_tabs
from shuke.ui.toasts import flash


@require_http_methods(["GET", "POST"])
def clear(request: HttpRequest) -> HttpResponse:
    """Ask first, then clear."""
    actor = cast(Actor, request.user)
    require(actor, "demo.clear")
    if request.method == "POST":
        removed = services.clear_demo(actor=actor)
        flash(
            request,
            _("演示数据清除好了：%(count)s 位客户和他们的订单。现在可以导入自己的了。")
            % {"count": f"{removed:,}"},
        )
        return redirect("imports:list")
    context = {
        "customers": len(roster_ids(shop.SOURCE)),
        "stores": [store.name for store in shop.STORES],
        "people": [login.name for login in (*shop.LOGINS, *shop.COLLEAGUES)],
        "tabs": settings_tabs(request, "shop"),
    }
    return render(request, "team/demo_clear.html", context)
