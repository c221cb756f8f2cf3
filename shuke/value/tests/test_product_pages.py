"""商品: figures ready since the night, whose they are to read, and what a file of them holds."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from shuke.customers.testing import customer
from shuke.orders.models import Product
from shuke.orders.services import NewLine
from shuke.orders.testing import sell
from shuke.team.models import AuditEntry
from shuke.team.queries import SYSTEM
from shuke.team.testing import Cast, cast
from shuke.value.models import ModelRun, ProductFigures, ProductPair
from shuke.value.queries import products as queries
from shuke.value.services import count_products
from shuke.value.testing import TODAY

pytestmark = pytest.mark.django_db


def line(product: str, fen: int, quantity: str = "1", category: str = "茶") -> NewLine:
    return NewLine(
        product=product, sku=product, category=category, amount_fen=fen, quantity=Decimal(quantity)
    )


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture
def house(monkeypatch: Any) -> Cast:
    """Two stores: tea and cups at the lake, cake at the gate; a pot that nobody bought for a hundred days."""
    monkeypatch.setattr("shuke.kernel.clock.today", lambda: TODAY)
    house = cast()
    chen, zhao = customer("陈茶香").pk, customer("赵远").pk
    here, there = {"store_id": house.store.pk}, {"store_id": house.other_store.pk}
    for n in range(5):
        lines = (line("白茶", 30_000), line("茶杯", 5_000, "2", "器具"))
        sell(f"H{n}", customer_id=chen, on=ago(3 + n), amount_fen=35_000, lines=lines, **here)
    for n in range(8):
        sell(
            f"P{n}", customer_id=zhao, on=ago(20 + n), amount_fen=1_000, lines=(line("糕点", 1_000),), **there
        )
    sell(
        "L",
        customer_id=zhao,
        on=ago(100),
        amount_fen=8_000,
        lines=(line("茶壶", 8_000, "1", "器具"),),
        **here,
    )
    Product.objects.filter(sku="白茶").update(cost_fen=12_000)
    ModelRun.objects.create(as_of=TODAY, state="done", parameters={}, figures={})
    return house


def signed_in(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def names(store: int, view: str, **more: Any) -> list[str]:
    return [one.name for one in queries.product_rows(store, view, **more)]


def test_the_shop_and_each_store_have_their_own_figures(house: Cast) -> None:
    done = count_products(SYSTEM)
    assert (done.products, done.rows, done.pairs) == (4, 8, 2)
    assert names(0, "best") == ["白茶", "茶杯", "糕点", "茶壶"]
    assert names(house.other_store.pk, "best") == ["糕点"]
    tea = queries.one_product(0, Product.objects.get(sku="白茶").pk)
    assert tea and (tea.revenue_fen, tea.quantity, tea.buyers, tea.again, tea.abc) == (150_000, 5, 1, 1, "A")
    assert tea.profit_fen == 150_000 - 5 * 12_000 and tea.margin == 0.6
    assert queries.product_sums(0) == queries.Sums(191_000, 4, 2, 1, 90_000, 150_000)


def test_what_stands_still_is_on_the_shelf_and_unsold_for_ninety_days(house: Cast) -> None:
    Product.objects.create(sku="新品", name="新品")
    Product.objects.create(sku="旧品", name="旧品", is_active=False)
    count_products(SYSTEM)
    assert names(0, "slow") == ["新品", "茶壶"]
    assert names(0, "slow", category="器具") == ["茶壶"]


def test_categories_say_their_profit_of_the_money_whose_cost_is_known(house: Cast) -> None:
    count_products(SYSTEM)
    found = {
        one.category: (one.products, one.revenue_fen, one.profit_fen, one.known_fen)
        for one in queries.category_rows(0)
    }
    assert found == {"茶": (2, 158_000, 90_000, 150_000), "器具": (2, 33_000, None, 0)}


def test_pairs_of_the_same_orders_are_told_once_in_the_list_and_from_either_side(house: Cast) -> None:
    count_products(SYSTEM)
    (pair,) = queries.pair_rows(0)
    assert ({pair.product, pair.other}, pair.orders, round(pair.lift, 2)) == ({"白茶", "茶杯"}, 5, 2.8)
    cup = Product.objects.get(sku="茶杯").pk
    assert [one.other for one in queries.pair_rows(0, product_id=cup)] == ["白茶"]
    assert [one.other for one in queries.pair_rows(house.store.pk, product_id=cup)] == ["白茶"]
    assert queries.pair_rows(house.other_store.pk) == []


def test_a_second_night_leaves_the_same_figures(house: Cast) -> None:
    count_products(SYSTEM)
    before = list(
        ProductFigures.objects.order_by("store_id", "product_id").values_list(
            "store_id", "product_id", "revenue_fen"
        )
    )
    count_products(SYSTEM)
    after = list(
        ProductFigures.objects.order_by("store_id", "product_id").values_list(
            "store_id", "product_id", "revenue_fen"
        )
    )
    assert after == before and ProductPair.objects.count() == 2


def test_a_clerk_reads_the_figures_of_their_own_store_only(house: Cast) -> None:
    count_products(SYSTEM)
    own = signed_in(house.zhou).get(reverse("value:products")).content.decode()
    assert "糕点" in own and "白茶" not in own
    whole = signed_in(house.owner).get(reverse("value:products")).content.decode()
    assert "糕点" in whole and "白茶" in whole and "60%" in whole
    asked = signed_in(house.zhou).get(reverse("value:products"), {"store": house.store.pk}).content.decode()
    assert "白茶" not in asked
    tea = Product.objects.get(sku="白茶").pk
    assert signed_in(house.zhou).get(reverse("value:product", args=[tea])).status_code == 404
    assert signed_in(house.wang).get(reverse("value:product", args=[tea])).status_code == 200
    assert signed_in(house.stranger).get(reverse("value:products")).status_code == 403


def test_the_pages_keep_their_budget_of_queries(house: Cast, django_assert_max_num_queries: Any) -> None:
    count_products(SYSTEM)
    owner, tea = signed_in(house.owner), Product.objects.get(sku="白茶").pk
    with django_assert_max_num_queries(15):
        owner.get(reverse("value:products"))
    with django_assert_max_num_queries(13):
        shown = owner.get(reverse("value:product", args=[tea])).content.decode()
    assert "/customers/?product=" in shown


def test_before_the_first_night_the_page_teaches(house: Cast) -> None:
    assert "还没有卖出过商品" in signed_in(house.owner).get(reverse("value:products")).content.decode()


def test_the_file_holds_every_product_of_the_view_and_is_safe_to_open(house: Cast) -> None:
    Product.objects.filter(sku="茶壶").update(name="=1+1")
    count_products(SYSTEM)
    answer = signed_in(house.lin).get(reverse("value:products"), {"download": "csv", "view": "slow"})
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["商品"], row["近一年收入"], row["毛利"]) == ("'=1+1", "80.00", "")
    assert AuditEntry.objects.get(action="value_table_exported").after["rows"] == 1


def test_only_who_may_compute_values_counts_products(house: Cast) -> None:
    with pytest.raises(PermissionDenied):
        count_products(house.wang)
    assert ProductFigures.objects.count() == 0


def test_what_products_cost_is_not_for_clerks(house: Cast) -> None:
    count_products(SYSTEM)
    tea, address = Product.objects.get(sku="白茶").pk, reverse("value:products")
    for page in (address, reverse("value:product", args=[tea])):
        assert "毛利率" in signed_in(house.lin).get(page).content.decode()
        assert "毛利" not in signed_in(house.wang).get(page).content.decode()
    file = signed_in(house.wang).get(address, {"download": "csv"}).content.decode("utf-8-sig")
    assert "毛利" not in file and "白茶" in file


def test_whose_figures_may_be_read_fails_closed(house: Cast) -> None:
    assert queries.figures_store(house.owner, None) == 0
    assert queries.figures_store(house.zhou, house.other_store.pk) == house.other_store.pk
    for store in (None, house.store.pk, 10**9):
        assert queries.figures_store(house.zhou, store) is None
    assert queries.figures_store(house.stranger, house.store.pk) is None
