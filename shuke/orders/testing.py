"""Orders for tests: a cup of tea sold to somebody on some day."""

from datetime import date, datetime, time
from decimal import Decimal

from django.utils import timezone

from shuke.orders.services import NewLine, NewOrder, record_order
from shuke.team.queries import SYSTEM


def tea(product: str = "白毫银针", amount_fen: int = 36_800, quantity: int = 1) -> NewLine:
    """One line of tea."""
    return NewLine(
        product=product, sku=product, category="白茶", amount_fen=amount_fen, quantity=Decimal(quantity)
    )


def sale(
    number: str, *, customer_id: int | None, on: date, amount_fen: int = 36_800, **more: object
) -> NewOrder:
    """A sale at noon of a shop day."""
    at = timezone.make_aware(datetime.combine(on, time(12)))
    lines = more.pop("lines", (tea(amount_fen=amount_fen),))
    return NewOrder(source="till", number=number, ordered_at=at, lines=lines, customer_id=customer_id, **more)  # type: ignore[arg-type]


def sell(number: str, *, customer_id: int | None, on: date, amount_fen: int = 36_800, **more: object) -> int:
    """Record a sale at noon of a shop day; returns the order's id."""
    order = sale(number, customer_id=customer_id, on=on, amount_fen=amount_fen, **more)
    return record_order(actor=SYSTEM, order=order)
