"""Where links of these pages lead: to the list of customers, and to the builder of conditions."""

from urllib.parse import urlencode

from django.urls import reverse

SAFE = "(),~:"


def list_url(segment_id: int, *more: str) -> str:
    """The members within reach as a list, narrowed further by conditions."""
    return conditions_url(f"segment.in.{segment_id}", *more)


def conditions_url(*conditions: str) -> str:
    """The list of customers who meet these conditions."""
    return f"{reverse('desk:customer_list')}?{urlencode({'f': '~'.join(conditions)}, safe=SAFE)}"


def builder_url(conditions: str = "", about: str = "") -> str:
    """The builder of conditions, opened to make or change a segment."""
    pairs = {"use": "segment", "f": conditions, "about": about}
    query = urlencode({name: value for name, value in pairs.items() if value}, safe=SAFE)
    return f"{reverse('desk:filter')}?{query}"
