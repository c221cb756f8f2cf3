"""导入: drop a file, check what was found, run, see what came of it, take it back."""

from collections.abc import Container
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuke.imports import ports, queries, services
from shuke.imports.forms import MappingForm, winners_of
from shuke.imports.models import ImportRun
from shuke.imports.services.receiving import setting_of
from shuke.imports.services.running import missing_of, sample_frame
from shuke.imports.templating import csv_template, xlsx_template
from shuke.imports.wording import COUNTED, TAKEN_BACK, shown_reason
from shuke.team.services import require
from shuke.ui.toasts import flash

SHOWN_RUNS = 100
NEW = "new:"
State = ImportRun.State
STATE_WORDS = {
    State.CHECKING: (gettext_lazy("正在读取"), "line"),
    State.READY: (gettext_lazy("等您核对"), "warn"),
    State.RUNNING: (gettext_lazy("导入中"), "accent"),
    State.DONE: (gettext_lazy("完成"), "good"),
    State.FAILED: (gettext_lazy("中断"), "wrong"),
    State.UNDOING: (gettext_lazy("撤销中"), "accent"),
    State.UNDONE: (gettext_lazy("已撤销"), "line"),
}


def _run(request: HttpRequest, pk: int) -> ImportRun:
    require(request.user, "imports.run")
    return get_object_or_404(queries.visible_runs(request.user), pk=pk)


@require_GET
def run_list(request: HttpRequest) -> HttpResponse:
    """The runs, newest first."""
    require(request.user, "imports.run")
    runs = list(queries.visible_runs(request.user)[:SHOWN_RUNS])
    rows = [
        {"run": run, "tally": queries.tally_of(run), "label": ports.target(run.target).label,
         "word": STATE_WORDS[State(run.state)][0],
         "tone": STATE_WORDS[State(run.state)][1]}
        for run in runs
    ]  # fmt: skip
    return render(request, "imports/list.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Drop a file."""
    require(request.user, "imports.run")
    problem = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            problem = _("请选一个文件。")
        else:
            try:
                run = services.receive_file(
                    actor=request.user,
                    name=file.name or "file",
                    chunks=file.chunks(1 << 20),
                    target=services.GUESS,
                )
            except services.NotUsable as error:
                problem = str(error)
            else:
                return redirect("imports:run", run.pk)
    context = {
        "problem": problem,
        "templates": [target for target in ports.targets() if hasattr(target, "template")],
        "vendors": sorted({one.source for one in ports.exports() if not one.code.startswith("shuke.")}),
    }
    return render(request, "imports/new.html", context, status=422 if problem else 200)


@require_GET
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Check, progress or result, whatever the run stands at."""
    run = _run(request, pk)
    if run.state == State.READY:
        return _check_page(request, run)
    return render(request, "imports/run.html", _run_context(request, run))


def _check_page(request: HttpRequest, run: ImportRun, problem: str = "") -> HttpResponse:
    setting = setting_of(run)
    target = ports.target(run.target)
    sample = sample_frame(run)
    advice = target.advise(sample, setting)
    missing = missing_of(run)
    means = {column: code for code, column in run.mapping.items()}
    new_kinds = _new_kinds(request, run, sample, means)
    columns = [
        column
        | {
            "index": i,
            "field": means.get(f"c{i}", ""),
            "new_kinds": new_kinds.get(i, ()),
            "is_ruled": means.get(f"c{i}", "") in advice.ruled,
            "wins": run.options.get(f"wins_{means.get(f'c{i}', '')}", ""),
        }
        for i, column in enumerate(run.found["columns"])
    ]
    preview = None if missing else services.preview_run(run)
    labels = {field.code: field.label for field in target.fields()}
    context = {
        "run": run,
        "found": run.found,
        "columns": columns,
        "groups": _grouped(target.fields()),
        "advice": advice,
        "missing": missing,
        "problem": problem,
        "preview": preview,
        "tried": _tried(preview.counts, preview.bad_total) if preview else [],
        "differences": [(one, labels.get(str(one.field), one.field)) for one in preview.differences]
        if preview
        else [],
        "targets": ports.targets(),
        "export": next((one for one in ports.exports() if one.code == run.found.get("export")), None),
        "winners": winners_of(advice),
        "has_rules": bool(advice.ruled),
        "keeps_others": any(one.code == "extras" and one.value == "keep" for one in advice.choices),
        "sources": queries.source_names(),
        "rows": run.found["first_rows"],
    }
    return render(request, "imports/check.html", context, status=422 if problem else 200)


def _tried(counts: dict[str, int], bad: int) -> list[tuple[Any, int]]:
    """What the first rows would come to, in words: the rows, then what they are about."""
    rows = [
        (_("会新增的行"), counts.get("rows_created", 0)),
        (_("会更新的行"), counts.get("rows_updated", 0)),
        (_("没有变化的行"), counts.get("rows_unchanged", 0)),
        (_("会跳过的行"), counts.get("rows_skipped", 0)),
        (_("导不进的行"), bad),
    ]
    return rows + [(word, counts[code]) for code, word in COUNTED.items() if counts.get(code)]


def _grouped(fields: Any) -> list[dict[str, Any]]:
    groups: dict[str, list[Any]] = {}
    for field in fields:
        groups.setdefault(str(field.group), []).append(field)
    return [{"label": label, "fields": members} for label, members in groups.items()]


def _run_context(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    word, tone = STATE_WORDS[State(run.state)]
    rejects = [
        {
            "line": row.line_number,
            "column": row.column,
            "value": row.value,
            "reason": shown_reason(row.reason),
        }
        for row in queries.first_rejects(run.pk)
    ]
    return {
        "run": run,
        "word": word,
        "tone": tone,
        "tally": queries.tally_of(run),
        "counts": run.counts,
        "got": [(label, run.counts[code]) for code, label in COUNTED.items() if run.counts.get(code)],
        "taken_back": [
            (label, run.counts[code]) for code, label in TAKEN_BACK.items() if run.counts.get(code)
        ],
        "label": ports.target(run.target).label,
        "is_busy": run.state in (State.RUNNING, State.UNDOING, State.CHECKING),
        "done": run.position.get("undone", 0) if run.state == State.UNDOING else run.rows_done,
        "total": (run.position.get("to_undo", 0) if run.state == State.UNDOING else run.rows_total) or 1,
        "rejects": rejects,
        "may_undo": request.user.may("imports.undo") and run.state in (State.DONE, State.FAILED),
    }


@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress fragment, asked for every second; reloads the page when there is no more to wait for."""
    run = _run(request, pk)
    context = _run_context(request, run)
    response = render(request, "imports/run.html#progress", context)
    if not context["is_busy"]:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Save what the columns mean; start as well when asked to."""
    run = _run(request, pk)
    try:
        posted = _with_new_fields(request, run)
    except ValidationError as error:
        return _check_page(request, run, " ".join(error.messages))
    form = MappingForm.read(posted, run)
    run = services.set_mapping(
        actor=request.user, run_id=run.pk, mapping=form.mapping, options=form.options, source=form.source
    )
    return start(request, pk) if "start" in request.POST else redirect("imports:run", run.pk)


def _with_new_fields(request: HttpRequest, run: ImportRun) -> QueryDict:
    """What was sent, with the codes of fields that are made of columns (new:number). Raises ValidationError."""
    posted = request.POST.copy()
    target, sample = ports.target(run.target), sample_frame(run)
    for i, column in enumerate(run.found["columns"]):
        asked, name = posted.get(f"column_{i}", ""), posted.get(f"name_{i}", "") or column["name"]
        if asked.startswith(NEW) and hasattr(target, "make_field"):
            cells = sample[f"c{i}"].drop_nulls().to_list()
            kind = asked.removeprefix(NEW)
            posted[f"column_{i}"] = target.make_field(request.user, name=name, kind=kind, cells=cells)
    return posted


def _new_kinds(request: HttpRequest, run: ImportRun, sample: Any, taken: Container[str]) -> dict[int, Any]:
    """What each column without a meaning could become."""
    target = ports.target(run.target)
    if not hasattr(target, "new_kinds"):
        return {}
    free = [i for i in range(len(run.found["columns"])) if f"c{i}" not in taken]
    cells = {i: sample[f"c{i}"].drop_nulls().to_list() for i in free}
    return {
        i: [(f"{NEW}{kind}", label) for kind, label in target.new_kinds(request.user, cells[i])] for i in free
    }


@require_POST
def kind(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the rows are: customers, orders …"""
    run = _run(request, pk)
    try:
        services.set_target(actor=request.user, run_id=run.pk, target=request.POST.get("target", ""))
    except KeyError:
        return _check_page(request, run, _("请选一种：订单、客户、联系人、往来记录、跟进或商品。"))
    except services.NotUsable as error:
        return _check_page(request, run, str(error))
    return redirect("imports:run", run.pk)


@require_GET
def template(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """A table to fill in, as CSV or XLSX."""
    require(request.user, "imports.run")
    known = {target.code: target for target in ports.targets() if hasattr(target, "template")}
    if code not in known or form not in ("csv", "xlsx"):
        raise Http404
    table = known[code].template()
    body, content_type = (
        (csv_template(table), "text/csv; charset=utf-8")
        if form == "csv"
        else (xlsx_template(table), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    )
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(table.name)}.{form}"
    return response


@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Read another sheet, or with or without a header row."""
    run = _run(request, pk)
    try:
        services.look_again(
            actor=request.user,
            run_id=run.pk,
            sheet=request.POST.get("sheet", ""),
            header=request.POST.get("header", "auto"),
        )
    except services.NotUsable as error:
        return _check_page(request, run, str(error))
    return redirect("imports:run", run.pk)


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start, or go on after a break."""
    run = _run(request, pk)
    try:
        services.start_run(actor=request.user, run_id=run.pk)
    except ValueError as error:
        return _check_page(request, run, str(error))
    except ImportRun.DoesNotExist:
        flash(request, _("这次导入已经开始了。"), level="warn")
    return redirect("imports:run", run.pk)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the whole run back."""
    run = _run(request, pk)
    try:
        services.undo_run(actor=request.user, run_id=run.pk)
    except ImportRun.DoesNotExist:
        flash(request, _("这次导入现在不能撤销。"), level="warn")
    return redirect("imports:run", run.pk)


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a file away that was not imported."""
    run = _run(request, pk)
    services.discard_run(actor=request.user, run_id=run.pk)
    flash(request, _("文件丢掉了，什么也没有导入。"))
    return redirect("imports:list")


@require_GET
def rejects(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The rows that were not taken, to mend and import again."""
    run = _run(request, pk)
    head = (_("原文件行号"), _("问题列"), _("原值"), _("原因"))
    response = StreamingHttpResponse(queries.reject_file(run, head), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rejects-{run.pk}.csv"'
    return response
