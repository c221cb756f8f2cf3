"""One of the shop's own fields, changed where it stands in a list."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shuke.customers.forms.custom import add_inputs, values_of
from shuke.customers.models import Customer, FieldChange
from shuke.customers.queries.custom import Definition, custom_fields, words_for
from shuke.customers.rules import custom as rules
from shuke.customers.services import set_custom_values
from shuke.customers.views.gate import actor_of, needs, reached
from shuke.team.queries import reads_contacts
from shuke.ui.toasts import toast

AT_ONCE = (rules.CHOICE, rules.FLAG, rules.DATE)  # saved as soon as something is chosen


@require_http_methods(["GET", "POST"])
@needs("customers.edit")
def own_cell(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """The input of a cell, or, sent off, the cell as it is afterwards."""
    customer = reached(request, pk)
    field = next((one for one in custom_fields(customer.kind) if one.code == code), None)
    if field is None:
        raise Http404
    form = forms.Form(request.POST or None)
    is_masked = not reads_contacts(actor_of(request))
    add_inputs(form, [field], customer.custom, is_masked=is_masked)
    if request.method == "POST" and form.is_valid():
        try:
            set_custom_values(actor=actor_of(request), customer_id=pk, values=values_of(form))
        except ValidationError as error:
            form.add_error(code, error.messages)
        else:
            return _shown(request, field, Customer.objects.get(pk=pk))
    context = {"pk": pk, "code": code, "field": form[code], "is_at_once": field.kind in AT_ONCE}
    return render(request, "customers/fields/_cell.html", context, status=422 if form.errors else 200)


def _shown(request: HttpRequest, field: Definition, customer: Customer) -> HttpResponse:
    words = words_for(actor_of(request), field, customer.custom.get(field.key))
    answer = render(request, "customers/fields/_cell.html", {"is_done": True, "words": words})
    last = (
        FieldChange.objects.filter(customer=customer, field=rules.name_of(field.id))
        .order_by("-audit_id")
        .first()
    )
    undo = reverse("customers:undo_change", args=[customer.pk, last.pk]) if last else ""
    return toast(answer, _("改好了。"), undo_url=undo)
