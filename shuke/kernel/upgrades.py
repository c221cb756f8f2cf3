"""What an upgrade leaves to be done: new columns and tables are filled by jobs, queued once when tables are brought up to date.

A room declares them in its registration.py, each under a name of its own that is never used again:
`register("orders.marks", jobs.mark_everybody)`. Each job may run twice and finds nothing to do in an empty shop.
"""

from typing import Any

from django.db import transaction

from shuke.kernel.jobs import enqueue_once
from shuke.kernel.models import UpgradeWork

_works: dict[str, Any] = {}


def register(name: str, task: Any) -> None:
    """Declare a job for shops that were there before what it fills; the same name replaces."""
    _works[name] = task


@transaction.atomic
def queue_upgrade_work() -> list[str]:
    """Queue what this shop has not had yet; returns its names. Called after migrating, and safe to repeat."""
    had = set(UpgradeWork.objects.values_list("name", flat=True))
    due = [name for name in sorted(_works) if name not in had]
    for name in due:
        enqueue_once(_works[name], lock=f"upgrade.{name}")
    UpgradeWork.objects.bulk_create([UpgradeWork(name=name) for name in due], ignore_conflicts=True)
    return due
