"""Ctrl+K with the keyboard only: find by initials, log a call, plan a follow-up, go to a page; the phone's full-screen sheet."""

from contextlib import suppress
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Error

from shuke.customers.services import Touch, index_texts, log_interaction
from shuke.customers.testing import customer
from shuke.desk import testing
from shuke.team.queries import SYSTEM
from shuke.team.testing import Cast, cast
from shuke.zh import fictional

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OPTIONS = "#palette [role=option]"
ACTIVE = "#palette [role=option][aria-selected=true]"


def signed_in(page: Any, live_server: Any, staff: Any) -> Any:
    client = Client()
    client.force_login(staff)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    return page


@pytest.fixture
def people() -> Cast:
    people = cast()
    luo = customer("罗静磊", phone=fictional.phone(7700), store_id=people.store.pk)
    customer("王秀兰", phone=fictional.phone(6621), store_id=people.store.pk)
    hostile = Touch("note", '爱喝白茶礼盒 <img src=x onerror="window.hurt=1">', happened_at=timezone.now())
    log_interaction(actor=SYSTEM, customer_id=luo.pk, touch=hostile)
    index_texts([luo.pk])
    testing.rows()
    return people


def active(page: Any) -> str:
    """The chosen option's words; it is also the one that the box names to a screen reader."""
    named = page.get_attribute("#palette [role=combobox]", "aria-activedescendant")
    assert page.get_attribute(ACTIVE, "id") == named
    return str(page.inner_text(ACTIVE))


def test_a_call_is_logged_and_a_step_planned_without_touching_the_mouse(
    page: Any, live_server: Any, people: Cast
) -> None:
    signed_in(page, live_server, people.wang).goto("/customers/add/")
    page.focus(".top-add")
    page.keyboard.press("Control+k")
    page.wait_for_selector(f"{OPTIONS}:has-text('添加客户')")
    page.keyboard.type("ljl")
    page.wait_for_selector(f"{ACTIVE}:has-text('罗静磊')")
    assert "罗静磊" in active(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".palette-scope:has-text('罗静磊')")
    page.keyboard.type("jyb")
    page.wait_for_selector(f"{ACTIVE}:has-text('记一笔')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/log/")
    assert "罗静磊" in page.inner_text("main")

    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Control+k")
    page.wait_for_selector(OPTIONS)
    page.keyboard.type("apgj")
    page.wait_for_selector(f"{ACTIVE}:has-text('安排跟进')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".palette-scope:has-text('安排跟进')")
    page.keyboard.type("6621")
    page.wait_for_selector(f"{ACTIVE}:has-text('王秀兰')")
    assert "手机尾号 6621" in active(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/follow-up/")
    assert "王秀兰" in page.inner_text("main")


def test_escape_steps_back_closes_and_gives_the_focus_back(page: Any, live_server: Any, people: Cast) -> None:
    signed_in(page, live_server, people.lin).goto("/customers/add/")
    page.focus("#id_name")
    page.keyboard.press("Control+k")
    page.wait_for_selector(OPTIONS)
    page.keyboard.type("dr")
    page.wait_for_selector(f"{ACTIVE}:has-text('导入')")
    page.fill("#palette [role=combobox]", "baicha")
    page.fill("#palette [role=combobox]", "白茶礼盒")
    page.wait_for_selector(f"{ACTIVE} mark:has-text('白茶礼盒')")
    assert page.evaluate("window.hurt") is None
    assert "<img" in active(page)
    page.keyboard.press("Tab")
    page.wait_for_selector(".palette-scope:has-text('罗静磊')")
    page.keyboard.press("Escape")
    page.wait_for_selector(".palette-scope", state="hidden")
    assert page.is_visible("#palette")
    page.keyboard.press("Escape")
    page.wait_for_selector("#palette", state="hidden")
    assert page.evaluate("document.activeElement.id") == "id_name"


def test_an_older_answer_never_replaces_a_newer_one(page: Any, live_server: Any, people: Cast) -> None:
    signed_in(page, live_server, people.lin).goto("/customers/add/")

    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    page.route("**/search/?q=wang", hold)
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    with page.expect_request("**/search/?q=wang"):
        page.keyboard.type("wang")
    page.fill("#search", "luo")
    page.wait_for_selector("#search-results [role=option]:has-text('罗静磊')")
    with suppress(Error):  # the page has given this question up already
        held[0].continue_()
    page.wait_for_load_state("networkidle")
    assert "王秀兰" not in page.inner_text("#search-results")
    assert page.get_attribute("#search", "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector(".person")

    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette .palette-title:has-text('最近打开的客户')")
    assert "罗静磊" in active(page)


def test_on_a_phone_the_search_is_a_full_screen_sheet(page: Any, live_server: Any, people: Cast) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    signed_in(page, live_server, people.wang).goto("/customers/add/")
    page.click("#search")
    page.wait_for_selector(OPTIONS)
    box = page.locator("#palette").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    page.keyboard.type("luo")
    page.click(f"{OPTIONS}:has-text('罗静磊')")
    page.wait_for_selector(".person")
    page.click("#search")
    page.click("#palette [data-close]")
    page.wait_for_selector("#palette", state="hidden")
