"""A customer is found by initials, called, followed up and done with; on a desk and on a phone."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shuke.customers import services
from shuke.customers.models import FollowUp, Interaction
from shuke.customers.services import PolicyForm
from shuke.customers.testing import regular_chen
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.zh import calendar

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STAY = "document.addEventListener('click', (e) => { if (e.target.closest('a[href^=\"tel:\"]')) e.preventDefault(); })"


def sign_in(page: Any, address: str) -> None:
    client = Client()
    client.force_login(team.manager_lin())
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_found_by_initials_called_followed_up_and_done(
    page: Any, live_server: Any, width: int, height: int
) -> None:
    chen, wang = regular_chen(), team.clerk_wang()
    waking = PolicyForm(3, 7, time(0), time(0), 3)  # no quiet hours, whenever this runs
    services.save_contact_policy(actor=team.owner(), form=waking)
    sign_in(page, live_server.url)
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/")
    if width > 720:
        page.fill("#search", "ccx")
        page.click("#search-results >> text=陈茶香")
    else:
        page.click("#search")
        page.fill("#palette [role=combobox]", "ccx")
        page.click("#palette >> text=陈茶香")
    page.wait_for_url(f"**{reverse('desk:customer', args=[chen.pk])}")

    page.evaluate(STAY)
    page.click("text=打电话")
    assert page.is_checked("#log-form input[value=call]")
    assert page.input_value("#log-form [name=happened_at]") != ""
    page.type("#log-body", "问礼盒价，@王小")
    page.click(".mention-list >> text=王小茶")
    page.press("#log-body", "Enter")
    page.wait_for_selector(".timeline-body >> text=问礼盒价，@王小茶")
    touch = Interaction.objects.get()
    assert (touch.kind, touch.direction, touch.body) == ("call", "out", "问礼盒价，@王小茶")
    services.tell_of_touch(touch.pk)

    page.click(".person-steps >> text=安排下一步")
    page.fill("#drawer .customers-plan-form [name=purpose]", "送样茶")
    page.click("#drawer >> text=一周后")
    page.click("#drawer .customers-plan-form button[type=submit]")
    page.wait_for_selector(".person-next-steps >> text=送样茶")
    step = FollowUp.objects.get()
    assert step.due_on == calendar.next_working_day(clock.today() + timedelta(days=7))

    page.goto(reverse("customers:follow_ups") + "?span=all")
    page.click(".due-line .customers-finish > summary")
    page.fill(".due-line [name=result]", "收到了")
    page.click(".due-line .customers-finish-form button[type=submit]")
    page.wait_for_selector(".due-line", state="detached")
    step.refresh_from_db()
    assert (step.state, step.result) == ("done", "收到了")
    page.click(".toast-undo")
    page.wait_for_selector(".due-line >> text=送样茶")
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    client = Client()
    client.force_login(wang)
    assert "提到你" in client.get(reverse("team:notices")).content.decode()
