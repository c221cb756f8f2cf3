"""What is done to customers. One service is one user action: permission, lock, rule, save with audit, publish.

Bulk work (imports) queues customers with `queue_terms` and publishes CustomersImported; a job makes them findable.
"""

from shuke.customers.services.bulk_actions import (
    NothingSelected,
    Selection,
    resume_bulk,
    run_bulk,
    start_bulk,
)
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
from shuke.customers.services.collaborating import set_collaborator
from shuke.customers.services.companies import ContactForm, add_contact, join_household, link_contact
from shuke.customers.services.contact import reveal_contact
from shuke.customers.services.feeds import issue_feed, note_feed_read, revoke_feed
from shuke.customers.services.follow_ups import (
    NextStep,
    cancel_follow_up,
    finish_follow_up,
    plan_follow_up,
    postpone_follow_up,
    reopen_follow_up,
)
from shuke.customers.services.following import (
    follow_customer,
    followed_among,
    mentioned_in,
    tell_followers,
    tell_of_change,
    tell_of_step,
    tell_of_touch,
    unfollow_customer,
)
from shuke.customers.services.identity import (
    Arrival,
    IdentityTaken,
    decide_conflict,
    identify_customer,
    open_conflict,
    reopen_conflict,
)
from shuke.customers.services.invoices import save_invoice
from shuke.customers.services.limits import PolicyForm, permit_contact, save_contact_policy, withdraw_permit
from shuke.customers.services.plans import PlanForm, active_plan_ids, run_plan, save_plan, set_plan_active
from shuke.customers.services.points import AddressForm, PointForm, add_point, save_address
from shuke.customers.services.records import NewCustomer, add_customer, change_customer
from shuke.customers.services.recycling import (
    delete_customers,
    empty_bin,
    purge_customers,
    restore_customers,
)
from shuke.customers.services.reminding import escalate_overdue, remind_overdue
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
from shuke.customers.services.texts import index_texts
from shuke.customers.services.touches import (
    Touch,
    change_interaction,
    log_interaction,
    remove_interaction,
    restore_interaction,
    revert_interaction,
)

__all__ = [
    "AddressForm",
    "Arrival",
    "ContactForm",
    "FieldChanged",
    "IdentityTaken",
    "NewCustomer",
    "NextStep",
    "NotUndoable",
    "NothingSelected",
    "PastTouch",
    "PlanForm",
    "PlannedStep",
    "PointForm",
    "PolicyForm",
    "RosterEntry",
    "Selection",
    "Touch",
    "active_plan_ids",
    "add_contact",
    "add_customer",
    "add_past",
    "add_point",
    "add_roster",
    "cancel_follow_up",
    "change_customer",
    "change_interaction",
    "decide_conflict",
    "delete_customers",
    "empty_bin",
    "escalate_overdue",
    "finish_changeset",
    "finish_follow_up",
    "follow_customer",
    "followed_among",
    "forget_orphaned_terms",
    "identify_customer",
    "index_pending_batch",
    "index_terms",
    "index_texts",
    "issue_feed",
    "join_household",
    "link_contact",
    "log_interaction",
    "mentioned_in",
    "note_feed_read",
    "open_conflict",
    "permit_contact",
    "plan_follow_up",
    "postpone_follow_up",
    "purge_customers",
    "queue_all_terms",
    "queue_terms",
    "queue_terms_of_run",
    "record_field_changes",
    "remind_overdue",
    "remove_interaction",
    "remove_roster",
    "reopen_conflict",
    "reopen_follow_up",
    "restore_customers",
    "restore_interaction",
    "resume_bulk",
    "reveal_contact",
    "revert_interaction",
    "revoke_feed",
    "roster_ids",
    "run_bulk",
    "run_plan",
    "run_undo",
    "save_address",
    "save_contact_policy",
    "save_invoice",
    "save_plan",
    "set_collaborator",
    "set_plan_active",
    "start_bulk",
    "start_changeset",
    "tag_customers",
    "tell_followers",
    "tell_of_change",
    "tell_of_step",
    "tell_of_touch",
    "undo_changeset",
    "undo_field_change",
    "unfollow_customer",
    "untag_customers",
    "withdraw_permit",
    "within_changeset",
]
