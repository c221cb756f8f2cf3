"""Who may open these pages, and which records they reach."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse

from shuke.customers.models import Customer
from shuke.customers.queries import visible_customers
from shuke.team.queries import Actor
from shuke.team.services import require

View = Callable[..., HttpResponse]


def needs(permission: str) -> Callable[[View], View]:
    """Refuse visitors without the permission (403)."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
            require(actor_of(request), permission)
            return view(request, *given, **named)

        return guarded

    return wrap


def actor_of(request: HttpRequest) -> Actor:
    """Whoever is signed in."""
    return cast(Actor, request.user)


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
