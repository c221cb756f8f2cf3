"""Background work on customers."""

import time

from shuke.customers import services
from shuke.kernel.jobs import enqueue_once, task

SLICE_SECONDS = 20.0
INDEX_LOCK = "customers.index_pending"


@task(name="customers.index_pending", queue="default")
def index_pending() -> None:
    """Write search terms of waiting customers; hands over to a new job after a slice so that others get their turn."""
    ends_at = time.monotonic() + SLICE_SECONDS
    while services.index_pending_batch():
        if time.monotonic() > ends_at:
            start_indexing()
            return


@task(name="customers.forget_orphaned_terms")
def forget_orphaned_terms() -> None:
    """Drop the search terms of customers that were removed."""
    services.forget_orphaned_terms()


def start_indexing() -> None:
    """Start the indexing job unless one is waiting."""
    enqueue_once(index_pending, lock=INDEX_LOCK)


@task(name="customers.undo_changeset", queue="imports")
def undo_changeset(changeset_id: int) -> None:
    """Take a set of changes back, or go on with it."""
    services.run_undo(changeset_id)
