"""Who may open a page: the guard of every room's views. See docs/adr/0011."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase

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
