"""Filters of lists: their language in addresses, the fields, and the rows that match.

A feature adds fields of its own with `desk.ports.register_filter_fields`.
"""

from shuke.desk.queries.filtering import ready as _ready  # noqa: F401 - registers the ready fields
from shuke.desk.queries.filtering.language import (
    EVERYONE,
    BadFilter,
    Condition,
    Group,
    Narrowed,
    at,
    read,
    replaced,
    with_more,
    written,
)
from shuke.desk.queries.filtering.matching import Matching, matching, named, op_words, signed, value_words
from shuke.desk.queries.filtering.saying import Said, said, said_node

__all__ = [
    "EVERYONE",
    "BadFilter",
    "Condition",
    "Group",
    "Matching",
    "Narrowed",
    "Said",
    "at",
    "matching",
    "named",
    "op_words",
    "read",
    "replaced",
    "said",
    "said_node",
    "signed",
    "value_words",
    "with_more",
    "written",
]
