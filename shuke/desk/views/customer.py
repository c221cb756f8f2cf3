"""The customer page, as a page or in the drawer of a list; its orders."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shuke.customers.queries import day_choices, living_id, visible_customers
from shuke.desk import forms, rules
from shuke.desk.queries.customer import customer_page
from shuke.desk.views.timeline import reached_by, read_asked, timeline_context
from shuke.desk.wording import RESULT_WORDS
from shuke.kernel import clock
from shuke.orders.queries import orders_of
from shuke.team.gate import needs
from shuke.ui.toasts import flash

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
        if visible_customers(request.user).filter(pk=living).exists():  # type: ignore[arg-type]
            flash(request, _("您找的那份资料已并入这一位。"))
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
        "levels": forms.LEVEL_WORDS,
        "groups": forms.GROUP_WORDS,
        "stages": forms.STAGE_WORDS,
        "results": RESULT_WORDS,
        "later_days": rules.LATER_DAYS,
        **timeline_context(pk, read_asked(QueryDict())),
        "may_reveal": request.user.may("customers.reveal"),
        "may_note": request.user.may("customers.follow_up"),
        "today": clock.today(),
        "steps": page.next_steps,
        "days": day_choices(),
        "verdict": page.verdict,
        "may_permit": request.user.may("customers.plan"),
        "tabs": _tabs(request, pk),
        "edit_url": _address("customers:edit", pk) if request.user.may("customers.edit") else "",
        "write_url": _address("connectors:write", pk) if request.user.may("mail.send") else "",
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
    reached_by(request, pk)
    before = _moment(request.GET.get("before", ""))
    orders = orders_of(pk, before=before, limit=ORDERS_SHOWN)
    older = orders[-1].ordered_at.isoformat() if len(orders) == ORDERS_SHOWN else ""
    return render(request, "desk/_orders.html", {"pk": pk, "orders": orders, "before": older})
