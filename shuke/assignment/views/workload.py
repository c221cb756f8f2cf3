"""分工: who has how much on their hands, to whom new customers go, and evening it out."""

from dataclasses import asdict
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuke.assignment import services
from shuke.assignment.forms.duties import DutyFields, WeightFields
from shuke.assignment.models import Duty, StoreRule
from shuke.assignment.queries.handovers import leavers
from shuke.assignment.queries.workload import Workload, stored_policy, workloads
from shuke.assignment.queries.workload import weights as weights_in_force
from shuke.assignment.services import PolicyForm, RuleForm
from shuke.assignment.views.typed import number_of
from shuke.assignment.wording import LEVEL_WORDS
from shuke.team.gate import actor_of, needs
from shuke.team.queries import staff_of, visible_stores
from shuke.ui.toasts import flash

NEEDED = "assignment.hand_over"
CHANNEL_ROWS = 4


@require_GET
@needs(NEEDED)
def workload(request: HttpRequest) -> HttpResponse:
    """Everybody's load as a picture and a table; the rules of new customers; the button that evens it out."""
    actor = actor_of(request)
    people = workloads(actor)
    stores = list(visible_stores(actor).filter(is_active=True))
    rules = StoreRule.objects.in_bulk([one.pk for one in stores])
    context = {
        "people": people,
        "chart": _chart(people),
        "table": _table(people),
        "levels": LEVEL_WORDS,
        "leavers": leavers(actor),
        "stores": [{"store": one, "rule": rules.get(one.pk) or StoreRule(store=one)} for one in stores],
        "policy": stored_policy(),
        "may_configure": actor.may("assignment.configure"),
    }
    return render(request, "assignment/workload.html", context)


def _chart(people: list[Workload]) -> dict[str, Any]:
    """How full everybody is, its parts stacked: customers of each level, follow-ups; in percent of what they can carry."""
    weigh = weights_in_force()

    def share(one: Workload, load: int) -> float:
        return round(load / max(one.duty.capacity, 1), 4)

    series = [
        {
            "name": str(label),
            "values": [share(one, one.by_level.get(level, 0) * weigh.of(level)) for one in people],
        }
        for level, label in LEVEL_WORDS.items()
    ]
    steps = [share(one, one.follow_ups * weigh.follow_up) for one in people]
    series.append({"name": _("待办跟进"), "values": steps})
    return {
        "labels": [one.name for one in people],
        "series": series,
        "format": "percent",
        "is_horizontal": True,
    }


def _table(people: list[Workload]) -> dict[str, Any]:
    return {
        "head": [_("同事"), _("客户"), _("待办跟进"), _("负荷"), _("能照看")],
        "rows": [[one.name, one.customers, one.follow_ups, one.load, one.duty.capacity] for one in people],
    }


@require_http_methods(["GET", "POST"])
@needs(NEEDED)
def duty(request: HttpRequest, pk: int) -> HttpResponse:
    """What one person can take, and when they are away."""
    person = get_object_or_404(staff_of(actor_of(request)), pk=pk)
    kept = Duty.objects.filter(pk=pk).first() or Duty(staff_id=pk)
    initial = {name: getattr(kept, name) for name in ("capacity", "is_senior", "away_from", "away_until")}
    form = DutyFields(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_duty(actor=actor_of(request), staff_id=pk, form=form.duty())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            flash(request, _("%(name)s的负荷保存好了。") % {"name": person.name})
            return redirect("assignment:workload")
    context = {"form": form, "person": person}
    return render(request, "assignment/duty.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs("assignment.configure")
def weights(request: HttpRequest) -> HttpResponse:
    """What customers and follow-ups weigh."""
    kept = stored_policy()
    initial = {name: getattr(kept, name) for name in asdict(PolicyForm())}
    form = WeightFields(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.save_policy(actor=actor_of(request), form=form.policy())
        flash(request, _("权重保存好了。"))
        return redirect("assignment:workload")
    return render(request, "assignment/weights.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs(NEEDED)
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """To whom a store's new customers go."""
    actor = actor_of(request)
    store = get_object_or_404(visible_stores(actor), pk=pk)
    kept = StoreRule.objects.filter(pk=pk).first() or StoreRule(store=store)
    problem = ""
    if request.method == "POST":
        try:
            services.save_rule(actor=actor, store_id=pk, form=_rule_form(request))
        except ValidationError as error:
            problem = error.messages[0]
        else:
            flash(request, _("%(store)s的新客户分配改好了。") % {"store": store.name})
            return redirect("assignment:workload")
    rows = [*kept.channels.items(), *[("", 0)] * CHANNEL_ROWS]
    context = {
        "store": store,
        "rule": kept,
        "hows": StoreRule.How.choices,
        "rows": rows,
        "people": [one for one in workloads(actor) if pk in one.store_ids],
        "problem": problem,
    }
    return render(request, "assignment/rule.html", context, status=422 if problem else 200)


def _rule_form(request: HttpRequest) -> RuleForm:
    names, people = request.POST.getlist("channel"), request.POST.getlist("person")
    pairs = zip(names, people, strict=False)
    channels = {name.strip(): number_of(pk) for name, pk in pairs if name.strip() and number_of(pk)}
    return RuleForm(request.POST.get("how", ""), channels)


@require_POST
@needs(NEEDED)
def balance(request: HttpRequest, pk: int) -> HttpResponse:
    """均衡一下: propose moves within a store and show them."""
    get_object_or_404(visible_stores(actor_of(request)), pk=pk)
    try:
        found = services.propose_balance(actor=actor_of(request), store_id=pk)
    except services.NothingToHandOver as error:
        flash(request, str(error))
        return redirect("assignment:workload")
    return redirect("assignment:handover", found.pk)
