"""Which stores this room has customers of."""

from shuke.assignment.models import PoolEntry, PoolWarning


def busy_stores(store_ids: list[int]) -> set[int]:
    """Those of these stores that have somebody in the pool or warned about; a rule for new customers goes with its store."""
    busy: set[int] = set()
    pooled = PoolEntry.objects.filter(store_id__in=store_ids, left_at=None).order_by()
    warned = PoolWarning.objects.filter(store_id__in=store_ids).order_by()
    for rows in (pooled, warned):
        busy |= {pk for pk in rows.values_list("store_id", flat=True).distinct() if pk is not None}
    return busy
