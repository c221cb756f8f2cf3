"""今天: whom to contact, and the answer given to each line."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shuke.assignment.queries import leavers
from shuke.customers.queries import count_conflicts, count_pairs, day_names_shown, lunar_shown
from shuke.customers.services import permit_contact
from shuke.desk import rules
from shuke.desk.models import Suggestion
from shuke.desk.queries import today as queries
from shuke.desk.services import contacts
from shuke.desk.services.contacts import Contact
from shuke.desk.wording import RESULT_WORDS, greeting
from shuke.kernel import clock
from shuke.team.gate import needs
from shuke.team.queries import reach_of
from shuke.ui.toasts import toast

MOST_PAIRS = 100
KINDS = ("call", "sms", "wechat", "visit")


@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """The home page. Whoever may not follow customers up sees figures only."""
    staff = request.user
    may_contact = staff.may("desk.today")
    moment = clock.now()
    most = queries.MOST_LINES if "all" in request.GET else queries.FIRST_LINES
    alike = count_pairs(staff, MOST_PAIRS)
    pairs = min(alike + count_conflicts(staff, MOST_PAIRS), MOST_PAIRS)
    context = {
        "pairs_page": "customers:pairs" if alike else "customers:conflicts",
        "pairs": f"{MOST_PAIRS - 1}+" if pairs == MOST_PAIRS else pairs,
        "greeting": greeting(moment),
        "day": clock.today(),
        "day_names": day_names_shown(clock.today()),
        "lunar_day": lunar_shown(clock.today()),
        "figures": queries.figures_of_day(staff),
        "list": queries.contact_list(staff, most) if may_contact else None,
        "may_contact": may_contact,
        "week": queries.week_of(staff),
        "has_customers": queries.has_customers(staff),
        "results": RESULT_WORDS,
        "later_days": rules.LATER_DAYS,
        "may_permit": staff.may("customers.plan"),
        "leavers": leavers(staff),
    }
    return render(request, "desk/today.html", context)


def _line_response(request: HttpRequest, one: Suggestion) -> HttpResponse:
    line = queries.lines_of(request.user, [one]).get(one.pk)
    if line is None:
        raise Http404
    context = {
        "line": line,
        "results": RESULT_WORDS,
        "later_days": rules.LATER_DAYS,
        "may_permit": request.user.may("customers.plan"),
    }
    return render(request, "desk/_line.html", context)


@require_GET
@needs("desk.today")
def suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """One line as it stands."""
    return _line_response(request, _reached(request, pk))


def _reached(request: HttpRequest, pk: int) -> Suggestion:
    found = Suggestion.objects.filter(reach_of(request.user).filter(), pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_POST
@needs("customers.plan")
def permit(request: HttpRequest, pk: int) -> HttpResponse:
    """A manager lets the customer of this line be contacted today; answers with the line as it stands then."""
    one = _reached(request, pk)
    try:
        given = permit_contact(
            actor=request.user, customer_id=one.customer_id, reason=request.POST.get("reason", "")
        )
    except ValidationError as error:
        words = " ".join(error.messages)
        return HttpResponse(words, status=422, content_type="text/plain; charset=utf-8")
    undo = reverse("customers:withdraw_permit", args=[given.pk])
    return toast(_line_response(request, one), _("今天可以联系了。"), undo_url=undo)


@require_POST
@needs("desk.today")
def handle_suggestion(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Contacted, later, not needed or back again; answers with the line as it stands then."""
    _reached(request, pk)
    actor = request.user
    try:
        if step == "done":
            kind = request.POST.get("kind", "call")
            contact = Contact(
                result=request.POST.get("result", ""),
                kind=kind if kind in KINDS else "call",
                words=request.POST.get("words", ""),
            )
            one = contacts.mark_contacted(actor=actor, suggestion_id=pk, contact=contact)
        elif step == "later":
            one = contacts.put_off(actor=actor, suggestion_id=pk, days=int(request.POST.get("days", "3")))
        elif step == "dismiss":
            one = contacts.dismiss(actor=actor, suggestion_id=pk)
        elif step == "undo":
            one = contacts.take_back(actor=actor, suggestion_id=pk)
        else:
            raise Http404
    except ValueError:
        return HttpResponse(
            _("请从列出的选项里选一个。"), status=400, content_type="text/plain; charset=utf-8"
        )
    response = _line_response(request, one)
    if step == "undo":
        return response
    undo = reverse("desk:handle", args=[pk, "undo"])
    return toast(response, _said(step, one), undo_url=undo)


def _said(step: str, one: Suggestion) -> str:
    if step == "later":
        return _("好，到时候再提醒您。")
    if step == "dismiss":
        return _("这次不联系。")
    if one.result == rules.UNWANTED:
        return _("记下了，以后不再打扰这位客户。")
    return _("记下了。")
