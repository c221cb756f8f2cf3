"""Beside the parts of a profile: choosing other customers, one point unmasked, a file to save."""

from typing import cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from shuke.customers.models import Customer, CustomerFile
from shuke.customers.queries import search_customers
from shuke.customers.queries.profile import point_named
from shuke.customers.services import files
from shuke.customers.services.contact import reveal_point
from shuke.customers.views.gate import actor_of, is_htmx, needs, reached

PLAIN = "text/plain; charset=utf-8"
CHOSEN = 6


@require_GET
@needs("customers.edit")
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Customers who answer to `q`, to be picked as contact, company or family; `kind` keeps to persons or companies."""
    reached(request, pk)
    wanted = request.GET.get("kind", "")
    found = search_customers(actor_of(request), request.GET.get("q", "")[:60], limit=CHOSEN * 3)
    kinds = dict(Customer.objects.filter(pk__in=[one.id for one in found]).values_list("pk", "kind"))
    fitting = [one for one in found if one.id != pk and (not wanted or kinds.get(one.id) == wanted)]
    return render(
        request,
        "customers/parts/_chosen.html",
        {"found": fitting[:CHOSEN], "q": request.GET.get("q", "").strip()},
    )


@require_http_methods(["GET", "POST"])
@needs("customers.view")
def reveal_one(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One point unmasked: as plain text for copying (GET), in place (POST); only on purpose."""
    if not is_htmx(request):
        raise Http404
    customer = reached(request, pk)
    found = point_named(customer, key)
    if found is None:
        raise Http404
    value = reveal_point(actor=actor_of(request), customer_id=pk, kind=found[0], value=found[1])
    if request.method == "GET":
        return HttpResponse(value, content_type=PLAIN)
    return render(request, "customers/_revealed.html", {"value": value, "field": found[0]})


@require_GET
@needs("customers.files")
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """A file to save: never shown by the browser, never guessed at, never kept by anybody on the way."""
    try:
        kept = files.hand_out_file(actor=actor_of(request), file_id=pk)
    except CustomerFile.DoesNotExist:
        raise Http404 from None
    answer = FileResponse(
        kept.path.open("rb"),
        as_attachment=True,
        filename=kept.name,
        content_type="application/octet-stream",
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return cast(HttpResponse, answer)
