"""Background work on customers."""

import time

from shuke.customers import services
from shuke.customers.services import exporting
from shuke.customers.services.files import delete_removed_files
from shuke.customers.services.quality import rebuild_quality as score_everybody
from shuke.customers.services.scanning import run_scan, start_scan
from shuke.kernel.jobs import enqueue, enqueue_once, nightly, task
from shuke.team.queries import SYSTEM

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


@task(name="customers.index_own_words")
def index_own_words() -> None:
    """After an upgrade: what the shop's own fields say is found by the search box."""
    services.queue_terms_of_own_fields()
    index_pending()


def start_indexing() -> None:
    """Start the indexing job unless one is waiting."""
    enqueue_once(index_pending, lock=INDEX_LOCK)


@task(name="customers.undo_changeset", queue="imports")
def undo_changeset(changeset_id: int) -> None:
    """Take a set of changes back, or go on with it."""
    services.run_undo(changeset_id)


@task(name="customers.run_bulk", queue="imports")
def run_bulk(changeset_id: int) -> None:
    """Do a bulk action, or go on with it."""
    services.run_bulk(changeset_id)


@nightly("40 3 * * *", name="customers.empty_bin")
def nightly_empty_bin(timestamp: int) -> None:
    """Remove for good who has been in the recycle bin for 90 days."""
    services.empty_bin()


@nightly("50 3 * * *", name="customers.purge_fields")
def nightly_purge_fields(timestamp: int) -> None:
    """Remove for good the custom fields that were deleted 90 days ago."""
    services.purge_fields()


@task(name="customers.run_plan")
def run_plan(plan_id: int) -> None:
    """Make the follow-ups of a plan that are due soon."""
    services.run_plan(plan_id=plan_id)


# Cron times are UTC: 20:30 is half past four in the morning in the shop's usual zone, after the night's values.
@nightly("30 20 * * *", name="customers.nightly_follow_ups")
def nightly_follow_ups(timestamp: int) -> None:
    """Every plan as a job of its own, then who is late hears of it, and their manager."""
    for plan_id in services.active_plan_ids():
        enqueue(run_plan, plan_id=plan_id)
    services.remind_overdue()
    services.escalate_overdue()


@task(name="customers.run_export", queue="imports")
def run_export(export_id: int) -> None:
    """Write an exported list, from the start if it was interrupted."""
    exporting.run_export(export_id)


@nightly("10 4 * * *", name="customers.remove_old_exports")
def nightly_remove_old_exports(timestamp: int) -> None:
    """Remove exported files after a week."""
    exporting.remove_old_exports()


@nightly("50 19 * * *", name="customers.delete_removed_files")
def nightly_delete_removed_files(timestamp: int) -> None:
    """Delete files for good that were removed 90 days ago, and what no record names."""
    delete_removed_files()


@task(name="customers.scan_duplicates", queue="imports")
def scan_duplicates(scan_id: int) -> None:
    """Look through all customers for records that may be one person."""
    run_scan(scan_id)


@nightly("15 19 * * *", name="customers.nightly_scan_duplicates")
def nightly_scan_duplicates(timestamp: int) -> None:
    """Every night, before the shop opens."""
    start_scan(actor=SYSTEM)


# Cron times are UTC: before the shop's morning.
@nightly("15 19 * * *", name="customers.nightly_index")
def nightly_index(timestamp: int) -> None:
    """Make findable whoever still waits for it: after an upgrade, or a job that died."""
    index_pending()


@task(name="customers.rebuild_quality")
def rebuild_quality() -> None:
    """Score everybody's profile anew."""
    score_everybody()


def start_scoring() -> None:
    """Score everybody anew unless that is waiting to be done."""
    enqueue_once(rebuild_quality, lock="customers.rebuild_quality")


# Cron times are UTC: after the night's values, before the rows of the lists are filled.
@nightly("40 20 * * *", name="customers.nightly_quality")
def nightly_quality(timestamp: int) -> None:
    """Time passes: what nobody confirmed grows stale."""
    score_everybody()
