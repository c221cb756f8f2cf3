"""变更: what the history of a customer says, to whom, and how much of it."""

import pytest
from django.test import Client
from django.urls import reverse

from shuke.customers.models import Customer
from shuke.customers.queries.changes import FieldChange, customer_changes
from shuke.customers.services import change_customer
from shuke.customers.testing import CHEN_PHONE, customer, regular_chen
from shuke.team import testing as team
from shuke.team.models import AuditEntry, Staff
from shuke.team.queries import SYSTEM, changes_of
from shuke.zh.calendar import Birthday

pytestmark = pytest.mark.django_db


def page_of(staff: Staff, one: Customer, before: str = "") -> str:
    client = Client()
    client.force_login(staff)
    answer = client.get(reverse("customers:changes_panel", args=[one.pk]), {"before": before})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_change_is_told_field_by_field_before_and_after_the_newest_first() -> None:
    cast, chen = team.cast(), regular_chen()
    birthday = Birthday("lunar", 6, 15)
    change_customer(
        actor=cast.lin,
        customer_id=chen.pk,
        store_id=cast.store.pk,
        account_manager_id=cast.wang.pk,
        gender="",
        birthday=birthday,
        tags=("送礼", "爱白茶"),
    )
    newest, first = customer_changes(cast.lin, chen.pk).changes
    assert (newest.who, newest.is_system, newest.is_first) == ("林店长", False, False)
    assert newest.fields == (
        FieldChange("account_manager_id", "", "王小茶"),
        FieldChange("birthday", "", "农历六月十五"),
        FieldChange("gender", "female", ""),
        FieldChange("tags", "", "爱白茶、送礼"),
    )
    assert (first.is_system, first.is_first) == (True, True)
    assert FieldChange("store_id", "", "湖畔店") in first.fields
    page = page_of(cast.lin, chen)
    for words in ("林店长", "负责人", "王小茶", "<del>女</del>", "农历六月十五", "熟客自动", "建档"):
        assert words in page
    assert "account_manager_id" not in page
    assert page.index('<dt class="dim">性别') < page.index('<dt class="dim">标签') < page.index("负责人")


def test_contacts_are_masked_for_those_who_read_them_masked() -> None:
    cast = team.cast()
    chen = regular_chen(email="chen@example.com", wechat="cha_chen")
    change_customer(actor=SYSTEM, customer_id=chen.pk, phone="+86 154 0000 7788", email="new@example.com")
    masked, plain = page_of(cast.wang, chen), page_of(cast.lin, chen)
    for secret in (CHEN_PHONE, "15400007788", "154 0000 7788", "chen@example.com", "new@example.com"):
        assert secret not in masked
    assert "cha_chen" not in masked
    assert "154****6621" in masked and "154****7788" in masked and "c***@example.com" in masked
    assert CHEN_PHONE in plain and "15400007788" in plain and "new@example.com" in plain


@pytest.mark.parametrize(
    ("visitor", "status"), [("stranger", 403), ("zhou", 404), ("wang", 200), ("owner", 200)]
)
def test_the_history_opens_for_the_right_visitors(visitor: str, status: int) -> None:
    cast, chen = team.cast(), regular_chen()
    client = Client()
    address = reverse("customers:changes_panel", args=[chen.pk])
    assert client.get(address).status_code == 302
    client.force_login(getattr(cast, visitor))
    answer = client.get(address)
    assert answer.status_code == status
    assert ("陈茶香" in answer.content.decode()) == (status == 200)


def test_the_query_fails_closed_for_a_customer_out_of_reach() -> None:
    cast, chen = team.cast(), regular_chen()
    assert customer_changes(cast.zhou, chen.pk).changes == []
    assert customer_changes(cast.stranger, chen.pk).changes == []


def test_hostile_values_are_shown_as_words() -> None:
    hostile = "<img src=x onerror=alert(1)>"
    someone = customer("单白", phone="15400004444", store_id=team.store().pk)
    change_customer(actor=SYSTEM, customer_id=someone.pk, name=hostile, note=hostile, tags=(hostile,))
    page = page_of(team.manager_lin(), someone)
    assert hostile not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") == 3


def test_thirty_changes_fit_a_page_and_the_rest_follows() -> None:
    lin, chen = team.manager_lin(), regular_chen()
    for n in range(34):
        change_customer(actor=lin, customer_id=chen.pk, city=f"城{n:02}")
    first = customer_changes(lin, chen.pk)
    assert [one.fields[0].after for one in first.changes] == [f"城{n:02}" for n in range(33, 3, -1)]
    rest = customer_changes(lin, chen.pk, before=first.before)
    assert [one.fields[0].after for one in rest.changes[:4]] == ["城03", "城02", "城01", "城00"]
    assert (len(rest.changes), rest.before) == (5, None)
    assert f"?before={first.before}" in page_of(lin, chen)
    older = page_of(lin, chen, before=str(first.before))
    assert "城03" in older and "城04</ins>" not in older and "?before=" not in older
    assert "城33" in page_of(lin, chen, before="nonsense")


def test_what_is_no_change_of_the_record_is_left_out() -> None:
    chen = regular_chen()
    AuditEntry.objects.create(actor_name="x", action="contact_revealed", kind="Customer", object_id=chen.pk)
    AuditEntry.objects.create(actor_name="x", action="customer_changed", kind="Order", object_id=chen.pk)
    found = changes_of("Customer", chen.pk, actions=("customer_added", "customer_changed"))
    assert [one.action for one in found] == ["customer_added"]
