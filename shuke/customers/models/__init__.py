"""Private to this room: others use services and queries."""

from shuke.customers.models.changes import ChangeProblem, ChangeSet, ChangeSetPart, FieldChange
from shuke.customers.models.exports import Export, ExportRule
from shuke.customers.models.keeping import (
    CalendarFeed,
    ContactPermit,
    ContactPolicy,
    CustomerFollower,
    FollowUpPlan,
)
from shuke.customers.models.records import Customer, Identity, IdentityConflict
from shuke.customers.models.recycled import ReleasedIdentity
from shuke.customers.models.tags import CustomerTag, Tag
from shuke.customers.models.terms import SearchPending, SearchTerm
from shuke.customers.models.touches import FollowUp, Interaction

__all__ = [
    "CalendarFeed",
    "ChangeProblem",
    "ChangeSet",
    "ChangeSetPart",
    "ContactPermit",
    "ContactPolicy",
    "Customer",
    "CustomerFollower",
    "CustomerTag",
    "Export",
    "ExportRule",
    "FieldChange",
    "FollowUp",
    "FollowUpPlan",
    "Identity",
    "IdentityConflict",
    "Interaction",
    "ReleasedIdentity",
    "SearchPending",
    "SearchTerm",
    "Tag",
]
