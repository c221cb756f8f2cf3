"""交接: ask what moves to whom, show the proposal, start it, watch it, take it back."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shuke.assignment import services
from shuke.assignment.models import Handover, HandoverShare
from shuke.assignment.queries.handovers import (
    leavers,
    lines_of,
    part_choices,
    parts_of,
    takers_of,
    visible_handovers,
)
from shuke.assignment.queries.workload import workloads
from shuke.assignment.services.handovers import AT_ONCE, HandoverForm
from shuke.assignment.views.typed import number_of
from shuke.customers import services as customer_services
from shuke.customers.queries import display_name, visible_customers
from shuke.customers.views.bulk import selection_context, selection_of
from shuke.kernel.keyset import BadCursor, keyset_page
from shuke.team.gate import actor_of, needs
from shuke.team.queries import staff_of
from shuke.ui.toasts import flash

BUSY = ("running", "undoing")
NEEDED = "assignment.hand_over"


@dataclass(frozen=True)
class Asked:
    """What the wizard is about: a person, or customers that were picked."""

    title: str
    parts: list[Any]
    choices: list[tuple[str, Any]]
    from_id: int | None = None
    back: str = ""
    count: int = 0


@require_GET
@needs(NEEDED)
def handover_list(request: HttpRequest) -> HttpResponse:
    """What was handed over, the newest first, and who left customers behind."""
    try:
        page = keyset_page(
            visible_handovers(actor_of(request)).filter(change_set__isnull=False),
            order="-id",
            key="pk",
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        )
    except BadCursor:
        return redirect("assignment:handovers")
    context = {
        "handovers": page.rows,
        "leavers": leavers(actor_of(request)),
        "next": f"?{urlencode({'after': page.next_cursor})}" if page.next_cursor else "",
        "previous": f"?{urlencode({'before': page.previous_cursor})}" if page.previous_cursor else "",
    }
    return render(request, "assignment/handovers.html", context)


@require_GET
@needs(NEEDED)
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """The wizard for everything a person holds."""
    return _ask(request, _asked_of_person(request, pk))


@require_GET
@needs(NEEDED)
def hand_over_customer(request: HttpRequest, pk: int) -> HttpResponse:
    """The wizard for one customer."""
    return _ask(request, _asked_of_customers(request, [pk]), {"selected": [pk]})


@require_POST
@needs(NEEDED)
def hand_over_selected(request: HttpRequest) -> HttpResponse:
    """The wizard for customers picked in a list, or all that match."""
    selection = selection_of(request)
    context = selection_context(request, selection)
    if not context["count"]:
        flash(request, _("先在列表里勾选几位客户。"), level="warn")
        return redirect(context["back"])
    asked = Asked(
        title=_("交接选中的客户"),
        parts=[],
        choices=part_choices(),
        back=context["back"],
        count=context["count"],
    )
    return _ask(request, asked, context)


def _asked_of_person(request: HttpRequest, pk: int) -> Asked:
    person = get_object_or_404(staff_of(actor_of(request)), pk=pk)
    parts = parts_of(pk)
    title = _("%(name)s的离职交接") if not person.is_active else _("交接%(name)s手上的客户")
    return Asked(
        title=title % {"name": person.name},
        parts=parts,
        choices=[(part.code, part.label) for part in parts],
        from_id=pk,
        back=reverse("assignment:workload"),
    )


def _asked_of_customers(request: HttpRequest, ids: list[int]) -> Asked:
    found = list(visible_customers(actor_of(request)).filter(pk__in=ids))
    if not found:
        raise Http404
    return Asked(
        title=_("交接 %(name)s") % {"name": display_name(found[0])},
        parts=[],
        choices=part_choices(),
        back=reverse("desk:customer", args=[found[0].pk]),
        count=len(found),
    )


def _ask(
    request: HttpRequest, asked: Asked, more: dict[str, Any] | None = None, problem: str = ""
) -> HttpResponse:
    people = [one for one in workloads(actor_of(request)) if one.staff_id != asked.from_id]
    given = request.POST
    context = {
        "asked": asked,
        "people": sorted(people, key=lambda one: (one.is_away, one.fullness, one.staff_id)),
        "hows": Handover.How.choices,
        "how": given.get("how", Handover.How.ONE),
        "taken": {number_of(pk) for pk in given.getlist("takers")},
        "chosen_parts": given.getlist("parts") or [code for code, _label in asked.choices],
        "reason": given.get("reason", ""),
        "stays": given.get("stays", ""),
        "problem": problem,
        **(more or {}),
    }
    return render(request, "assignment/hand_over.html", context, status=422 if problem else 200)


@require_POST
@needs(NEEDED)
def propose(request: HttpRequest) -> HttpResponse:
    """Write the proposal down and show it."""
    from_id = number_of(request.POST.get("from", "")) or None
    selection = selection_of(request)
    has_selection = bool(selection.ids or selection.source)
    if from_id is None and not has_selection:
        raise Http404
    try:
        found = services.propose_handover(
            actor=actor_of(request),
            form=_form(request),
            from_staff_id=from_id,
            selection=selection if has_selection else None,
        )
    except ValidationError as error:
        return _again(request, from_id, error.messages[0])
    except services.NothingToHandOver as error:
        flash(request, str(error), level="warn")
        return redirect("assignment:workload")
    return redirect("assignment:handover", found.pk)


def _again(request: HttpRequest, from_id: int | None, problem: str) -> HttpResponse:
    if from_id is not None:
        return _ask(request, _asked_of_person(request, from_id), problem=problem)
    context = selection_context(request, selection_of(request))
    asked = Asked(_("交接选中的客户"), [], part_choices(), back=context["back"], count=context["count"])
    return _ask(request, asked, context, problem)


def _form(request: HttpRequest) -> HandoverForm:
    given = request.POST
    return HandoverForm(
        takers=tuple(number_of(pk) for pk in given.getlist("takers")),
        how=given.get("how", ""),
        parts=tuple(code[:30] for code in given.getlist("parts")[:20]),
        reason=given.get("reason", ""),
        stays=given.get("stays", ""),
    )


def _found(request: HttpRequest, pk: int) -> Handover:
    found: Handover = get_object_or_404(visible_handovers(actor_of(request)), pk=pk)
    return found


@require_GET
@needs(NEEDED)
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """A proposal with its preview, or what became of it."""
    return render(request, "assignment/handover.html", _context(request, _found(request, pk)))


def _context(request: HttpRequest, found: Handover) -> dict[str, Any]:
    actor, run = actor_of(request), found.change_set
    total = HandoverShare.objects.filter(handover=found).count()
    others = parts_of(found.from_staff_id) if run is None and found.from_staff_id else []
    return {
        "handover": found,
        "set": run,
        "is_busy": run is not None and run.state in BUSY,
        "is_broken": run is not None and "undone_by" in run.arguments and run.arguments["undone_by"] is None,
        "total": total,
        "is_job": total > AT_ONCE,
        "takers": takers_of(actor, found),
        "lines": lines_of(actor, found) if run is None else [],
        "parts": [part for part in others if part.code in found.parts],
        "moves": found.moves.count(),
    }


@require_GET
@needs(NEEDED)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress alone, asked for every second; reloads the page when there is no more to wait for."""
    context = _context(request, _found(request, pk))
    answer = render(request, "assignment/handover.html#progress", context)
    if not context["is_busy"]:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@needs(NEEDED)
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what the proposal says."""
    _found(request, pk)
    services.start_handover(actor=actor_of(request), handover_id=pk)
    flash(request, _("开始交接了。"), undo_url=reverse("assignment:undo_handover", args=[pk]))
    return redirect("assignment:handover", pk)


@require_POST
@needs(NEEDED)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the whole back."""
    _found(request, pk)
    try:
        services.undo_handover(actor=actor_of(request), handover_id=pk)
    except customer_services.NotUndoable as error:
        flash(request, str(error), level="warn")
    except ObjectDoesNotExist as error:
        raise Http404 from error
    return redirect("assignment:handover", pk)
