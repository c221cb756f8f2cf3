"""Panels of the customer page: profile, touches, next steps. Without JavaScript they lead back to the page."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuke.customers import services
from shuke.customers.forms import (
    CHANNELS,
    EDUCATION,
    INCOME,
    RESULTS,
    FinishForm,
    FollowUpForm,
    TouchForm,
    day_choices,
    label_of,
)
from shuke.customers.models import Customer, FollowUp, Interaction
from shuke.customers.queries import (
    birthday_of,
    birthday_words,
    contacts_for,
    customer_card,
    display_name,
    follow_ups_of,
    recent_touches,
)
from shuke.customers.services.contact import REVEALED
from shuke.customers.views.gate import actor_of, go, is_htmx, is_part, needs, reached
from shuke.kernel import clock
from shuke.ui.toasts import flash, toast

PLAIN = "text/plain; charset=utf-8"


@require_GET
@needs("customers.view")
def profile_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of a customer, in sections; what is not known is not shown."""
    customer = reached(request, pk)
    card = customer_card(actor_of(request), pk)
    birthday = birthday_of(customer)
    context = {
        "customer": customer,
        "card": card,
        "contacts": card.contacts,
        "birthday_words": birthday_words(birthday),
        "age": clock.today().year - customer.birth_year if customer.birth_year else None,
        "education": label_of(EDUCATION, customer.education),
        "income": label_of(INCOME, customer.income_band),
        "channel": label_of(CHANNELS, customer.preferred_channel),
    }
    return render(request, "customers/_profile.html", context)


@require_GET
@needs("customers.view")
def touch_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Log a touch, plan a step, and what is open and recent."""
    return render(request, "customers/_touches.html", _touch_context(request, reached(request, pk)))


def _touch_context(request: HttpRequest, customer: Customer, **more: Any) -> dict[str, Any]:
    return {
        "customer": customer,
        "name": display_name(customer),
        "contacts": contacts_for(actor_of(request), customer),
        "kinds": Interaction.Kind.choices,
        "kind": "note",
        "results": RESULTS,
        "days": day_choices(),
        "steps": follow_ups_of(customer.pk),
        "touches": recent_touches(customer.pk),
        "today": clock.today(),
        **more,
    }


@require_http_methods(["GET", "POST"])
@needs("customers.follow_up")
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """Log a touch: a page or drawer with one line (`kind` chooses how), posted back as a fragment."""
    customer = reached(request, pk)
    kind = request.GET.get("kind", "call")
    chosen = kind if kind in Interaction.Kind.values else "call"
    if request.method == "GET":
        return _show_touch(request, customer, kind=chosen)
    form = TouchForm(request.POST)
    if not form.is_valid():
        return _refused(request, customer, _("请选择联系方式，写一句话。"))
    try:
        touch = form.touch()
        words = label_of(RESULTS, touch.result)
        logged = services.log_interaction(
            actor=actor_of(request),
            customer_id=pk,
            touch=services.Touch(touch.kind, touch.body, touch.direction, words),
        )
    except ValidationError as error:
        return _refused(request, customer, " ".join(error.messages))
    undo = reverse("customers:remove_touch", args=[logged.pk])
    return _answer(request, customer, _("记下了。"), undo)


@require_http_methods(["GET", "POST"])
@needs("customers.follow_up")
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan something for a day."""
    customer = reached(request, pk)
    if request.method == "GET":
        return _show_touch(request, customer, kind="", is_planning=True)
    form = FollowUpForm(request.POST)
    if not form.is_valid():
        return _refused(request, customer, _("请写下要做什么，并选一天。"))
    try:
        step = services.plan_follow_up(actor=actor_of(request), customer_id=pk, step=form.step())
    except ValidationError as error:
        return _refused(request, customer, " ".join(error.messages))
    undo = reverse("customers:cancel_follow_up", args=[step.pk])
    return _answer(request, customer, _("记在日程里了。"), undo)


@require_POST
@needs("customers.follow_up")
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Done, its result and the next step in one go."""
    step, customer = _step(request, pk)
    form = FinishForm(request.POST)
    if not form.is_valid():
        return _refused(request, customer, " ".join(text for texts in form.errors.values() for text in texts))
    services.finish_follow_up(
        actor=actor_of(request),
        follow_up_id=step.pk,
        result=form.cleaned_data["result"],
        following=form.following(),
    )
    return _answer(request, customer, _("完成了。"), reverse("customers:reopen_follow_up", args=[step.pk]))


@require_POST
@needs("customers.follow_up")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """No longer needed."""
    step, customer = _step(request, pk)
    services.cancel_follow_up(actor=actor_of(request), follow_up_id=step.pk)
    return _answer(request, customer, _("不做了。"), reverse("customers:reopen_follow_up", args=[step.pk]))


@require_POST
@needs("customers.follow_up")
def reopen_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Take "done" or "not needed" back."""
    step, customer = _step(request, pk)
    services.reopen_follow_up(actor=actor_of(request), follow_up_id=step.pk)
    return _answer(request, customer, _("恢复了。"))


@require_POST
@needs("customers.follow_up")
def remove_touch(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what was just logged."""
    touch = get_object_or_404(Interaction, pk=pk)
    customer = reached(request, touch.customer_id)
    services.remove_interaction(actor=actor_of(request), interaction_id=pk)
    return _answer(request, customer, _("撤回了。"))


@require_http_methods(["GET", "POST"])
@needs("customers.view")
def reveal(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    """A contact unmasked, as plain text (copying) or in place; only on purpose, never by a followed link."""
    if field not in REVEALED or not is_htmx(request):
        raise Http404
    reached(request, pk)
    value = services.reveal_contact(actor=actor_of(request), customer_id=pk, field=field)
    if request.method == "GET":
        return HttpResponse(value, content_type=PLAIN)
    return render(request, "customers/_revealed.html", {"value": value, "field": field})


def _step(request: HttpRequest, pk: int) -> tuple[FollowUp, Customer]:
    step = get_object_or_404(FollowUp, pk=pk)
    return step, reached(request, step.customer_id)


def _show_touch(request: HttpRequest, customer: Customer, **more: Any) -> HttpResponse:
    template = "customers/_touches.html" if is_part(request) else "customers/touches.html"
    return render(request, template, _touch_context(request, customer, **more))


def _refused(request: HttpRequest, customer: Customer, words: str) -> HttpResponse:
    if is_htmx(request):
        return HttpResponse(words, status=400, content_type=PLAIN)
    flash(request, words, level="error")
    return go(request, reverse("customers:log", args=[customer.pk]))


def _answer(request: HttpRequest, customer: Customer, words: str, undo_url: str = "") -> HttpResponse:
    """The panel as it stands now; `touched` tells the page that its timeline is older than that."""
    if not is_htmx(request):
        flash(request, words, undo_url=undo_url)
        return go(request, reverse("desk:customer", args=[customer.pk]))
    answer = render(request, "customers/_touches.html", _touch_context(request, customer))
    answer["HX-Trigger"] = '{"touched": {}}'
    return toast(answer, words, undo_url=undo_url)
