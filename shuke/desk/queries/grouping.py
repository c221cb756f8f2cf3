"""How many of a list are of each kind: counted up to a cap each, in one statement."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from shuke.desk.ports import IN, Asked, filter_fields
from shuke.desk.queries.rows import CappedCount
from shuke.kernel import clock
from shuke.team.queries import Actor

GROUP_CAP, MOST_GROUPS = 2_000, 12


@dataclass(frozen=True)
class GroupCount:
    """One kind: its value in a filter, its name, and how many there are."""

    value: str
    label: str
    count: CappedCount


def group_counts(actor: Actor, rows: QuerySet[Any], code: str) -> list[GroupCount]:
    """Counts of the rows by a field of choices, the first of them; each stops at a cap, so no count reads everything."""
    field = filter_fields(actor)[code]
    choices = [(value, str(label)) for value, label in field.choices(actor) if value != "me"][:MOST_GROUPS]
    parts: list[str] = []
    given: list[Any] = []
    for value, _label in choices:
        of_kind = rows.filter(field.build(Asked(actor, IN, (value,), clock.today())))
        try:
            sql, parameters = (
                of_kind.order_by().values("customer_id")[: GROUP_CAP + 1].query.sql_with_params()
            )
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(select count(*) from ({sql}) of_kind)")
        given += parameters
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(parts)}", given)
        numbers = cursor.fetchone()
    return [
        GroupCount(value, label, CappedCount(min(number, GROUP_CAP), number > GROUP_CAP))
        for (value, label), number in zip(choices, numbers, strict=True)
    ]
