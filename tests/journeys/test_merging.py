"""One journey in a browser: a likely pair is merged field by field, found under one page, and parted again."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shuke.customers.models import Customer, Merge
from shuke.customers.services.scanning import run_scan, start_scan
from shuke.customers.testing import CHEN_PHONE, customer, regular_chen
from shuke.team import testing as team
from shuke.team.queries import SYSTEM

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page: Any, address: str) -> None:
    client = Client()
    client.force_login(team.manager_lin())
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])


def look(page: Any, name: str) -> None:
    """Keep a picture where SHUKE_PICTURES names a folder, for eyes."""
    folder = os.environ.get("SHUKE_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_pair_is_merged_and_parted_again(page: Any, live_server: Any, width: int) -> None:
    chen = regular_chen(
        note="爱喝白茶，周末来", city="杭州市", address="西湖区文三路18号2幢301室", tags=("老友",)
    )
    wrong = CHEN_PHONE[:-2] + CHEN_PHONE[-1] + CHEN_PHONE[-2]
    double = customer(
        "陳茶香",
        phone=wrong,
        store_id=team.store().pk,
        note="送礼找她",
        email="chen@example.com",
        tags=("送礼",),
    )
    run_scan(start_scan(actor=SYSTEM).pk)
    sign_in(page, live_server.url)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(reverse("customers:pairs"))
    page.wait_for_selector("text=建议合并")
    look(page, f"pairs-{width}")
    page.check("[name=take-phone][value=loser]")
    page.keyboard.press("m")
    page.wait_for_selector("text=已合并到 陈茶香")
    chen.refresh_from_db()
    assert (chen.phone, chen.email, Merge.objects.count()) == (wrong, "chen@example.com", 1)
    look(page, f"empty-{width}")

    page.goto(reverse("desk:customer", args=[double.pk]))
    page.wait_for_selector("text=您找的那份资料已并入这一位")
    assert page.url.endswith(reverse("desk:customer", args=[chen.pk]))

    page.goto(reverse("customers:merges"))
    look(page, f"merges-{width}")
    page.click("text=撤销合并")
    page.click("#confirm [data-yes]")
    page.wait_for_url(f"**{reverse('desk:customer', args=[double.pk])}")
    chen.refresh_from_db()
    assert (chen.phone, chen.email) == (CHEN_PHONE, "")
    assert Customer.objects.get(pk=double.pk).merged_into_id is None
    page.goto(reverse("customers:merge_choose", args=[chen.pk]))
    look(page, f"choose-{width}")
