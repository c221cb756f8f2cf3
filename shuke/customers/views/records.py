"""Adding and editing a customer."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shuke.customers import rules
from shuke.customers.forms import CustomerForm
from shuke.customers.models import Customer
from shuke.customers.queries import display_name, likely_doubles, visible_customers
from shuke.customers.queries.recycled import in_bin_with_phone
from shuke.customers.queries.traits import offered_tags
from shuke.customers.services import IdentityTaken, add_customer, change_customer
from shuke.customers.views.gate import actor_of, go, is_drawer, is_part, needs, reached
from shuke.customers.views.parts import folds
from shuke.ui.toasts import flash

FIELD_OF = {
    rules.PHONE: "phone",
    rules.EMAIL: "email",
    rules.WECHAT: "wechat",
    rules.MEMBER: "member_number",
}


@require_http_methods(["GET", "POST"])
@needs("customers.add")
def add(request: HttpRequest) -> HttpResponse:
    """One short form, as a page or in the drawer. What was searched in vain (`name`) is filled in."""
    actor = actor_of(request)
    if request.method == "GET":
        form = CustomerForm(actor, initial=_from_search(request.GET.get("name", "")), is_short=True)
        return _show_add(request, form)
    form = CustomerForm(actor, request.POST, is_short=True)
    if form.is_valid():
        try:
            customer = add_customer(actor=actor, form=form.new_customer())
        except ValidationError as error:
            form.take_problems(error)
        except IdentityTaken as error:
            return _show_add(request, form, holder=_show_holder(request, form, error), status=422)
        else:
            flash(request, _("%(name)s 已保存。") % {"name": display_name(customer)})
            return go(request, reverse("desk:customer", args=[customer.pk]))
    return _show_add(request, form, status=422)


def _from_search(text: str) -> dict[str, str]:
    text = rules.clean_line(text)
    if not text:
        return {}
    return (
        {"phone": text}
        if rules.normalise_phone(text) or text.isdigit()
        else {"name": text[: rules.NAME_LENGTH]}
    )


def _show_add(
    request: HttpRequest, form: CustomerForm, *, holder: Customer | None = None, status: int = 200
) -> HttpResponse:
    template = "customers/_add_form.html" if is_part(request) else "customers/add.html"
    has_more = any(
        form[name].value() for name in ("gender", "birthday_month", "wechat", "member_number", "tags", "note")
    )
    context = {
        "form": form,
        "holder": holder,
        "tag_groups": offered_tags(),
        "has_more": has_more,
        "is_drawer": is_drawer(request),
    }
    return render(request, template, context, status=status)


def _show_holder(request: HttpRequest, form: CustomerForm, error: IdentityTaken) -> Customer | None:
    """Say whose number it is to those who may see them, and to others only that it is taken."""
    holder = visible_customers(actor_of(request)).filter(pk=error.customer_id).first()
    field = FIELD_OF.get(error.namespace, "phone")
    if holder is None:
        form.add_error(field, _("已经登记在另一位客户名下，但不在您的范围内。请让店长核实。"))
    else:
        form.add_error(field, _("已经是 %(name)s 的了。") % {"name": display_name(holder)})
    return holder


@require_GET
@needs("customers.add")
def duplicates(request: HttpRequest) -> HttpResponse:
    """While somebody types: who it may be already."""
    excluding = request.GET.get("excluding", "")
    doubles = likely_doubles(
        actor_of(request),
        name=request.GET.get("name", "")[:200],
        phone=request.GET.get("phone", "")[:60],
        excluding=int(excluding) if excluding.isdecimal() else None,
    )
    deleted = in_bin_with_phone(actor_of(request), request.GET.get("phone", "")[:60])
    return render(request, "customers/_doubles.html", {"doubles": doubles, "deleted": deleted})


@require_http_methods(["GET", "POST"])
@needs("customers.edit")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about a customer, in sections."""
    actor, customer = actor_of(request), reached(request, pk)
    if request.method == "GET":
        return _show_edit(request, customer, CustomerForm(actor, customer=customer))
    form = CustomerForm(actor, request.POST, customer=customer)
    holder = None
    if form.is_valid():
        try:
            change_customer(actor=actor, customer_id=pk, **form.changes())
        except ValidationError as error:
            form.take_problems(error)
        except IdentityTaken as error:
            holder = _show_holder(request, form, error)
        else:
            flash(request, _("改好了。"))
            return go(request, reverse("desk:customer", args=[pk]))
    return _show_edit(request, customer, form, holder=holder, status=422)


def _show_edit(
    request: HttpRequest,
    customer: Customer,
    form: CustomerForm,
    *,
    holder: Customer | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "customer": customer,
        "name": display_name(customer),
        "sections": form.sections(),
        "holder": holder,
        "tag_groups": offered_tags(),
        "is_drawer": is_drawer(request),
    }
    is_answer = request.method == "POST" and is_part(request)
    if not is_answer:
        context["folds"] = folds(request, customer)
    template = "customers/_edit.html" if is_part(request) else "customers/edit.html"
    if is_answer:
        template = "customers/_edit_form.html"
    return render(request, template, context, status=status)
