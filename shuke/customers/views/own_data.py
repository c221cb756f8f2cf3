"""The page behind a customer's link: their own data, masked, to confirm or put right. Nobody is signed in.

Whoever holds the address is let in, so the page tells no more than a customer needs to recognise their data, and every address
that does not open answers alike. There is no cookie to misuse: the secret in the address is what allows a form to be sent.
"""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from shuke.customers.forms.asking import OwnDataForm
from shuke.customers.models import ProfileLink
from shuke.customers.services.quality import links
from shuke.kernel.throttle import is_too_fast
from shuke.ui.public import LANGUAGES, private

MOST_FAILURES, WITHIN_SECONDS = 40, 600


def _speaking(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """In the visitor's language, or the one they chose on the page."""

    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        chosen = request.GET.get("lang", "")
        if chosen not in LANGUAGES:
            return view(request, token)
        with translation.override(chosen):
            return view(request, token)

    return wrapped


@csrf_exempt
@require_http_methods(["GET", "POST"])
@_speaking
def own_data(request: HttpRequest, token: str) -> HttpResponse:
    """Show, or take an answer down."""
    try:
        link = links.open_link(token)
    except links.LinkGone:
        return _gone(request)
    if request.method == "GET":
        return _page(request, link, OwnDataForm(customer=link.customer))
    form = OwnDataForm(request.POST, customer=link.customer)
    if form.is_valid():
        try:
            links.answer_link(token, form.answer())
        except links.LinkGone:
            return _gone(request)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return private(render(request, "customers/own/thanks.html"))
    return _page(request, link, form, status=422)


def _gone(request: HttpRequest) -> HttpResponse:
    """The same for every address that does not open. Who tries many waits; who has one that opens is not held up by them."""
    visitor = request.META.get("REMOTE_ADDR", "")
    if is_too_fast(f"own_data:{visitor}", MOST_FAILURES, WITHIN_SECONDS):
        return private(render(request, "customers/own/slow.html", status=429))
    return private(render(request, "customers/own/gone.html", status=404))


def _page(request: HttpRequest, link: ProfileLink, form: OwnDataForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "shown": form.shown(), "expires_at": link.expires_at}
    return private(render(request, "customers/own/form.html", context, status=status))
