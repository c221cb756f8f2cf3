"""What is done to customers. One service is one user action: permission, lock, rule, save with audit, publish.

Bulk work (imports) queues customers with `queue_terms` and publishes CustomersImported; a job makes them findable.
"""

from shuke.customers.services.changesets import (
    FieldChanged,
    NotUndoable,
    finish_changeset,
    record_field_changes,
    run_undo,
    start_changeset,
    undo_changeset,
    undo_field_change,
    within_changeset,
)
from shuke.customers.services.contact import reveal_contact
from shuke.customers.services.identity import (
    Arrival,
    IdentityTaken,
    decide_conflict,
    identify_customer,
    open_conflict,
    reopen_conflict,
)
from shuke.customers.services.records import NewCustomer, add_customer, change_customer
from shuke.customers.services.roster import (
    PastTouch,
    PlannedStep,
    RosterEntry,
    add_past,
    add_roster,
    remove_roster,
    roster_ids,
)
from shuke.customers.services.tags import tag_customers, untag_customers
from shuke.customers.services.terms import (
    forget_orphaned_terms,
    index_pending_batch,
    index_terms,
    queue_all_terms,
    queue_terms,
    queue_terms_of_run,
)
from shuke.customers.services.touches import (
    NextStep,
    Touch,
    cancel_follow_up,
    finish_follow_up,
    log_interaction,
    plan_follow_up,
    remove_interaction,
    reopen_follow_up,
)

__all__ = [
    "Arrival",
    "FieldChanged",
    "IdentityTaken",
    "NewCustomer",
    "NextStep",
    "NotUndoable",
    "PastTouch",
    "PlannedStep",
    "RosterEntry",
    "Touch",
    "add_customer",
    "add_past",
    "add_roster",
    "cancel_follow_up",
    "change_customer",
    "decide_conflict",
    "finish_changeset",
    "finish_follow_up",
    "forget_orphaned_terms",
    "identify_customer",
    "index_pending_batch",
    "index_terms",
    "log_interaction",
    "open_conflict",
    "plan_follow_up",
    "queue_all_terms",
    "queue_terms",
    "queue_terms_of_run",
    "record_field_changes",
    "remove_interaction",
    "remove_roster",
    "reopen_conflict",
    "reopen_follow_up",
    "reveal_contact",
    "roster_ids",
    "run_undo",
    "start_changeset",
    "tag_customers",
    "undo_changeset",
    "undo_field_change",
    "untag_customers",
    "within_changeset",
]
