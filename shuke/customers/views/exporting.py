"""导出: choose columns, wait for the file or for somebody's word, download."""

from typing import Any, cast

from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from shuke.customers import services
from shuke.customers.models import Export
from shuke.customers.queries.exporting import (
    approval_limit,
    exports_to_decide,
    may_decide,
    offered_columns,
    visible_exports,
)
from shuke.customers.services import exporting
from shuke.customers.views.bulk import selection_context, selection_of
from shuke.customers.views.gate import actor_of, needs
from shuke.kernel import clock
from shuke.kernel.keyset import BadCursor, keyset_page
from shuke.team.queries import reads_contacts
from shuke.ui.toasts import flash

State = Export.State
TONES = {
    State.WAITING: "warn",
    State.REFUSED: "wrong",
    State.RUNNING: "accent",
    State.DONE: "good",
    State.FAILED: "wrong",
    State.REMOVED: "line",
}
LINK_SECONDS = 3600
SALT = "customers.export"
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_POST
@needs("customers.export")
def export_ask(request: HttpRequest) -> HttpResponse:
    """Which columns, as what."""
    return _ask(request)


def _ask(request: HttpRequest, problem: str = "") -> HttpResponse:
    actor = actor_of(request)
    context = selection_context(request, selection_of(request))
    if not context["count"]:
        flash(request, _("先在列表里勾选几位客户。"), level="warn")
        return redirect(context["back"])
    columns = offered_columns(actor)
    chosen = request.POST.getlist("column") or [one.code for one in columns if one.is_usual]
    limit = approval_limit()
    context |= {
        "columns": [(one, one.code in chosen) for one in columns],
        "problem": problem,
        "limit": limit,
        "is_above": context["count"] > limit and not actor.may("customers.allow_export"),
        "is_masked": not reads_contacts(actor),
    }
    return render(request, "customers/export/ask.html", context, status=422 if problem else 200)


@require_POST
@needs("customers.export")
def export_start(request: HttpRequest) -> HttpResponse:
    """Begin, or put it before who may allow it."""
    selection = selection_of(request)
    count = selection.count(actor_of(request))
    form = exporting.ExportForm(
        selection=selection,
        columns=tuple(request.POST.getlist("column")[:200]),
        format=request.POST.get("format", ""),
        title=ngettext("%(n)s 位客户", "%(n)s 位客户", count) % {"n": f"{count:,}"},
    )
    try:
        row = exporting.ask_export(actor=actor_of(request), form=form)
    except ValidationError as error:
        return _ask(request, error.messages[0])
    except services.NothingSelected:
        return _ask(request)
    return redirect("customers:export", row.pk)


def _reached(request: HttpRequest, pk: int) -> Export:
    found = visible_exports(actor_of(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _context(request: HttpRequest, row: Export) -> dict[str, Any]:
    actor = actor_of(request)
    is_there = row.state == State.DONE and row.removed_after is not None and row.removed_after > clock.now()
    labels = {one.code: one.label for one in offered_columns(actor)}
    return {
        "export": row,
        "tone": TONES[State(row.state)],
        "is_busy": row.state == State.RUNNING,
        "total_or_one": row.rows_total or 1,
        "is_there": is_there,
        "token": signing.dumps([row.pk, actor.id], salt=SALT) if is_there else "",
        "may_decide": row.state == State.WAITING and may_decide(actor, row),
        "column_words": "、".join(str(labels.get(code, code)) for code in row.columns),
        "problem": _(row.problem) if row.problem else "",
    }


@require_GET
@needs("customers.export")
def export_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One export: waiting, under way, ready."""
    return render(request, "customers/export/one.html", _context(request, _reached(request, pk)))


@require_GET
@needs("customers.export")
def export_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress alone; reloads the page when there is no more to wait for."""
    row = _reached(request, pk)
    answer = render(request, "customers/export/one.html#progress", _context(request, row))
    if row.state != State.RUNNING:
        answer["HX-Refresh"] = "true"
    return answer


@require_GET
@needs("customers.export")
def export_download(request: HttpRequest, pk: int) -> HttpResponse:
    """The file, for who was shown the link within the last hour and may still have it."""
    actor = actor_of(request)
    try:
        given = signing.loads(request.GET.get("token", ""), salt=SALT, max_age=LINK_SECONDS)
    except signing.BadSignature:
        given = None
    if given != [pk, actor.id]:
        flash(request, _("下载链接过期了，请在这里重新下载。"), level="warn")
        return redirect("customers:export", _reached(request, pk).pk)
    try:
        row, path = exporting.file_of(actor=actor, export_id=pk)
    except Export.DoesNotExist as error:
        raise Http404 from error
    except exporting.NotDownloadable as error:
        flash(request, str(error), level="warn")
        return redirect("customers:export", pk)
    exporting.note_download(actor=actor, row=row)
    name = f"shuke-{clock.today():%Y%m%d}-{row.pk}.{row.format}"
    file = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=TYPES[row.format])
    answer = cast(HttpResponse, file)  # served like one
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
@needs("customers.allow_export")
def export_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Allow or refuse."""
    row = _reached(request, pk)
    is_allowed = request.POST.get("answer") == "allow"
    try:
        exporting.decide_export(actor=actor_of(request), export_id=row.pk, is_allowed=is_allowed)
    except exporting.NotDecidable as error:
        flash(request, str(error), level="warn")
    except PermissionDenied:
        flash(request, _("这份导出不归您批准。"), level="warn")
    else:
        flash(request, _("已批准，正在导出。") if is_allowed else _("没有批准，对方会看到。"))
    return redirect("customers:export", pk)


@require_GET
@needs("customers.export")
def exports(request: HttpRequest) -> HttpResponse:
    """What was taken out, what waits for a word, and the shop's limit."""
    actor = actor_of(request)
    try:
        page = keyset_page(
            visible_exports(actor),
            order="-id",
            key="pk",
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        )
    except BadCursor:
        return redirect("customers:exports")
    context = {
        "rows": [(row, TONES[State(row.state)]) for row in page.rows],
        "waiting": exports_to_decide(actor),
        "limit": approval_limit(),
        "may_configure": actor.may("shop.configure"),
        "next": f"?after={page.next_cursor}" if page.next_cursor else "",
        "previous": f"?before={page.previous_cursor}" if page.previous_cursor else "",
    }
    return render(request, "customers/export/list.html", context)


@require_POST
@needs("shop.configure")
def export_rule(request: HttpRequest) -> HttpResponse:
    """How many somebody may take out without being asked."""
    text = request.POST.get("approval_above", "").strip()
    try:
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
        exporting.save_export_rule(actor=actor_of(request), approval_above=number)
    except ValidationError as error:
        flash(request, error.messages[0], level="warn")
    else:
        flash(request, _("改好了。"))
    return redirect("customers:exports")
