"""Doing something to many: ask, start, watch, take back; and the list of what was done."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shuke.customers import ports, services
from shuke.customers.models import ChangeSet, FieldChange
from shuke.customers.queries.changesets import count_kept, kept_changes, troubles_of, visible_changesets
from shuke.customers.services.bulk_actions import MOST_PICKED, Selection
from shuke.customers.views.changes import field_label
from shuke.customers.views.gate import actor_of, go, needs
from shuke.kernel.keyset import BadCursor, keyset_page
from shuke.team.services import require
from shuke.ui.toasts import flash

State = ChangeSet.State
TONES = {
    State.OPEN: "accent",
    State.RUNNING: "accent",
    State.UNDOING: "accent",
    State.DONE: "good",
    State.FAILED: "wrong",
    State.UNDONE: "line",
}
BUSY = (State.RUNNING, State.UNDOING)
LONGEST_TEXT = 4_000
AT_ONCE = 100  # so few are taken back before the answer goes out


def selection_of(request: HttpRequest) -> Selection:
    """Whom a bar's form is about; unknown sources and odd ids are dropped."""
    source, text = request.POST.get("source", "")[:40], request.POST.get("text", "")[:LONGEST_TEXT]
    if request.POST.get("everyone") == "1" and ports.id_source(source):
        return Selection(source=source, text=text)
    given = request.POST.getlist("ids")[:MOST_PICKED]
    ids = {int(one) for one in given if one.isascii() and one.isdecimal() and len(one) < 10}
    return Selection(ids=tuple(sorted(ids)))


def selection_context(request: HttpRequest, selection: Selection) -> dict[str, Any]:
    """What the templates need to carry a selection on, and to lead back to its list."""
    text = request.POST.get("text", "")[:LONGEST_TEXT]
    return {
        "selection": selection,
        "source": request.POST.get("source", "")[:40],
        "text": text,
        "count": selection.count(actor_of(request)),
        "back": f"{reverse('desk:customer_list')}?{text}" if text else reverse("desk:customer_list"),
    }


def _kind(request: HttpRequest) -> ports.BulkKind:
    kind = ports.bulk_kind(request.POST.get("kind", ""))
    if kind is None:
        raise Http404
    require(actor_of(request), kind.permission)
    return kind


@require_POST
@needs("customers.edit")
def bulk_ask(request: HttpRequest) -> HttpResponse:
    """What exactly, and with how many."""
    kind, selection = _kind(request), selection_of(request)
    return _ask(request, kind, selection)


def _ask(request: HttpRequest, kind: ports.BulkKind, selection: Selection, problem: str = "") -> HttpResponse:
    context = selection_context(request, selection)
    if not context["count"]:
        flash(request, _("先在列表里勾选几位客户。"), level="warn")
        return redirect(context["back"])
    asked = [(one, request.POST.getlist(one.name)) for one in kind.fields(actor_of(request))]
    context |= {"kind": kind, "fields": asked, "problem": problem}
    return render(request, "customers/bulk/ask.html", context, status=422 if problem else 200)


@require_POST
@needs("customers.edit")
def bulk_start(request: HttpRequest) -> HttpResponse:
    """Begin; the page of the set shows how it goes."""
    actor, kind, selection = actor_of(request), _kind(request), selection_of(request)
    given = {name: [str(value) for value in values] for name, values in request.POST.lists()}
    try:
        arguments = kind.read(actor, given)
        set_id = services.start_bulk(actor=actor, kind=kind.code, selection=selection, arguments=arguments)
    except ValidationError as error:
        return _ask(request, kind, selection, error.messages[0])
    except services.NothingSelected:
        return _ask(request, kind, selection)
    return redirect("customers:changeset", set_id)


def _reached_set(request: HttpRequest, pk: int) -> ChangeSet:
    found = visible_changesets(actor_of(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _context(request: HttpRequest, row: ChangeSet) -> dict[str, Any]:
    actor, is_undoing = actor_of(request), row.state == State.UNDOING
    done, total = (row.restored + row.kept, row.changed) if is_undoing else (row.done, row.total)
    is_busy = row.state in BUSY
    kept = [] if is_busy else kept_changes(actor, row.pk)
    return {
        "set": row,
        "tone": TONES[State(row.state)],
        "is_busy": is_busy,
        "done": min(done, total),
        "total": total,
        "total_or_one": total or 1,
        "problem": _(row.problem) if row.problem else "",
        "may_undo": row.state in (State.DONE, State.FAILED, State.OPEN) and row.changed > 0,
        "may_resume": row.state == State.FAILED,
        "kept_count": 0 if is_busy else count_kept(row.pk),
        "kept": [
            {
                "customer_id": one.customer_id,
                "name": one.name,
                "change": one.change,
                "now": one.now,
                "label": field_label(one.change.field),
            }
            for one in kept
        ],
        "troubles": [] if is_busy else troubles_of(actor, row.pk),
    }


@require_GET
@needs("customers.edit")
def changeset_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress or result of a set."""
    row = _reached_set(request, pk)
    return render(request, "customers/bulk/run.html", _context(request, row))


@require_GET
@needs("customers.edit")
def changeset_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress alone, asked for every second; reloads the page when there is no more to wait for."""
    row = _reached_set(request, pk)
    answer = render(request, "customers/bulk/run.html#progress", _context(request, row))
    if row.state not in BUSY:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@needs("customers.edit")
def changeset_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a whole set back."""
    row = _reached_set(request, pk)
    try:
        services.undo_changeset(actor_of(request), row.pk, in_background=row.changed > AT_ONCE)
    except services.NotUndoable as error:
        flash(request, str(error), level="warn")
    return redirect("customers:changeset", pk)


@require_POST
@needs("customers.edit")
def changeset_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a run that broke off."""
    row = _reached_set(request, pk)
    try:
        services.resume_bulk(actor=actor_of(request), changeset_id=row.pk)
    except ChangeSet.DoesNotExist:
        flash(request, _("已经在做了。"), level="warn")
    return redirect("customers:changeset", pk)


@require_GET
@needs("customers.edit")
def changesets(request: HttpRequest) -> HttpResponse:
    """What was done to many, the newest first."""
    rows = visible_changesets(actor_of(request))
    try:
        page = keyset_page(
            rows,
            order="-id",
            key="pk",
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        )
    except BadCursor:
        return redirect("customers:changesets")
    context = {
        "sets": [(row, TONES[State(row.state)]) for row in page.rows],
        "next": f"?{urlencode({'after': page.next_cursor})}" if page.next_cursor else "",
        "previous": f"?{urlencode({'before': page.previous_cursor})}" if page.previous_cursor else "",
    }
    return render(request, "customers/bulk/list.html", context)


@require_POST
@needs("customers.edit")
def undo_change(request: HttpRequest, pk: int, change_id: int) -> HttpResponse:
    """撤回这一项: put one field back; asks before overwriting what somebody wrote since."""
    actor = actor_of(request)
    if not FieldChange.objects.filter(pk=change_id, customer_id=pk).exists():
        raise Http404
    try:
        answer = services.undo_field_change(
            actor=actor, change_id=change_id, is_forced=request.POST.get("forced") == "1"
        )
    except PermissionDenied as error:
        raise Http404 from error
    if answer.undo == FieldChange.Undo.RESTORED:
        flash(request, _("已经改回原样。"))
    elif answer.undo == FieldChange.Undo.KEPT:
        flash(request, _("这一项后来又改过，没有动。确定要改回的话，请再点一次「仍然改回」。"), level="warn")
    else:
        flash(request, _("没能改回：可能号码已经是别人的，或者这位客户不在您的范围内。"), level="warn")
    set_id = request.POST.get("set", "")
    if set_id.isascii() and set_id.isdecimal() and len(set_id) < 18:
        return go(request, reverse("customers:changeset", args=[int(set_id)]))
    return go(request, f"{reverse('desk:customer', args=[pk])}?tab=changes")
