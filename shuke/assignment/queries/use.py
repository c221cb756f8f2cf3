"""Whether a shop has a use for sharing customers out: a shop of one person has none until it does."""

from django.db.models import Q

from shuke.assignment.models import Handover, PoolEntry, PoolLevelRule
from shuke.team.queries import has_former_staff


def is_pool_in_use() -> bool:
    """Somebody is in it, or there are rules by which somebody may come into it."""
    has_days = Q(days_without_touch__isnull=False) | Q(days_without_purchase__isnull=False)
    return PoolEntry.objects.filter(left_at=None).exists() or PoolLevelRule.objects.filter(has_days).exists()


def is_sharing_in_use() -> bool:
    """Customers were handed over, or somebody left who may have had some."""
    return Handover.objects.exists() or has_former_staff()
