"""How long the recycle bin keeps what was deleted. Pure."""

from datetime import datetime, timedelta

KEPT_DAYS = 90


def leaves_at(deleted_at: datetime) -> datetime:
    """When a deleted customer leaves for good."""
    return deleted_at + timedelta(days=KEPT_DAYS)


def days_left(deleted_at: datetime, now: datetime) -> int:
    """Whole days until then, the running one counted; 0: with the next night."""
    left = leaves_at(deleted_at) - now
    return max(0, -(-int(left.total_seconds()) // 86400))
