"""Which stores this room has rules or customers of."""

from shuke.assignment.models import PoolEntry, PoolWarning, StoreRule


def busy_stores(store_ids: list[int]) -> set[int]:
    """Those of these stores that assign new customers, or have somebody in the pool or warned about."""
    rules = StoreRule.objects.filter(pk__in=store_ids).exclude(how=StoreRule.How.OFF)
    busy = set(rules.values_list("pk", flat=True))
    pooled = PoolEntry.objects.filter(store_id__in=store_ids, left_at=None).order_by()
    warned = PoolWarning.objects.filter(store_id__in=store_ids).order_by()
    for rows in (pooled, warned):
        busy |= {pk for pk in rows.values_list("store_id", flat=True).distinct() if pk is not None}
    return busy
