"""Saving lists as views, and keeping them in order."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuke.desk import forms
from shuke.desk.queries.saved import View, views_of
from shuke.desk.services import saved as services
from shuke.team.gate import needs
from shuke.team.rules import may
from shuke.ui import toasts


@needs("customers.view")
@require_http_methods(["GET", "POST"])
def save_view(request: HttpRequest) -> HttpResponse:
    """Give the list a name (a small form), or put a changed list into the view it came from."""
    actor: Any = request.user
    query = (request.POST or request.GET).get("query", "")
    stored = forms.read_stored(query).stored
    problem = ""
    if request.method == "POST":
        given = request.POST
        try:
            if given.get("into", "").isdigit():
                services.change_view(actor=actor, view_id=int(given["into"]), query=stored)
                return _go(request, f"v{int(given['into'])}", _("视图已更新"))
            shared = given.get("shared") == "1"
            pk = services.save_view(actor=actor, name=given.get("name", ""), query=stored, is_shared=shared)
            return _go(request, f"v{pk}", _("视图已保存"))
        except ValidationError as error:
            problem = error.messages[0]
        except ObjectDoesNotExist as error:
            raise Http404 from error
    context = {
        "query": stored,
        "problem": problem,
        "name": request.POST.get("name", ""),
        "may_share": may(actor.ready_role, "desk.share_views"),
    }
    template = "desk/views/_save.html" if request.headers.get("HX-Request") else "desk/views/save.html"
    return render(request, template, context, status=422 if problem else 200)


@require_GET
@needs("customers.view")
def manage_views(request: HttpRequest) -> HttpResponse:
    """Every view one may open: which stand among the tabs, which opens first, and one's own to rename, share, delete."""
    actor: Any = request.user
    is_part = "X-Drawer" in request.headers
    may_share = may(actor.ready_role, "desk.share_views")
    context = {"views": views_of(actor), "may_share": may_share, "is_drawer": is_part}
    return render(request, "desk/views/_manage.html" if is_part else "desk/views/manage.html", context)


@require_POST
@needs("customers.view")
def change_view(request: HttpRequest, key: str, step: str) -> HttpResponse:
    """One step with one view; afterwards back to the page it came from."""
    try:
        words, undo = _step(request, key, step)
    except (ObjectDoesNotExist, ValueError) as error:
        raise Http404 from error
    except ValidationError as error:
        toasts.flash(request, error.messages[0], level="error")
        return _back(request)
    toasts.flash(request, words, undo_url=undo)
    return _back(request)


def _step(request: HttpRequest, key: str, step: str) -> tuple[str, str]:
    actor: Any = request.user
    if step in ("pin", "unpin"):
        services.pin_view(actor=actor, key=key, is_pinned=step == "pin")
        return (_("已放到标签上") if step == "pin" else _("已从标签上收起")), ""
    if step == "first":
        services.open_first(actor=actor, key=key)
        return _("以后打开客户先看这个视图"), ""
    pk = _number(key)
    if step == "rename":
        services.change_view(actor=actor, view_id=pk, name=request.POST.get("name", ""))
        return _("名字改好了"), ""
    if step in ("share", "unshare"):
        services.change_view(actor=actor, view_id=pk, is_shared=step == "share")
        return (_("大家都能打开它了") if step == "share" else _("只有您能打开它了")), ""
    if step == "delete":
        services.delete_view(actor=actor, view_id=pk)
        return _("视图已删除"), reverse("desk:change_view", args=[key, "restore"])
    if step == "restore":
        services.restore_view(actor=actor, view_id=pk)
        return _("视图已放回"), ""
    raise ValueError(step)


def _number(key: str) -> int:
    if key[:1] != "v" or not key[1:].isdigit():
        raise PermissionDenied(_("这个视图是现成的，不能改。"))
    return int(key[1:])


def _back(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:manage_views"))


def _go(request: HttpRequest, key: str, words: str) -> HttpResponse:
    actor: Any = request.user
    view: View = next(one for one in views_of(actor) if one.key == key)
    toasts.flash(request, words)
    address = (
        f"{reverse('desk:customer_list')}?{urlencode({'view': key})}{'&' if view.query else ''}{view.query}"
    )
    if request.headers.get("HX-Request"):
        response = HttpResponse()
        response["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(address)
