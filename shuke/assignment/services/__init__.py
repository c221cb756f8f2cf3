"""What is done about who looks after whom. One service is one user action: permission, lock, rule, save with audit, publish."""

from shuke.assignment.services.assigning import MOST_NEW, assign_new, propose_balance
from shuke.assignment.services.duties import DutyForm, PolicyForm, RuleForm, save_duty, save_policy, save_rule
from shuke.assignment.services.handovers import (
    HandoverForm,
    NothingToHandOver,
    propose_handover,
    start_handover,
    undo_handover,
)
from shuke.assignment.services.pool import (
    NotClaimable,
    claim,
    give_from_pool,
    heed_warning,
    lock_customer,
    run_pool,
    settle_pool,
    unclaim,
    unlock_customer,
)
from shuke.assignment.services.pool_policy import PoolForm, close_pool, save_pool_policy

__all__ = [
    "MOST_NEW",
    "DutyForm",
    "HandoverForm",
    "NotClaimable",
    "NothingToHandOver",
    "PolicyForm",
    "PoolForm",
    "RuleForm",
    "assign_new",
    "claim",
    "close_pool",
    "give_from_pool",
    "heed_warning",
    "lock_customer",
    "propose_balance",
    "propose_handover",
    "run_pool",
    "save_duty",
    "save_policy",
    "save_pool_policy",
    "save_rule",
    "settle_pool",
    "start_handover",
    "unclaim",
    "undo_handover",
    "unlock_customer",
]
