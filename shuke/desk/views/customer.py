"""The customer page, as a page or in the drawer of a list; its timeline, orders and notes."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shuke.customers.queries import living_id, visible_customers
from shuke.customers.services import Touch, log_interaction
from shuke.desk import forms, rules
from shuke.desk.queries.customer import TimelineWanted, customer_page, timeline_page
from shuke.desk.views.gate import needs
from shuke.desk.wording import KIND_ICONS, RESULT_WORDS, TOUCH_WORDS
from shuke.kernel import clock
from shuke.orders.queries import orders_of
from shuke.ui.toasts import toast

LONGEST_TEXT = 60
ORDERS_SHOWN = 20


@require_GET
@needs("customers.view")
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; with X-Drawer its inside only. A merged customer leads to the one they live on in."""
    try:
        page = customer_page(request.user, pk)  # type: ignore[arg-type]
    except ObjectDoesNotExist:
        living = living_id(pk)
        if living is None or living == pk:
            raise Http404 from None
        return redirect("desk:customer", pk=living)
    context = _context(request, page, pk)
    template = "desk/customer_drawer.html" if request.headers.get("X-Drawer") else "desk/customer.html"
    return render(request, template, context)


def _context(request: HttpRequest, page: Any, pk: int) -> dict[str, Any]:
    return {
        "page": page,
        "card": page.card,
        "value": page.value,
        "timeline": page.timeline,
        "pk": pk,
        "levels": forms.LEVEL_WORDS,
        "groups": forms.GROUP_WORDS,
        "stages": forms.STAGE_WORDS,
        "results": RESULT_WORDS,
        "later_days": rules.LATER_DAYS,
        "kind": "",
        "text": "",
        "icons": KIND_ICONS,
        "touch_kinds": TOUCH_WORDS.items(),
        "may_reveal": request.user.may("customers.reveal"),
        "may_note": request.user.may("customers.follow_up"),
        "today": clock.today(),
        "tabs": _tabs(request, pk),
        "edit_url": _address("customers:edit", pk) if request.user.may("customers.edit") else "",
        "write_url": _address("connectors:write", pk) if request.user.may("mail.send") else "",
        "plan_url": _address("customers:follow_up", pk) if request.user.may("customers.follow_up") else "",
    }


def _address(name: str, pk: int) -> str:
    """The address of another room's page, empty while that room has none of that name."""
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return ""


def _tabs(request: HttpRequest, pk: int) -> list[dict[str, Any]]:
    """Panels of the rooms, by address name; those that this visitor may open."""
    known = [
        ("orders", _("订单"), "desk:orders", "orders.view"),
        ("profile", _("资料"), "customers:profile_panel", "customers.view"),
        ("mail", _("邮件"), "connectors:customer_mail", "mail.view"),
        ("changes", _("变更"), "customers:changes_panel", "customers.view"),
    ]
    shown = [(key, label, _address(name, pk)) for key, label, name, right in known if request.user.may(right)]
    return [{"key": key, "label": label, "url": url} for key, label, url in shown if url]


def _reached(request: HttpRequest, pk: int) -> None:
    if not visible_customers(request.user).filter(pk=pk).exists():  # type: ignore[arg-type]
        raise Http404


@require_GET
@needs("customers.view")
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """Older entries, or those of a kind, or with some words."""
    _reached(request, pk)
    wanted = TimelineWanted(
        before=_moment(request.GET.get("before", "")),
        kind=request.GET.get("kind", ""),
        text=request.GET.get("text", "").strip()[:LONGEST_TEXT],
    )
    context = {
        "pk": pk,
        "timeline": timeline_page(pk, wanted, actor=request.user),  # type: ignore[arg-type]
        "icons": KIND_ICONS,
        "kind": wanted.kind,
        "text": wanted.text,
        "is_older": wanted.before is not None,
    }
    return render(request, "desk/_timeline.html", context)


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else None


@require_GET
@needs("orders.view")
def orders_tab(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer's orders, the newest first."""
    _reached(request, pk)
    before = _moment(request.GET.get("before", ""))
    orders = orders_of(pk, before=before, limit=ORDERS_SHOWN)
    older = orders[-1].ordered_at.isoformat() if len(orders) == ORDERS_SHOWN else ""
    return render(request, "desk/_orders.html", {"pk": pk, "orders": orders, "before": older})


@require_POST
@needs("customers.follow_up")
def add_note(request: HttpRequest, pk: int) -> HttpResponse:
    """One line for the timeline; answers with the timeline as it stands then."""
    _reached(request, pk)
    touch = Touch(kind=request.POST.get("kind", "note"), body=request.POST.get("body", ""))
    try:
        log_interaction(actor=request.user, customer_id=pk, touch=touch)  # type: ignore[arg-type]
    except ValidationError as error:
        words = " ".join(error.messages)
        return HttpResponse(words, status=400, content_type="text/plain; charset=utf-8")
    if request.headers.get("HX-Request") != "true":
        return redirect(f"{reverse('desk:customer', args=[pk])}#timeline")
    page = timeline_page(pk, TimelineWanted(), actor=request.user)  # type: ignore[arg-type]
    context = {"pk": pk, "timeline": page, "icons": KIND_ICONS}
    return toast(render(request, "desk/_timeline.html", context), _("记下了。"))
