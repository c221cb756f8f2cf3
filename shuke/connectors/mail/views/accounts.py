"""设置 › 邮箱."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuke.connectors.mail import services
from shuke.connectors.mail.forms import AccountForm
from shuke.connectors.mail.queries import account_states, gaps_of, manageable_accounts
from shuke.connectors.mail.rules import PRESETS, Trouble
from shuke.connectors.mail.views.gate import actor_of, needs
from shuke.connectors.mail.wording import trouble_words
from shuke.connectors.models import MailAccount
from shuke.team.ports import registered_tabs
from shuke.ui.toasts import flash


def _tabs(request: HttpRequest) -> list[dict[str, Any]]:
    tabs = []
    for tab in registered_tabs():
        try:
            url = reverse(tab.url_name)
        except NoReverseMatch:
            continue
        if actor_of(request).may(tab.permission):
            tabs.append({"label": tab.label, "url": url, "is_current": tab.key == "mail"})
    return tabs


@require_GET
@needs("mail.own")
def accounts(request: HttpRequest) -> HttpResponse:
    """The mailboxes this visitor may set up, and how they fare."""
    rows = [
        {"state": state, "words": trouble_words(state.trouble)}
        for state in account_states(manageable_accounts(actor_of(request)))
    ]
    may_configure = actor_of(request).may("mail.configure")
    context = {"rows": rows, "tabs": _tabs(request), "may_configure": may_configure}
    return render(request, "connectors/accounts.html", context)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@needs("mail.own")
def account_add(request: HttpRequest) -> HttpResponse:
    """Add a mailbox: the shop's with ?shop=1, else one's own."""
    is_shop = request.GET.get("shop") == "1" and actor_of(request).may("mail.configure")
    form = AccountForm(request.POST or None, initial={"preset": "exmail", "keeps_unknown": is_shop})
    if request.method == "POST" and form.is_valid():
        try:
            account = services.add_account(actor=actor_of(request), form=form.facts(), is_shop=is_shop)
        except ValidationError as error:
            _show(form, error)
        else:
            flash(request, _("邮箱加好了。先发一封测试邮件，再试收一次。"))
            return redirect("connectors:account", pk=account.pk)
    return _form(request, form, None, is_shop=is_shop)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@needs("mail.own")
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One mailbox: its settings, how it fares, its gaps."""
    found = _managed(request, pk)
    form = AccountForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_account(actor=actor_of(request), account_id=pk, form=form.facts())
        except ValidationError as error:
            _show(form, error)
        else:
            flash(request, _("邮箱保存好了。"))
            return redirect("connectors:account", pk=pk)
    return _form(request, form, _managed(request, pk), is_shop=found.is_shop)


@require_POST
@needs("mail.own")
def account_turn(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a mailbox, or use it again."""
    _managed(request, pk)
    is_active = request.POST.get("on") == "1"
    try:
        services.turn_account(actor=actor_of(request), account_id=pk, is_active=is_active)
    except ValidationError as error:
        flash(request, " ".join(error.messages), level="error")
        return redirect("connectors:account", pk=pk)
    words = _("邮箱又用起来了。") if is_active else _("邮箱停用了：不再收发，以前的信都还在。")
    undo = reverse("connectors:account_undo", args=[pk, "off" if is_active else "on"])
    flash(request, words, undo_url=undo)
    return redirect("connectors:accounts")


@require_POST
@needs("mail.own")
def account_undo(request: HttpRequest, pk: int, turn: str) -> HttpResponse:
    """撤销 after a mailbox was stopped or used again."""
    _managed(request, pk)
    services.turn_account(actor=actor_of(request), account_id=pk, is_active=turn == "on")
    return HttpResponse(status=204)


@require_POST
@needs("mail.own")
def account_try(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """发一封测试邮件 / 试收一次, and what came of it."""
    found = _managed(request, pk)
    if what == "send":
        trouble = services.try_sending(actor=actor_of(request), account_id=pk)
        words = (
            trouble_words(trouble) if trouble else _("测试邮件发出去了，请到 %(address)s 的收件箱看一眼。")
        )
        words = words if trouble else words % {"address": found.address}
        is_good = trouble is None
    else:
        answer = services.try_reading(actor=actor_of(request), account_id=pk)
        is_good = not isinstance(answer, Trouble)
        words = trouble_words(answer) if isinstance(answer, Trouble) else _read_words(answer)
    context = {"words": words, "is_good": is_good, "account": found}
    if request.headers.get("HX-Request") == "true":
        return render(request, "connectors/_tried.html", context)
    flash(request, words, level="ok" if is_good else "error")
    return redirect("connectors:account", pk=pk)


def _read_words(count: int) -> str:
    return ngettext(
        "收信没问题：最近 30 天收件箱里有 %(n)s 封信。",
        "收信没问题：最近 30 天收件箱里有 %(n)s 封信。",
        count,
    ) % {"n": count}


def _managed(request: HttpRequest, pk: int) -> MailAccount:
    found = manageable_accounts(actor_of(request)).filter(pk=pk).first()
    if found is None:
        if MailAccount.objects.filter(pk=pk).exists():
            raise PermissionDenied(_("这个邮箱不归您设置。"))
        raise Http404
    return found


def _show(form: AccountForm, error: ValidationError) -> None:
    for field, messages in error.message_dict.items():
        form.add_error(field if field in form.fields else None, messages)


def _form(
    request: HttpRequest, form: AccountForm, found: MailAccount | None, *, is_shop: bool
) -> HttpResponse:
    state = account_states([found])[0] if found else None
    context = {
        "form": form,
        "account": found,
        "is_shop": is_shop,
        "state": state,
        "words": trouble_words(state.trouble) if state else "",
        "gaps": [{"gap": gap, "words": trouble_words(gap.detail)} for gap in gaps_of(found)] if found else [],
        "presets": PRESETS.values(),
        "tabs": _tabs(request),
    }
    return render(request, "connectors/account.html", context, status=422 if form.errors else 200)
