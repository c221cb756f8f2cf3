"""Import runs and undoing, in the background."""

from shuke.kernel.jobs import enqueue, task


@task(name="imports.run", queue="imports")
def run_import(run_id: int) -> None:
    """Do, or go on with, a run."""
    from shuke.imports import services

    services.run_import(run_id)


@task(name="imports.undo", queue="imports")
def undo_import(run_id: int) -> None:
    """Take a run back, or go on with it."""
    from shuke.imports import services

    services.undo_import(run_id)


def start_running(run_id: int) -> None:
    """Enqueue a run in the caller's transaction."""
    enqueue(run_import, run_id=run_id)


def start_undoing(run_id: int) -> None:
    """Enqueue undoing a run in the caller's transaction."""
    enqueue(undo_import, run_id=run_id)
