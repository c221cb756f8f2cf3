import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from shuke.customers.events import CustomerAdded, CustomersDeleted, CustomersImported, CustomersRestored
from shuke.customers.models import Customer
from shuke.kernel import clock
from shuke.orders.events import OrderRecorded, OrdersImported, OrdersRemoved
from shuke.team.queries import SYSTEM
from shuke.value import handlers, jobs, services
from shuke.value.events import RefreshRequested, ValuePolicyChanged, ValuesRefreshed
from shuke.value.models import CustomerValue, ModelRun, ReadyFigures, ValueSummary
from shuke.value.testing import add_people, small_shop

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


def test_after_a_run_each_kind_of_ready_figures_is_asked_for_once():
    for _twice in range(2):
        handlers.make_figures_ready_after_refresh(ValuesRefreshed(model_run_id=1, changed=5))
    asked = ProcrastinateJob.objects.values_list("task_name", flat=True)
    assert sorted(asked) == ["value.count_products", "value.count_views", "value.recommend"]


def test_the_jobs_of_ready_figures_run_on_an_empty_shop_and_again():
    for job in (jobs.recommend, jobs.count_products, jobs.count_views) * 2:
        job()
    assert set(ReadyFigures.objects.values_list("name", flat=True)) == {
        "products",
        "recommendations",
        "retention",
        "rfm_views",
        "visit_times",
    }


def test_a_new_customer_stands_in_prospect_from_the_first_minute():
    one = add_people(1)[0]
    handlers.place_new_customer(CustomerAdded(customer_id=one))
    handlers.place_new_customer(CustomerAdded(customer_id=one))
    assert CustomerValue.objects.get(pk=one).stage == "prospect"


def test_an_order_of_nobody_changes_nothing():
    handlers.refresh_value_after_order(OrderRecorded(order_id=1, customer_id=None))
    assert CustomerValue.objects.count() == 0 and waiting() == 0


def counted() -> int:
    """How many customers the pages say there are."""
    return ValueSummary.objects.get(name="overview", store_id=None).content["customers"]


def test_who_is_deleted_is_counted_no_more_and_who_comes_back_is():
    people = small_shop(40)
    services.refresh_all(SYSTEM)
    assert counted() == 40
    Customer.objects.filter(pk__in=people[:3]).update(deleted_at=clock.now())
    handlers.forget_values_of_deleted(CustomersDeleted(customer_ids=people[:3]))
    handlers.forget_values_of_deleted(CustomersDeleted(customer_ids=people[:3]))
    assert ProcrastinateJob.objects.filter(task_name="value.recount_summaries").count() == 1
    jobs.recount_summaries()
    assert counted() == 37
    Customer.objects.filter(pk__in=people[:3]).update(deleted_at=None)
    handlers.refresh_values_of_restored(CustomersRestored(customer_ids=people[:3]))
    jobs.recount_summaries()
    assert counted() == 40
    assert ModelRun.objects.count() == 1


def test_counting_before_the_first_run_writes_nothing():
    add_people(2)
    assert services.recount_summaries(SYSTEM) is False
    assert ValueSummary.objects.count() == 0
