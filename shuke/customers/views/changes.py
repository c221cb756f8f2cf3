"""变更: what was changed on a customer, field by field, in the words of the edit page."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shuke.customers import ports
from shuke.customers.forms import CHANNELS, EDUCATION, INCOME, CustomerForm, label_of
from shuke.customers.models import Customer
from shuke.customers.queries.changes import CustomerChange, FieldChange, customer_changes
from shuke.customers.queries.choices import Choices
from shuke.customers.views.gate import actor_of, needs, reached

CHOICES: dict[str, Choices] = {
    "kind": list(Customer.Kind.choices),
    "gender": list(Customer.Gender.choices),
    "education": EDUCATION,
    "income_band": INCOME,
    "preferred_channel": CHANNELS,
}
LONGEST_ID = 18
PLACES = {name: place for place, name in enumerate(CustomerForm.base_fields)}
PLACES["birthday"] = PLACES["birthday_month"]


@dataclass(frozen=True)
class Line:
    """One changed field: its name in the shop's words, the value before and after."""

    label: str
    before: str
    after: str
    id: int | None
    undo: str


@require_GET
@needs("customers.view")
def changes_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what and when, the newest first; `before` asks for older ones."""
    customer = reached(request, pk)
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isdecimal() and len(asked) <= LONGEST_ID else None
    page = customer_changes(actor_of(request), customer.pk, before=before)
    context = {
        "pk": pk,
        "changes": [(change, _lines(change)) for change in page.changes],
        "before": page.before,
        "is_older": before is not None,
        "may_undo": actor_of(request).may("customers.edit"),
        "may_open_sets": actor_of(request).may("customers.undo"),
        "may_delete": actor_of(request).may("customers.delete"),
    }
    return render(request, "customers/_changes.html", context)


def _lines(change: CustomerChange) -> list[Line]:
    """In the order of the edit page."""
    ordered = sorted(change.fields, key=lambda one: PLACES.get(one.field, len(PLACES)))
    return [_line(field) for field in ordered]


def _line(field: FieldChange) -> Line:
    choices = CHOICES.get(field.field, [])
    return Line(
        label=field_label(field.field),
        before=label_of(choices, field.before),
        after=label_of(choices, field.after),
        id=field.id,
        undo=field.undo,
    )


def field_label(field: str) -> str:
    """A field in the shop's words."""
    keeper = ports.keeper_of(field)
    if keeper is not None:
        return str(keeper.label(field))
    if field == "birthday":
        return _("生日")
    if field == "origin":
        return _("来源")
    known = CustomerForm.base_fields.get(field)
    return str(known.label) if known else field
