"""Panels of the customer page: profile, and a contact shown on purpose. Without JavaScript they lead back to the page."""

from dataclasses import dataclass
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from shuke.customers import services
from shuke.customers.forms import CHANNELS, EDUCATION, HOURS, INCOME, label_of
from shuke.customers.models import Customer
from shuke.customers.queries import birthday_of, birthday_shown, customer_card, note_for
from shuke.customers.queries.custom import custom_fields, values_shown
from shuke.customers.queries.origins import field_origins
from shuke.customers.queries.profile import (
    Point,
    companies_of,
    company_contacts,
    contact_points,
    files_of,
    household_of,
    invoices_of,
    places,
)
from shuke.customers.queries.quality import profile_quality
from shuke.customers.queries.traits import traits_of
from shuke.customers.services.contact import REVEALED
from shuke.customers.views.gate import actor_of, is_htmx, needs, reached
from shuke.kernel import clock

PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class PointGroup:
    """Phones, WeChats or e-mails of a customer."""

    label: str
    points: list[Point]

    @property
    def has_many(self) -> bool:
        return len(self.points) > 1


@require_GET
@needs("customers.view")
def profile_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of a customer, in sections; what is not known is not shown."""
    customer, actor = reached(request, pk), actor_of(request)
    is_company = customer.kind == Customer.Kind.COMPANY
    where, quality = places(customer), profile_quality(pk)
    context = {
        "customer": customer,
        "note": note_for(actor, customer.note),
        "card": customer_card(actor, pk),
        "is_company": is_company,
        "birthday_words": birthday_shown(birthday_of(customer)),
        "age": clock.today().year - customer.birth_year if customer.birth_year else None,
        "education": label_of(EDUCATION, customer.education),
        "income": label_of(INCOME, customer.income_band),
        "channel": label_of(CHANNELS, customer.preferred_channel),
        "hours": label_of(HOURS, customer.preferred_hours),
        "points": _grouped(contact_points(actor, customer)),
        "places": where,
        "has_about": not is_company or any(_about(customer)),
        "has_many_places": len(where) > 1,
        "traits": traits_of(pk),
        "own": values_shown(actor, customer, custom_fields(customer.kind)),
        "contacts": company_contacts(actor, customer) if is_company else [],
        "companies": [] if is_company else companies_of(actor, customer),
        "household": None if is_company else household_of(actor, customer),
        "invoices": invoices_of(customer),
        "files": files_of(customer),
        "quality": quality,
        "origins": field_origins(customer, quality),
    }
    return render(request, "customers/_profile.html", context)


def _about(company: Customer) -> tuple[str, ...]:
    return (company.industry, company.occupation, company.note, company.preferred_products)


def _grouped(points: list[Point]) -> list[PointGroup]:
    """By kind, in the order they come."""
    return [PointGroup(label, list(some)) for label, some in groupby(points, key=lambda one: one.kind_label)]


@require_http_methods(["GET", "POST"])
@needs("customers.view")
def reveal(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    """A contact unmasked, as plain text (copying) or in place; only on purpose, never by a followed link."""
    if field not in REVEALED or not is_htmx(request):
        raise Http404
    reached(request, pk)
    value = services.reveal_contact(actor=actor_of(request), customer_id=pk, field=field)
    if request.method == "GET":
        return HttpResponse(value, content_type=PLAIN)
    return render(request, "customers/_revealed.html", {"value": value, "field": field})
