"""设置: the shop and its stores."""

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shuke.team import services
from shuke.team.forms import ShopForm, StoreForm
from shuke.team.models import Store
from shuke.team.ports import registered_tabs
from shuke.team.queries import shop, staff_counts, visible_stores
from shuke.team.services import require
from shuke.ui.toasts import flash


def settings_tabs(request: HttpRequest, current: str) -> list[dict[str, object]]:
    """The tabs of 设置 that this visitor may open."""
    tabs = []
    for tab in registered_tabs():
        try:
            url = reverse(tab.url_name)
        except NoReverseMatch:
            continue
        if request.user.may(tab.permission):
            tabs.append({"label": tab.label, "url": url, "is_current": tab.key == current})
    return tabs


def home(request: HttpRequest) -> HttpResponse:
    """设置 opens on the first tab that the visitor may see."""
    require(request.user, "team.view")
    return redirect(str(settings_tabs(request, "")[0]["url"]))


@require_http_methods(["GET", "POST"])
def shop_page(request: HttpRequest) -> HttpResponse:
    """The shop's name, currency and colours."""
    require(request.user, "shop.configure")
    form = ShopForm(request.POST or None, instance=shop())
    if request.method == "POST" and form.is_valid():
        services.change_shop(actor=request.user, **form.cleaned_data)
        flash(request, _("店铺设置保存好了。"))
        return redirect("team:shop")
    context = {"form": form, "tabs": settings_tabs(request, "shop"), "is_demo": shop().is_demo}
    return render(request, "team/shop.html", context)


def stores(request: HttpRequest) -> HttpResponse:
    """The stores: open ones first."""
    require(request.user, "team.view")
    rows = visible_stores(request.user).order_by("-is_active", "pk")
    context = {
        "stores": rows,
        "staff_counts": staff_counts(),
        "tabs": settings_tabs(request, "stores"),
        "may_configure": request.user.may("shop.configure"),
    }
    return render(request, "team/stores.html", context)


@require_http_methods(["GET", "POST"])
def store_add(request: HttpRequest) -> HttpResponse:
    """Open a store."""
    require(request.user, "shop.configure")
    form = StoreForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _saved(form, None, request):
        flash(request, _("门店添加好了。"))
        return redirect("team:stores")
    return _store_form(request, form, None)


@require_http_methods(["GET", "POST"])
def store_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a store or say where it is."""
    require(request.user, "shop.configure")
    store = get_object_or_404(Store, pk=pk)
    form = StoreForm(request.POST or None, instance=store)
    if request.method == "POST" and form.is_valid() and _saved(form, pk, request):
        flash(request, _("门店保存好了。"))
        return redirect("team:stores")
    return _store_form(request, form, get_object_or_404(Store, pk=pk))


def _saved(form: StoreForm, pk: int | None, request: HttpRequest) -> bool:
    """Save through the service; two people adding the same name at once get the form's own words."""
    try:
        with transaction.atomic():
            if pk is None:
                services.add_store(actor=request.user, **form.cleaned_data)
            else:
                services.change_store(actor=request.user, store_id=pk, **form.cleaned_data)
    except IntegrityError:
        form.add_error("name", _("已经有同名的门店了，换个名字。"))
        return False
    return True


def _store_form(request: HttpRequest, form: StoreForm, store: Store | None) -> HttpResponse:
    context = {"form": form, "store": store, "tabs": settings_tabs(request, "stores")}
    return render(request, "team/store_form.html", context)


@require_POST
def store_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a store, or open it again."""
    require(request.user, "shop.configure")
    get_object_or_404(Store, pk=pk)
    is_active = request.POST.get("open") == "1"
    store = services.set_store_open(actor=request.user, store_id=pk, is_active=is_active)
    words = _("%(store)s 又开门了。") if is_active else _("%(store)s 已关闭。它的客户和订单都还在。")
    flash(request, words % {"store": store.name})
    return redirect("team:stores")
