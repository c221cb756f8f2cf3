"""设置 › 跟进计划 and 联系频率."""

from dataclasses import asdict
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuke.customers import services
from shuke.customers.forms.keeping import ContactPolicyForm, FollowUpPlanForm
from shuke.customers.models import FollowUp, FollowUpPlan
from shuke.customers.ports import audience_choice
from shuke.customers.services.limits import stored_policy
from shuke.customers.views.gate import actor_of, go, needs
from shuke.team.ports import registered_tabs
from shuke.team.queries import reach_of
from shuke.team.rules import Scope
from shuke.ui.toasts import flash


def settings_tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """The tabs of 设置 that this visitor may open."""
    tabs = []
    for tab in registered_tabs():
        try:
            url = reverse(tab.url_name)
        except NoReverseMatch:
            continue
        if actor_of(request).may(tab.permission):
            tabs.append({"label": tab.label, "url": url, "is_current": tab.key == current})
    return tabs


@require_GET
@needs("customers.plan")
def plans(request: HttpRequest) -> HttpResponse:
    """Every plan of the stores within reach."""
    rows = list(visible_plans(request).select_related("store").order_by("-is_active", "pk"))
    counts = _open_counts([row.pk for row in rows])
    context = {
        "plans": [
            {
                "plan": row,
                "audience": audience_choice(row.audience),
                "open": counts.get(row.pk, 0),
                "may_change": _may_change(request, row),
            }
            for row in rows
        ],
        "tabs": settings_tabs(request, "plans"),
    }
    return render(request, "customers/plans.html", context)


def _open_counts(plan_ids: list[int]) -> dict[int, int]:
    rows = FollowUp.objects.filter(plan_id__in=plan_ids, state=FollowUp.State.OPEN).order_by()
    return dict(rows.values_list("plan_id").annotate(n=Count("pk")))


def visible_plans(request: HttpRequest) -> "QuerySet[FollowUpPlan]":
    """Plans for all stores, and those of the stores within reach."""
    reach = reach_of(actor_of(request))
    if reach.scope is Scope.ALL:
        return FollowUpPlan.objects.all()
    return FollowUpPlan.objects.filter(Q(store=None) | Q(store_id__in=sorted(reach.store_ids)))


def _may_change(request: HttpRequest, plan: FollowUpPlan) -> bool:
    reach = reach_of(actor_of(request))
    return reach.scope is Scope.ALL or plan.store_id in reach.store_ids


@require_http_methods(["GET", "POST"])
@needs("customers.plan")
def plan_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make a plan, or change one."""
    plan = get_object_or_404(visible_plans(request), pk=pk) if pk else None
    if plan is not None and not _may_change(request, plan):
        raise PermissionDenied(_("这个计划管所有门店，请店主来改。"))
    form = FollowUpPlanForm(request.POST or None, actor=actor_of(request), plan=plan)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_plan(actor=actor_of(request), form=form.plan(), plan_id=pk)
        except ValidationError as error:
            form.take_problems(error)
        else:
            flash(request, _("计划保存好了，这两周内该做的正在排进日程。"))
            return redirect("customers:plans")
    context = {"form": form, "plan": plan, "tabs": settings_tabs(request, "plans")}
    return render(request, "customers/plan_form.html", context, status=422 if form.errors else 200)


@require_POST
@needs("customers.plan")
def set_plan_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause a plan or let it go on; each is the other's undo."""
    plan = get_object_or_404(visible_plans(request), pk=pk)
    if not _may_change(request, plan):
        raise PermissionDenied(_("这个计划管所有门店，请店主来改。"))
    is_active = request.POST.get("active", "0" if plan.is_active else "1") == "1"
    services.set_plan_active(actor=actor_of(request), plan_id=pk, is_active=is_active)
    words = _("计划启用了。") if is_active else _("计划停了，它排的还没做的跟进也收回了。")
    flash(request, words, undo_url=reverse("customers:plan_active", args=[pk]))
    return go(request, reverse("customers:plans"))


@require_http_methods(["GET", "POST"])
@needs("shop.configure")
def contact_policy(request: HttpRequest) -> HttpResponse:
    """How often is too often."""
    form = ContactPolicyForm(request.POST or None, initial=asdict(stored_policy()))
    if request.method == "POST" and form.is_valid():
        services.save_contact_policy(actor=actor_of(request), form=form.policy())
        flash(request, _("联系频率保存好了。"))
        return redirect("customers:contact_policy")
    context = {"form": form, "tabs": settings_tabs(request, "contact")}
    return render(request, "customers/contact_policy.html", context, status=422 if form.errors else 200)
