"""A list of customers with values, for tests: rows as the rooms below would make them."""

from datetime import date
from typing import Any

from shuke.customers.models import Customer
from shuke.desk.services.rows import rebuild_rows
from shuke.kernel import clock
from shuke.value.models import CustomerValue

VALUES: dict[str, Any] = {
    "purchases": 6,
    "spent_fen": 300_000,
    "window_purchases": 6,
    "window_spent_fen": 300_000,
    "mean_spend_fen": 50_000,
    "r_score": 2,
    "f_score": 5,
    "m_score": 5,
    "group": "key_keep",
    "level": "high",
    "stage": "loyal",
    "phase": "mature",
    "usual_gap_days": 21.0,
    "usual_gap_low_days": 18.0,
    "usual_gap_high_days": 26.0,
    "leaving_chance": 0.7,
    "clv_year_fen": 286_000,
    "clv_low_fen": 190_000,
    "clv_high_fen": 390_000,
    "at_stake_fen": 0,
}


def value(customer: Customer, *, last_on: date | None = None, **changes: Any) -> CustomerValue:
    """The value of a customer, as a run would have computed it."""
    given = {**VALUES, "as_of": clock.today(), "last_on": last_on, "first_on": last_on, **changes}
    return CustomerValue.objects.update_or_create(customer=customer, defaults=given)[0]


def rows() -> int:
    """Bring the list up to date."""
    return rebuild_rows()
