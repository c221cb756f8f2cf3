"""What others may ask: who is loaded how much, who left customers behind, who is in the pool."""

from shuke.assignment.queries.handovers import Leaver, handover_of_set, leavers, may_hand_over
from shuke.assignment.queries.pool import PoolState, in_pool_ids, pool_state, warned_candidates
from shuke.assignment.queries.workload import Workload, workloads

__all__ = [
    "Leaver",
    "PoolState",
    "Workload",
    "handover_of_set",
    "in_pool_ids",
    "leavers",
    "may_hand_over",
    "pool_state",
    "warned_candidates",
    "workloads",
]
