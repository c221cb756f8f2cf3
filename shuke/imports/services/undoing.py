"""Taking a run back."""

from django.db import transaction

from shuke.imports import ports
from shuke.imports.events import ImportUndone
from shuke.imports.models import ImportReject, ImportRun
from shuke.kernel import clock
from shuke.kernel.jobs import enqueue_named
from shuke.kernel.outbox import publish
from shuke.team.queries import SYSTEM, Actor
from shuke.team.services import record_audit, require

UNDOABLE = (ImportRun.State.DONE, ImportRun.State.FAILED)


@transaction.atomic
def undo_run(*, actor: Actor, run_id: int, in_background: bool = True) -> ImportRun:
    """Begin to take back what a run did; a job does it."""
    require(actor, "imports.undo")
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run_id, state__in=UNDOABLE)
    run.state = ImportRun.State.UNDOING
    run.position = run.position | {"undone": 0, "to_undo": 0}
    run.save(update_fields=["state", "position"])
    record_audit(actor, "import_undo_started", run, after={"file": run.file_name})
    if in_background:
        enqueue_named("imports.undo", run_id=run.pk)
    return run


def undo_import(run_id: int) -> ImportRun:
    """Take back a run in batches; safe to call again after a kill."""
    run = ImportRun.objects.get(pk=run_id)
    if run.state != ImportRun.State.UNDOING:
        return run

    def progress(done: int, total: int) -> None:
        run.position = run.position | {"undone": done, "to_undo": max(done, total)}
        run.save(update_fields=["position"])

    counts = ports.target(run.target).undo(run.pk, progress)
    with transaction.atomic():
        ImportReject.objects.filter(run_id=run.pk).delete()
        run.state, run.finished_at = ImportRun.State.UNDONE, clock.now()
        run.counts = run.counts | counts
        run.save(update_fields=["state", "finished_at", "counts"])
        record_audit(SYSTEM, "import_undone", run, after=counts)
        publish(ImportUndone(run_id=run.pk))
    return run
