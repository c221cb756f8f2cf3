"""A clerk goes through the queue, a customer corrects a number on a phone, and the clerk takes it over."""

import re
from datetime import time, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from shuke.customers import services
from shuke.customers.models import Customer, ProfileProposal, ProfileReview
from shuke.customers.services import PolicyForm
from shuke.customers.services.quality import rebuild_quality
from shuke.customers.testing import CHEN_PHONE, regular_chen
from shuke.kernel import clock
from shuke.team import testing as team

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEW_PHONE = "15400001234"


def sign_in(page: Any, address: str) -> None:
    client = Client()
    client.force_login(team.clerk_wang())
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])


def stale_chen() -> Customer:
    """Chen, of whom nobody has had a word for years; and a shop that may call at any hour."""
    chen, then = regular_chen(), clock.now() - timedelta(days=800)
    Customer.objects.filter(pk=chen.pk).update(created_at=then)
    chen.identities.update(last_seen=then)
    services.save_contact_policy(actor=team.owner(), form=PolicyForm(3, 7, time(0), time(0), 3))
    rebuild_quality()
    return chen


def test_a_profile_is_confirmed_and_then_corrected_by_the_customer(page: Any, live_server: Any) -> None:
    cache.clear()
    chen = stale_chen()
    queue, link = reverse("customers:profiles"), reverse("customers:profile_link", args=[chen.pk])
    sign_in(page, live_server.url)
    page.set_viewport_size({"width": 1440, "height": 900})

    page.goto(queue)
    assert page.is_checked("input[name=right_phone]")
    page.keyboard.press("s")
    page.wait_for_selector("text=记下了：资料没错。")
    assert ProfileReview.objects.get(customer=chen).outcome == ProfileReview.Outcome.CONFIRMED

    page.goto(link)
    page.click("text=生成链接")
    page.wait_for_selector(".link-qr")
    found = re.search(r"/customers/my/\S+/", page.inner_text(".link-address"))
    assert found is not None

    phone = page.context.browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    try:
        own = phone.new_page()
        own.goto(live_server.url + found[0])
        assert CHEN_PHONE not in own.content()
        assert own.evaluate("document.documentElement.scrollWidth") == 390
        own.fill("[name=phone]", NEW_PHONE)
        own.check("[name=consent]")
        own.click("text=核对好了，交给店里")
        own.wait_for_selector("text=收到了，谢谢您")
    finally:
        phone.close()

    page.goto(queue)
    page.wait_for_selector(".ask-proposal >> text=陈茶香")
    assert Customer.objects.get(pk=chen.pk).phone == CHEN_PHONE
    page.click(".ask-proposal >> text='采用'")
    page.wait_for_selector("text=采用了客户填的。")
    assert Customer.objects.get(pk=chen.pk).phone == NEW_PHONE
    assert ProfileProposal.objects.get().state == "taken"
