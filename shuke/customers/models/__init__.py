"""Private to this room: others use services and queries."""

from shuke.customers.models.records import Customer, Identity, IdentityConflict
from shuke.customers.models.tags import CustomerTag, Tag
from shuke.customers.models.terms import SearchPending, SearchTerm
from shuke.customers.models.touches import FollowUp, Interaction

__all__ = [
    "Customer",
    "CustomerTag",
    "FollowUp",
    "Identity",
    "IdentityConflict",
    "Interaction",
    "SearchPending",
    "SearchTerm",
    "Tag",
]
