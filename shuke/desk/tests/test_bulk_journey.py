"""One journey in a browser: several customers are picked and tagged, and the whole is taken back."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shuke.customers.models import ChangeSet
from shuke.customers.queries import tags_of
from shuke.customers.services import run_bulk
from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.desk import testing
from shuke.team import testing as team
from shuke.zh import fictional

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page: Any, address: str) -> None:
    client = Client()
    client.force_login(team.manager_lin())
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])


def test_a_bulk_tag_is_given_watched_and_undone(page: Any, live_server: Any) -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    other = customer("单白", phone=fictional.phone(8), store_id=team.store().pk)
    testing.rows()
    sign_in(page, live_server.url)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse("desk:customer_list"))
    for one in (chen, zhao):
        page.check(f"input.pick[value='{one.pk}']")
    page.wait_for_selector("#bulk:has-text('已选 2 位')")
    page.click("#bulk button[value=tag]")
    page.wait_for_selector("text=2 位客户")
    page.fill("#id_tags", "中秋送礼")
    page.click("button:has-text('加标签')")
    page.wait_for_selector("#set-progress >> text=可以离开这一页")
    run_bulk(ChangeSet.objects.get().pk)
    page.wait_for_selector("text=2 = 2 + 0 + 0")
    assert tags_of([chen.pk, zhao.pk, other.pk]) == {chen.pk: ["中秋送礼"], zhao.pk: ["中秋送礼"]}
    page.click("button:has-text('撤销')")
    page.wait_for_selector("text=2 处已经改回原样")
    assert tags_of([chen.pk, zhao.pk, other.pk]) == {}


def test_everybody_of_a_list_is_picked_and_deleted_and_comes_back(page: Any, live_server: Any) -> None:
    regular_chen(), lapsed_zhao()
    testing.rows()
    sign_in(page, live_server.url)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(reverse("desk:customer_list"))
    page.check("input.pick >> nth=0")
    page.check("#bulk input[name=everyone]")
    page.click("#bulk summary:has-text('更多')")
    page.click("#bulk button[value=delete]")
    page.click("button:has-text('删除（2 位）')")
    page.wait_for_selector("#set-progress >> text=可以离开这一页")
    run_bulk(ChangeSet.objects.get().pk)
    page.wait_for_selector("text=2 = 2 + 0 + 0")
    page.goto(reverse("customers:bin"))
    page.check(".pick-all")
    page.click("text=恢复选中的")
    page.wait_for_selector("text=恢复了 2 位客户")
