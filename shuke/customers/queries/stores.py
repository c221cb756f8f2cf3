"""Which stores the records of customers name; the bulk table carries no constraint that would know."""

from typing import Any

from django.db import connection

from shuke.customers.models import Customer, FieldChange, FollowUpPlan

STORE_FIELD = "store_id"  # as the history of fields calls it


def busy_stores(store_ids: list[int]) -> set[int]:
    """Those of these stores that customers belong to, or did and could again by undoing, or that plans are for."""
    people = Customer.objects.filter(store_id__in=store_ids).order_by()
    busy = set(people.values_list("store_id", flat=True).distinct())
    busy |= set(FollowUpPlan.objects.filter(store_id__in=store_ids).values_list("store_id", flat=True))
    moves = FieldChange.objects.filter(field=STORE_FIELD, before__in=store_ids).order_by()
    left: set[Any] = set(moves.values_list("before", flat=True).distinct())
    return busy | left


def customers_of_gone_stores() -> int:
    """Customers whose store is gone: proves that their table needs no constraint for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from customers_customer c where store_id is not null"
            " and not exists (select 1 from team_store s where s.id = c.store_id)"
        )
        return int(cursor.fetchone()[0])
