"""Looks, searches and clicks by the thousand."""

from collections.abc import Sequence

from django.db import transaction

from shuke.orders.models import Behaviour, Product
from shuke.orders.services.recording import NewBehaviour
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require


@transaction.atomic
def record_behaviours(*, actor: Actor, behaviours: Sequence[NewBehaviour]) -> int:
    """Record many at once; those told before change nothing. Returns how many were new."""
    require(actor, "imports.run")
    products = dict(Product.objects.filter(sku__in={row.sku for row in behaviours}).values_list("sku", "pk"))
    before = Behaviour.objects.count()
    Behaviour.objects.bulk_create(
        [
            Behaviour(
                customer_id=row.customer_id,
                kind=row.kind,
                subject=row.subject[:200],
                product_id=products.get(row.sku),
                channel=row.channel[:40],
                happened_at=row.happened_at,
                event_key=row.event_key,
            )
            for row in behaviours
        ],
        batch_size=3_000,
        ignore_conflicts=True,
    )
    added = Behaviour.objects.count() - before
    record_audit(actor, "behaviours_recorded", after={"count": added})
    return added
