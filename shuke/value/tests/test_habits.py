"""How a customer buys, and whether they come more often than before: the words of the value panel, and the list's condition."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shuke.customers.testing import customer
from shuke.kernel.bulk import copy_rows
from shuke.orders.models import Product
from shuke.orders.services import record_order, refresh_marks
from shuke.orders.testing import sale, tea
from shuke.team.queries import SYSTEM
from shuke.team.testing import Cast, cast
from shuke.value import queries
from shuke.value.queries.habits import Habits, habits_of
from shuke.value.services import count_views, refresh_all, refresh_customer
from shuke.value.testing import TODAY, add_order, small_shop

pytestmark = pytest.mark.django_db
COLUMNS = ("source", "number", "kind", "customer_id", "ordered_at", "ordered_on", "amount_fen", "currency")


@pytest.fixture
def house(monkeypatch: Any) -> Cast:
    monkeypatch.setattr("shuke.kernel.clock.today", lambda: TODAY)
    return cast()


def at_hour(who: int | None, days_ago: int, hour: int, *, number: str, minute: int = 5) -> tuple[Any, ...]:
    """A sale at that hour of the shop's clock (UTC + 8)."""
    day = TODAY - timedelta(days=days_ago)
    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=8)
    return ("test", number, "sale", who, moment, day, 12_300, "CNY")


def told(staff: Any, who: int) -> str:
    client = Client()
    client.force_login(staff)
    return client.get(reverse("value:panel", args=[who])).content.decode()


@pytest.fixture
def morning_shop(house: Cast) -> int:
    """A shop of mornings, and Chen, who comes in the evening, on Sundays."""
    chen = customer("陈茶香", store_id=house.store.pk).pk
    sunday = (TODAY.weekday() + 1) % 7
    rows = [at_hour(None, n % 300, 9, number=f"M{n}") for n in range(300)]
    rows += [at_hour(chen, sunday + 7 * n, 19, number=f"E{n}") for n in range(8)]
    copy_rows("orders_order", COLUMNS, rows)
    refresh_all(SYSTEM, as_of=TODAY)
    count_views(SYSTEM)
    return chen


def test_a_customer_of_sunday_evenings_is_told_beside_a_shop_of_mornings(morning_shop: int) -> None:
    found = habits_of(morning_shop)
    assert found.when == "8 次里多在周日（8 次）、傍晚（8 次）来，比店里别的客户偏得多。"
    assert found.basket == "一般一单 0.0 样、¥123。"


def test_sales_of_which_only_the_day_is_known_say_nothing_of_the_hour(house: Cast) -> None:
    chen = customer("陈茶香").pk
    rows = [at_hour(None, n, 9, number=f"M{n}") for n in range(100)]
    rows += [at_hour(chen, n, 0, number=f"D{n}", minute=0) for n in range(8)]
    copy_rows("orders_order", COLUMNS, rows)
    count_views(SYSTEM)
    assert habits_of(chen).when == ""
    shares = queries.ready_figures("visit_times")
    assert shares and shares.content["parts"] == [1.0, 0.0, 0.0, 0.0, 0.0]


def test_basket_and_categories_are_those_of_their_orders_and_two_sales_are_too_few(house: Cast) -> None:
    chen = customer("陈茶香").pk
    for n in range(3):
        assert habits_of(chen) == Habits()
        lines = (tea("白茶", 10_000), tea("红茶", 20_000))
        order = sale(f"A{n}", customer_id=chen, on=TODAY - timedelta(days=n), amount_fen=30_000, lines=lines)
        record_order(actor=SYSTEM, order=order)
    refresh_marks([chen])
    found = habits_of(chen)
    assert (found.basket, found.categories) == ("一般一单 2.0 样、¥300。", "最常买：白茶 3 次。")
    assert habits_of(chen, has_costs=True).profit == ""
    Product.objects.filter(sku="红茶").update(cost_fen=5_000)
    assert habits_of(chen).profit == ""
    assert habits_of(chen, has_costs=True).profit == "近两年毛利约 ¥450（67% 的消费知道成本）。"


def test_the_panel_says_rising_with_both_counts_and_nothing_where_it_is_steady(house: Cast) -> None:
    small_shop(60, stores=[house.store.pk])
    rising, steady = (customer(name, store_id=house.store.pk).pk for name in ("陈茶香", "赵远"))
    for place, ago in enumerate((380, 200, *range(5, 80, 8))):
        add_order(rising, TODAY - timedelta(days=ago), 10_000, number=f"R{place}")
    for place, ago in enumerate((380, 300, 250, 100, 50)):
        add_order(steady, TODAY - timedelta(days=ago), 10_000, number=f"S{place}")
    refresh_all(SYSTEM, as_of=TODAY)
    assert [value.trend for value in (queries.value_of(rising), queries.value_of(steady)) if value] == [
        "rising",
        "steady",
    ]
    assert "近半年来了 10 次，再往前半年 1 次：来得比以前勤，不是碰巧。" in told(house.wang, rising)
    assert "近半年来了" not in told(house.wang, steady)


def test_an_order_turns_a_trend_at_once(house: Cast) -> None:
    chen = customer("陈茶香", store_id=house.store.pk).pk
    for place, ago in enumerate((380, *range(4, 40, 9))):
        add_order(chen, TODAY - timedelta(days=ago), 10_000, number=f"R{place}")
    refresh_customer(chen, as_of=TODAY)
    before = queries.value_of(chen)
    add_order(chen, TODAY, 10_000, number="one more")
    refresh_customer(chen, as_of=TODAY)
    after = queries.value_of(chen)
    assert before and after and (before.trend, after.trend) == ("steady", "rising")
