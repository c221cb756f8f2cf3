"""What a run would do: the first rows are really written, counted, and rolled back."""

from contextlib import closing
from dataclasses import dataclass, field

from django.db import transaction

from shuke.imports import ports
from shuke.imports.models import ImportReject, ImportRun
from shuke.imports.reading import Batch, Look, read_batches
from shuke.imports.services.receiving import look_json, setting_of
from shuke.imports.wording import cell_reason, shown_reason

ROWS = 2000
SHOWN = 20


@dataclass(frozen=True)
class BadRow:
    """A row of the sample that would be rejected."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Preview:
    """What becomes of the first `rows` rows."""

    rows: int
    counts: dict[str, int] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)
    bad_total: int = 0
    differences: list[ports.Difference] = field(default_factory=list)


def preview_run(run: ImportRun) -> Preview:
    """Try the first rows of a ready run; nothing of it stays."""
    look = Look.from_json(look_json(run))
    names = {f"c{i}": column.name for i, column in enumerate(look.columns)}
    setting = setting_of(run)
    target = ports.target(run.target)
    advice = target.advise(sample_of(look).frame.head(ROWS), setting)
    answers = {choice.code: choice.value for choice in advice.choices}
    setting = ports.Setting(setting.run_id, setting.source, setting.mapping, setting.options | answers)
    batch = sample_of(look)
    reader = target.open(setting)
    prepared = reader.prepare(batch.frame.head(ROWS), is_last=True)
    with transaction.atomic():
        counts = reader.write(prepared)
        late = _late_rejects(run) if counts.get("rows_rejected") else []
        transaction.set_rollback(True)
    last_line = max(batch.frame["line"].head(ROWS).to_list(), default=0)
    problems = [problem for problem in batch.problems if problem.line <= last_line]
    bad = [BadRow(p.line, "", "", shown_reason(cell_reason(p.code))) for p in problems]
    bad += [
        BadRow(r.line, names.get(r.column, ""), r.value[:60], shown_reason(cell_reason(r.code)))
        for r in prepared.rejected
    ]
    bad = sorted([*bad, *late], key=lambda row: row.line)
    differences = list(getattr(reader, "differences", []))
    return Preview(prepared.rows + len(problems), dict(counts), bad[:SHOWN], len(bad), differences)


def _late_rejects(run: ImportRun) -> list[BadRow]:
    """Rows that turned out impossible only on writing."""
    rows = ImportReject.objects.filter(run_id=run.pk).order_by("line_number")[:ROWS]
    return [BadRow(row.line_number, row.column, row.value[:60], shown_reason(row.reason)) for row in rows]


def sample_of(look: Look) -> Batch:
    """The first batch of a file, small."""
    with closing(read_batches(look, block=1 << 20)) as batches:
        return next(iter(batches))
