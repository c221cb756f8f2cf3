"""The list in a browser: a name changed where it stands, rows picked in stretches by mouse and keys, and by touch on a phone."""

from typing import Any

import pytest

from shuke.customers.models import Customer
from shuke.customers.testing import customer
from shuke.desk import testing
from shuke.team import testing as team
from shuke.team.testing import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page: Any) -> None:
    lin = team.manager_lin()
    page.goto("/sign-in/")
    page.fill("[name=username]", lin.username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit], form button[type=submit]")
    page.wait_for_selector("h1")


def five() -> list[Customer]:
    made = [customer(name, store_id=team.store().pk) for name in ("安一", "白二", "陈三", "丁四", "方五")]
    testing.rows()
    return made


def picked(page: Any) -> list[str]:
    return list(page.eval_on_selector_all("input.pick:checked", "all => all.map(one => one.value)"))


def test_a_name_is_changed_and_rows_are_picked_in_stretches(page: Any, live_server: Any) -> None:
    people = five()
    sign_in(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/customers/?sort=name")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.wait_for_selector(".lists-name input[name=value]")
    page.fill(".lists-name input[name=value]", "白小二")
    page.keyboard.press("Enter")
    page.wait_for_selector(".row-link:has-text('白小二')")
    assert Customer.objects.get(pk=people[1].pk).name == "白小二"
    page.keyboard.press("r")
    page.wait_for_selector(".lists-name input[name=value]")
    page.keyboard.press("Escape")
    assert page.is_visible(".row-link:has-text('白小二')")

    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert picked(page) == [str(one.pk) for one in people[1:4]]
    page.click("[data-unpick]")
    page.click(f"input.pick[value='{people[0].pk}']")
    page.click(f"input.pick[value='{people[4].pk}']", modifiers=["Shift"])
    assert picked(page) == [str(one.pk) for one in people]
    page.wait_for_selector("#bulk:has-text('已选 5 位')")


def test_on_a_phone_rows_are_picked_by_touch_and_tagged(page: Any, live_server: Any) -> None:
    people = five()
    sign_in(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/customers/?sort=name")
    assert not page.is_visible(f"input.pick[value='{people[0].pk}']")
    page.click("[data-picking]")
    page.click(f"tr:has(input[value='{people[0].pk}']) td.wide a")
    page.click(f"tr:has(input[value='{people[2].pk}'])")
    assert picked(page) == [str(people[0].pk), str(people[2].pk)]
    page.wait_for_selector("#bulk:has-text('已选 2 位')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("#bulk button[value=tag]")
    page.wait_for_selector("text=2 位客户")
    page.go_back()
    page.wait_for_selector("#rows")


def test_conditions_are_found_by_typing_and_ask_for_what_was_bought(page: Any, live_server: Any) -> None:
    five()
    sign_in(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/customers/")
    page.click(".lists-add")
    page.fill("[data-narrow]", "商品")
    buttons = page.locator("#add-condition .lists-fields button:visible")
    assert buttons.all_inner_texts() == ["买过的商品", "写了喜欢的商品"]
    buttons.first.click()
    page.fill("#add-condition [name='c0.v']", "白毫银针")
    page.fill("#add-condition [name='c0.low']", "2")
    page.click("#add-condition button:has-text('好')")
    page.wait_for_selector(".lists-chip:has-text('白毫银针，至少 2 次')")
