import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from shuke.customers.events import CustomerAdded, CustomersImported
from shuke.orders.events import OrderRecorded, OrdersImported, OrdersRemoved
from shuke.value import handlers
from shuke.value.events import RefreshRequested, ValuePolicyChanged
from shuke.value.models import CustomerValue
from shuke.value.testing import add_people

pytestmark = pytest.mark.django_db


def waiting() -> int:
    return ProcrastinateJob.objects.filter(task_name="value.refresh_values").count()


def test_many_reasons_to_refresh_make_one_waiting_job():
    handlers.refresh_values_after_import(OrdersImported(run_id=1, orders=5))
    handlers.refresh_values_after_import(OrdersImported(run_id=1, orders=5))
    handlers.refresh_values_after_removal(OrdersRemoved(run_id=1))
    handlers.refresh_values_after_policy(ValuePolicyChanged())
    handlers.refresh_values_on_request(RefreshRequested())
    handlers.place_imported_customers(CustomersImported(run_id=2))
    assert waiting() == 1


def test_a_new_customer_stands_in_prospect_from_the_first_minute():
    one = add_people(1)[0]
    handlers.place_new_customer(CustomerAdded(customer_id=one))
    handlers.place_new_customer(CustomerAdded(customer_id=one))
    assert CustomerValue.objects.get(pk=one).stage == "prospect"


def test_an_order_of_nobody_changes_nothing():
    handlers.refresh_value_after_order(OrderRecorded(order_id=1, customer_id=None))
    assert CustomerValue.objects.count() == 0 and waiting() == 0
