"""Import runs and undoing, in the background; services enqueue them by name."""

from shuke.imports import services
from shuke.kernel.jobs import task


@task(name="imports.run", queue="imports")
def run_import(run_id: int) -> None:
    """Do, or go on with, a run."""
    services.run_import(run_id)


@task(name="imports.undo", queue="imports")
def undo_import(run_id: int) -> None:
    """Take a run back, or go on with it."""
    services.undo_import(run_id)
