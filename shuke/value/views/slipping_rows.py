"""Lines of who is slipping away: on the overview, and on their own page."""

from typing import Any

from django.http import HttpRequest

from shuke.customers.queries import display_name, people_reached
from shuke.kernel import clock
from shuke.value import queries
from shuke.value.rules import reasons_for
from shuke.value.services import reasons_of_warning
from shuke.value.wording import percent, reason_text


def slipping_rows(
    request: HttpRequest, store_id: int | None, limit: int, *, window_days: int = 0
) -> list[dict[str, Any]]:
    """Who is slipping within reach, most money first, with the reason; with a window all reasons from their orders."""
    values = queries.slipping_customers(request.user, limit, store_id=store_id)
    people = people_reached(request.user, [value.customer_id for value in values])
    today = clock.today()
    seen = [value for value in values if value.customer_id in people]
    more = reasons_of_warning(seen, today=today, window_days=window_days) if window_days else {}
    return [
        {
            "value": value,
            "name": display_name(people[value.customer_id]),
            "why": [
                reason_text(reason) for reason in more.get(value.customer_id) or reasons_for(value, today)[:1]
            ],
            "chance": "" if value.leaving_chance is None else percent(min(value.leaving_chance, 0.999)),
        }
        for value in seen
    ]
