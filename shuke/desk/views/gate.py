"""Who may open the desk's pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from shuke.team.services import require

View = Callable[..., HttpResponse]


def needs(permission: str) -> Callable[[View], View]:
    """Refuse visitors without the permission (403)."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
            require(request.user, permission)  # type: ignore[arg-type]
            return view(request, *given, **named)

        return guarded

    return wrap
