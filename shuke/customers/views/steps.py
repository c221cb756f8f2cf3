"""Next steps: planned, done with the next one in the same go, put off, not needed, and each taken back.

`place` in the form says where it was done: in the list of what is due ("list"), on the customer page ("page"), or in the panel.
"""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuke.customers import services
from shuke.customers.forms import FinishForm, FollowUpForm, PostponeForm
from shuke.customers.models import Customer, FollowUp
from shuke.customers.queries import day_choices, follow_ups_of
from shuke.customers.views.gate import actor_of, go, is_htmx, needs, reached
from shuke.customers.views.touches import answer, refused, show_touches
from shuke.kernel import clock
from shuke.ui.toasts import flash, toast

STEPS_SHOWN = 6


@require_GET
@needs("customers.view")
def steps_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """A customer's open steps."""
    customer = reached(request, pk)
    context = {
        "pk": customer.pk,
        "steps": follow_ups_of(pk)[:STEPS_SHOWN],
        "days": day_choices(),
        "today": clock.today(),
        "place": "page",
    }
    return render(request, "customers/_steps.html", context)


@require_http_methods(["GET", "POST"])
@needs("customers.follow_up")
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan something for a day."""
    customer = reached(request, pk)
    if request.method == "GET":
        return show_touches(request, customer, kind="", is_planning=True)
    form = FollowUpForm(request.POST)
    if not form.is_valid():
        return refused(request, customer, _problems(form, _("请写下要做什么，并选一天。")))
    try:
        step = services.plan_follow_up(actor=actor_of(request), customer_id=pk, step=form.step())
    except ValidationError as error:
        return refused(request, customer, " ".join(error.messages))
    return _done(
        request, customer, _("记在日程里了。"), reverse("customers:cancel_follow_up", args=[step.pk])
    )


@require_POST
@needs("customers.follow_up")
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Done, its result and the next step in one go."""
    step, customer = _step(request, pk)
    form = FinishForm(request.POST)
    if not form.is_valid():
        return refused(request, customer, _problems(form, _("请检查填的内容。")))
    try:
        services.finish_follow_up(
            actor=actor_of(request),
            follow_up_id=step.pk,
            result=form.cleaned_data["result"],
            following=form.following(),
            touch=form.touch(),
        )
    except ValidationError as error:
        return refused(request, customer, " ".join(error.messages))
    return _done(request, customer, _("完成了。"), reverse("customers:reopen_follow_up", args=[step.pk]))


@require_POST
@needs("customers.follow_up")
def postpone(request: HttpRequest, pk: int) -> HttpResponse:
    """On another day."""
    step, customer = _step(request, pk)
    form = PostponeForm(request.POST or request.GET)
    if not form.is_valid():
        return refused(request, customer, _("请选改到哪一天。"))
    was_on = services.postpone_follow_up(
        actor=actor_of(request), follow_up_id=step.pk, due_on=form.cleaned_data["due_on"]
    )
    undo = f"{reverse('customers:postpone_follow_up', args=[step.pk])}?due_on={was_on.isoformat()}"
    return _done(request, customer, _("改期了。"), undo)


@require_POST
@needs("customers.follow_up")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """No longer needed."""
    step, customer = _step(request, pk)
    services.cancel_follow_up(actor=actor_of(request), follow_up_id=step.pk)
    return _done(request, customer, _("不做了。"), reverse("customers:reopen_follow_up", args=[step.pk]))


@require_POST
@needs("customers.follow_up")
def reopen_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Take "done" or "not needed" back."""
    step, customer = _step(request, pk)
    try:
        services.reopen_follow_up(actor=actor_of(request), follow_up_id=step.pk)
    except ValidationError as error:
        return refused(request, customer, " ".join(error.messages))
    return _done(request, customer, _("恢复了。"))


def _step(request: HttpRequest, pk: int) -> tuple[FollowUp, Customer]:
    step = get_object_or_404(FollowUp, pk=pk)
    return step, reached(request, step.customer_id)


def _problems(form: FollowUpForm | FinishForm, otherwise: str) -> str:
    told = [str(text) for name, texts in form.errors.items() if name == "due_on" for text in texts]
    return " ".join(told) or otherwise


def _done(request: HttpRequest, customer: Customer, words: str, undo_url: str = "") -> HttpResponse:
    place = request.POST.get("place", "")
    if place == "list" and not is_htmx(request):
        flash(request, words, undo_url=undo_url)
        return go(request, reverse("customers:follow_ups"))
    if place == "list":
        return toast(HttpResponse(""), words, undo_url=undo_url)
    return answer(request, customer, words, undo_url)
