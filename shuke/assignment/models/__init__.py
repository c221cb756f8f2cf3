"""Private to this room: others use services and queries."""

from shuke.assignment.models.duties import AssignmentPolicy, Duty, StoreRule
from shuke.assignment.models.handovers import Handover, HandoverMove, HandoverShare
from shuke.assignment.models.pool import PoolEntry, PoolLevelRule, PoolLock, PoolPolicy, PoolWarning

__all__ = [
    "AssignmentPolicy",
    "Duty",
    "Handover",
    "HandoverMove",
    "HandoverShare",
    "PoolEntry",
    "PoolLevelRule",
    "PoolLock",
    "PoolPolicy",
    "PoolWarning",
    "StoreRule",
]
