"""Coming in and going out: sign-in, sign-out, password, language, theme, and the health check."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuke.team.forms import PasswordForm, SignInForm
from shuke.team.services import change_password, choose_language, choose_theme, record_audit
from shuke.ui.errors import too_many
from shuke.ui.toasts import flash

TRIES_PER_ADDRESS = 40
TRIES_WINDOW_SECONDS = 300
YEAR_SECONDS = 365 * 24 * 3600


def _safe_next(request: HttpRequest, fallback: str) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    if not is_ours or urlsplit(wanted).path == settings.LOGIN_URL:
        return fallback
    return wanted


def _tries_too_often(request: HttpRequest) -> bool:
    """Whether this address has sent the form too often lately, whatever names it tried."""
    key = f"team.sign_in:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, TRIES_WINDOW_SECONDS)
    try:
        return cache.incr(key) > TRIES_PER_ADDRESS
    except ValueError:
        return False


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page. Too many wrong tries lock the name out for a while."""
    target = _safe_next(request, "")
    if request.user.is_authenticated:
        return redirect(target or settings.LOGIN_REDIRECT_URL)
    if request.method == "POST" and _tries_too_often(request):
        return too_many(request)
    form = SignInForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _let_in(request, form, target)
    return render(request, "team/sign_in.html", {"form": form, "next": target})


def _let_in(request: HttpRequest, form: SignInForm, target: str) -> HttpResponse:
    staff = form.get_user()
    with transaction.atomic():
        login(request, staff)
        staff.address = request.META.get("REMOTE_ADDR") or None
        record_audit(staff, "signed_in", staff)
    if staff.must_change_password:
        return redirect("team:password")
    return redirect(target or settings.LOGIN_REDIRECT_URL)


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, str] | None = None
) -> HttpResponse:
    """Shown instead of the sign-in page after too many wrong passwords (called by axes)."""
    minutes = max(1, round(float(settings.AXES_COOLOFF_TIME) * 60))
    form = SignInForm(request)
    context = {"form": form, "lockout_minutes": minutes}
    return render(request, "team/sign_in.html", context, status=429)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    if request.user.is_authenticated:
        record_audit(request.user, "signed_out", request.user)
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@never_cache
@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """The person's own password; the first sign-in lands here."""
    is_first = request.user.must_change_password
    form = PasswordForm(request.POST or None, staff=request.user)
    if request.method == "POST" and form.is_valid():
        change_password(actor=request.user, password=form.cleaned_data["new"])
        update_session_auth_hash(request, request.user)
        flash(request, _("密码改好了，下次用新密码登录。"))
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "team/password.html", {"form": form, "is_first": is_first})


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language of the pages: kept with the person, and in a cookie for the sign-in page."""
    wanted = request.POST.get("language", "")
    if wanted not in dict(settings.LANGUAGES):
        return redirect(_safe_next(request, "/"))
    if request.user.is_authenticated:
        choose_language(actor=request.user, language=wanted)
    response = redirect(_safe_next(request, "/"))
    _keep(response, settings.LANGUAGE_COOKIE_NAME, wanted)
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Change light and dark: kept with the person, and in a cookie so that no page flashes."""
    wanted = request.POST.get("theme", "")
    if wanted not in ("auto", "light", "dark"):
        return HttpResponse(status=400)
    choose_theme(actor=request.user, theme=wanted)
    response = HttpResponse(status=204)
    _keep(response, "shuke_theme", wanted)
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=YEAR_SECONDS, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


@require_GET
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """For watchdogs: 200 while the database answers, 503 otherwise. Says nothing about the shop."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return JsonResponse({"status": "database unavailable"}, status=503)
    return JsonResponse({"status": "ok"})
