"""Questions about imports."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from shuke.imports.models import ImportReject, ImportRun, ImportSource
from shuke.imports.wording import shown_reason
from shuke.team.queries import Actor

_RISKY = ("=", "+", "-", "@", "\t", "\r", "|", "%")


@dataclass(frozen=True)
class Tally:
    """What became of the rows read: the five parts add up to the whole."""

    read: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    rejected: int


def visible_runs(actor: Actor) -> QuerySet[ImportRun]:
    """Runs, newest first; only for those who may import."""
    if not actor.may("imports.run"):
        return ImportRun.objects.none()
    return ImportRun.objects.select_related("source", "started_by").order_by("-pk")


def tally_of(run: ImportRun) -> Tally:
    """The figures of a run."""
    counts: dict[str, Any] = run.counts
    return Tally(
        read=run.rows_done,
        created=counts.get("rows_created", 0),
        updated=counts.get("rows_updated", 0),
        unchanged=counts.get("rows_unchanged", 0),
        skipped=counts.get("rows_skipped", 0),
        rejected=counts.get("rows_rejected", 0),
    )


def run_titles(run_ids: Iterable[int]) -> dict[int, str]:
    """The names of the files that runs brought in."""
    wanted = set(run_ids)
    if not wanted:
        return {}
    return dict(ImportRun.objects.filter(pk__in=wanted).values_list("pk", "file_name"))


def run_sources(run_ids: Iterable[int]) -> dict[int, str]:
    """The systems that runs brought their rows from; of one without a name, its file."""
    rows = ImportRun.objects.filter(pk__in=set(run_ids)).values_list("pk", "source__name", "file_name")
    return {pk: source or file_name for pk, source, file_name in rows}


def source_names() -> list[str]:
    """Sources there are, for suggestions: one system's customers and orders come from the same."""
    return list(ImportSource.objects.order_by("name").values_list("name", flat=True))


def first_rejects(run_id: int, limit: int = 20) -> list[ImportReject]:
    """The first rows that were not taken."""
    return list(ImportReject.objects.filter(run_id=run_id).order_by("line_number", "pk")[:limit])


def reject_file(run: ImportRun, head: tuple[str, str, str, str]) -> Iterator[bytes]:
    """The rows that were not taken as CSV that Excel opens: where, what, why, and the row as it was."""
    columns = [column["name"] for column in run.found.get("columns", [])]
    yield "\ufeff".encode() + _csv_line([*head, *columns])
    for row in ImportReject.objects.filter(run_id=run.pk).order_by("line_number", "pk").iterator(2000):
        reason = shown_reason(row.reason)
        yield _csv_line([row.line_number, row.column, row.value, reason, *row.row])


def _csv_line(cells: list[Any]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([safe_cell(str(cell)) for cell in cells])
    return out.getvalue().encode()


def safe_cell(text: str) -> str:
    """A cell that a spreadsheet does not run as a formula; plain numbers stay numbers."""
    if text.startswith(_RISKY) and not text.lstrip("+-").replace(".", "", 1).replace(",", "").isdigit():
        return f"'{text}"
    return text
