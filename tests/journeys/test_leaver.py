"""Somebody leaves: the owner disables them, shares what they hold between two colleagues, looks, and takes it all back."""

from typing import Any

import pytest

from shuke.customers.services import NextStep, plan_follow_up
from shuke.customers.testing import customer
from shuke.desk import testing
from shuke.kernel import clock
from shuke.team.testing import PASSWORD, cast, staff


def sign_in(page: Any, person: Any) -> None:
    page.context.clear_cookies()
    page.goto("/sign-in/")
    page.fill("[name=username]", person.username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit], form button[type=submit]")
    page.wait_for_selector("h1")


def managers(*some: Any) -> list[int | None]:
    for one in some:
        one.refresh_from_db()
    return [one.account_manager_id for one in some]


@pytest.mark.django_db(transaction=True)
def test_a_leaver_is_handed_over_to_two_and_it_is_taken_back(page: Any) -> None:
    people = cast()
    he = staff("he", "何青禾", "clerk", people.store)
    held = [customer(f"客{n}", store_id=people.store.pk, account_manager_id=people.wang.pk) for n in range(4)]
    plan_follow_up(actor=people.wang, customer_id=held[0].pk, step=NextStep("送样茶", clock.today()))
    testing.rows()

    sign_in(page, people.owner)
    page.goto("/settings/staff/")
    row = page.locator(".team-row", has_text="王小茶")
    row.locator("summary").click()
    row.locator("button:has-text('停用')").click()
    page.click("#confirm [data-yes]")
    page.wait_for_selector("h1:has-text('王小茶的离职交接')")
    page.wait_for_selector("text=送样茶")

    page.check("input[name=how][value=load]")
    page.check(f"input[name=takers][value='{people.lin.pk}']")
    page.check(f"input[name=takers][value='{he.pk}']")
    page.fill("[name=reason]", "回老家")
    page.click("button:has-text('先看看会怎样')")
    page.wait_for_selector("text=还没动")
    assert managers(*held) == [people.wang.pk] * 4
    assert page.locator(".hand-lines a").count() == 4

    page.click("button:has-text('交接 4 位客户')")
    page.wait_for_selector("text=交接好了")
    assert sorted(managers(*held)) == sorted([people.lin.pk, he.pk] * 2)  # type: ignore[type-var]
    page.goto(f"/customers/{held[0].pk}/")
    page.wait_for_selector("text=负责人由 王小茶 改为")
    page.wait_for_selector("text=离职交接 · 回老家")

    page.goto("/assignment/handovers/")
    page.click("a:has-text('离职交接：王小茶')")
    page.click("button:has-text('撤销交接')")
    page.wait_for_selector("text=交接已撤销")
    assert managers(*held) == [people.wang.pk] * 4
    page.goto("/")
    page.wait_for_selector("text=还有 4 位客户没交接")
