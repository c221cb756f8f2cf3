"""Search terms: written at once for one customer, in bulk by a job for many."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction

from shuke.customers.models import Customer, Identity, SearchPending
from shuke.customers.rules import EMAIL, PHONE
from shuke.kernel.bulk import copy_rows
from shuke.zh.terms import terms_for

BATCH = 20_000
COLUMNS = ("customer_id", "store_id", "term")


@dataclass
class _Findable:
    """What a customer is found by."""

    store_id: int
    name: str
    wechat: str
    member_number: str
    phones: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)

    def terms(self) -> set[str]:
        return terms_for(self.name, self.phones, self.emails, self.wechat, self.member_number)


@transaction.atomic
def index_terms(customer_ids: Iterable[int]) -> int:
    """Write the search terms of these customers anew; returns how many terms. Those gone or merged lose theirs."""
    ids = sorted(set(customer_ids))
    if not ids:
        return 0
    _delete_terms(ids)
    rows = list(_rows(_findables(ids)))  # by customer: one's terms lie on one page of the table
    copy_rows("customers_searchterm", COLUMNS, rows)
    return len(rows)


def queue_terms(customer_ids: Iterable[int]) -> None:
    """Leave customers for the indexing job, in the caller's transaction (then publish or start `index_pending`)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_searchpending (customer_id) select distinct unnest(%s::int[]) "
            "on conflict do nothing",
            [list(customer_ids)],
        )


def queue_terms_of_run(run_id: int) -> None:
    """Leave the customers that an import run made, or gave a key to, for the indexing job."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_searchpending (customer_id) "
            "select id from customers_customer where import_run_id = %s union "
            "select customer_id from customers_identity where import_run_id = %s on conflict do nothing",
            [run_id, run_id],
        )


def queue_all_terms() -> None:
    """Leave every customer for the indexing job: after a change of how terms are made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_searchpending (customer_id) select id from customers_customer on conflict do nothing"
        )


@transaction.atomic
def index_pending_batch(size: int = BATCH) -> int:
    """Index the next waiting customers and take them off the queue; returns how many. A kill loses nothing."""
    waiting = SearchPending.objects.select_for_update(skip_locked=True).order_by("customer_id")
    ids = list(waiting.values_list("customer_id", flat=True)[:size])
    index_terms(ids)
    with connection.cursor() as cursor:
        cursor.execute("delete from customers_searchpending where customer_id = any(%s::int[])", [ids])
    return len(ids)


@transaction.atomic
def forget_orphaned_terms() -> None:
    """Drop terms of customers who no longer exist."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from customers_searchterm t where not exists "
            "(select 1 from customers_customer c where c.id = t.customer_id)"
        )


def _delete_terms(ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("delete from customers_searchterm where customer_id = any(%s::int[])", [ids])


def _findables(ids: list[int]) -> dict[int, _Findable]:
    customers = Customer.objects.filter(pk__in=ids, merged_into=None)
    rows = customers.values_list("pk", "store_id", "name", "wechat", "member_number", "phone", "email")
    found = {
        pk: _Findable(store or 0, name, wechat, member, {phone} - {""}, {email} - {""})
        for pk, store, name, wechat, member, phone, email in rows.iterator(chunk_size=5000)
    }
    identities = Identity.objects.filter(customer_id__in=ids, namespace__in=(PHONE, EMAIL))
    for pk, namespace, value in identities.values_list("customer_id", "namespace", "value").iterator(5000):
        if pk in found:
            (found[pk].phones if namespace == PHONE else found[pk].emails).add(value)
    return found


def _rows(findables: dict[int, _Findable]) -> Iterator[tuple[int, int, str]]:
    for pk, findable in findables.items():
        for term in findable.terms():
            yield (pk, findable.store_id, term)
