"""What lists may ask about purchases: kept equal to the orders, whatever happens to them."""

from datetime import date, timedelta

import pytest

from shuke.customers.services import merging
from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.kernel.events import handler_paths
from shuke.kernel.models import EventRow
from shuke.kernel.outbox import deliver
from shuke.orders.models import CustomerMark, Mark, Order
from shuke.orders.queries import marks
from shuke.orders.services import rebuild_marks, refresh_marks
from shuke.orders.testing import sell, tea
from shuke.team.queries import SYSTEM
from shuke.team.testing import cast

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 1)
Kept = dict[tuple[str, str], tuple[int, date]]


def told(customer_id: int) -> Kept:
    """Kind and key (products by name) with on how many days and when last."""
    names = {
        str(pk): name for pk, name in Order.objects.values_list("lines__product", "lines__product__name")
    }
    rows = CustomerMark.objects.filter(customer_id=customer_id).select_related("mark")
    return {
        (
            row.mark.kind,
            names.get(row.mark.key, row.mark.key) if row.mark.kind == "product" else row.mark.key,
        ): (
            row.days,
            row.last_on,
        )
        for row in rows
    }


def test_days_are_counted_for_product_category_channel_and_store() -> None:
    people, chen = cast(), regular_chen()
    sell("A1", customer_id=chen.pk, on=DAY, channel="门店", store_id=people.store.pk)
    sell("A2", customer_id=chen.pk, on=DAY, channel="门店", lines=(tea("寿眉"), tea("白毫银针")))
    sell("A3", customer_id=chen.pk, on=DAY + timedelta(days=9), channel="小程序")
    refresh_marks([chen.pk])
    later = DAY + timedelta(days=9)
    assert told(chen.pk) == {
        ("product", "白毫银针"): (2, later),
        ("product", "寿眉"): (1, DAY),
        ("category", "白茶"): (2, later),
        ("channel", "门店"): (1, DAY),
        ("channel", "小程序"): (1, later),
        ("store", str(people.store.pk)): (1, DAY),
    }


def test_what_was_wholly_given_back_was_not_bought() -> None:
    cast()
    chen = regular_chen()
    sell("A1", customer_id=chen.pk, on=DAY, refund_fen=36_800)
    sell("R1", customer_id=chen.pk, on=DAY + timedelta(days=1), is_return=True)
    refresh_marks([chen.pk])
    assert told(chen.pk) == {("return", ""): (2, DAY + timedelta(days=1))}


def test_an_order_marks_its_customer_by_its_event_and_again_changes_nothing() -> None:
    cast()
    chen = regular_chen()
    sell("A1", customer_id=chen.pk, on=DAY)
    for row in EventRow.objects.filter(name="OrderRecorded"):
        for path in handler_paths(row.name):
            if "orders.handlers" in path:
                deliver(event_id=row.pk, handler=path)
    before = told(chen.pk)
    assert before[("product", "白毫银针")] == (1, DAY)
    refresh_marks([chen.pk, chen.pk])
    rebuild_marks()
    assert told(chen.pk) == before
    assert Mark.objects.count() == 2


def test_orders_that_went_take_their_marks_with_them() -> None:
    cast()
    chen, zhao = regular_chen(), lapsed_zhao()
    sell("A1", customer_id=chen.pk, on=DAY)
    sell("A2", customer_id=zhao.pk, on=DAY)
    rebuild_marks()
    Order.objects.filter(number="A1").delete()
    rebuild_marks()
    assert told(chen.pk) == {}
    assert told(zhao.pk) != {}


def test_a_merged_customer_bought_what_both_did() -> None:
    cast()
    one, other = customer("甲"), customer("乙")
    sell("A1", customer_id=one.pk, on=DAY)
    sell("A2", customer_id=other.pk, on=DAY + timedelta(days=5))
    rebuild_marks()
    merge = merging.merge_customers(actor=SYSTEM, winner_id=one.pk, loser_id=other.pk)
    refresh_marks([one.pk, other.pk])
    assert told(one.pk)[("product", "白毫银针")] == (2, DAY + timedelta(days=5))
    assert told(other.pk) == {}
    merging.unmerge(actor=SYSTEM, merge_id=merge.pk)
    refresh_marks([one.pk, other.pk])
    assert told(one.pk)[("product", "白毫银针")] == (1, DAY)


def test_products_are_named_by_name_number_or_a_part() -> None:
    cast()
    chen = regular_chen()
    sell("A1", customer_id=chen.pk, on=DAY, lines=(tea("2024 白毫银针"), tea("寿眉")))
    refresh_marks([chen.pk])
    assert len(marks.marks_of_products(["2024 白毫银针"])) == 1
    assert len(marks.marks_of_products(["银针"], is_part=True)) == 1
    assert marks.marks_of_products(["银针"]) == []
    assert marks.known_marks(marks.CATEGORY) == ["白茶"]
