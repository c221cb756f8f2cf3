"""设置 › 价值规则, with a preview of what the new rules would mean."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shuke.team.ports import registered_tabs
from shuke.team.services import require
from shuke.ui.toasts import flash
from shuke.value import queries
from shuke.value.forms import ValuePolicyForm
from shuke.value.models import Stage
from shuke.value.services import preview_policy, save_policy, stored_policy


def _tabs(request: HttpRequest) -> list[dict[str, Any]]:
    tabs = []
    for tab in registered_tabs():
        try:
            url = reverse(tab.url_name)
        except NoReverseMatch:
            continue
        if request.user.may(tab.permission):
            tabs.append({"label": tab.label, "url": url, "is_current": tab.key == "policy"})
    return tabs


@require_http_methods(["GET", "POST"])
def policy(request: HttpRequest) -> HttpResponse:
    """Read and change the rules."""
    require(request.user, "value.configure")
    form = ValuePolicyForm(request.POST or None, initial=asdict(stored_policy()))
    if request.method == "POST" and form.is_valid():
        save_policy(actor=request.user, form=form.policy())
        flash(request, _("价值规则保存好了，正在重新计算。"))
        return redirect("value:policy")
    report = queries.latest_report()
    context = {
        "form": form,
        "tabs": _tabs(request),
        "thresholds": report.parameters["thresholds"] if report else None,
    }
    return render(request, "value/policy.html", context, status=422 if form.errors else 200)


@require_POST
def policy_preview(request: HttpRequest) -> HttpResponse:
    """How many customers would stand in each stage under the rules as typed."""
    require(request.user, "value.configure")
    form = ValuePolicyForm(request.POST)
    if not form.is_valid():
        return render(request, "value/policy_preview.html", {"form": form})
    found = preview_policy(actor=request.user, form=form.policy())
    rows = [
        {"code": stage, "label": Stage(stage).label, "now": found.now[stage], "then": found.then[stage]}
        for stage in Stage.values
    ]
    return render(request, "value/policy_preview.html", {"form": form, "preview": found, "rows": rows})
