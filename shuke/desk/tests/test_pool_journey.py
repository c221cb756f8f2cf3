"""One journey in a browser: a customer nobody calls is warned of, goes back to the pool, and is claimed by a colleague."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shuke.assignment import services
from shuke.assignment.testing import long_known, pool_on
from shuke.customers.models import Customer
from shuke.customers.services import run_bulk
from shuke.customers.testing import regular_chen
from shuke.desk import testing
from shuke.desk.services.suggestions import suggest_for_today
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.models import Staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page: Any, address: str, staff: Staff) -> None:
    client = Client()
    client.force_login(staff)
    cookie = client.cookies["sessionid"].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])


def test_a_customer_is_warned_of_recalled_and_claimed(
    page: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = team.cast()
    li = team.staff("li", "李店员", "clerk", cast.store)
    chen = long_known(regular_chen(account_manager_id=cast.wang.pk))
    pool_on()
    testing.rows()
    services.run_pool()
    suggest_for_today()
    page.set_viewport_size({"width": 1440, "height": 900})

    sign_in(page, live_server.url, cast.wang)
    page.goto(reverse("team:notices"))
    page.wait_for_selector("text=你有 1 位客户 3 天后将回到公海")
    page.goto(reverse("desk:today"))
    page.wait_for_selector("main >> text=3 天后将回到公海")

    later = clock.now() + timedelta(days=3)
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", lambda: later)
        set_id = services.run_pool()
        assert set_id is not None
        run_bulk(set_id)
    page.goto(reverse("assignment:pool"))
    page.click("button:has-text('认领')")
    page.wait_for_selector("text=过些天才能再认领")  # whose they were waits out the cool-off
    assert Customer.objects.get(pk=chen.pk).account_manager_id is None

    sign_in(page, live_server.url, li)
    page.goto(reverse("assignment:pool"))
    page.wait_for_selector("td:has-text('王小茶')")
    page.click("button:has-text('认领')")
    page.wait_for_selector("text=认领到了")
    assert page.url.endswith(reverse("desk:customer", args=[chen.pk]))
    assert Customer.objects.get(pk=chen.pk).account_manager_id == li.pk
    page.goto(reverse("assignment:pool"))
    page.wait_for_selector("text=公海里现在没有客户")
