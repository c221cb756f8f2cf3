"""Saying what products cost."""

import pytest
from django.core.exceptions import PermissionDenied

from shuke.orders.models import Product
from shuke.orders.services import tell_costs
from shuke.team.models import AuditEntry
from shuke.team.testing import Cast, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> Cast:
    Product.objects.create(sku="A", name="白茶")
    Product.objects.create(sku="B", name="茶杯", cost_fen=900)
    return cast()


def costs() -> dict[str, int | None]:
    return dict(Product.objects.values_list("sku", "cost_fen"))


def test_costs_nobody_told_are_told_and_known_ones_stay(house: Cast) -> None:
    assert tell_costs(actor=house.lin, costs_fen={"A": 500, "B": 1, "C": 7}) == 1
    assert costs() == {"A": 500, "B": 900}
    assert AuditEntry.objects.get(action="costs_told").after == {"products": 1}


def test_a_clerk_may_not_say_what_things_cost(house: Cast) -> None:
    with pytest.raises(PermissionDenied):
        tell_costs(actor=house.wang, costs_fen={"A": 500})
    assert costs() == {"A": None, "B": 900}
