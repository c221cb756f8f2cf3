"""Background work of the orders room. Every job may run twice."""

from shuke.kernel.jobs import nightly, task
from shuke.orders.services import marks


@task(name="orders.mark_run")
def mark_run(run_id: int) -> None:
    """After an import: what its customers' purchases bear."""
    marks.refresh_marks_of_run(run_id)


@task(name="orders.mark_everybody")
def mark_everybody() -> None:
    """After an import was undone: everybody's marks from the orders that stayed."""
    marks.rebuild_marks()


@nightly("0 19 * * *", name="orders.nightly_marks")
def nightly_marks(timestamp: int) -> None:
    """Whatever an event did not tell is right the next morning."""
    marks.rebuild_marks()
