"""One journey in a browser: a known phone is noticed, a customer added, a call logged, a step planned and done."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shuke.customers.models import Customer, FollowUp, Interaction
from shuke.customers.testing import CHEN_PHONE, regular_chen
from shuke.team import testing as team

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page: Any, address: str) -> None:
    client = Client()
    client.force_login(team.manager_lin())
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])


@pytest.mark.parametrize("width", [1440, 390])
def test_a_customer_is_added_called_and_followed_up(page: Any, live_server: Any, width: int) -> None:
    chen = regular_chen()
    sign_in(page, live_server.url)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(reverse("customers:add"))
    page.type("#id_phone", CHEN_PHONE)
    page.wait_for_selector("text=就是这位")
    assert page.get_attribute(".customers-double", "href") == reverse("desk:customer", args=[chen.pk])
    page.fill("#id_phone", "154 0000 4321")
    page.wait_for_selector("text=就是这位", state="detached")
    page.fill("#id_name", "单白")
    page.click("text=性别、生日、微信、标签、备注")
    page.select_option("#id_birthday_calendar", "lunar")
    page.fill("#id_birthday_month", "10")
    page.fill("#id_birthday_day", "4")
    page.click("text=保存客户")
    page.wait_for_selector("text=单白 已保存。")
    added = Customer.objects.get(name="单白")
    assert (added.phone, added.birthday_calendar) == ("15400004321", "lunar")

    page.goto(reverse("customers:log", args=[added.pk]))
    page.click(".customers-kind:has-text('微信')")
    page.fill("#log-body", "想要礼盒")
    page.press("#log-body", "Enter")
    page.wait_for_selector(".customers-recent >> text=想要礼盒")
    assert Interaction.objects.get().kind == "wechat"
    page.click("text=安排下一步")
    page.fill(".customers-plan-form [name=purpose]", "送样茶")
    page.click("text=一周后")
    page.click(".customers-plan-form button[type=submit]")
    page.wait_for_selector(".customers-step >> text=送样茶")
    page.click(".customers-finish > summary")
    page.fill(".customers-finish-form [name=result]", "收到了")
    page.click(".customers-finish-form button[type=submit]")
    page.wait_for_selector("text=还没有安排。")
    assert list(FollowUp.objects.values_list("state", "result")) == [("done", "收到了")]
