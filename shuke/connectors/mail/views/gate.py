"""Who may open these pages."""

from typing import Any

from django.http import Http404, HttpRequest

from shuke.customers.queries import visible_customers
from shuke.team.gate import actor_of, needs

__all__ = ["actor_of", "is_drawer", "needs", "reached"]


def reached(request: HttpRequest, pk: int) -> Any:
    """The customer, or 404 when there is none within reach."""
    customer = visible_customers(actor_of(request)).filter(pk=pk).first()
    if customer is None:
        raise Http404
    return customer


def is_drawer(request: HttpRequest) -> bool:
    """Whether only the inside is asked for."""
    return bool(request.headers.get("X-Drawer") or request.headers.get("HX-Request") == "true")
