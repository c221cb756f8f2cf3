"""The palette's answers: who may do what, words, pinyin and initials, one customer's actions, hostile strings."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from shuke.customers.testing import customer
from shuke.desk import testing
from shuke.team.testing import Cast, cast

pytestmark = pytest.mark.django_db
PALETTE = "/palette/"


@pytest.fixture
def people() -> Cast:
    return cast()


def ask(staff: Any, **words: Any) -> str:
    client = Client()
    client.force_login(staff)
    answer = client.get(PALETTE, words, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def options(html: str) -> list[str]:
    """The address each option leads to."""
    return re.findall(r'role="option"[^>]*href="([^"]*)"', html)


def test_nobody_is_sent_to_sign_in_and_a_stranger_gets_no_customers_or_actions(people: Cast) -> None:
    customer("罗静磊", store_id=people.store.pk)
    assert Client().get(PALETTE).status_code == 302
    html = ask(people.stranger, q="luo")
    assert options(html) == []
    assert reverse("customers:add") not in ask(people.stranger)


@pytest.mark.parametrize("typed", ["导入", "daoru", "dr", "djr", "import", "DR", "ｄｒ", "导入文件"])
def test_importing_is_found_by_words_pinyin_initials_and_other_names(people: Cast, typed: str) -> None:
    assert reverse("imports:new") in options(ask(people.lin, q=typed))
    assert reverse("imports:new") not in options(ask(people.wang, q=typed))


@pytest.mark.parametrize(
    ("typed", "key"),
    [("记一笔", "log_call"), ("jyb", "log_call"), ("dianhua", "log_call"), ("apgj", "plan_follow_up")],
)
def test_actions_for_a_customer_ask_for_whom(people: Cast, typed: str, key: str) -> None:
    assert f'data-ask="{key}"' in ask(people.wang, q=typed)
    assert f'data-ask="{key}"' not in ask(people.analyst, q=typed)


def test_a_chosen_action_leads_to_it_for_the_customer_found(people: Cast) -> None:
    luo = customer("罗静磊", store_id=people.store.pk)
    assert options(ask(people.wang, q="ljl", action="log_call")) == [reverse("customers:log", args=[luo.pk])]
    assert options(ask(people.analyst, q="ljl", action="log_call")) == [
        reverse("desk:customer", args=[luo.pk])
    ]


def test_a_customer_shows_what_may_be_done_for_them_if_within_reach(people: Cast) -> None:
    luo = customer("罗静磊", store_id=people.store.pk)
    assert options(ask(people.wang, customer=luo.pk))[:3] == [
        reverse("desk:customer", args=[luo.pk]),
        reverse("customers:log", args=[luo.pk]),
        reverse("customers:follow_up", args=[luo.pk]),
    ]
    assert options(ask(people.analyst, customer=luo.pk)) == [reverse("desk:customer", args=[luo.pk])]
    assert options(ask(people.zhou, customer=luo.pk)) == []


def test_customers_opened_lately_come_in_that_order_and_only_within_reach(people: Cast) -> None:
    one, two = customer("罗静磊", store_id=people.store.pk), customer("王伟", store_id=people.store.pk)
    other = customer("赵松烟", store_id=people.other_store.pk)
    found = options(ask(people.wang, recent=f"{two.pk},{other.pk},x,,{one.pk},{two.pk},99999999999999"))
    assert found[:2] == [reverse("desk:customer", args=[two.pk]), reverse("desk:customer", args=[one.pk])]
    assert reverse("desk:customer", args=[other.pk]) not in found


def test_pages_are_those_of_the_rail(people: Cast) -> None:
    assert reverse("team:settings") in options(ask(people.lin, q="shezhi"))
    assert reverse("team:settings") not in options(ask(people.wang, q="shezhi"))
    assert reverse("desk:today") == options(ask(people.wang, q="jt"))[0]


def test_equals_are_ordered_by_what_they_will_bring(people: Cast) -> None:
    small, big = customer("王伟一", store_id=people.store.pk), customer("王伟二", store_id=people.store.pk)
    testing.value(small, clv_year_fen=1_000)
    testing.value(big, clv_year_fen=900_000)
    testing.rows()
    found = options(ask(people.wang, q="王伟"))
    assert found[:2] == [reverse("desk:customer", args=[big.pk]), reverse("desk:customer", args=[small.pk])]


@pytest.mark.parametrize(
    "hostile", ['"><script>alert(1)</script>', "<img src=x onerror=alert(1)>", "{{ 7*7 }}", "'\"`"]
)
def test_hostile_words_are_shown_as_words(people: Cast, hostile: str) -> None:
    customer(f"王{hostile}"[:80], note=f"白茶{hostile}", store_id=people.store.pk)
    for words in ({"q": hostile}, {"q": "白茶"}, {"q": "王"}):
        html = ask(people.lin, **words)
        assert "<script>alert" not in html and "<img" not in html
    assert escape(hostile) in ask(people.lin, q="白茶")


def test_the_palette_keeps_its_budget(people: Cast, django_assert_max_num_queries: Any) -> None:
    for n in range(20):
        customer(f"王茶{n}", store_id=people.store.pk, note="爱喝白茶")
    testing.rows()
    ask(people.wang, q="王")
    client = Client()
    client.force_login(people.wang)
    for typed, most in (("王", 14), ("白茶", 26), ("", 6)):
        with django_assert_max_num_queries(most):
            client.get(PALETTE, {"q": typed}, headers={"HX-Request": "true"})
