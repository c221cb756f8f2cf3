"""Several people claim the same customer at once: one gets them. A naive way of claiming, tried alike, gives them to all."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import close_old_connections, connection, transaction

from shuke.assignment import services
from shuke.assignment.models import PoolEntry
from shuke.assignment.services import NotClaimable
from shuke.assignment.testing import in_pool, pool_on
from shuke.customers.models import Customer, FieldChange
from shuke.customers.testing import customer, regular_chen
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.models import Staff

pytestmark = pytest.mark.django_db(transaction=True)
CLAIMANTS = 6


def claimants(cast: Any) -> list[int]:
    return [team.staff(f"clerk{n}", f"店员{n}", "clerk", cast.store).pk for n in range(CLAIMANTS)]


def all_at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """Each on a connection of its own, let go together; what each answered."""
    gate, answers = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int) -> None:
        close_old_connections()
        try:
            gate.wait(timeout=20)
            answers[place] = works[place]()
        except NotClaimable as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def claimed(staff_id: int, entry_id: int) -> Any:
    return services.claim(actor=Staff.objects.get(pk=staff_id), entry_id=entry_id)


def naively(staff_id: int, entry_id: int, looked: threading.Barrier) -> Any:
    """Look first, then write: what `claim` must not be."""
    with transaction.atomic():
        entry = PoolEntry.objects.get(pk=entry_id)
        is_free = entry.left_at is None
        looked.wait(timeout=20)  # everybody has looked before anybody writes
        if not is_free:
            raise NotClaimable("gone")
        entry.left_at, entry.left_how, entry.left_to_id = clock.now(), "claimed", staff_id
        entry.save()
        return entry


def winners(answers: list[Any]) -> int:
    return sum(isinstance(one, PoolEntry) for one in answers)


def test_of_many_who_claim_at_once_one_gets_the_customer() -> None:
    cast, chen = team.cast(), regular_chen()
    people, entry = claimants(cast), in_pool(chen)
    pool_on()
    answers = all_at_once([lambda pk=pk: claimed(pk, entry.pk) for pk in people])  # type: ignore[misc]
    assert winners(answers) == 1
    owner = Customer.objects.get(pk=chen.pk).account_manager_id
    assert owner == PoolEntry.objects.get(pk=entry.pk).left_to_id
    assert FieldChange.objects.filter(field="account_manager_id").count() == 1


def test_the_naive_way_gives_the_same_customer_to_everybody() -> None:
    cast, chen = team.cast(), regular_chen()
    people, entry = claimants(cast), in_pool(chen)
    looked = threading.Barrier(CLAIMANTS)
    answers = all_at_once([lambda pk=pk: naively(pk, entry.pk, looked) for pk in people])  # type: ignore[misc]
    assert winners(answers) == CLAIMANTS


def test_one_person_in_two_windows_claims_no_more_than_a_day_allows() -> None:
    cast = team.cast()
    pool_on(claims_a_day=2)
    entries = [in_pool(customer(f"客{n}", store_id=cast.store.pk)) for n in range(CLAIMANTS)]
    answers = all_at_once([lambda pk=one.pk: claimed(cast.wang.pk, pk) for one in entries])  # type: ignore[misc]
    assert winners(answers) == 2
    assert Customer.objects.filter(account_manager_id=cast.wang.pk).count() == 2
