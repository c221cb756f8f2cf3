"""Where a file and a communication or follow-up that is there differ, in words for the page on which it is checked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from shuke.customers.importing.past_rules import PastOutcome, PastRules, Row
from shuke.customers.models import Customer, FollowUp, Interaction
from shuke.imports.ports import Difference
from shuke.team.queries import staff_names

LENGTH = 60


def shown_differences(
    decided: Sequence[tuple[Row, Row]], outcomes: Sequence[PastOutcome], rules: PastRules, *, limit: int
) -> list[Difference]:
    """The first differences of rows (the file's, ours)."""
    found = [
        (theirs, ours, code, code in outcome.taken)
        for (theirs, ours), outcome in zip(decided, outcomes, strict=True)
        for code in outcome.differs
    ][: max(limit, 0)]
    people = Customer.objects.in_bulk({ours["customer_id"] for _theirs, ours, *_rest in found})
    staff = staff_names() if any(code == "author" for _theirs, _ours, code, _taken in found) else {}
    return [
        Difference(
            theirs["line"], _who(people.get(ours["customer_id"])), code, _told(code, ours, rules, staff),
            _told(code, theirs, rules, staff), is_taken,
        )
        for theirs, ours, code, is_taken in found
    ]  # fmt: skip


def _who(customer: Customer | None) -> str:
    return (customer.name or customer.phone) if customer else ""


def _told(code: str, row: Row, rules: PastRules, staff: dict[int, str]) -> str:
    values = [row[column] for column in rules.columns[code]]
    value: Any = next((value for value in values if value not in (None, "")), "")
    if code == "author":
        return staff.get(value, str(value))
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return str(_LABELS.get(value, value))[:LENGTH]


_LABELS: dict[Any, Any] = {
    **dict(Interaction.Kind.choices),
    **dict(Interaction.Direction.choices),
    **dict(FollowUp.State.choices),
}
