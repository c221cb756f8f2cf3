"""In a browser: a phone is added in place and taken back, a family's phone is shared, a company gets a contact."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shuke.customers.models import CompanyContact, Customer, HouseholdMember, Identity
from shuke.customers.testing import ZHAO_PHONE, customer, lapsed_zhao, regular_chen
from shuke.team import testing as team

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page: Any, address: str) -> None:
    client = Client()
    client.force_login(team.manager_lin())
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])


@pytest.mark.parametrize("width", [1440, 390])
def test_a_phone_is_added_taken_back_and_a_familys_phone_shared(
    page: Any, live_server: Any, width: int
) -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    sign_in(page, live_server.url)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(live_server.url + reverse("customers:edit", args=[chen.pk]))
    page.click("text=加电话、微信、邮箱")
    page.fill("#points-new-value", "154 0000 1111")
    page.fill("#points-new-label", "公司")
    page.click("#part-points button[value=add]")
    page.wait_for_selector("#part-points >> text=15400001111")
    assert Identity.objects.get(value="+8615400001111").customer_id == chen.pk
    with page.expect_navigation():
        page.click(".toast-undo")
    page.wait_for_selector("text=已经改回原样。", timeout=10_000)
    assert not Identity.objects.filter(value="+8615400001111").exists()
    page.click("text=加电话、微信、邮箱")
    page.fill("#points-new-value", ZHAO_PHONE)
    page.click("#part-points button[value=add]")
    page.wait_for_selector("text=已经是 赵松烟 的了")
    page.click("text=共用这个号码")
    page.wait_for_selector("#part-points .part-row >> text=共用")
    assert Identity.objects.get(value=f"+86{ZHAO_PHONE}").customer_id == zhao.pk
    members = HouseholdMember.objects.filter(left_at=None).values_list("customer_id", flat=True)
    assert set(members) == {chen.pk, zhao.pk}


def test_somebody_found_by_initials_becomes_a_contact(page: Any, live_server: Any) -> None:
    chen = regular_chen()
    firm: Customer = customer("云栖茶业有限公司", kind="company", store_id=team.store().pk)
    sign_in(page, live_server.url)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(live_server.url + reverse("customers:edit", args=[firm.pk]))
    page.click("#fold-people summary")
    page.click("text=加联系人")
    page.type("#choose-contact", "ccx")
    page.wait_for_selector(".part-pick >> text=陈茶香")
    page.fill("#people-new-role", "采购")
    page.click("#part-people button[value=add]")
    page.wait_for_selector("#part-people .part-row >> text=采购")
    link = CompanyContact.objects.get()
    assert (link.company_id, link.person_id, link.role) == (firm.pk, chen.pk, "采购")
