"""Who may open these pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from shuke.customers.queries import visible_customers
from shuke.team.queries import Actor
from shuke.team.services import require

View = Callable[..., HttpResponseBase]


def needs(permission: str) -> Callable[[View], View]:
    """Refuse visitors without the permission (403)."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *given: Any, **named: Any) -> HttpResponseBase:
            require(actor_of(request), permission)
            return view(request, *given, **named)

        return guarded

    return wrap


def actor_of(request: HttpRequest) -> Actor:
    """Whoever is signed in."""
    return cast(Actor, request.user)


def reached(request: HttpRequest, pk: int) -> Any:
    """The customer, or 404 when there is none within reach."""
    customer = visible_customers(actor_of(request)).filter(pk=pk).first()
    if customer is None:
        raise Http404
    return customer


def is_drawer(request: HttpRequest) -> bool:
    """Whether only the inside is asked for."""
    return bool(request.headers.get("X-Drawer") or request.headers.get("HX-Request") == "true")
