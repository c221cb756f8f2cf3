"""What targets keep with a run: values they overwrote, rows that wait for another record, rows rejected only on writing."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from shuke.imports.models import ImportBefore, ImportReject, ImportRun, ImportWaiting
from shuke.imports.wording import cell_reason
from shuke.kernel.bulk import copy_rows

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Overwritten:
    """The fields of a record that a run changed: before it and after it."""

    object_id: int
    before: Values
    after: Values


@dataclass(frozen=True)
class WaitingRow:
    """A row as it stood in the file."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class LateReject:
    """A row that turned out impossible only when it was to be written."""

    line: int
    column: str  # the column's id (c0 …) or empty
    value: str
    code: str
    cells: Sequence[str | None]


def keep_overwritten(run_id: int, kind: str, changes: Iterable[Overwritten]) -> None:
    """Remember what was overwritten; of a record changed twice the first `before` and the last `after` count."""
    rows = [(run_id, kind, change.object_id, _json(change.before), _json(change.after)) for change in changes]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "create temp table if not exists imports_kept (run_id bigint, kind text, object_id bigint,"
            " before jsonb, after jsonb) on commit delete rows"
        )
        cursor.execute("truncate imports_kept")
    copy_rows("imports_kept", ("run_id", "kind", "object_id", "before", "after"), rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into imports_importbefore as kept (run_id, kind, object_id, before, after)"
            " select run_id, kind, object_id, before, after from imports_kept"
            " on conflict (run_id, kind, object_id) do update"
            " set before = excluded.before || kept.before, after = kept.after || excluded.after"
        )


def overwritten(run_id: int, kind: str, *, limit: int) -> list[Overwritten]:
    """The next records of a run to be put back; `forget_overwritten` takes them off."""
    rows = ImportBefore.objects.filter(run_id=run_id, kind=kind).order_by("object_id")[:limit]
    return [Overwritten(row.object_id, row.before, row.after) for row in rows]


def overwritten_ids(run_id: int, kind: str) -> Iterator[int]:
    """Which records a run changed that were there before."""
    rows = ImportBefore.objects.filter(run_id=run_id, kind=kind)
    yield from rows.values_list("object_id", flat=True).iterator(10_000)


def forget_overwritten(run_id: int, kind: str, object_ids: Iterable[int]) -> None:
    """These are put back."""
    ImportBefore.objects.filter(run_id=run_id, kind=kind, object_id__in=list(object_ids)).delete()


def count_overwritten(run_id: int) -> int:
    """How many records that were there before a run has changed."""
    return ImportBefore.objects.filter(run_id=run_id).count()


def park_rows(run_id: int, rows: Iterable[WaitingRow]) -> None:
    """Keep rows whose other end is not there yet."""
    copy_rows(
        "imports_importwaiting",
        ("run_id", "line_number", "cells"),
        [(run_id, row.line, _json(row.cells)) for row in rows],
    )


def parked_rows(run_id: int, *, size: int = 20_000) -> Iterator[list[WaitingRow]]:
    """The waiting rows of a run, by line, some at a time."""
    after = -1
    while True:
        rows = ImportWaiting.objects.filter(run_id=run_id, line_number__gt=after).order_by("line_number")[
            :size
        ]
        part = [WaitingRow(row.line_number, row.cells) for row in rows]
        if not part:
            return
        yield part
        after = part[-1].line


def release_parked(run_id: int) -> None:
    """No row of this run waits any more."""
    ImportWaiting.objects.filter(run_id=run_id).delete()


def reject_late(run_id: int, rows: Iterable[LateReject]) -> int:
    """Give rows back with their reason; returns how many. The caller counts them as rows_rejected."""
    names = column_names_of(run_id)
    found = [
        (
            run_id, row.line, names.get(row.column, "")[:120], row.value.replace("\x00", "")[:200],
            cell_reason(row.code), _json([(cell or "").replace("\x00", "")[:2000] for cell in row.cells]),
        )
        for row in rows
    ]  # fmt: skip
    if found:
        ImportReject.objects.filter(
            run_id=run_id, line_number__in=[line for _run, line, *_ in found]
        ).delete()
        copy_rows(
            "imports_importreject", ("run_id", "line_number", "column", "value", "reason", "row"), found
        )
    return len(found)


def column_names_of(run_id: int) -> dict[str, str]:
    """Column id (c0 …) → header of a run's file."""
    found = ImportRun.objects.filter(pk=run_id).values_list("found", flat=True).first() or {}
    return {f"c{i}": column["name"] for i, column in enumerate(found.get("columns", []))}


def starter_of(run_id: int) -> int | None:
    """Who brought a run's file: the member of staff's id, None for the system."""
    return ImportRun.objects.filter(pk=run_id).values_list("started_by_id", flat=True).first()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
