"""A deleted customer over all rooms: gone from list, day and value at once, back when restored; their orders keep their sums."""

from datetime import timedelta

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from shuke.customers import services
from shuke.customers.events import CustomersDeleted, CustomersRestored
from shuke.customers.models import Customer
from shuke.customers.testing import CHEN_PHONE, lapsed_zhao, regular_chen
from shuke.desk import testing
from shuke.desk.handlers import hide_rows_of_deleted_customers, show_rows_of_restored_customers
from shuke.desk.models import CustomerRow
from shuke.desk.picking import count_of_list, ids_of_list
from shuke.kernel import clock
from shuke.orders.models import Order
from shuke.orders.testing import sell
from shuke.team import testing as team
from shuke.value.handlers import forget_values_of_deleted, refresh_values_of_restored
from shuke.value.models import CustomerValue
from shuke.value.services import refresh_customer

pytestmark = pytest.mark.django_db


def bought(customer: Customer, number: str) -> None:
    sell(number, customer_id=customer.pk, on=clock.today() - timedelta(days=20))
    refresh_customer(customer.pk)


def test_who_is_deleted_leaves_list_value_and_day_and_comes_back_with_all_of_it() -> None:
    cast, chen, zhao = team.cast(), regular_chen(), lapsed_zhao()
    bought(chen, "A1")
    testing.rows()
    owner = Client()
    owner.force_login(cast.owner)
    services.delete_customers(actor=cast.owner, customer_ids=[chen.pk])
    for address in ("/customers/", "/", reverse("value:overview"), "/customers/?q=陈茶香"):
        page = owner.get(address).content.decode()
        assert f"/customers/{chen.pk}/" not in page and "陈茶香</" not in page, address
    assert owner.get(reverse("desk:customer", args=[chen.pk])).status_code == 404
    hide_rows_of_deleted_customers(CustomersDeleted([chen.pk]))
    forget_values_of_deleted(CustomersDeleted([chen.pk]))
    assert list(CustomerRow.objects.values_list("pk", flat=True)) == [zhao.pk]
    assert not CustomerValue.objects.filter(pk=chen.pk).exists()
    assert refresh_customer(chen.pk) is False  # an order that is mended does not bring a value back
    services.restore_customers(actor=cast.owner, customer_ids=[chen.pk])
    refresh_values_of_restored(CustomersRestored([chen.pk]))
    show_rows_of_restored_customers(CustomersRestored([chen.pk]))
    row = CustomerRow.objects.get(pk=chen.pk)
    assert (row.purchases, row.spent_fen) == (1, 36_800)


def test_orders_of_who_left_for_good_keep_their_sums_without_the_person() -> None:
    cast, chen = team.cast(), regular_chen()
    bought(chen, "A1")
    testing.rows()
    services.delete_customers(actor=cast.owner, customer_ids=[chen.pk])
    services.purge_customers(actor=cast.owner, customer_ids=[chen.pk])
    assert list(Order.objects.values_list("number", "customer_id", "amount_fen")) == [("A1", None, 36_800)]
    assert Order.objects.aggregate(sum=Sum("amount_fen"))["sum"] == 36_800
    assert not CustomerRow.objects.exists() and not CustomerValue.objects.exists()
    assert not Customer.objects.filter(phone=CHEN_PHONE).exists()


def test_everybody_of_a_list_are_those_the_actor_reaches_and_the_filter_finds() -> None:
    cast, chen, zhao = team.cast(), regular_chen(), lapsed_zhao()
    testing.rows()
    assert sorted(ids_of_list(cast.wang, "")) == sorted([chen.pk, zhao.pk])
    assert list(ids_of_list(cast.zhou, "")) == []
    assert list(ids_of_list(cast.stranger, "")) == []
    assert list(ids_of_list(cast.wang, "q=zhaosongyan")) == [zhao.pk]
    assert count_of_list(cast.wang, "") == 2
