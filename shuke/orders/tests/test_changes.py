"""Whose orders changed is found by what was noted, not by reading every order."""

import json
from datetime import date
from typing import Any

import pytest
from django.db import connection

from shuke.customers.testing import customer
from shuke.orders.models import OrderChange
from shuke.orders.services import take_changes, waiting_changes
from shuke.orders.services.changes import _WHOSE, note_batch
from shuke.orders.testing import sell

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


@pytest.fixture
def sold() -> list[tuple[int, int]]:
    """(order, customer) of thirty orders by ten customers, and no notes yet."""
    people = [customer(f"茶客{place}").pk for place in range(10)]
    found = [
        (sell(f"N{place}", customer_id=people[place % 10], on=DAY), people[place % 10]) for place in range(30)
    ]
    OrderChange.objects.all().delete()
    return found


def walks(node: dict[str, Any]) -> int:
    """How often a plan went into the orders."""
    own = node["Actual Loops"] if node.get("Relation Name") == "orders_order" else 0
    return int(own) + sum(walks(part) for part in node.get("Plans", []))


def test_orders_are_looked_into_once_a_batch_however_many_customers_are_noted(sold):
    people = sorted({who for _order, who in sold})
    OrderChange.objects.bulk_create([OrderChange(facts_of=who) for who in people for _ in range(100)])
    note_batch([order for order, _who in sold[:5]])
    note_batch([order for order, _who in sold[-7:]])
    with connection.cursor() as cursor:
        cursor.execute("explain (analyze, format json) " + _WHOSE.format(table="orders_orderchange"))
        plan = cursor.fetchone()[0]
    assert walks((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]) == 2
    assert waiting_changes(most=10_000).customer_ids == people


def test_a_batch_names_the_buyers_of_its_orders_only(sold):
    note_batch([order for order, _who in sold[3:7]])
    stranger = customer("陌生人").pk
    OrderChange.objects.create(facts_of=stranger)
    assert take_changes(most=10_000).customer_ids == sorted({stranger, *(who for _order, who in sold[3:7])})
    assert take_changes(most=10_000).customer_ids == []
