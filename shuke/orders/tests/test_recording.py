from datetime import date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from shuke.customers.rules import IdentityKeys
from shuke.customers.testing import regular_chen
from shuke.kernel.idempotency import KeyReused
from shuke.kernel.models import EventRow
from shuke.orders.models import Behaviour, Order, OrderLine, Product
from shuke.orders.queries import orders_of, orphaned_orders
from shuke.orders.services import NewBehaviour, NewOrder, OrderRefused, record_behaviour, record_order
from shuke.orders.testing import sale, sell, tea
from shuke.team import testing as team
from shuke.team.queries import SYSTEM

DAY = date(2026, 3, 5)
pytestmark = pytest.mark.django_db


def _everything() -> tuple[Any, ...]:
    return (
        list(Order.objects.order_by("pk").values()),
        list(OrderLine.objects.order_by("order_id", "line_number").values()),
        EventRow.objects.count(),
        ProcrastinateJob.objects.count(),
    )


def test_a_recorded_order_shows_with_its_items() -> None:
    chen = regular_chen()
    sell("A1", customer_id=chen.pk, on=DAY, lines=(tea(), tea("青花盖碗", 12_800, 2)), amount_fen=49_600)
    card = orders_of(chen.pk)[0]
    assert (card.number, card.amount_fen, card.summary) == ("A1", 49_600, "白毫银针、青花盖碗")
    assert [(item.product, item.quantity) for item in card.items] == [("白毫银针", "1"), ("青花盖碗", "2")]


def test_the_same_order_again_changes_nothing() -> None:
    chen = regular_chen()
    first = sell("A1", customer_id=chen.pk, on=DAY)
    before = _everything()
    assert sell("A1", customer_id=chen.pk, on=DAY) == first
    assert _everything() == before


def test_the_order_told_differently_replaces_what_was_known() -> None:
    chen = regular_chen()
    first = sell("A1", customer_id=chen.pk, on=DAY, lines=(tea(), tea("青花盖碗", 12_800)))
    again = sell("A1", customer_id=chen.pk, on=DAY, lines=(tea(),), refund_fen=800)
    assert again == first
    row = Order.objects.get()
    assert (row.amount_fen, row.refund_fen) == (36_800, 800)
    assert OrderLine.objects.count() == 1


def test_an_idempotency_key_answers_alike_and_refuses_another_order() -> None:
    order = sale("A1", customer_id=None, on=DAY)
    first = record_order(actor=SYSTEM, order=order, idempotency_key="till-7-1")
    assert record_order(actor=SYSTEM, order=order, idempotency_key="till-7-1") == first
    with pytest.raises(KeyReused):
        record_order(actor=SYSTEM, order=sale("A2", customer_id=None, on=DAY), idempotency_key="till-7-1")
    assert Order.objects.count() == 1


def test_the_buyer_is_found_by_phone_or_made() -> None:
    chen = regular_chen()
    for number, phone in (("A1", chen.phone), ("A2", "154 0000 0077"), ("A3", "15400000077")):
        order = sale(number, customer_id=None, on=DAY, keys=IdentityKeys(phone=phone), customer_name="郑青柑")
        record_order(actor=SYSTEM, order=order)
    buyers = list(Order.objects.order_by("number").values_list("customer_id", flat=True))
    assert buyers[0] == chen.pk
    assert buyers[1] == buyers[2] != chen.pk
    assert orphaned_orders() == 0


def test_a_return_is_recorded_negative() -> None:
    record_order(actor=SYSTEM, order=sale("R1", customer_id=None, on=DAY, is_return=True))
    row = Order.objects.get()
    assert (row.kind, row.amount_fen) == ("return", -36_800)


def test_products_without_a_number_are_known_by_name() -> None:
    sell("A1", customer_id=None, on=DAY)
    sell("A2", customer_id=None, on=DAY)
    assert list(Product.objects.values_list("sku", "name")) == [("白毫银针", "白毫银针")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": " "},
        {"source": ""},
        {"ordered_at": datetime(2026, 3, 5, 12)},  # noqa: DTZ001 - naive on purpose
        {"refund_fen": -1},
        {"refund_fen": 36_801},
    ],
)
def test_an_order_that_cannot_be_true_is_refused_and_nothing_is_written(wrong: dict[str, Any]) -> None:
    good: dict[str, Any] = {
        "source": "till",
        "number": "A1",
        "ordered_at": timezone.now(),
        "lines": (tea(),),
    }
    with pytest.raises(OrderRefused):
        record_order(actor=SYSTEM, order=NewOrder(**(good | wrong)))
    assert _everything() == ([], [], 0, 0)


@pytest.mark.parametrize("visitor", ["stranger", "analyst"])
def test_who_may_not_record_orders_changes_nothing(visitor: str) -> None:
    actor = getattr(team.cast(), visitor)
    before = _everything()
    with pytest.raises(PermissionDenied):
        record_order(actor=actor, order=sale("A1", customer_id=None, on=DAY))
    assert _everything() == before


def test_a_look_told_twice_counts_once() -> None:
    chen = regular_chen()
    look = NewBehaviour(chen.pk, "browse", "2026 白茶礼盒", timezone.now(), event_key="ga-1")
    assert record_behaviour(actor=SYSTEM, behaviour=look) is True
    assert record_behaviour(actor=SYSTEM, behaviour=look) is False
    assert Behaviour.objects.count() == 1
