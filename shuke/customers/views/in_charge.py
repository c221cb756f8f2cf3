"""谁来管: the account manager of a customer and the colleagues who work on it too."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shuke.customers import services
from shuke.customers.models import Collaborator, Customer
from shuke.customers.queries import collaborators_of, display_name
from shuke.customers.queries.collaborating import may_be_asked
from shuke.customers.views.gate import actor_of, go, is_htmx, is_part, needs, reached
from shuke.team.queries import reach_of
from shuke.ui.toasts import flash, toast


@require_GET
@needs("customers.view")
def in_charge(request: HttpRequest, pk: int) -> HttpResponse:
    """Who looks after a customer; to be changed by whoever may change the record."""
    customer = reached(request, pk)
    template = "customers/_in_charge.html" if is_part(request) else "customers/in_charge.html"
    return render(request, template, _context(request, customer))


@require_POST
@needs("customers.edit")
def set_collaborator(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a colleague in, let them do more or less, or let them out again."""
    customer, staff_id = reached(request, pk), request.POST.get("staff", "")
    access = request.POST.get("access", "")
    try:
        change = services.set_collaborator(
            actor=actor_of(request),
            customer_id=pk,
            staff_id=int(staff_id) if staff_id.isascii() and staff_id.isdecimal() else 0,
            access=access[:5],
        )
    except ValidationError as error:
        return _answered(request, customer, error.messages[0], level="error")
    undo = reverse("customers:undo_change", args=[pk, change]) if change else ""
    return _answered(request, customer, _("协作人改好了。"), undo_url=undo)


def _answered(
    request: HttpRequest, customer: Customer, words: str, *, level: str = "info", undo_url: str = ""
) -> HttpResponse:
    if not is_htmx(request):
        flash(request, words, level=level, undo_url=undo_url)
        return go(request, reverse("customers:in_charge", args=[customer.pk]))
    if level == "error":
        return HttpResponse(words, status=400, content_type="text/plain; charset=utf-8")
    shown = render(request, "customers/_in_charge.html", _context(request, customer))
    shown["HX-Trigger"] = '{"touched": {}}'
    return toast(shown, words, undo_url=undo_url)


def _context(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    actor = actor_of(request)
    is_within = reach_of(actor).covers(store_id=customer.store_id, owner_id=customer.account_manager_id)
    return {
        "customer": customer,
        "name": display_name(customer),
        "helpers": collaborators_of(customer.pk),
        "asked": may_be_asked(customer),
        "accesses": Collaborator.Access.choices,
        "may_edit": is_within and actor.may("customers.edit"),
    }
