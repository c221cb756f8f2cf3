"""请核实 · 资料: one profile after the other, what customers want changed, and the link for a customer."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuke.customers import ports
from shuke.customers.forms.asking import ReviewForm
from shuke.customers.models import ProfileProposal, ProfileReview
from shuke.customers.queries.asking import (
    Waiting,
    answer_words,
    is_live,
    link_of,
    next_profile,
    proposals_shown,
    week_of,
)
from shuke.customers.queries.origins import field_origins
from shuke.customers.queries.records import contacts_for, display_name
from shuke.customers.rules.asking import LATER_DAYS
from shuke.customers.services import IdentityTaken
from shuke.customers.services.quality import links, reviewing
from shuke.customers.views.gate import actor_of, go, is_drawer, needs, reached
from shuke.customers.views.merging import check_tabs
from shuke.team.queries import shop
from shuke.ui.qr import qr_path
from shuke.ui.toasts import flash

CUSTOMER = "customer"


def _queue(customer_id: int | None = None) -> str:
    return reverse("customers:profiles") + (f"?{CUSTOMER}={customer_id}" if customer_id else "")


def _wanted(request: HttpRequest) -> int | None:
    given = request.GET.get(CUSTOMER, "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


@require_GET
@needs("customers.edit")
def profiles(request: HttpRequest) -> HttpResponse:
    """The profile that is worth asking about most, ready to be confirmed or put right; once done, the next one."""
    wanted = _wanted(request)
    waiting = next_profile(actor_of(request), wanted)
    if wanted is not None and waiting is None:
        raise Http404
    return _show(request, waiting)


def _show(request: HttpRequest, waiting: Waiting | None, form: ReviewForm | None = None) -> HttpResponse:
    actor = actor_of(request)
    context: dict[str, Any] = {"tab": "profiles", "week": week_of(actor), "proposals": proposals_shown(actor)}
    if waiting is not None:
        customer = waiting.customer
        form = form or ReviewForm(actor, customer=customer, profile=waiting.profile)
        context |= {
            "waiting": waiting,
            "pk": customer.pk,
            "name": display_name(customer),
            "contacts": contacts_for(actor, customer),
            "form": form,
            "lines": form.lines(),
            "origins": field_origins(customer, waiting.profile),
            "later_days": LATER_DAYS,
            "verdict": waiting.verdict,
        }
    status = 422 if form is not None and form.errors else 200
    return render(request, "customers/check_profiles.html", context | check_tabs(request), status=status)


@require_POST
@needs("customers.edit")
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm and put right; or could not be reached; or later. Then the next one."""
    reached(request, pk)
    actor, what = actor_of(request), request.POST.get("do", "")
    if what == "unreached":
        return _done(
            request,
            reviewing.note_unreached(actor=actor, customer_id=pk),
            _("记下了：没联系上，两周后再看。"),
        )
    if what == "later":
        return _put_off(request, pk)
    waiting = next_profile(actor, pk)
    if waiting is None:
        raise Http404
    form = ReviewForm(actor, request.POST, customer=waiting.customer, profile=waiting.profile)
    if form.is_valid():
        try:
            made = reviewing.review_profile(actor=actor, customer_id=pk, review=form.review())
        except ValidationError as error:
            form.take_problems(error)
        except IdentityTaken as error:
            form.add_error(None, str(error))
        else:
            is_corrected = made.outcome == ProfileReview.Outcome.CORRECTED
            return _done(
                request, made, _("改好了，也记下核实过。") if is_corrected else _("记下了：资料没错。")
            )
    return _show(request, waiting, form)


def _put_off(request: HttpRequest, pk: int) -> HttpResponse:
    given = request.POST.get("days", "")
    days = int(given) if given.isdecimal() and int(given) in LATER_DAYS else LATER_DAYS[0]
    made = reviewing.put_off_review(actor=actor_of(request), customer_id=pk, days=days)
    return _done(request, made, _("%(n)s 天后再看。") % {"n": days})


def _done(request: HttpRequest, made: ProfileReview, words: str) -> HttpResponse:
    flash(request, words, undo_url=reverse("customers:undo_review", args=[made.pk]))
    return go(request, _queue())


@require_POST
@needs("customers.edit")
def undo_review(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision back, and show the customer again."""
    made = get_object_or_404(ProfileReview, pk=pk)
    reached(request, made.customer_id)
    reviewing.undo_review(actor=actor_of(request), review_id=pk)
    return go(request, _queue(made.customer_id))


# --- what customers want changed ---


@require_POST
@needs("customers.edit")
def decide_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over what a customer wants changed, or leave it."""
    is_taken = request.POST.get("decision") == "take"
    proposal = get_object_or_404(ProfileProposal, pk=pk)
    reached(request, proposal.customer_id)
    try:
        links.decide_proposal(actor=actor_of(request), proposal_id=pk, is_taken=is_taken)
    except ValidationError as error:
        flash(request, "；".join(error.messages))
        return go(request, _queue())
    except IdentityTaken:
        flash(request, _("这个号码已经是另一位客户的，没有改。先看看是不是同一个人。"))
        return go(request, _queue())
    except ObjectDoesNotExist:
        raise Http404 from None
    words = _("采用了客户填的。") if is_taken else _("没有采用，资料照旧。")
    flash(request, words, undo_url=reverse("customers:reopen_proposal", args=[pk]))
    return go(request, _queue())


@require_POST
@needs("customers.edit")
def reopen_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Take that back."""
    proposal = get_object_or_404(ProfileProposal, pk=pk)
    reached(request, proposal.customer_id)
    try:
        links.reopen_proposal(actor=actor_of(request), proposal_id=pk)
    except ValidationError as error:
        flash(request, "；".join(error.messages))
    except ObjectDoesNotExist:
        raise Http404 from None
    return go(request, _queue())


# --- the link ---


@require_http_methods(["GET", "POST"])
@needs("customers.edit")
def profile_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the address under which a customer checks their data; shown this once, to be copied, scanned, texted or mailed."""
    customer, actor = reached(request, pk), actor_of(request)
    address = ""
    if request.method == "POST" and request.POST.get("do") == "revoke":
        links.revoke_link(actor=actor, customer_id=pk)
        flash(request, _("链接收回了，打不开了。"))
        return go(request, reverse("customers:profile_link", args=[pk]))
    if request.method == "POST":
        token = links.issue_link(actor=actor, customer_id=pk)
        address = request.build_absolute_uri(reverse("customers:own_data", args=[token]))
        if request.POST.get("do") == "mail":
            return _mailed(request, pk, address)
    link = link_of(pk)
    size, path = qr_path(address) if address else (0, "")
    context = {
        "customer": customer,
        "name": display_name(customer),
        "contacts": contacts_for(actor, customer),
        "address": address,
        "text": _letter_text(address) if address else "",
        "qr_size": size,
        "qr_path": path,
        "link": link,
        "is_live": is_live(link),
        "answer": answer_words(link.answer) if link and link.answered_at else "",
        "may_mail": bool(customer.email) and ports.may_mail(actor),
    }
    template = "customers/_profile_link.html" if is_drawer(request) else "customers/profile_link.html"
    response = render(request, template, context)
    response["Cache-Control"] = "no-store"
    return response


def _letter_text(address: str) -> str:
    words = _("您好，这里是%(shop)s。想请您花一分钟核对一下留在我们店里的资料，只有您能打开：%(address)s")
    return words % {"shop": shop().name, "address": address}


def _mailed(request: HttpRequest, pk: int, address: str) -> HttpResponse:
    subject = _("%(shop)s：请核对您的资料") % {"shop": shop().name}
    problem = ports.mail_customer(actor_of(request), pk, subject, _letter_text(address))
    flash(request, problem or _("链接交给邮箱去发了，发没发出看时间线。"))
    return go(
        request,
        reverse("customers:profile_link", args=[pk]) if problem else reverse("desk:customer", args=[pk]),
    )
