"""One order or one look at a product, from a till, an API or a page: recorded once, however often it is sent."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shuke.customers.rules import IdentityKeys
from shuke.customers.services import Arrival, identify_customer
from shuke.kernel.idempotency import once
from shuke.kernel.outbox import publish
from shuke.orders.events import OrderRecorded
from shuke.orders.models import Behaviour, Order, OrderLine, Product
from shuke.orders.services.days import forget_day_figures
from shuke.team.queries import Actor, shop
from shuke.team.services import record_audit, require

LINES_AT_MOST = 30_000


class OrderRefused(ValueError):
    """The order cannot be true; the message says what to mend."""


@dataclass(frozen=True)
class NewLine:
    """One product of a new order. `sku` may be empty: then the product is known by its name."""

    product: str
    amount_fen: int
    quantity: Decimal = Decimal(1)
    sku: str = ""
    category: str = ""
    refund_fen: int = 0


@dataclass(frozen=True)
class NewOrder:
    """An order as its sender tells it. `amount_fen` None: the sum of the lines. `customer_id` or `keys` name the buyer."""

    source: str
    number: str
    ordered_at: datetime
    lines: Sequence[NewLine] = ()
    amount_fen: int | None = None
    refund_fen: int = 0
    currency: str = ""
    channel: str = ""
    store_id: int | None = None
    customer_id: int | None = None
    keys: IdentityKeys | None = None
    customer_name: str = ""
    is_return: bool = False

    @property
    def total_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines) if self.amount_fen is None else self.amount_fen


@dataclass(frozen=True)
class NewBehaviour:
    """A customer looked at, searched for or clicked something; `event_key` is the sender's own id of it."""

    customer_id: int
    kind: str
    subject: str
    happened_at: datetime
    event_key: str
    sku: str = ""
    channel: str = ""


def record_order(*, actor: Actor, order: NewOrder, idempotency_key: str | None = None) -> int:
    """Record a sale or a return; returns the order's id.

    Known by (source, number): the same content again changes nothing, other content replaces it. With an idempotency
    key the same key and order give the same answer, another order under that key raises KeyReused. Raises OrderRefused.
    """
    require(actor, "orders.record")
    _check(order)
    if idempotency_key is None:
        return _record(actor, order)
    body = {"order": _content(order), "at": order.ordered_at.isoformat()}
    answer: int = once(
        scope="orders.record_order", key=idempotency_key, body=body, act=lambda: _record(actor, order)
    )
    return answer


@transaction.atomic
def record_behaviour(*, actor: Actor, behaviour: NewBehaviour) -> bool:
    """Record a look, search or click; False when the sender told it before."""
    require(actor, "orders.record")
    if behaviour.kind not in Behaviour.Kind.values:
        raise OrderRefused(
            _("不认识的行为:%(kind)s。应为 browse、search 或 click。") % {"kind": behaviour.kind}
        )
    product = Product.objects.filter(sku=behaviour.sku).first() if behaviour.sku else None
    _row, is_new = Behaviour.objects.get_or_create(
        event_key=behaviour.event_key,
        defaults={
            "customer_id": behaviour.customer_id,
            "kind": behaviour.kind,
            "subject": behaviour.subject[:200],
            "product": product,
            "channel": behaviour.channel[:40],
            "happened_at": behaviour.happened_at,
        },
    )
    return is_new


def _check(order: NewOrder) -> None:
    if not order.source.strip() or not order.number.strip():
        raise OrderRefused(_("订单要有来源和订单号，才能保证不重复记账。"))
    if timezone.is_naive(order.ordered_at):
        raise OrderRefused(_("下单时间要带时区。"))
    if order.refund_fen < 0 or any(line.refund_fen < 0 for line in order.lines):
        raise OrderRefused(_("退款金额填正数。"))
    if not order.is_return and order.refund_fen > max(order.total_fen, 0):
        raise OrderRefused(_("退款比实付还多，请核对金额。"))
    if len(order.lines) > LINES_AT_MOST:
        raise OrderRefused(_("一张订单最多 %(most)s 行商品。") % {"most": LINES_AT_MOST})


@transaction.atomic
def _record(actor: Actor, order: NewOrder) -> int:
    fingerprint = _fingerprint(order)
    row = Order.objects.select_for_update().filter(source=order.source, number=order.number).first()
    if row is not None and row.fingerprint == fingerprint:
        return row.pk
    before = _audited(row) if row is not None else None
    days = {timezone.localdate(order.ordered_at)} | ({row.ordered_on} if row is not None else set())
    row = row or Order(source=order.source, number=order.number)
    former_customer = row.customer_id
    _fill(actor, row, order, fingerprint)
    row.save()
    _write_lines(row, order)
    forget_day_figures(days)
    record_audit(
        actor, "order_changed" if before else "order_recorded", row, before=before, after=_audited(row)
    )
    publish(OrderRecorded(order_id=row.pk, customer_id=row.customer_id))
    if former_customer and former_customer != row.customer_id:
        publish(OrderRecorded(order_id=row.pk, customer_id=former_customer))
    return row.pk


def _fill(actor: Actor, row: Order, order: NewOrder, fingerprint: int) -> None:
    row.kind = Order.Kind.RETURN if order.is_return or order.total_fen < 0 else Order.Kind.SALE
    row.customer_id = _customer_of(actor, order)
    row.store_id = order.store_id
    row.channel = order.channel[:40]
    row.ordered_at = order.ordered_at
    row.ordered_on = timezone.localdate(order.ordered_at)
    row.amount_fen = -abs(order.total_fen) if order.is_return else order.total_fen
    row.refund_fen = order.refund_fen
    row.currency = order.currency or shop().currency
    row.fingerprint = fingerprint


def _customer_of(actor: Actor, order: NewOrder) -> int | None:
    if order.customer_id is not None or order.keys is None or not order.keys.pairs():
        return order.customer_id
    arrival = Arrival(origin=f"order:{order.source}", channel=order.channel, store_id=order.store_id)
    return identify_customer(actor=actor, keys=order.keys, arrival=arrival, name=order.customer_name)


def _write_lines(row: Order, order: NewOrder) -> None:
    products = {_sku(line): _product(line) for line in order.lines}
    OrderLine.objects.filter(order=row).delete()
    OrderLine.objects.bulk_create(
        OrderLine(
            order=row,
            line_number=place,
            product=products[_sku(line)],
            quantity=line.quantity,
            amount_fen=line.amount_fen,
            refund_fen=line.refund_fen,
        )
        for place, line in enumerate(order.lines, start=1)
    )


def _sku(line: NewLine) -> str:
    return (line.sku.strip() or line.product.strip())[:80]


def _product(line: NewLine) -> Product | None:
    sku = _sku(line)
    if not sku:
        return None
    return Product.objects.get_or_create(
        sku=sku,
        defaults={"name": (line.product.strip() or sku)[:200], "category": line.category.strip()[:80]},
    )[0]


def _content(order: NewOrder) -> list[Any]:
    lines = [
        [_sku(line), str(line.quantity.normalize()), line.amount_fen, line.refund_fen] for line in order.lines
    ]
    head = [order.source, order.number, order.total_fen, order.refund_fen, order.currency, order.channel]
    keys = order.keys.pairs() if order.keys else []
    return [*head, order.store_id, order.customer_id, keys, order.is_return, lines]


def _fingerprint(order: NewOrder) -> int:
    text = json.dumps([order.ordered_at.timestamp(), _content(order)], ensure_ascii=False)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def _audited(row: Order) -> dict[str, Any]:
    return {
        "number": row.number,
        "amount_fen": row.amount_fen,
        "refund_fen": row.refund_fen,
        "customer_id": row.customer_id,
        "ordered_at": row.ordered_at.isoformat(),
    }
