"""Computing everything anew on request, and how far it is."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shuke.team.services import require
from shuke.ui.toasts import toast
from shuke.value import queries
from shuke.value.services import request_refresh
from shuke.value.wording import step_name


@require_POST
def refresh(request: HttpRequest) -> HttpResponse:
    """Compute everything anew, in the background; what comes back watches it."""
    before = queries.newest_run()
    request_refresh(actor=request.user)
    response = render(request, "value/_progress.html", watched(None, after=before.run_id if before else 0))
    toast(response, _("开始重新计算，好了会自动换上新结果。"))
    return response


@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """How far the run is that came after the one the page knows; the page is loaded anew when it is over."""
    require(request.user, "value.view")
    after = int(request.GET["after"]) if request.GET.get("after", "").isdigit() else 0
    run = queries.newest_run()
    is_new = run is not None and run.run_id > after
    response = render(request, "value/_progress.html", watched(run if is_new else None, after=after))
    if run and is_new and not run.is_running:
        response["HX-Refresh"] = "true"
    return response


def watched(run: queries.RunState | None, *, after: int) -> dict[str, Any]:
    """What the line of progress shows: the run it waits for, or that it is under way."""
    return {"run": run, "after": after, "step": step_name(run.step) if run and run.step else ""}
