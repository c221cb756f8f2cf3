"""Everybody behind an address of the customer list, for bulk actions and exports: the source "list"."""

from array import array
from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import QueryDict

from shuke.desk import rules
from shuke.desk.forms import read_stored
from shuke.desk.models import CustomerRow
from shuke.desk.queries.filtering import matching
from shuke.desk.queries.rows import matching_rows
from shuke.kernel import clock
from shuke.team.queries import Actor


def ids_of_list(actor: Actor, text: str) -> Iterable[int]:
    """The ids of all within the actor's reach whom the address finds, in the order of the list."""
    column = rules.sort_column(QueryDict(text).get("sort", rules.DEFAULT_SORT))
    key = "-customer_id" if column.startswith("-") else "customer_id"
    rows = _rows(actor, text).order_by(column, key)
    return array("q", rows.values_list("customer_id", flat=True).iterator(20_000))


def count_of_list(actor: Actor, text: str) -> int:
    """How many that are."""
    return _rows(actor, text).order_by().count()


def _rows(actor: Actor, text: str) -> QuerySet[CustomerRow]:
    """Nobody when a condition cannot be read: what is done to all that match is never done to more."""
    state, today = read_stored(text), clock.today()
    found = matching(actor, state.narrowed.wanted, today)
    if state.is_unreadable or found.left_out:
        return CustomerRow.objects.none()
    return matching_rows(actor, state.narrowed, today, found)
