"""设置 · 公海: the rules, and what they would do tonight."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shuke.assignment import services
from shuke.assignment.forms.pool import PoolPolicyForm, stored_values
from shuke.assignment.queries.pool import forecast
from shuke.assignment.wording import LEVEL_WORDS
from shuke.customers.views.plans import settings_tabs
from shuke.kernel import clock
from shuke.team.gate import actor_of, needs
from shuke.team.queries import staff_names, visible_stores
from shuke.ui.toasts import flash

NEEDED = "assignment.configure"
SHOWN_PEOPLE = 8


@require_http_methods(["GET", "POST"])
@needs(NEEDED)
def policy(request: HttpRequest) -> HttpResponse:
    """Read and change the rules."""
    actor = actor_of(request)
    initial = stored_values([store.pk for store in visible_stores(actor)])
    form = PoolPolicyForm(request.POST or None, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_pool_policy(actor=actor, form=form.rules())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            flash(request, _("公海规则保存好了，今晚起按它来。"))
            return redirect("assignment:pool_policy")
    context = {"form": form, "tabs": settings_tabs(request, "pool")}
    return render(request, "assignment/pool_policy.html", context, status=422 if form.errors else 200)


@require_POST
@needs(NEEDED)
def dry_run(request: HttpRequest) -> HttpResponse:
    """Whom the rules as typed would concern tonight; nothing is done."""
    form = PoolPolicyForm(request.POST, actor=actor_of(request))
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        terms = form.rules().terms
        found = forecast(terms, clock.today())
        names = staff_names()
        people = sorted(found.by_staff.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN_PEOPLE]
        context |= {
            "forecast": found,
            "terms": terms,
            "levels": [(LEVEL_WORDS[level], n) for level, n in found.by_level.items() if n],
            "people": [(names.get(pk, ""), n) for pk, n in people],
        }
    return render(request, "assignment/_dry_run.html", context)
