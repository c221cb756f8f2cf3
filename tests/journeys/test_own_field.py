"""A shop makes a field of its own: it is in the add form, in the filter, a column, and kept in a view."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from shuke.customers.models import Customer, CustomField
from shuke.customers.testing import customer
from shuke.desk.models import SavedView
from shuke.desk.queries.own import made_columns
from shuke.desk.services.own_columns import drop_column, make_column
from shuke.desk.services.rows import rebuild_rows
from shuke.team import testing as team

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _no_column_left() -> Iterator[None]:
    """Columns outlive the rows that a test throws away."""
    yield
    for field_id in made_columns():
        drop_column(field_id)


def sign_in(page: Any, address: str) -> None:
    client = Client()
    client.force_login(team.manager_lin())
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])


def test_a_choice_of_the_shops_own_is_asked_filtered_shown_and_kept_in_a_view(
    page: Any, live_server: Any
) -> None:
    customer("别的茶友", store_id=team.store().pk)
    sign_in(page, live_server.url)
    page.set_viewport_size({"width": 1440, "height": 900})

    page.goto("/customers/fields/")
    assert page.is_hidden("#id_choices")
    page.fill("#id_name", "口味")
    page.select_option("#id_kind", "choice")
    page.fill("#id_choices", "清香\n浓香")
    page.check("#id_is_in_add_form")
    page.click("button:has-text('加字段')")
    page.wait_for_selector("text=“口味”加好了")
    field = CustomField.objects.get()
    make_column(field.pk)  # as the handler of the event does

    page.goto("/customers/add/")
    page.fill("#id_name", "爱浓香的茶友")
    page.select_option(f"#id_custom_{field.pk}", label="浓香")
    page.click("button:has-text('保存客户')")
    page.wait_for_url(re.compile(r"/customers/\d+/$"))
    new = Customer.objects.get(name="爱浓香的茶友")
    assert list(new.custom) == [str(field.pk)]
    rebuild_rows()

    page.goto(f"/customers/filter/?f=custom_{field.pk}.in.{new.custom[str(field.pk)]}")
    page.wait_for_selector("text=口味")
    page.click("button[value=show]")
    page.wait_for_selector(".desk-table")
    assert "爱浓香的茶友" in page.inner_text(".desk-table")
    assert "别的茶友" not in page.inner_text(".desk-table")

    page.click("summary:has-text('列')")
    page.check(f"input[name=col][value=custom_{field.pk}]")
    page.click(".lists-columns button:has-text('好')")
    page.wait_for_selector(f"td.ed-custom_{field.pk}:has-text('浓香')")

    page.dblclick(f"td.ed-custom_{field.pk}")
    page.select_option(f"td.ed-custom_{field.pk} select", label="清香")
    page.wait_for_selector(f"td.ed-custom_{field.pk}:has-text('清香')")
    page.wait_for_selector("text=改好了")

    page.click("summary:has-text('另存')")
    page.fill("input[name=name]", "爱浓香的")
    page.click("button:has-text('保存视图')")
    page.wait_for_selector("text=视图已保存")
    assert f"custom_{field.pk}" in SavedView.objects.get().query
