"""A clerk's morning: sign in, contact whom 今天 names, find a customer, write a note."""

from datetime import timedelta
from typing import Any

import pytest

from shuke.customers.models import Interaction
from shuke.customers.testing import customer
from shuke.desk import testing
from shuke.desk.services import suggest_for_today
from shuke.kernel import clock
from shuke.team.testing import PASSWORD, cast


@pytest.mark.django_db(transaction=True)
def test_a_clerk_contacts_filters_opens_and_notes(page: Any) -> None:
    people = cast()
    slipping = customer("王秀兰", phone="15400006621", gender="female", store_id=people.store.pk)
    other = customer("罗静磊", phone="15400007700", store_id=people.store.pk)
    testing.value(slipping, last_on=clock.today() - timedelta(days=45), at_stake_fen=286_000)
    testing.value(other, last_on=clock.today() - timedelta(days=3), stage="first", purchases=1)
    testing.rows()
    suggest_for_today()

    page.goto("/sign-in/")
    page.fill("[name=username]", people.wang.username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit], form button[type=submit]")
    page.wait_for_selector(".today-line")
    assert "王秀兰" in page.inner_text(".today-list")

    page.click(".today-line summary:has-text('已联系')")
    page.click(".today-line .menu-pop button:has-text('会来')")
    page.wait_for_selector(".today-line.is-done")
    assert "会来" in page.inner_text(".today-line.is-done")
    assert Interaction.objects.get().customer_id == slipping.pk

    page.goto("/customers/")
    page.click(".filter summary:has-text('条件')")
    page.click("#add-condition button:has-text('阶段')")
    page.check("#add-condition label:has-text('首购') input")
    page.click("#add-condition button:has-text('好')")
    page.wait_for_url("**/customers/?f=stage.in.first")
    assert page.locator("#rows tbody tr").count() == 1

    page.goto(f"/customers/{other.pk}/")
    page.fill("#note [name=body]", "喜欢白茶,下周带朋友来")
    page.click("#note button[type=submit]")
    page.wait_for_selector("#timeline >> text=喜欢白茶")
    assert Interaction.objects.filter(customer_id=other.pk).get().body == "喜欢白茶,下周带朋友来"

    page.fill("#search", "ljl")
    page.wait_for_selector("#search-results a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{other.pk}/")
