"""Pages of the value room."""

from django.http import HttpRequest, HttpResponse


def overview(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


lifecycle = slipping = model = refresh = policy = policy_preview = overview


def panel(request: HttpRequest, customer_id: int) -> HttpResponse:
    return HttpResponse("")
