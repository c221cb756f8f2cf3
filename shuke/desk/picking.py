"""Everybody behind an address of the customer list, for bulk actions and exports: the source "list"."""

from array import array
from collections.abc import Iterable

from django.http import QueryDict

from shuke.desk import rules
from shuke.desk.forms import read_filter
from shuke.desk.queries.rows import matching_rows
from shuke.kernel import clock
from shuke.team.queries import Actor


def ids_of_list(actor: Actor, text: str) -> Iterable[int]:
    """The ids of all within the actor's reach whom the address finds, in the order of the list."""
    query = QueryDict(text)
    rows = matching_rows(actor, read_filter(query), clock.today())
    column = rules.sort_column(query.get("sort", rules.DEFAULT_SORT))
    key = "-customer_id" if column.startswith("-") else "customer_id"
    return array("q", rows.order_by(column, key).values_list("customer_id", flat=True).iterator(20_000))


def count_of_list(actor: Actor, text: str) -> int:
    """How many that are."""
    return matching_rows(actor, read_filter(QueryDict(text)), clock.today()).order_by().count()
