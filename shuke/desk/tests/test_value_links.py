"""What the pages of the value room link to: customers by their trend, and by a product they bought."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from shuke.customers.testing import customer, regular_chen
from shuke.desk import testing
from shuke.kernel import clock
from shuke.orders.services import refresh_marks
from shuke.orders.testing import sell
from shuke.team.testing import Cast, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


def shown(people: Cast, **given: Any) -> str:
    client = Client()
    client.force_login(people.owner)
    return client.get("/customers/", given).content.decode()


def test_the_list_asks_for_customers_who_come_more_often(people: Cast) -> None:
    chen, zhao = regular_chen(store_id=people.store.pk), customer("赵远", store_id=people.store.pk)
    for person, trend in ((chen, "rising"), (zhao, "falling")):
        testing.value(person, last_on=clock.today() - timedelta(days=10), trend=trend)
    testing.rows()
    assert "陈茶香" in shown(people, trend="rising") and "赵远" not in shown(people, trend="rising")
    assert "赵远" in shown(people, trend="falling") and "陈茶香" not in shown(people, trend="falling")
    assert "在上升" in shown(people, trend="rising", columns="phone,trend")


def test_the_list_asks_for_who_bought_a_product_by_its_name(people: Cast) -> None:
    chen = regular_chen(store_id=people.store.pk)
    customer("赵远", store_id=people.store.pk)
    sell("A1", customer_id=chen.pk, on=clock.today())
    refresh_marks([chen.pk])
    testing.rows()
    found = shown(people, product="白毫银针")
    assert "陈茶香" in found and "赵远" not in found
    assert "陈茶香" not in shown(people, product="红茶")
