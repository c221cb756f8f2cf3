"""A manager builds a list out of conditions, keeps it as a view for everybody, and a clerk opens it in their own reach."""

from typing import Any

import pytest

from shuke.customers.testing import customer
from shuke.desk import testing
from shuke.kernel import clock
from shuke.team.testing import PASSWORD, cast


def sign_in(page: Any, staff: Any) -> None:
    page.context.clear_cookies()
    page.goto("/sign-in/")
    page.fill("[name=username]", staff.username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit], form button[type=submit]")
    page.wait_for_selector("h1")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
@pytest.mark.django_db(transaction=True)
def test_a_view_is_built_shared_opened_by_another_deleted_and_put_back(
    page: Any, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    people = cast()
    near = customer("王秀兰", phone="15400006621", store_id=people.store.pk)
    far = customer("罗静磊", phone="15400007700", store_id=people.other_store.pk)
    bought = customer("周小满", store_id=people.store.pk)
    for one in (near, far):
        testing.value(one, last_on=clock.today(), spent_fen=880_000)
    testing.value(bought, last_on=clock.today(), stage="first", spent_fen=1_000)
    testing.rows()

    sign_in(page, people.owner)
    page.goto("/customers/")
    page.click(".filter summary:has-text('条件')")
    page.click("#add-condition a:has-text('组合几个条件')")
    page.select_option("#drawer [name=add0]", "spent")
    page.fill("#drawer [name='c0.low']", "5000")
    page.wait_for_selector("#builder-count:has-text('2 位')")
    page.click("#drawer button:has-text('看这些客户')")
    page.wait_for_url("**/customers/?f=spent.span.5000-")
    assert page.locator("#rows tbody tr").count() == 2

    page.click("summary:has-text('另存')")
    page.fill(".lists-pop [name=name]", "大客户")
    page.check(".lists-pop [name=shared]")
    page.click(".lists-pop button:has-text('保存视图')")
    page.wait_for_selector(".tab[aria-current]:has-text('大客户')")

    sign_in(page, people.wang)
    page.goto("/customers/views/")
    page.click("li:has-text('大客户') button:has-text('放到标签上')")
    page.wait_for_selector("text=已放到标签上")
    page.goto("/customers/?view=all")
    page.click(".tab:has-text('大客户')")
    page.wait_for_selector(".tab[aria-current]:has-text('大客户')")
    assert page.locator("#rows tbody .row-link").all_inner_texts() == ["王秀兰"]

    sign_in(page, people.owner)
    page.goto("/customers/views/")
    page.click("li:has-text('大客户') button:has-text('删除')")
    page.wait_for_selector("text=视图已删除")
    assert page.locator("li:has-text('大客户')").count() == 0
    page.click(".toast-undo")
    page.wait_for_selector("li:has-text('大客户')")
