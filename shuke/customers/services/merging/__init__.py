"""Two records become one, and can be parted again.

Each room registers its tables that point to a customer (`register_rows`); a merge moves their rows in one transaction and
stores what it moved. Computed rows follow by the events CustomersMerged and CustomersUnmerged. See docs/merging.md.
"""

from shuke.customers.services.merging.asking import answer_question
from shuke.customers.services.merging.columns import choice_keys, column_label
from shuke.customers.services.merging.joining import (
    CannotMerge,
    Choices,
    VerifiedDiffer,
    gather_late_rows,
    merge_customers,
    verified_differences,
)
from shuke.customers.services.merging.own_tables import register_own_tables
from shuke.customers.services.merging.parting import CannotPart, unmerge
from shuke.customers.services.merging.registry import (
    How,
    Sides,
    part_named,
    register_rows,
    registered,
)

__all__ = [
    "CannotMerge",
    "CannotPart",
    "Choices",
    "How",
    "Sides",
    "VerifiedDiffer",
    "answer_question",
    "choice_keys",
    "column_label",
    "gather_late_rows",
    "merge_customers",
    "part_named",
    "register_own_tables",
    "register_rows",
    "registered",
    "unmerge",
    "verified_differences",
]
