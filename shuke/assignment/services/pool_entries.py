"""Rows of the pool: opened and closed. Never by whoever asks; services do, under their own rules."""

from collections.abc import Collection, Mapping
from typing import Any

from shuke.assignment.models import PoolEntry, PoolWarning
from shuke.customers.services import FieldChanged
from shuke.kernel import clock

FIELD = "pool"  # of a customer's history


def leave_pool(
    customer_ids: Collection[int], *, how: str, to: Mapping[int, int | None] | None = None
) -> list[FieldChanged]:
    """These customers are no longer in the pool, nor warned about; returns what that changed, for the history."""
    ids = list(customer_ids)
    PoolWarning.objects.filter(customer_id__in=ids).delete()
    rows = list(PoolEntry.objects.select_for_update().filter(customer_id__in=ids, left_at=None))
    now = clock.now()
    for row in rows:
        row.left_at, row.left_how = now, how
        row.left_to_id = (to or {}).get(row.customer_id)
    PoolEntry.objects.bulk_update(rows, ["left_at", "left_how", "left_to"], batch_size=500)
    return [FieldChanged(row.customer_id, FIELD, entry_value(row), None) for row in rows]


def entry_value(entry: PoolEntry) -> dict[str, Any]:
    """What the history keeps of a stay in the pool."""
    return {
        "since": entry.since.isoformat(),
        "why": entry.why,
        "previous": entry.previous_id,
        "store": entry.store_id,
        "worth": entry.worth_fen,
    }
