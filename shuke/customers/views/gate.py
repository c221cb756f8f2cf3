"""Who may open these pages, and which records they reach."""

from django.http import Http404, HttpRequest, HttpResponse

from shuke.customers.models import Customer
from shuke.customers.queries import visible_customers
from shuke.team.gate import actor_of, needs

__all__ = ["actor_of", "go", "is_drawer", "is_htmx", "is_part", "needs", "reached"]


def reached(request: HttpRequest, pk: int) -> Customer:
    """The customer, or 404 when there is none within reach."""
    customer = (
        visible_customers(actor_of(request)).select_related("store", "account_manager").filter(pk=pk).first()
    )
    if customer is None:
        raise Http404
    return customer


def is_htmx(request: HttpRequest) -> bool:
    """Whether a fragment is asked for."""
    return request.headers.get("HX-Request") == "true"


def is_drawer(request: HttpRequest) -> bool:
    """Whether the page is shown in the drawer of another one."""
    return bool(request.headers.get("X-Drawer") or request.POST.get("drawer"))


def is_part(request: HttpRequest) -> bool:
    """Whether the frame is there already."""
    return is_htmx(request) or is_drawer(request)


def go(request: HttpRequest, address: str) -> HttpResponse:
    """Lead to another page, from a fragment too."""
    answer = HttpResponse(status=204 if is_htmx(request) else 302)
    answer["HX-Redirect" if is_htmx(request) else "Location"] = address
    return answer
