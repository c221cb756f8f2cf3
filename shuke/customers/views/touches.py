"""Touches: logged in one line, mended, taken back and put back; colleagues to mention, and whether one may contact now."""

from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuke.customers import services
from shuke.customers.forms import RESULTS, TouchForm
from shuke.customers.models import ContactPermit, Customer, Interaction
from shuke.customers.queries import (
    contact_allowed,
    contacts_for,
    day_choices,
    display_name,
    follow_ups_of,
    recent_touches,
)
from shuke.customers.queries.watching import colleagues_seeing, is_following
from shuke.customers.views.gate import actor_of, go, is_htmx, is_part, needs, reached
from shuke.kernel import clock
from shuke.team.queries import visible_staff
from shuke.ui.toasts import flash, toast

PLAIN = "text/plain; charset=utf-8"
LONGEST_TYPED = 20


@require_GET
@needs("customers.view")
def touch_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Log a touch, plan a step, and what is open and recent."""
    return render(request, "customers/_touches.html", touch_context(request, reached(request, pk)))


def touch_context(request: HttpRequest, customer: Customer, **more: Any) -> dict[str, Any]:
    """What the panel of touches and steps shows."""
    return {
        "customer": customer,
        "pk": customer.pk,
        "name": display_name(customer),
        "contacts": contacts_for(actor_of(request), customer),
        "kind": "note",
        "days": day_choices(),
        "steps": follow_ups_of(customer.pk),
        "kinds": Interaction.Kind.choices,
        "touches": recent_touches(customer.pk),
        "today": clock.today(),
        "colleagues": visible_staff(actor_of(request)).order_by("pk"),
        **more,
    }


@require_http_methods(["GET", "POST"])
@needs("customers.follow_up")
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """Log a touch: a page or drawer with one line (`kind` chooses how), posted back as a fragment."""
    customer = reached(request, pk)
    kind = request.GET.get("kind", "call")
    if request.method == "GET":
        chosen = kind if kind in Interaction.Kind.values else "call"
        verdict = contact_allowed(pk, chosen)
        return show_touches(request, customer, kind=chosen, verdict=verdict)
    form = TouchForm(request.POST)
    if not form.is_valid():
        return refused(request, customer, _problem(form, _("请选择联系方式，写一句话。")))
    try:
        logged = services.log_interaction(actor=actor_of(request), customer_id=pk, touch=form.touch())
    except ValidationError as error:
        return refused(request, customer, " ".join(error.messages))
    return answer(request, customer, _("记下了。"), reverse("customers:remove_touch", args=[logged.pk]))


@require_http_methods(["GET", "POST"])
@needs("customers.follow_up")
def touch(request: HttpRequest, pk: int) -> HttpResponse:
    """Mend one touch, or take it back."""
    row = get_object_or_404(Interaction.objects.select_related("staff"), pk=pk)
    customer = reached(request, row.customer_id)
    if request.method == "GET":
        context = {
            "customer": customer,
            "name": display_name(customer),
            "touch": row,
            "kinds": Interaction.Kind.choices,
            "directions": Interaction.Direction.choices,
            "results": [(str(words), words) for value, words in RESULTS if value],
            "is_own": _is_own(request, row),
        }
        template = "customers/_touch.html" if is_part(request) else "customers/touch.html"
        return render(request, template, context)
    form = TouchForm(request.POST)
    if not form.is_valid():
        return refused(request, customer, _problem(form, _("请选择联系方式，写一句话。")))
    try:
        services.change_interaction(actor=actor_of(request), interaction_id=pk, touch=form.touch())
    except ValidationError as error:
        return refused(request, customer, " ".join(error.messages))
    return _told(request, customer, _("改好了。"), reverse("customers:revert_touch", args=[pk]))


def _is_own(request: HttpRequest, row: Interaction) -> bool:
    actor = actor_of(request)
    return row.staff_id == actor.id or actor.may("team.manage")


@require_POST
@needs("customers.follow_up")
def remove_touch(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a touch back."""
    customer = _of_touch(request, pk)
    services.remove_interaction(actor=actor_of(request), interaction_id=pk)
    undo = reverse("customers:restore_touch", args=[pk])
    if request.POST.get("place") == "drawer":
        return _told(request, customer, _("撤回了。"), undo)
    return answer(request, customer, _("撤回了。"), undo)


@require_POST
@needs("customers.follow_up")
def restore_touch(request: HttpRequest, pk: int) -> HttpResponse:
    """Put back what was taken back."""
    customer = _of_touch(request, pk)
    services.restore_interaction(actor=actor_of(request), interaction_id=pk)
    return answer(request, customer, _("恢复了。"))


@require_POST
@needs("customers.follow_up")
def revert_touch(request: HttpRequest, pk: int) -> HttpResponse:
    """As it was before the last change."""
    customer = _of_touch(request, pk)
    services.revert_interaction(actor=actor_of(request), interaction_id=pk)
    return answer(request, customer, _("改回去了。"))


@require_GET
@needs("customers.follow_up")
def colleagues(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom a typed @ may mean: colleagues who see this customer."""
    customer = reached(request, pk)
    typed = request.GET.get("q", "")[:LONGEST_TYPED]
    found = colleagues_seeing(customer, typed)
    return render(request, "customers/_colleagues.html", {"colleagues": found})


@require_POST
@needs("customers.view")
def watch(request: HttpRequest, pk: int) -> HttpResponse:
    """关注 a customer, or no longer."""
    customer = reached(request, pk)
    actor = actor_of(request)
    was_following = is_following(actor, pk)
    change = services.unfollow_customer if was_following else services.follow_customer
    change(actor=actor, customer_id=pk)
    words = _("不再关注。") if was_following else _("关注了，有动静会告诉你。")
    if not is_htmx(request):
        flash(request, words)
        return go(request, reverse("desk:customer", args=[pk]))
    context = {"pk": customer.pk, "is_following": not was_following}
    return toast(render(request, "customers/_watch.html", context), words)


@require_POST
@needs("customers.plan")
def permit(request: HttpRequest, pk: int) -> HttpResponse:
    """Let this customer be contacted today in spite of the limit."""
    customer = reached(request, pk)
    try:
        given = services.permit_contact(
            actor=actor_of(request), customer_id=pk, reason=request.POST.get("reason", "")
        )
    except ValidationError as error:
        return refused(request, customer, " ".join(error.messages))
    flash(request, _("今天可以联系了。"), undo_url=reverse("customers:withdraw_permit", args=[given.pk]))
    return go(request, reverse("desk:customer", args=[pk]))


@require_POST
@needs("customers.plan")
def withdraw_permit(request: HttpRequest, pk: int) -> HttpResponse:
    """The limit holds again."""
    given = get_object_or_404(ContactPermit, pk=pk)
    customer = reached(request, given.customer_id)
    services.withdraw_permit(actor=actor_of(request), permit_id=pk)
    return answer(request, customer, _("收回了。"))


def _of_touch(request: HttpRequest, pk: int) -> Customer:
    return reached(request, get_object_or_404(Interaction.everything, pk=pk).customer_id)


def _problem(form: Form, otherwise: str) -> str:
    return " ".join(str(text) for text in form.errors.get("happened_at", [])) or otherwise


def show_touches(request: HttpRequest, customer: Customer, **more: Any) -> HttpResponse:
    """The panel, in its drawer or as a page."""
    template = "customers/_touches.html" if is_part(request) else "customers/touches.html"
    return render(request, template, touch_context(request, customer, **more))


def refused(request: HttpRequest, customer: Customer, words: str) -> HttpResponse:
    """What is wrong, as a toast; nothing was changed."""
    if is_htmx(request):
        return HttpResponse(words, status=400, content_type=PLAIN)
    flash(request, words, level="error")
    return go(request, reverse("customers:log", args=[customer.pk]))


def answer(request: HttpRequest, customer: Customer, words: str, undo_url: str = "") -> HttpResponse:
    """The panel as it stands now; `touched` tells the page that its timeline is older than that."""
    if not is_htmx(request):
        flash(request, words, undo_url=undo_url)
        return go(request, reverse("desk:customer", args=[customer.pk]))
    if request.POST.get("stay") or request.POST.get("place") == "page":
        shown = HttpResponse(status=204)
    else:
        shown = render(request, "customers/_touches.html", touch_context(request, customer))
    shown["HX-Trigger"] = '{"touched": {}}'
    return toast(shown, words, undo_url=undo_url)


def _told(request: HttpRequest, customer: Customer, words: str, undo_url: str) -> HttpResponse:
    """Done in a drawer: it closes, the page behind it takes the change in."""
    if not is_htmx(request):
        flash(request, words, undo_url=undo_url)
        return go(request, reverse("desk:customer", args=[customer.pk]))
    shown = HttpResponse(status=204)
    shown["HX-Trigger"] = '{"touched": {}, "closedialog": {}}'
    return toast(shown, words, undo_url=undo_url)
