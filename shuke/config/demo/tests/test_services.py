"""Putting the demo shop in and taking it out."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from shuke.config.demo import people, services, shop
from shuke.customers import queries as customer_queries
from shuke.customers import services as customers
from shuke.team import queries as team_queries
from shuke.team import testing
from shuke.team.models import Staff
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 12, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A village of the same shape: what is tested here is the way in and out."""
    monkeypatch.setattr(people, "CUSTOMERS", 240)
    monkeypatch.setattr("shuke.config.demo.stories.TOUCHES", 60)
    monkeypatch.setattr("shuke.config.demo.stories.PLANS", 10)
    monkeypatch.setattr("shuke.config.demo.stories.LOOKS", 100)


def _count() -> int:
    return customer_queries.visible_customers(SYSTEM).count()


def test_loading_fills_the_shop_and_loading_again_changes_nothing() -> None:
    assert services.load_demo(actor=SYSTEM, now=NOON) is True
    assert _count() == 240
    shop_row = team_queries.shop()
    assert (shop_row.name, shop_row.is_demo) == (shop.NAME, True)
    assert {store.name for store in team_queries.visible_stores(SYSTEM)} == {s.name for s in shop.STORES}
    wang = Staff.objects.get(username="wang")
    assert wang.check_password(shop.PASSWORD)
    assert not wang.must_change_password
    assert services.load_demo(actor=SYSTEM, now=NOON) is False
    assert _count() == 240


def test_clearing_takes_the_demo_away_and_leaves_everything_real() -> None:
    owner = testing.owner()
    own_store = testing.store("自家店")
    services.load_demo(actor=SYSTEM, now=NOON)
    form = customers.NewCustomer(name="真客人", phone="15400000001", store_id=own_store.pk)
    real = customers.add_customer(actor=owner, form=form)
    assert services.clear_demo(actor=owner) == 240
    assert list(customer_queries.visible_customers(SYSTEM).values_list("pk", flat=True)) == [real.pk]
    assert [person.username for person in Staff.objects.all()] == ["su"]
    assert [store.name for store in team_queries.visible_stores(SYSTEM)] == ["自家店"]
    assert team_queries.shop().is_demo is False
    assert services.clear_demo(actor=owner) == 0


def test_the_demo_owner_who_clears_it_stays() -> None:
    services.load_demo(actor=SYSTEM, now=NOON)
    services.clear_demo(actor=Staff.objects.get(username="lin"))
    assert [person.username for person in Staff.objects.all()] == ["lin"]


def test_a_manager_may_not_clear_it_and_nothing_goes() -> None:
    services.load_demo(actor=SYSTEM, now=NOON)
    with pytest.raises(PermissionDenied):
        services.clear_demo(actor=Staff.objects.get(username="zhou"))
    assert _count() == 240


def test_the_page_says_what_goes_and_one_button_clears_it(client: Client) -> None:
    services.load_demo(actor=SYSTEM, now=NOON)
    client.force_login(testing.owner())
    page = client.get(reverse("demo:clear")).content.decode()
    assert "240" in page
    assert "听雨巷店" in page
    assert client.post(reverse("demo:clear"))["Location"] == reverse("imports:list")
    assert _count() == 0
