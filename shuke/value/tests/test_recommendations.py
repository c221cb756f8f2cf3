"""Recommendations: what the night works out, what the customer page says, and what became of it."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from shuke.customers.models import Customer
from shuke.customers.testing import customer
from shuke.orders.events import OrderRecorded
from shuke.orders.models import Order, OrderLine, Product
from shuke.orders.testing import sell, tea
from shuke.team.models import AuditEntry
from shuke.team.queries import SYSTEM
from shuke.team.testing import Cast, cast
from shuke.value import ports, queries, services
from shuke.value.handlers import note_recommendations_bought
from shuke.value.models import ModelRun, Recommendation, RecommendationShown
from shuke.value.ports import Limits
from shuke.value.services import recommend_all
from shuke.value.testing import TODAY

pytestmark = pytest.mark.django_db
DUE, NEW, _STEP = Recommendation.Kind.values


@pytest.fixture
def house(monkeypatch: Any) -> Cast:
    monkeypatch.setattr("shuke.kernel.clock.today", lambda: TODAY)
    return cast()


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def buys(who: int, day: date, *products: str, number: str = "", fen: int = 36_800) -> int:
    lines = tuple(tea(one, fen) for one in products)
    return sell(
        number or f"{who}-{day}-{products}", customer_id=who, on=day, amount_fen=fen * len(lines), lines=lines
    )


@pytest.fixture
def tea_shop(house: Cast) -> Cast:
    """Seven take tea and cups in one order; Chen, who came first, takes tea alone, every thirty days, last 33 days ago."""
    for n in range(7):
        who = customer(f"茶客{n}", store_id=house.store.pk).pk
        buys(who, ago(5 + n), "白茶", "茶杯")
    chen = customer("陈茶香", store_id=house.store.pk).pk
    for days in (93, 63, 33):
        buys(chen, ago(days), "白茶")
    return house


def chen() -> int:
    return Customer.objects.get(name="陈茶香").pk


def told(who: int) -> list[tuple[int, str]]:
    return [(one.kind, one.product) for one in queries.recommended_to(who)]


def signed_in(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_what_is_due_and_what_was_never_bought_stand_apart_each_with_its_reason(tea_shop: Cast) -> None:
    recommend_all(SYSTEM)
    assert told(chen()) == [(DUE, "白茶"), (NEW, "茶杯")]
    due, new = queries.recommended_to(chen())
    assert (due.times, due.interval_days, due.silent_days, due.usual_fen) == (3, 30, 33, 36_800)
    assert due.reason == "买过 3 次，约 30 天一次，已 33 天没买"
    assert new.reason == "别人买 白茶 常一起带上"


def test_a_second_night_writes_nothing_and_an_order_changes_its_customer_alone(tea_shop: Cast) -> None:
    first = recommend_all(SYSTEM)
    assert (first.customers, first.rows, first.changed) == (8, 2, 1)
    kept = set(Recommendation.objects.values_list("pk", flat=True))
    assert recommend_all(SYSTEM).changed == 0
    assert set(Recommendation.objects.values_list("pk", flat=True)) == kept
    buys(chen(), TODAY, "茶杯")
    assert recommend_all(SYSTEM).changed == 1
    assert told(chen()) == [(DUE, "白茶")]


def test_who_never_bought_is_offered_what_the_shop_likes(tea_shop: Cast) -> None:
    newcomer = customer("新客", store_id=tea_shop.store.pk).pk
    recommend_all(SYSTEM)
    found = queries.recommended_to(newcomer)
    assert {(one.kind, one.product) for one in found} == {(NEW, "白茶"), (NEW, "茶杯")}
    assert {one.reason for one in found} == {"店里近来卖得最多"}


@pytest.mark.parametrize(
    "wish",
    ["opted out", "off the shelf", "brought back", "not sold for months", "another room"],
)
def test_what_must_not_be_recommended_is_not(tea_shop: Cast, wish: str, monkeypatch: Any) -> None:
    white = Product.objects.get(sku="白茶")
    if wish == "opted out":
        Customer.objects.filter(pk=chen()).update(preferred_channel="none")
    elif wish == "off the shelf":
        Product.objects.filter(pk=white.pk).update(is_active=False)
    elif wish == "brought back":
        order = Order.objects.filter(customer_id=chen()).order_by("ordered_on")[0]
        OrderLine.objects.filter(order=order).update(refund_fen=36_800)
        buys(chen(), ago(123), "白茶")
    elif wish == "not sold for months":
        Order.objects.filter(ordered_on__gt=ago(120)).update(ordered_on=ago(140))
        for n, order in enumerate(Order.objects.filter(customer_id=chen())):
            Order.objects.filter(pk=order.pk).update(ordered_on=ago(201 - 30 * n))
    else:
        limits = {"service": lambda: Limits(pairs=((chen(), white.pk),))}
        monkeypatch.setattr(ports, "_limits", limits)
    recommend_all(SYSTEM)
    assert (DUE, "白茶") not in told(chen())


def test_seen_and_bought_is_written_down_once_and_the_line_goes(tea_shop: Cast) -> None:
    recommend_all(SYSTEM)
    for _twice in range(2):
        services.note_shown(actor=tea_shop.wang, customer_id=chen())
    assert RecommendationShown.objects.count() == 2
    assert all(one.is_seen for one in queries.recommended_to(chen()))
    order = buys(chen(), TODAY, "白茶")
    for _twice in range(2):
        note_recommendations_bought(OrderRecorded(order_id=order, customer_id=chen()))
    assert RecommendationShown.objects.get(kind=DUE).bought_on == TODAY
    assert RecommendationShown.objects.get(kind=NEW).bought_on is None
    assert told(chen()) == [(NEW, "茶杯")]


def test_what_an_import_brought_is_settled_at_night_within_thirty_days_only(tea_shop: Cast) -> None:
    white, cup = Product.objects.get(sku="白茶"), Product.objects.get(sku="茶杯")
    soon = RecommendationShown.objects.create(customer_id=chen(), kind=DUE, product=white, shown_on=ago(40))
    late = RecommendationShown.objects.create(customer_id=chen(), kind=NEW, product=cup, shown_on=ago(40))
    buys(chen(), ago(5), "茶杯")
    assert services.settle_shown() == 1 and services.settle_shown() == 0
    soon.refresh_from_db()
    late.refresh_from_db()
    assert (soon.bought_on, late.bought_on) == (ago(33), None)
    counted = {one.kind: (one.seen, one.ripe, one.bought) for one in queries.outcomes()}
    assert counted == {DUE: (1, 1, 1), NEW: (1, 1, 0)}


def test_unsuitable_stays_away_until_it_is_taken_back(tea_shop: Cast) -> None:
    recommend_all(SYSTEM)
    white = Product.objects.get(sku="白茶").pk
    wang = signed_in(tea_shop.wang)
    answer = wang.post(reverse("value:unsuitable", args=[chen(), white]), headers={"HX-Request": "true"})
    assert answer.status_code == 200 and told(chen()) == [(NEW, "茶杯")]
    recommend_all(SYSTEM)
    assert told(chen()) == [(NEW, "茶杯")]
    kept = RecommendationShown.objects.get(unsuitable_at__isnull=False)
    assert kept.answered_by_id == tea_shop.wang.pk
    assert wang.post(reverse("value:suitable", args=[kept.pk])).status_code == 204
    recommend_all(SYSTEM)
    assert told(chen()) == [(DUE, "白茶"), (NEW, "茶杯")]


@pytest.mark.parametrize(("visitor", "status"), [("zhou", 404), ("analyst", 403), ("stranger", 404)])
def test_who_may_not_answer_changes_nothing(tea_shop: Cast, visitor: str, status: int) -> None:
    recommend_all(SYSTEM)
    white = Product.objects.get(sku="白茶").pk
    client = signed_in(getattr(tea_shop, visitor))
    assert client.post(reverse("value:unsuitable", args=[chen(), white])).status_code == status
    assert RecommendationShown.objects.count() == 0 and len(told(chen())) == 2


def test_looking_without_the_right_is_not_seen(tea_shop: Cast) -> None:
    recommend_all(SYSTEM)
    assert signed_in(tea_shop.zhou).post(reverse("value:seen", args=[chen()])).status_code == 404
    assert signed_in(tea_shop.stranger).post(reverse("value:seen", args=[chen()])).status_code == 403
    assert RecommendationShown.objects.count() == 0
    assert signed_in(tea_shop.wang).post(reverse("value:seen", args=[chen()])).status_code == 204
    assert RecommendationShown.objects.count() == 2


def test_the_customer_page_says_what_is_due_and_counts_as_seen_only_when_it_came_into_view(
    tea_shop: Cast,
) -> None:
    recommend_all(SYSTEM)
    page = signed_in(tea_shop.wang).get(f"/customers/{chen()}/").content.decode()
    assert "该补货了" in page and "约 30 天一次，已 33 天没买" in page and "不合适" in page
    assert reverse("value:seen", args=[chen()]) in page and RecommendationShown.objects.count() == 0
    services.note_shown(actor=tea_shop.wang, customer_id=chen())
    again = signed_in(tea_shop.wang).get(f"/customers/{chen()}/").content.decode()
    assert "已 33 天没买" in again and reverse("value:seen", args=[chen()]) not in again


@pytest.fixture
def counted(tea_shop: Cast) -> Cast:
    """With a run behind it, without which the value pages only say that nothing was computed."""
    ModelRun.objects.create(as_of=TODAY, state="done", parameters={}, figures={})
    recommend_all(SYSTEM)
    return tea_shop


def test_the_page_lists_who_is_due_within_reach(counted: Cast) -> None:
    address = reverse("value:recommended")
    shown = signed_in(counted.wang).get(address).content.decode()
    assert "陈茶香" in shown and "历史还不够长" in shown
    assert "陈茶香" not in signed_in(counted.zhou).get(address).content.decode()
    assert signed_in(counted.stranger).get(address).status_code == 403


def test_the_page_says_how_the_lists_were_chosen_on_hidden_days(counted: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr("shuke.value.services.recommendations.HIDDEN_DAYS", 40)
    recommend_all(SYSTEM)
    for n in range(7):
        buys(Customer.objects.get(name=f"茶客{n}").pk, ago(70), "白茶")
    recommend_all(SYSTEM)
    shown = signed_in(counted.owner).get(reverse("value:recommended")).content.decode()
    assert "我们藏起最近 40 天，用之前的订单去猜每位客户下一次买什么，各猜 10 样。" in shown
    # All eight bought tea before; seven took tea and a cup next, of which only tea could be guessed.
    assert "下一次买的东西里，56% 在我们猜的里面（看了 8 位）" in shown


def test_the_page_keeps_its_budget_of_queries(counted: Cast, django_assert_max_num_queries: Any) -> None:
    owner = signed_in(counted.owner)
    with django_assert_max_num_queries(13):
        assert owner.get(reverse("value:recommended")).status_code == 200


def test_the_list_as_a_file_is_safe_to_open_and_written_down(counted: Cast) -> None:
    Customer.objects.filter(pk=chen()).update(name="=cmd|'/c calc'!A1")
    answer = signed_in(counted.wang).get(reverse("value:recommended"), {"download": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["客户"], row["商品"], row["每次花"]) for row in rows] == [
        ("'=cmd|'/c calc'!A1", "白茶", "368.00")
    ]
    entry = AuditEntry.objects.get(action="value_table_exported")
    assert entry.after == {"table": "due", "rows": 1, "format": "csv"}
    book = signed_in(counted.wang).get(reverse("value:recommended"), {"download": "xlsx"})
    assert book.content[:2] == b"PK"


def test_who_is_refused_gets_no_file_and_no_entry(counted: Cast, monkeypatch: Any) -> None:
    assert (
        signed_in(counted.stranger).get(reverse("value:recommended"), {"download": "csv"}).status_code == 403
    )
    monkeypatch.setattr("shuke.value.services.downloads.approval_limit", lambda: 0)
    answer = signed_in(counted.wang).get(reverse("value:recommended"), {"download": "csv"})
    assert answer.status_code == 302
    assert not AuditEntry.objects.filter(action="value_table_exported").exists()


def test_only_who_may_compute_values_computes_recommendations(tea_shop: Cast) -> None:
    with pytest.raises(PermissionDenied):
        recommend_all(tea_shop.wang)
    assert Recommendation.objects.count() == 0
