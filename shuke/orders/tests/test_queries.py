from datetime import date, timedelta

import pytest
from django.utils import timezone

from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.kernel.timeline import TimelineWanted, cursor_of
from shuke.orders.queries import (
    Totals,
    day_comparison,
    day_figures,
    last_items,
    order_card,
    other_currency_totals,
    timeline_entries,
)
from shuke.orders.services import NewBehaviour, record_behaviour
from shuke.orders.testing import sell, tea
from shuke.team import testing as team
from shuke.team.queries import SYSTEM

DAY = date(2026, 3, 5)
pytestmark = pytest.mark.django_db


def test_the_figures_of_a_day_tell_new_from_returning() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    sell("A1", customer_id=chen.pk, on=DAY - timedelta(days=30))
    sell("A2", customer_id=chen.pk, on=DAY, amount_fen=10_000, refund_fen=1_000)
    sell("A3", customer_id=zhao.pk, on=DAY, amount_fen=20_000)
    sell("A4", customer_id=None, on=DAY, amount_fen=5_000)
    found = day_figures(SYSTEM, DAY)
    assert (found.revenue_fen, found.returning_fen, found.visits, found.new_customers) == (
        34_000,
        9_000,
        3,
        1,
    )
    assert found.returning_share == 9_000 / 34_000


def test_a_day_is_compared_with_the_same_weekday_before() -> None:
    sell("A1", customer_id=None, on=DAY - timedelta(days=7), amount_fen=10_000)
    sell("A2", customer_id=None, on=DAY, amount_fen=10_800)
    assert day_comparison(SYSTEM, DAY).revenue_change == pytest.approx(0.08)
    assert day_comparison(SYSTEM, DAY - timedelta(days=7)).revenue_change is None


def test_an_order_that_comes_later_is_in_the_figures_counted_before() -> None:
    chen = regular_chen()
    sell("A2", customer_id=chen.pk, on=DAY, amount_fen=10_000)
    assert day_figures(SYSTEM, DAY).new_customers == 1
    sell("A1", customer_id=chen.pk, on=DAY - timedelta(days=3), amount_fen=4_000)
    found = day_figures(SYSTEM, DAY)
    assert (found.revenue_fen, found.returning_fen, found.new_customers) == (10_000, 10_000, 0)


def test_everyone_sees_the_figures_of_their_stores_only() -> None:
    people = team.cast()
    sell("A1", customer_id=None, on=DAY, amount_fen=1_000, store_id=people.store.pk)
    sell("A2", customer_id=None, on=DAY, amount_fen=20_000, store_id=people.other_store.pk)
    sell("A3", customer_id=None, on=DAY, amount_fen=300_000)
    seen = [
        day_figures(actor, DAY).revenue_fen
        for actor in (people.owner, people.lin, people.zhou, people.stranger)
    ]
    assert seen == [321_000, 1_000, 20_000, 0]


def test_other_currencies_are_never_in_the_sum() -> None:
    chen = regular_chen()
    sell("A1", customer_id=chen.pk, on=DAY, amount_fen=1_000)
    sell("A2", customer_id=chen.pk, on=DAY, amount_fen=7_000, currency="USD", refund_fen=500)
    assert day_figures(SYSTEM, DAY).revenue_fen == 1_000
    assert other_currency_totals(chen.pk) == [Totals("USD", 6_500)]


def test_the_last_item_is_the_dearest_of_the_last_sale() -> None:
    chen, nobody = regular_chen(), customer("钱立夏")
    sell("A1", customer_id=chen.pk, on=DAY - timedelta(days=9), lines=(tea("旧茶", 99_900),))
    sell("A2", customer_id=chen.pk, on=DAY, lines=(tea("茶点", 1_000), tea("白茶礼盒", 36_800)))
    sell("R1", customer_id=chen.pk, on=DAY + timedelta(days=1), is_return=True)
    found = last_items([chen.pk, nobody.pk])
    assert set(found) == {chen.pk}
    assert (found[chen.pk].product, found[chen.pk].amount_fen, found[chen.pk].bought_on) == (
        "白茶礼盒",
        36_800,
        DAY,
    )


def test_the_timeline_has_orders_returns_and_looks_newest_first() -> None:
    chen = regular_chen()
    sell("A1", customer_id=chen.pk, on=DAY)
    sell("R1", customer_id=chen.pk, on=DAY + timedelta(days=2), is_return=True)
    look = NewBehaviour(chen.pk, "search", "礼盒", timezone.now(), event_key="s-1")
    record_behaviour(actor=SYSTEM, behaviour=look)
    entries = timeline_entries([chen.pk])
    assert [entry.kind for entry in entries] == ["search", "return", "order"]
    older = timeline_entries([chen.pk], TimelineWanted(after=cursor_of(entries[1])))
    assert [entry.kind for entry in older] == ["order"]


def test_an_order_of_another_store_stays_hidden() -> None:
    people = team.cast()
    order = sell("A1", customer_id=None, on=DAY, store_id=people.store.pk)
    found = [order_card(actor, order) for actor in (people.owner, people.lin, people.zhou, people.stranger)]
    assert [card.number if card else None for card in found] == ["A1", "A1", None, None]
