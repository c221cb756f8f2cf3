"""邮件: letters of nobody known, and letters somebody has to decide about."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from shuke.connectors.mail import services
from shuke.connectors.mail.queries import account_states, readable_accounts, troubled_letters, waiting_letters
from shuke.connectors.mail.rules import new_words
from shuke.connectors.mail.views.gate import actor_of, needs
from shuke.connectors.mail.wording import trouble_words
from shuke.customers.queries import display_name, search_customers
from shuke.customers.services import IdentityTaken
from shuke.ui.toasts import flash

PAGE = 30
FOUND_SHOWN = 6


@require_GET
@needs("mail.view")
def inbox(request: HttpRequest) -> HttpResponse:
    """未认出的来信, and what did not go out."""
    actor = actor_of(request)
    is_ignored = request.GET.get("show") == "ignored"
    letters = waiting_letters(actor, ignored=is_ignored).prefetch_related("attachments")
    page = Paginator(letters, PAGE).get_page(request.GET.get("page"))
    troubled = [
        {"letter": one, "name": display_name(one.customer), "words": trouble_words(one.trouble)}
        for one in troubled_letters(actor)[:PAGE]
    ]
    states = account_states(readable_accounts(actor).filter(is_active=True).exclude(imap_host=""))
    context = {
        "letters": [{"letter": one, "words": new_words(one.text)} for one in page],
        "page": page,
        "is_ignored": is_ignored,
        "troubled": troubled,
        "gaps": [{"state": one, "words": trouble_words(one.trouble)} for one in states if one.gap_since],
        "has_accounts": readable_accounts(actor).exists(),
        "may_configure": actor.may("mail.own"),
    }
    return render(request, "connectors/inbox.html", context)


@require_GET
@needs("mail.view")
def candidates(request: HttpRequest, pk: int) -> HttpResponse:
    """Customers who may have written an unknown letter, as one types."""
    actor = actor_of(request)
    letter = waiting_letters(actor).filter(pk=pk).first()
    if letter is None:
        raise Http404
    words = request.GET.get("q", "").strip()[:60]
    found = list(search_customers(actor, words))[:FOUND_SHOWN] if words else []
    return render(request, "connectors/_candidates.html", {"letter": letter, "found": found, "q": words})


@require_POST
@needs("mail.view")
def settle(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """认领, 新建客户, 忽略 an unknown letter; `back` undoes each."""
    deeds: dict[str, Any] = {"claim": _claim, "welcome": _welcome, "ignore": _ignore, "back": _back}
    if what not in deeds:
        raise Http404
    try:
        deeds[what](request, pk)
    except ObjectDoesNotExist:
        raise Http404 from None
    except (ValidationError, IdentityTaken) as error:
        words = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        flash(request, words, level="error")
    return HttpResponse(status=204) if _is_undo(request) else redirect("connectors:inbox")


def _is_undo(request: HttpRequest) -> bool:
    """撤销 of a toast: the page reloads itself."""
    return request.headers.get("HX-Request") == "true"


def _claim(request: HttpRequest, pk: int) -> None:
    given = request.POST.get("customer", "")
    if not given.isdecimal():
        raise ValidationError(_("请先选一位客户。"))
    count = services.claim_letter(actor=actor_of(request), letter_id=pk, customer_id=int(given))
    words = ngettext("归到客户了，一共 %(n)s 封。", "归到客户了，一共 %(n)s 封。", count) % {"n": count}
    flash(request, words, undo_url=_undo(pk))


def _welcome(request: HttpRequest, pk: int) -> None:
    services.welcome_writer(actor=actor_of(request), letter_id=pk, name=request.POST.get("name", ""))
    flash(request, _("新客户建好了，来信已归到名下。"))


def _ignore(request: HttpRequest, pk: int) -> None:
    services.ignore_letter(actor=actor_of(request), letter_id=pk)
    flash(request, _("忽略了。"), undo_url=_undo(pk))


def _back(request: HttpRequest, pk: int) -> None:
    services.unclaim_letter(actor=actor_of(request), letter_id=pk)
    flash(request, _("放回未认出的来信了。"))


def _undo(pk: int) -> str:
    return reverse("connectors:settle", args=[pk, "back"])
