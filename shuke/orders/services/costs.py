"""What products cost the shop."""

from collections.abc import Mapping

from django.db import transaction

from shuke.orders.models import Product
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require


@transaction.atomic
def tell_costs(*, actor: Actor, costs_fen: Mapping[str, int]) -> int:
    """Say what products cost, by SKU; known costs stay, unknown SKUs are left out. Returns how many were told."""
    require(actor, "imports.run")
    unknown = Product.objects.select_for_update().filter(sku__in=list(costs_fen), cost_fen__isnull=True)
    told = list(unknown.order_by("pk"))
    for product in told:
        product.cost_fen = costs_fen[product.sku]
    Product.objects.bulk_update(told, ["cost_fen"])
    record_audit(actor, "costs_told", after={"products": len(told)})
    return len(told)
