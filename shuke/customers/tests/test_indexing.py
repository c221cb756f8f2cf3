"""Search terms of many customers: written by a job, safe to stop and to repeat."""

import pytest

from shuke.customers import handlers, jobs, queries, services
from shuke.customers.events import CustomersImported, CustomersRemoved
from shuke.customers.models import Customer, Identity, SearchPending, SearchTerm
from shuke.customers.services import bulk
from shuke.customers.testing import customer, regular_chen
from shuke.team.queries import SYSTEM
from shuke.zh import fictional

pytestmark = pytest.mark.django_db


def imported(count: int, run_id: int | None = None) -> list[int]:
    """Customers as a bulk import leaves them: no terms yet."""
    rows = [
        Customer(name=fictional.name(n), phone=fictional.phone(n), import_run_id=run_id) for n in range(count)
    ]
    made = Customer.objects.bulk_create(rows)
    Identity.objects.bulk_create(
        Identity(namespace="phone", value=f"+86{row.phone}", customer=row) for row in made
    )
    return [row.pk for row in made]


def test_waiting_customers_are_indexed_in_batches_and_taken_off_the_queue() -> None:
    ids = imported(25)
    services.queue_terms(ids + ids[:3])
    assert services.index_pending_batch(10) == 10
    assert SearchPending.objects.count() == 15
    jobs.index_pending()
    assert SearchPending.objects.count() == 0
    assert set(SearchTerm.objects.values_list("customer_id", flat=True)) == set(ids)
    assert [found.id for found in queries.search_customers(SYSTEM, fictional.phone(7))] == [ids[7]]


def test_a_batch_that_dies_leaves_everything_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    services.queue_terms(imported(5))

    def die(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("shuke.customers.services.terms.copy_rows", die)
    with pytest.raises(KeyboardInterrupt):
        services.index_pending_batch()
    assert SearchPending.objects.count() == 5
    assert not SearchTerm.objects.exists()


def test_indexing_twice_gives_the_same_terms() -> None:
    ids = imported(5)
    services.index_terms(ids)
    first = set(SearchTerm.objects.values_list("term", "customer_id"))
    services.index_terms(ids)
    assert set(SearchTerm.objects.values_list("term", "customer_id")) == first


def test_an_imported_run_becomes_findable() -> None:
    ids = imported(3, run_id=77)
    known = regular_chen()
    Identity.objects.create(namespace="phone", value="+8615400008888", customer=known, import_run_id=77)
    handlers.index_imported_customers(CustomersImported(run_id=77))
    handlers.index_imported_customers(CustomersImported(run_id=77))
    assert SearchPending.objects.count() == 4
    jobs.index_pending()
    assert set(SearchTerm.objects.values_list("customer_id", flat=True)) == {*ids, known.pk}
    assert [found.id for found in queries.search_customers(SYSTEM, "8888")] == [known.pk]


def test_a_run_taken_back_takes_the_keys_it_gave_out_of_the_search() -> None:
    chen = regular_chen()
    Identity.objects.create(namespace="phone", value="+8615400008888", customer=chen, import_run_id=77)
    services.index_terms([chen.pk])
    bulk.forget_run(77)
    jobs.index_pending()
    assert queries.search_customers(SYSTEM, "8888") == []
    assert [found.id for found in queries.search_customers(SYSTEM, "6621")] == [chen.pk]


def test_removed_customers_leave_no_terms() -> None:
    chen = regular_chen()
    gone = customer("走了")
    Customer.objects.filter(pk=gone.pk).delete()
    handlers.forget_terms_of_removed_customers(CustomersRemoved(run_id=None))
    jobs.forget_orphaned_terms()
    assert set(SearchTerm.objects.values_list("customer_id", flat=True)) == {chen.pk}


def test_merged_customers_are_not_found_any_more() -> None:
    chen, other = regular_chen(), customer("陈茶相")
    Customer.objects.filter(pk=other.pk).update(merged_into=chen)
    services.index_terms([other.pk])
    assert not SearchTerm.objects.filter(customer_id=other.pk).exists()
