"""The customer list: which rows match, one page of them, and about how many there are."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from shuke.customers.queries import found_ids
from shuke.desk import rules
from shuke.desk.models import CustomerRow
from shuke.desk.rules import ListFilter
from shuke.kernel.keyset import Page, keyset_page
from shuke.team.queries import Actor, reach_of

MOST_FOUND = 120  # each is one read somewhere in the table; who types more than a surname finds fewer
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
]


@dataclass(frozen=True)
class CappedCount:
    """How many match: exact up to the cap, "more than that" beyond."""

    number: int
    is_capped: bool


def matching_rows(actor: Actor, wanted: ListFilter, today: date) -> QuerySet[CustomerRow]:
    """The rows within the actor's reach that match the filter."""
    rows = CustomerRow.objects.filter(reach_of(actor).filter())
    if wanted.text:
        rows = rows.filter(customer_id__in=found_ids(actor, wanted.text, MOST_FOUND))
    return _by_behaviour(_by_words(rows, wanted), wanted, today)


def _by_words(rows: QuerySet[CustomerRow], wanted: ListFilter) -> QuerySet[CustomerRow]:
    choices: dict[str, list[int]] = {
        "level": rules.positions(wanted.levels, rules.LEVELS),
        "group": rules.positions(wanted.groups, rules.GROUPS),
        "stage": rules.positions(wanted.stages, rules.STAGES),
        "phase": rules.positions(wanted.phases, rules.PHASES),
        "r_score": list(wanted.r_scores),
        "fm_score": list(wanted.fm_scores),
        "store_id": list(wanted.store_ids),
    }
    for column, values in choices.items():
        if len(values) == 1:
            rows = rows.filter(**{column: values[0]})
        elif values:
            rows = rows.filter(**{f"{column}__in": values})
    if wanted.manager_id is not None:
        rows = rows.filter(account_manager_id=wanted.manager_id)
    return rows.filter(tag_ids__contains=list(wanted.tag_ids)) if wanted.tag_ids else rows


def _by_behaviour(rows: QuerySet[CustomerRow], wanted: ListFilter, today: date) -> QuerySet[CustomerRow]:
    if wanted.last_days:
        earliest, latest = rules.last_bought_between(wanted.last_days, today)
        rows = rows.filter(last_on__gte=earliest or date(1900, 1, 1))
        rows = rows.filter(last_on__lte=latest) if latest else rows
    if wanted.spent_yuan.low is not None:
        rows = rows.filter(spent_fen__gte=wanted.spent_yuan.low * 100)
    if wanted.spent_yuan.high is not None:
        rows = rows.filter(spent_fen__lte=wanted.spent_yuan.high * 100)
    if wanted.birthday_month is not None:
        rows = rows.filter(birthday_key__range=rules.birthday_keys(wanted.birthday_month))
    if wanted.is_slipping:
        rows = rows.filter(at_stake_fen__gt=0)
    return rows


def page_of_ids(
    rows: QuerySet[CustomerRow], *, sort: str, after: str = "", before: str = "", size: int = rules.PAGE_SIZE
) -> Page:
    """One page of ids, walked in the sort's own index. Raises BadCursor."""
    column = rules.sort_column(sort)
    narrow = rows.values("customer_id", column.removeprefix("-"))
    return keyset_page(narrow, order=column, key="customer_id", after=after, before=before, size=size)


def rows_by_id(actor: Actor, ids: list[int]) -> dict[int, dict[str, Any]]:
    """Everything a list shows of these rows that the actor reaches."""
    found = CustomerRow.objects.filter(reach_of(actor).filter(), customer_id__in=ids).values(*SHOWN)
    return {row["customer_id"]: row for row in found}


def capped_count(rows: QuerySet[CustomerRow], cap: int = rules.COUNT_CAP) -> CappedCount:
    """How many rows match; counting stops one past the cap."""
    number = rows.order_by().values("customer_id")[: cap + 1].count()
    return CappedCount(min(number, cap), number > cap)


def highest_value_fen() -> int:
    """The greatest yearly value of all: the full length of a value bar."""
    top = CustomerRow.objects.order_by("-clv_year_fen").values_list("clv_year_fen", flat=True).first()
    return top or 0
