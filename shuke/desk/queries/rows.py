"""The customer list: which rows match, one page of them, and about how many there are."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest

from shuke.customers.queries import found_ids
from shuke.customers.queries.custom import known_custom_fields
from shuke.customers.rules.custom import id_in
from shuke.desk import rules
from shuke.desk.models import FILTERED, CustomerRow
from shuke.desk.queries.filtering import Matching, Narrowed, matching
from shuke.desk.queries.own import OwnColumn, column_of
from shuke.kernel.compiled import Compiled, given_list
from shuke.kernel.keyset import Page, keyset_page, within_walk
from shuke.team.queries import Actor, reach_of, within_sight
from shuke.team.rules import Scope

MOST_FOUND = 120  # each is one read somewhere in the table; who types more than a surname finds fewer
WALKED = frozenset({*FILTERED, "store", "account_manager"})  # columns in the indexes of the sorts
STEPS = 6_000  # of a walk, before everything that matches is sorted: one in a hundred fills a page
SHOWN = [
    "customer_id",
    "store_id",
    "account_manager_id",
    "created_at",
    "stage",
    "phase",
    "group",
    "level",
    "purchases",
    "last_on",
    "next_expected_on",
    "spent_fen",
    "clv_year_fen",
    "at_stake_fen",
    "leaving_chance",
    "tag_ids",
    "gender",
    "kind",
    "province",
    "city",
    "first_channel",
    "first_on",
    "mean_spend_fen",
    "touched_on",
    "touch_kind",
    "touch_by",
    "birth_year",
    "updated_on",
    "quality",
    "trend",
]


@dataclass(frozen=True)
class CappedCount:
    """How many match: exact up to the cap, "more than that" beyond."""

    number: int
    is_capped: bool


def matching_rows(
    actor: Actor, narrowed: Narrowed, today: date, found: Matching | None = None
) -> QuerySet[CustomerRow]:
    """The rows within the actor's reach that match; conditions that make no sense are left out (see `left_out`).

    `found`: what the filter came to, where the caller asked already; some conditions look something up.
    """
    rows = CustomerRow.objects.filter(reach_of(actor).seen())
    if narrowed.text:
        rows = rows.filter(customer_id__in=found_ids(actor, narrowed.text, MOST_FOUND))
    if not narrowed.wanted.nodes:
        return rows
    return rows.filter((found or matching(actor, narrowed.wanted, today)).condition)


def is_uneven(condition: Q) -> bool:
    """Whether a filter asks for something of which the indexes of the sorts know nothing."""
    return any(
        is_uneven(child) if isinstance(child, Q) else not isinstance(child, tuple) or not _is_walked(child[0])
        for child in condition.children
    )


def _is_walked(lookup: str) -> bool:
    return lookup.split("__")[0] in WALKED


def page_of_ids(
    rows: QuerySet[CustomerRow],
    *,
    sort: str,
    after: str = "",
    before: str = "",
    size: int = rules.PAGE_SIZE,
    is_uneven: bool = False,
) -> Page:
    """One page of ids, walked in the sort's own index. Raises BadCursor.

    `is_uneven`: the filter asks for something of which the sorts' indexes know nothing and which may lie all at their far
    end. A few steps of the walk usually fill a page; else whatever matches is found first and sorted then.
    """
    order, own = _order(sort)
    column = order.removeprefix("-")
    paging = {"key": "customer_id", "after": after, "before": before}
    along = ["matched"] if "matched" in rows.query.annotations else []  # counted with the page by the caller
    narrow = rows.annotate(**own).values("customer_id", column, *along)
    if not is_uneven:
        return keyset_page(narrow, order=order, size=size, **paging)
    walk = CustomerRow.objects.annotate(**own)
    near = keyset_page(
        within_walk(narrow, walk, order=order, entries=STEPS, **paging), order=order, size=size, **paging
    )
    if near.previous_cursor if before else near.next_cursor:
        return near
    by = (
        rows.annotate(**own).annotate(by=Greatest(column, column)).values("customer_id", "by")
    )  # no index has this order
    return keyset_page(by, order=order.replace(column, "by"), size=size, **paging)


def _order(sort: str) -> tuple[str, dict[str, OwnColumn]]:
    """The column that a sort word walks, "-" kept, and what has to be added to the rows for it."""
    field = known_custom_fields().get(id_in(sort.removeprefix("-")) or 0)
    if field is None:
        return rules.sort_column(sort), {}
    column = column_of(field.id)
    return ("-" if sort.startswith("-") else "") + column, {column: OwnColumn(field)}


def rows_by_id(actor: Actor, ids: list[int]) -> dict[int, dict[str, Any]]:
    """Everything a list shows of these rows that the actor reaches."""
    reach = reach_of(actor)
    return {row["customer_id"]: row for row in _shown(reach.scope).rows(ids=ids, **reach.given)}


@cache
def _shown(scope: Scope) -> Compiled[dict[str, Any]]:
    return Compiled(
        lambda: CustomerRow.objects.filter(
            within_sight(scope), customer_id__among=given_list("ids", "bigint")
        ).values(*SHOWN)
    )


def capped_count(rows: QuerySet[CustomerRow], cap: int = rules.COUNT_CAP) -> CappedCount:
    """How many rows match; counting stops one past the cap."""
    number = rows.order_by().values("customer_id")[: cap + 1].count()
    return CappedCount(min(number, cap), number > cap)


def highest_value_fen() -> int:
    """The greatest yearly value of all: the full length of a value bar."""
    top = CustomerRow.objects.order_by("-clv_year_fen").values_list("clv_year_fen", flat=True).first()
    return top or 0
