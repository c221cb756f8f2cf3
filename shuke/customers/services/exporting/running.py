"""Writing the file chunk by chunk, handing it out, and removing it after a week."""

import secrets
from array import array
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from shuke.customers import ports
from shuke.customers.models import Export
from shuke.customers.queries.exporting import offered_columns, visible_exports
from shuke.customers.queries.records import visible_customers
from shuke.customers.services.bulk_actions import NothingSelected, Selection
from shuke.customers.services.exporting.asking import needs_approval
from shuke.customers.services.exporting.writing import Writer, writer_for
from shuke.kernel import clock
from shuke.team.queries import SYSTEM, Actor, reads_contacts
from shuke.team.services import record_audit, require

State = Export.State
KEPT_DAYS = 7
CHUNK = 2_000


class NotDownloadable(ValueError):
    """The file is not there (any more)."""


def folder() -> Path:
    """Where exported files lie, readable by Shuke alone."""
    found = Path(settings.SHUKE_DATA) / "exports"
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def run_export(export_id: int) -> None:
    """Write the file from the start; safe to call again after a kill. Somebody beyond the limit meanwhile waits again."""
    row = Export.objects.select_related("asked_by").get(pk=export_id)
    if row.state != State.RUNNING:
        return
    actor = _actor_of(row)
    try:
        require(actor, "customers.export")
        ids = array("q", Selection.from_json(row.selection).customers(actor))
        if row.decided_by_id is None and needs_approval(actor, len(ids)):
            Export.objects.filter(pk=row.pk).update(state=State.WAITING, rows_total=len(ids))
            return
        _write(row, actor, ids)
    except Exception:
        problem = gettext_noop("文件没能写完，请再导出一次。")
        Export.objects.filter(pk=row.pk, state=State.RUNNING).update(state=State.FAILED, problem=problem)
        raise


def _actor_of(row: Export) -> Actor:
    if row.asked_by is not None:
        return row.asked_by
    if row.asked_by_name == SYSTEM.name:
        return SYSTEM
    raise NothingSelected("whoever asked for this is no longer here")


def _write(row: Export, actor: Actor, ids: "array[int]") -> None:
    row.rows_total, row.rows_done, row.reads_contacts = len(ids), 0, reads_contacts(actor)
    row.save(update_fields=["rows_total", "rows_done", "reads_contacts"])
    name = f"{row.pk}-{secrets.token_hex(8)}.{row.format}"
    unfinished = folder() / f"{name}.part"
    chosen = [column for column in offered_columns(actor) if column.code in row.columns]
    chosen.sort(key=lambda column: row.columns.index(column.code))
    written = 0
    try:
        with writer_for(row.format, unfinished, chosen) as writer:
            for part in _parts(ids):
                written += _write_part(writer, actor, part, chosen)
                Export.objects.filter(pk=row.pk).update(rows_done=written)
        unfinished.rename(folder() / name)
    finally:
        unfinished.unlink(missing_ok=True)
    _finish(row, actor, name, written)


def _parts(ids: "array[int]") -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK].tolist()


def _write_part(writer: Writer, actor: Actor, ids: list[int], chosen: list[ports.ExportColumn]) -> int:
    """Write those of a chunk who are within reach; returns how many."""
    reached = set(visible_customers(actor).filter(pk__in=ids).values_list("pk", flat=True))
    shown = [pk for pk in ids if pk in reached]
    values: dict[int, dict[str, Any]] = {pk: {} for pk in shown}
    wanted = {column.code for column in chosen}
    for room in ports.export_columns():
        codes = [column.code for column in room.columns(actor) if column.code in wanted]
        if codes and shown:
            for pk, found in room.read(actor, shown, codes).items():
                if pk in values:
                    values[pk] |= found
    for pk in shown:
        writer.row([values[pk].get(column.code) for column in chosen])
    return len(shown)


@transaction.atomic
def _finish(row: Export, actor: Actor, name: str, written: int) -> None:
    now = clock.now()
    size = (folder() / name).stat().st_size
    Export.objects.filter(pk=row.pk).update(
        state=State.DONE,
        file_name=name,
        bytes_written=size,
        rows_done=written,
        finished_at=now,
        removed_after=now + timedelta(days=KEPT_DAYS),
    )
    told = {"title": row.title, "customers": written, "has_contacts": row.reads_contacts}
    record_audit(actor, "export_finished", row, after=told)


def file_of(*, actor: Actor, export_id: int) -> tuple[Export, Path]:
    """The file for somebody who may have it now. Raises PermissionDenied, NotDownloadable, DoesNotExist.

    Rights are asked for again: who lost them, or now reads contacts masked, gets no file they asked for before.
    """
    require(actor, "customers.export")
    row = visible_exports(actor).get(pk=export_id)
    if row.reads_contacts and not reads_contacts(actor):
        raise PermissionDenied(_("文件里有完整的号码，您现在的权限不能看。请重新导出。"))
    path = folder() / row.file_name
    is_over = row.removed_after is None or row.removed_after <= clock.now()
    if row.state != State.DONE or is_over or not row.file_name or not path.is_file():
        raise NotDownloadable(_("文件已经删除了，请重新导出。"))
    return row, path


@transaction.atomic
def note_download(*, actor: Actor, row: Export) -> None:
    """Write down who took the file."""
    record_audit(actor, "export_downloaded", row, after={"title": row.title, "customers": row.rows_done})


def remove_old_exports() -> int:
    """Remove files older than a week, and those nobody knows; returns how many exports lost theirs. Safe to repeat."""
    old = list(Export.objects.filter(state=State.DONE, removed_after__lte=clock.now()))
    for row in old:
        (folder() / row.file_name).unlink(missing_ok=True)
        row.state = State.REMOVED
        row.save(update_fields=["state"])
    kept = set(Export.objects.filter(state=State.DONE).values_list("file_name", flat=True))
    busy = Export.objects.filter(state=State.RUNNING).exists()
    for path in folder().iterdir():
        if path.name not in kept and not (busy and path.suffix == ".part"):
            path.unlink(missing_ok=True)
    return len(old)
