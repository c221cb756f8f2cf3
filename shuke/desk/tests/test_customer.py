"""The customer page and its parts."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from shuke.customers.models import Customer, Interaction
from shuke.customers.rules.numbers import customer_number
from shuke.customers.services import Touch, follow_customer, log_interaction
from shuke.customers.testing import customer, regular_chen
from shuke.desk import testing
from shuke.desk.handlers import tell_followers_of_order
from shuke.kernel import clock
from shuke.orders.events import OrderRecorded
from shuke.orders.testing import sell
from shuke.team.queries import SYSTEM
from shuke.team.testing import Cast, cast
from shuke.value.testing import add_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


def signed_in(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_the_page_shows_worth_rhythm_and_timeline_at_once(people: Cast) -> None:
    chen = regular_chen(store_id=people.store.pk)
    testing.value(chen, last_on=clock.today() - timedelta(days=10))
    for n in range(3):
        add_order(chen.pk, clock.today() - timedelta(days=10 + 21 * n), 36_800, number=f"A{n}")
    log_interaction(actor=SYSTEM, customer_id=chen.pk, touch=Touch("note", "喜欢白茶"))
    body = signed_in(people.wang).get(f"/customers/{chen.pk}/").content.decode()
    for words in ("陈茶香", "¥2,860", "喜欢白茶", "¥368", "节奏", customer_number(chen.pk)):
        assert words in body
    assert chen.phone not in body


def test_a_note_stands_on_the_timeline_as_text(people: Cast) -> None:
    chen = regular_chen(store_id=people.store.pk)
    wang = signed_in(people.wang)
    given = {"kind": "note", "body": "<img src=x onerror=alert(1)>"}
    answer = wang.post(f"/customers/{chen.pk}/log/", given, headers={"HX-Request": "true"})
    shown = wang.get(f"/customers/{chen.pk}/timeline/").content.decode()
    for body in (answer.content.decode(), shown):
        assert "&lt;img src=x" in body
        assert "<img src=x" not in body
    assert Interaction.objects.get().staff_id == people.wang.pk


def test_an_analyst_may_not_write_a_note(people: Cast) -> None:
    chen = regular_chen(store_id=people.store.pk)
    assert signed_in(people.analyst).post(f"/customers/{chen.pk}/log/", {"body": "x"}).status_code == 403
    assert Interaction.objects.count() == 0


def test_the_timeline_can_be_narrowed_and_walked(people: Cast) -> None:
    chen = regular_chen(store_id=people.store.pk)
    for n in range(70):
        touch = Touch("note", f"第{n:02}笔", happened_at=clock.now() - timedelta(hours=n + 1))
        log_interaction(actor=SYSTEM, customer_id=chen.pk, touch=touch)
    wang = signed_in(people.wang)
    address, seen = f"/customers/{chen.pk}/timeline/", []
    after = ""
    for _page in range(4):
        shown = wang.get(address, {"after": after}).context["timeline"]
        seen += [entry.body for _day, entries in shown.days for entry in entries if entry.body]
        after = shown.after
        if not after:
            break
    assert seen == [f"第{n:02}笔" for n in range(70)]
    assert "第33笔" in wang.get(address, {"text": "第33"}).content.decode()
    assert "第32笔" not in wang.get(address, {"text": "第33"}).content.decode()
    assert "第01笔" not in wang.get(address, {"kind": "order"}).content.decode()


def test_a_merged_customer_leads_to_the_one_they_live_on_in(people: Cast) -> None:
    kept, merged = customer("乙", store_id=people.store.pk), customer("丙", store_id=people.store.pk)
    Customer.objects.filter(pk=merged.pk).update(merged_into=kept.pk)
    assert signed_in(people.wang).get(f"/customers/{merged.pk}/").url == f"/customers/{kept.pk}/"
    assert signed_in(people.wang).get("/customers/999999/").status_code == 404


def test_the_drawer_shows_the_inside_only(people: Cast) -> None:
    chen = regular_chen(store_id=people.store.pk)
    body = signed_in(people.wang).get(f"/customers/{chen.pk}/", headers={"X-Drawer": "1"}).content.decode()
    assert "<html" not in body
    assert "陈茶香" in body


def test_search_finds_by_name_pinyin_and_phone_end(people: Cast) -> None:
    luo = customer("罗静磊", phone="15400006622", store_id=people.store.pk)
    wang = signed_in(people.wang)
    for typed in ("罗静", "静磊", "luojl", "ljl", "6622"):
        body = wang.get("/search/", {"q": typed}, headers={"HX-Request": "true"}).content.decode()
        assert f"/customers/{luo.pk}/" in body, typed
    assert wang.get("/search/", {"q": "罗静磊"}).url == f"/customers/{luo.pk}/"


def test_the_page_keeps_its_budget_of_queries_and_bytes(
    people: Cast, django_assert_max_num_queries: Any
) -> None:
    chen = regular_chen(store_id=people.store.pk)
    testing.value(chen, last_on=clock.today() - timedelta(days=10))
    for n in range(40):
        add_order(chen.pk, clock.today() - timedelta(days=10 + 5 * n), 36_800, number=f"A{n}")
    owner = signed_in(people.owner)
    owner.get("/")
    # of these 3 contact limit, 1 mail, 2 changes, 1 follower, 1 helpers, 1 pool, 1 merged records, 1 recommendations
    with django_assert_max_num_queries(26):
        body = owner.get(f"/customers/{chen.pk}/").content
    assert len(body) < 60_000


def test_whoever_follows_a_customer_hears_of_an_order_once(people: Cast) -> None:
    chen = regular_chen(store_id=people.store.pk)
    follow_customer(actor=people.lin, customer_id=chen.pk)
    order = sell("A1", customer_id=chen.pk, on=clock.today())
    event = OrderRecorded(order_id=order, customer_id=chen.pk)
    for _twice in range(2):
        tell_followers_of_order(event)
    body = signed_in(people.lin).get("/notices/").content.decode()
    assert body.count("你关注的 陈茶香 买了东西：¥368") == 1
