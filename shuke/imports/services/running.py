"""The run: read and parse in one thread, write in another, every batch one transaction that also says how far it got."""

import gc
import json
import queue
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from shuke.imports import ports
from shuke.imports.events import ImportFinished
from shuke.imports.models import ImportReject, ImportRun
from shuke.imports.ports import Prepared, Reader
from shuke.imports.reading import Batch, Look, Unusable, read_batches
from shuke.imports.reading.stream import RowProblem
from shuke.imports.services.receiving import look_json, remember_mapping, setting_of
from shuke.imports.wording import cell_reason, file_problem
from shuke.kernel import clock
from shuke.kernel.bulk import copy_rows, keeping_beside
from shuke.kernel.jobs import enqueue_named
from shuke.kernel.late_indexes import build_late, put_off
from shuke.kernel.outbox import publish
from shuke.team.queries import SYSTEM, Actor
from shuke.team.services import record_audit, require

READY_AHEAD = 1
TRIES = 4
MANY_ROWS = 50_000
SOURCE_LOCK = 7_303  # one for each source: two runs of one source write in turns
Watch = Callable[[int, int], None]


class TakenOver(RuntimeError):
    """Another worker goes on with this run."""


@dataclass(frozen=True)
class Step:
    """One batch ready to be written, and where the run stands after it."""

    number: int
    rows_after: int
    prepared: Prepared
    rejects: list[tuple[Any, ...]]
    is_last: bool
    block: dict[str, int]


def missing_of(run: ImportRun) -> list[str]:
    """What has to be answered before this run can start, in the reader's language."""
    advice = ports.target(run.target).advise(sample_frame(run), setting_of(run))
    open_questions = [str(choice.label) for choice in advice.choices if not choice.value]
    return [str(text) for text in advice.missing] + [_("请回答:%s") % label for label in open_questions]


def sample_frame(run: ImportRun, rows: int = 2000) -> pl.DataFrame:
    """The first rows of the file, as text columns."""
    look = Look.from_json(look_json(run))
    with closing(read_batches(look, block=1 << 20)) as batches:
        for batch in batches:
            return batch.frame.head(rows)
    return pl.DataFrame({f"c{i}": [] for i in range(len(look.columns))}, schema_overrides={"c0": pl.String})


def start_run(*, actor: Actor, run_id: int, in_background: bool = True) -> ImportRun:
    """Start (or go on with) a run. Raises ValueError with what is missing."""
    require(actor, "imports.run")
    with transaction.atomic():
        states = (ImportRun.State.READY, ImportRun.State.FAILED)
        run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run_id, state__in=states)
        missing = missing_of(run)
        if missing:
            raise ValueError("\n".join(missing))
        _with_answers(run)
        remember_mapping(run)
        run.state, run.problem = ImportRun.State.RUNNING, ""
        run.started_at = run.started_at or clock.now()
        run.save()
        record_audit(
            actor, "import_started", run, after={"file": run.file_name, "source": setting_of(run).source}
        )
        if in_background:
            enqueue_named("imports.run", run_id=run.pk)
    return run


def _with_answers(run: ImportRun) -> None:
    """Fix the choices that the check page showed, so that the run does what was shown."""
    advice = ports.target(run.target).advise(sample_frame(run), setting_of(run))
    run.options |= {choice.code: choice.value for choice in advice.choices}


def run_import(run_id: int, *, watch: Watch | None = None, block: int | None = None) -> ImportRun:
    """Do a run from where it stands to its end. Safe to call again after a kill, and twice at once."""
    run = ImportRun.objects.select_related("source").get(pk=run_id)
    if run.state != ImportRun.State.RUNNING:
        return run
    reader = ports.target(run.target).open(setting_of(run))
    try:
        with (
            _few_collections(),
            _indexes_at_the_end(run),
            keeping_beside(),
            _steps(run, reader, block) as steps,
        ):
            for step in steps:
                _take(run, reader, step)
                if watch:
                    watch(run.rows_done, run.rows_total)
        _finish(run)
    except TakenOver:
        run.refresh_from_db()
    except Unusable as problem:
        _fail(run, file_problem(problem.code))
    except Exception:
        _fail(run, _("导入中断了，已导入的部分都在。请再试一次；若仍不行，请把这个文件交给技术支持。"))
        raise
    return run


@contextmanager
def _few_collections() -> Iterator[None]:
    """Batches are long lists of short texts without cycles: looking through all there is for garbage costs and finds nothing."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _indexes_at_the_end(run: ImportRun) -> Iterator[None]:
    """A big file into empty tables fills them without the indexes that only readers need."""
    target = ports.target(run.target)
    if run.rows_total >= MANY_ROWS and isinstance(target, ports.WithLateIndexes):
        for table, indexes in target.late_indexes.items():
            put_off(table, indexes)
    try:
        yield
    finally:
        build_late()


def _fail(run: ImportRun, problem: str) -> None:
    run.state, run.problem = ImportRun.State.FAILED, problem
    run.save(update_fields=["state", "problem"])


# --- reading ahead ---


@contextmanager
def _steps(run: ImportRun, reader: Reader, block: int | None) -> Iterator[Iterator[Step]]:
    """Steps made ready in a thread of their own while the one before is written."""
    ready: queue.Queue[Step | BaseException | None] = queue.Queue(maxsize=READY_AHEAD)
    stop = threading.Event()

    def work() -> None:
        try:
            for step in _prepare(run, reader, block):
                if not _put(ready, step, stop):
                    return
            _put(ready, None, stop)
        except BaseException as error:
            _put(ready, error, stop)
        finally:
            connection.close()  # this thread's own

    thread = threading.Thread(target=work, name=f"import-{run.pk}", daemon=True)
    thread.start()
    try:
        yield _received(ready)
    finally:
        stop.set()
        thread.join()


def _put(ready: "queue.Queue[Any]", item: Any, stop: threading.Event) -> bool:
    while not stop.is_set():
        try:
            ready.put(item, timeout=0.2)
            return True
        except queue.Full:
            continue
    return False


def _received(ready: "queue.Queue[Step | BaseException | None]") -> Iterator[Step]:
    while (item := ready.get()) is not None:
        if isinstance(item, BaseException):
            raise item
        yield item


def _prepare(run: ImportRun, reader: Reader, block: int | None) -> Iterator[Step]:
    """Batches in order; those that were written before an interruption are only remembered."""
    look = Look.from_json(look_json(run))
    block = int(run.position.get("block") or block or 0) or None
    done = int(run.position.get("batches", 0))
    held: pl.DataFrame | None = None
    waiting: list[RowProblem] = []
    rows = 0
    batches = read_batches(look, block=block) if block else read_batches(look)
    for number, batch in enumerate(_with_end(batches), 1):
        frame = batch.frame if held is None or not len(held) else pl.concat([held, batch.frame])
        prepared = reader.prepare(frame, is_last=batch.is_last)
        held = frame[prepared.rows :]
        limit = int(held["line"][0]) if len(held) else None
        problems = [p for p in (*waiting, *batch.problems) if limit is None or p.line < limit]
        waiting = [p for p in (*waiting, *batch.problems) if limit is not None and p.line >= limit]
        rows += prepared.rows + len(problems)
        if number > done:
            yield Step(
                number,
                rows,
                reader.foresee(prepared),
                _reject_rows(run, look, frame, prepared, problems),
                batch.is_last,
                {"block": block} if block else {},
            )
            continue
        if number == done and rows != int(run.position["rows"]):
            raise Unusable("changed")
        reader.replay(prepared)


def _with_end(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The last batch always says so, even where the reader learns it only afterwards."""
    before: Batch | None = None
    for batch in batches:
        if before is not None:
            yield before
        before = batch
    if before is not None:
        yield Batch(before.frame, before.problems, before.start, before.end, is_last=True)


def _reject_rows(
    run: ImportRun, look: Look, frame: pl.DataFrame, prepared: Prepared, problems: list[RowProblem]
) -> list[tuple[Any, ...]]:
    names = {f"c{i}": column.name for i, column in enumerate(look.columns)}
    rows = [(run.pk, p.line, "", "", cell_reason(p.code), _json(p.cells)) for p in problems]
    if prepared.rejected:
        lines = pl.Series([rejected.line for rejected in prepared.rejected], dtype=pl.UInt32)
        raw = frame.filter(pl.col("line").is_in(lines.implode()))
        cells = {row[0]: list(row[1:]) for row in raw.select("line", *names).iter_rows()}
        rows += [
            (run.pk, r.line, names.get(r.column, "")[:120], _plain(r.value)[:200], cell_reason(r.code),
             _json(cells.get(r.line, [])))
            for r in prepared.rejected
        ]  # fmt: skip
    return sorted(rows, key=lambda row: row[1])


def _plain(text: str) -> str:
    return text.replace("\x00", "")


def _json(cells: list[str]) -> str:
    return json.dumps([_plain(cell)[:2000] for cell in cells], ensure_ascii=False)


# --- writing ---

REJECT_COLUMNS = ("run_id", "line_number", "column", "value", "reason", "row")


def _take(run: ImportRun, reader: Reader, step: Step) -> None:
    """Write one batch; where another writer was quicker with a key, read again and repeat."""
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                _write(run, reader, step)
            return
        except IntegrityError:
            reader.forget()
            if attempt == TRIES:
                raise


def _write(run: ImportRun, reader: Reader, step: Step) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set local synchronous_commit = off")
        cursor.execute(
            "select pg_advisory_xact_lock(%s, %s)",
            [SOURCE_LOCK, zlib.crc32(str(run.source_id).encode()) >> 1],
        )
    _claim(run, step)
    written = reader.write(step.prepared)
    if step.rejects:
        copy_rows("imports_importreject", REJECT_COLUMNS, step.rejects)
    counts = Counter(run.counts)
    counts.update(written)
    counts.update(rows_rejected=len(step.rejects))
    run.counts = dict(counts)
    run.rows_done, run.rows_rejected = step.rows_after, counts["rows_rejected"]
    run.rows_total = step.rows_after if step.is_last else max(run.rows_total, step.rows_after)
    run.position = run.position | {"batches": step.number, "rows": step.rows_after} | step.block
    run.save(update_fields=["counts", "rows_done", "rows_rejected", "rows_total", "position"])


def _claim(run: ImportRun, step: Step) -> None:
    """Lock the run's row and make sure that this batch is the next one."""
    row = ImportRun.objects.select_for_update().only("state", "position", "counts").get(pk=run.pk)
    if row.state != ImportRun.State.RUNNING or int(row.position.get("batches", 0)) != step.number - 1:
        raise TakenOver
    run.counts, run.position = row.counts, row.position


@transaction.atomic
def _finish(run: ImportRun) -> None:
    row = ImportRun.objects.select_for_update(of=("self",)).select_related("source").get(pk=run.pk)
    if row.state != ImportRun.State.RUNNING:
        raise TakenOver
    row.counts = ports.target(row.target).finish(setting_of(row), dict(row.counts))
    row.state, row.finished_at = ImportRun.State.DONE, clock.now()
    row.rows_total = row.rows_done
    row.save()
    record_audit(SYSTEM, "import_finished", row, after=row.counts)
    publish(ImportFinished(run_id=row.pk))
    run.refresh_from_db()


def rejects_of(run_id: int) -> Iterator[ImportReject]:
    """The rows that were not taken, by line."""
    yield from ImportReject.objects.filter(run_id=run_id).order_by("line_number", "pk").iterator(2000)
