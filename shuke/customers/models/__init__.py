"""Private to this room: others use services and queries."""

from shuke.customers.models.asking import ProfileLink, ProfileProposal, ProfileReview
from shuke.customers.models.changes import ChangeProblem, ChangeSet, ChangeSetPart, FieldChange
from shuke.customers.models.collaborators import Collaborator
from shuke.customers.models.companies import CompanyContact, Household, HouseholdMember
from shuke.customers.models.contact_points import Address, ContactPoint
from shuke.customers.models.custom import CustomChoice, CustomField
from shuke.customers.models.exports import Export, ExportRule
from shuke.customers.models.files import CustomerFile
from shuke.customers.models.invoices import InvoiceTitle
from shuke.customers.models.keeping import (
    CalendarFeed,
    ContactPermit,
    ContactPolicy,
    CustomerFollower,
    FollowUpPlan,
)
from shuke.customers.models.merging import (
    DuplicatePair,
    DuplicateScan,
    Merge,
    MergeMove,
    MergeQuestion,
)
from shuke.customers.models.quality import FieldCheck, ProfileQuality, QualityFigure, QualityPolicy
from shuke.customers.models.records import Customer, Identity, IdentityConflict
from shuke.customers.models.recycled import ReleasedIdentity
from shuke.customers.models.tags import CustomerTag, Tag, TagCategory
from shuke.customers.models.terms import SearchPending, SearchTerm, SearchText
from shuke.customers.models.touches import FollowUp, Interaction

__all__ = [
    "Address",
    "CalendarFeed",
    "ChangeProblem",
    "ChangeSet",
    "ChangeSetPart",
    "Collaborator",
    "CompanyContact",
    "ContactPermit",
    "ContactPoint",
    "ContactPolicy",
    "CustomChoice",
    "CustomField",
    "Customer",
    "CustomerFile",
    "CustomerFollower",
    "CustomerTag",
    "DuplicatePair",
    "DuplicateScan",
    "Export",
    "ExportRule",
    "FieldChange",
    "FieldCheck",
    "FollowUp",
    "FollowUpPlan",
    "Household",
    "HouseholdMember",
    "Identity",
    "IdentityConflict",
    "Interaction",
    "InvoiceTitle",
    "Merge",
    "MergeMove",
    "MergeQuestion",
    "ProfileLink",
    "ProfileProposal",
    "ProfileQuality",
    "ProfileReview",
    "QualityFigure",
    "QualityPolicy",
    "ReleasedIdentity",
    "SearchPending",
    "SearchTerm",
    "SearchText",
    "Tag",
    "TagCategory",
]
