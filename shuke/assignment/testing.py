"""A pool that is on, and customers that are due, as tests need them."""

from datetime import timedelta
from typing import Any

from shuke.assignment.models import PoolEntry
from shuke.assignment.rules.pooling import LevelRule
from shuke.assignment.services import PoolForm, save_pool_policy
from shuke.customers.models import Customer
from shuke.kernel import clock
from shuke.team.queries import SYSTEM


def pool_on(**changes: Any) -> None:
    """公海 with 60 days for whoever has not bought, warned 3 days before."""
    given = {"is_on": True, "levels": {"": LevelRule(60), "high": LevelRule(60)}, **changes}
    save_pool_policy(actor=SYSTEM, form=PoolForm(**given))


def long_known(customer: Customer, days: int = 100) -> Customer:
    """The same customer, as if the record was that old."""
    Customer.objects.filter(pk=customer.pk).update(created_at=clock.now() - timedelta(days=days))
    customer.refresh_from_db()
    return customer


def in_pool(customer: Customer, *, previous_id: int | None = None, days: int = 1) -> PoolEntry:
    """The customer in the pool for some days."""
    Customer.objects.filter(pk=customer.pk).update(account_manager_id=None)
    return PoolEntry.objects.create(
        customer=customer,
        store_id=customer.store_id,
        previous_id=previous_id,
        since=clock.now() - timedelta(days=days),
        why=[["touch", 60]],
    )
