"""Nobody goes anywhere before signing in; and the first sign-in asks for a new password."""

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve
from django.utils import translation

PUBLIC = {
    "team:sign_in",
    "team:health",
    "team:language",
    "ui:manifest",
    "customers:feed",
    "customers:own_data",
}
BEFORE_PASSWORD = PUBLIC | {"team:password", "team:sign_out"}


class SignInMiddleware:
    """Turns unknown visitors to the sign-in page and newcomers to the password page; speaks the person's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        staff = request.user
        if staff.is_authenticated and staff.language:
            translation.activate(staff.language)
            request.LANGUAGE_CODE = translation.get_language()
        if staff.is_authenticated:
            staff.address = request.META.get("REMOTE_ADDR") or None
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        match = request.resolver_match or resolve(request.path_info)
        if not request.user.is_authenticated:
            if match.view_name in PUBLIC:
                return None
            return self._to_sign_in(request)
        if request.user.must_change_password and match.view_name not in BEFORE_PASSWORD:
            return redirect("team:password")
        return None

    @staticmethod
    def _to_sign_in(request: HttpRequest) -> HttpResponse:
        if getattr(request, "htmx", None) or request.headers.get("HX-Request"):
            answer = HttpResponse(status=401)
            answer["HX-Refresh"] = "true"
            return answer
        return redirect_to_login(request.get_full_path())
