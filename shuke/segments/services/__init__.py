"""What can be done with segments."""

from shuke.segments.services.membership import Refreshed, refresh_members
from shuke.segments.services.segments import (
    SegmentForm,
    change_segment,
    create_segment,
    delete_segment,
    follow_segment,
    freeze_segment,
    recount_segment,
    restore_segment,
)

__all__ = [
    "Refreshed",
    "SegmentForm",
    "change_segment",
    "create_segment",
    "delete_segment",
    "follow_segment",
    "freeze_segment",
    "recount_segment",
    "refresh_members",
    "restore_segment",
]
