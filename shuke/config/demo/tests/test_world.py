"""The demo shop as numbers: the same each time, and believable."""

from datetime import date, datetime

import numpy as np
import pytest

from shuke.config.demo.catalogue import CATEGORIES, PRODUCTS
from shuke.config.demo.days import festivals, pull
from shuke.config.demo.shop import CUSTOMERS, DAYS
from shuke.config.demo.world import World, order_columns, world

NOON = datetime(2026, 11, 22, 12, 30)


@pytest.fixture(scope="module")
def made() -> World:
    return world(NOON)


def test_the_same_moment_gives_the_same_shop(made: World) -> None:
    again = world(NOON)
    assert again.crowd.people == made.crowd.people
    assert np.array_equal(again.sales.baskets.amount_fen, made.sales.baskets.amount_fen)
    assert again.stories == made.stories


def test_the_shop_has_its_size(made: World) -> None:
    assert len(made.crowd.people) == CUSTOMERS == 6_000
    assert 50_000 <= len(made.sales.customer) <= 70_000
    assert (len(made.days), made.days[-1].on) == (DAYS, date(2026, 11, 22))
    assert len(PRODUCTS) == len({product.sku for product in PRODUCTS}) >= 115
    assert {product.category for product in PRODUCTS} == set(CATEGORIES)


def test_nothing_happens_in_the_future_and_today_has_begun(made: World) -> None:
    moments = order_columns(made)["moment"]
    assert max(moments) <= "2026-11-22 12:30:00"
    assert sum(moment.startswith("2026-11-22") for moment in moments) > 10
    assert max(touch.at for touch in made.stories.touches) <= NOON
    assert max(look.at for look in made.stories.looks) <= NOON


def test_order_numbers_are_one_per_order(made: World) -> None:
    numbers = order_columns(made)["number"]
    assert len(set(numbers)) == len(made.sales.customer)


def test_all_phones_are_of_the_prefix_that_was_never_assigned(made: World) -> None:
    phones = [person.phone for person in made.crowd.people if person.phone]
    assert len(phones) == len(set(phones)) > 5_500
    assert all(phone.startswith("154") and len(phone) == 11 for phone in phones)


def test_new_year_and_mid_autumn_sell_more_than_summer(made: World) -> None:
    months = np.array([day.on.strftime("%Y-%m") for day in made.days])[made.sales.day]
    by_month = {month: int((months == month).sum()) for month in set(months)}
    assert by_month["2026-09"] > 1.5 * by_month["2026-07"]
    assert by_month["2026-02"] > by_month["2025-12"]


def test_most_money_comes_from_few_and_some_bought_only_once(made: World) -> None:
    orders = np.bincount(made.sales.customer, minlength=CUSTOMERS)
    baskets = made.sales.baskets
    spent = np.bincount(made.sales.customer[baskets.order], weights=baskets.amount_fen, minlength=CUSTOMERS)
    top = np.sort(spent)[::-1][: CUSTOMERS // 5].sum() / spent.sum()
    assert 0.55 < top < 0.8
    assert 500 < (orders == 1).sum() < 1_500
    assert 0.015 < len(np.unique(baskets.order[baskets.refund_fen > 0])) / len(orders) / 10 < 0.03


def test_refunds_never_exceed_what_was_paid(made: World) -> None:
    assert (made.sales.baskets.refund_fen <= made.sales.baskets.amount_fen).all()
    assert (made.sales.baskets.refund_fen >= 0).all()


def test_festivals_pull_before_and_not_after() -> None:
    mid_autumn = next(found for found in festivals(2026) if found.name == "中秋")
    assert mid_autumn.on == date(2026, 9, 25)
    assert pull(date(2026, 9, 20))[2] == "中秋"
    assert pull(date(2026, 9, 26)) == (0.0, 0.0, "")
