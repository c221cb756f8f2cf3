"""Search terms: written at once for one customer, in bulk by a job for many."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction

from shuke.customers.models import SearchPending
from shuke.customers.queries.search_words import SearchWords, search_words_of
from shuke.customers.rules import EMAIL, PHONE, WECHAT
from shuke.customers.services.texts import write_texts
from shuke.kernel.bulk import copy_rows
from shuke.zh.terms import name_terms, terms_for

BATCH = 20_000
COLUMNS = ("term", "customer_id", "store_id")


@dataclass
class _Findable:
    """What a customer is found by."""

    store_id: int
    name: str
    phones: set[str]
    emails: set[str]
    wechats: set[str]
    member_number: str
    more_names: set[str] = field(default_factory=set)

    def add(self, words: SearchWords) -> None:
        """More of what this customer is found by."""
        self.more_names |= words.names
        self.phones |= words.contacts[PHONE]
        self.emails |= words.contacts[EMAIL]
        self.wechats |= words.contacts[WECHAT]

    def terms(self) -> set[str]:
        found = terms_for(self.name, self.phones, self.emails, self.wechats, self.member_number)
        for name in self.more_names:
            found |= name_terms(name)
        return found


@transaction.atomic
def index_terms(customer_ids: Iterable[int]) -> int:
    """Write what these customers are found by anew; returns how many terms. Those gone or merged lose theirs."""
    ids = sorted(set(customer_ids))
    if not ids:
        return 0
    _delete_terms(ids)
    rows = sorted(_rows(_findables(ids)))  # by term: a batch's neighbours go into the same pages of the index
    copy_rows("customers_searchterm", COLUMNS, rows)
    write_texts(ids)
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


def queue_terms_of_field(field_id: int) -> None:
    """Leave everybody who holds a field of the shop's own for the indexing job."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_searchpending (customer_id)"
            " select id from customers_customer where jsonb_exists(custom, %s) on conflict do nothing",
            [str(field_id)],
        )


def queue_terms_of_own_fields() -> None:
    """Leave everybody who holds any field of the shop's own for the indexing job."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_searchpending (customer_id)"
            " select id from customers_customer where custom <> '{}' on conflict do nothing"
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
    """Drop what customers were found by who no longer exist."""
    with connection.cursor() as cursor:
        for table in ("customers_searchterm", "customers_searchtext"):
            cursor.execute(
                f"delete from {table} t where not exists "
                "(select 1 from customers_customer c where c.id = t.customer_id)"
            )


def _delete_terms(ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("delete from customers_searchterm where customer_id = any(%s::int[])", [ids])


def _findables(ids: list[int]) -> dict[int, _Findable]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, store_id, name, phone, email, wechat, member_number from customers_customer"
            " where id = any(%s::bigint[]) and merged_into_id is null and deleted_at is null",
            [ids],
        )
        found = {
            pk: _Findable(store or 0, name, {phone}, {email}, {wechat}, member)
            for pk, store, name, phone, email, wechat, member in cursor.fetchall()
        }
    for pk, words in search_words_of(ids).items():
        if pk in found:
            found[pk].add(words)
    return found


def _rows(findables: dict[int, _Findable]) -> Iterator[tuple[str, int, int]]:
    for pk, findable in findables.items():
        for term in findable.terms():
            yield (term, pk, findable.store_id)
