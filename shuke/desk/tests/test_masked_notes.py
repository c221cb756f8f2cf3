"""Who reads contacts masked reads them masked in words too, and saving what they saw takes nothing away."""

import pytest
from django.test import Client

from shuke.customers.forms import CustomerForm
from shuke.customers.models import Customer
from shuke.customers.rules.masking import masked_text, unmasked_text
from shuke.customers.services import change_customer
from shuke.customers.testing import regular_chen
from shuke.desk import testing
from shuke.team.models import Staff
from shuke.team.queries import SYSTEM
from shuke.team.testing import Cast, cast
from shuke.zh.fictional import phone

MOBILE, OTHER = phone(6630), phone(6631)
NOTE = f"爱喝白茶\n\n【原系统其他信息 · Zoho CRM】\n家里电话：{MOBILE}\n邮箱：tea.wang@example.com\n编号：12，2024-05-01 来"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"电话{MOBILE}，", "电话154****6630，"),
        ("0571-88000001", "0571****0001"),
        ("+86 154 0000 6630", "86154****6630"),
        ("wang@example.com", "w***@example.com"),
        ("2024-05-01 来过 3 次，花了 1280.50 元", "2024-05-01 来过 3 次，花了 1280.50 元"),
        ("订单 A20240501", "订单 A20240501"),
        ("20240501", "20240501"),
        ("", ""),
    ],
)
def test_contacts_in_words_are_masked_and_days_are_not(text: str, shown: str) -> None:
    assert masked_text(text) == shown


def test_masked_contacts_that_are_saved_again_are_the_old_ones() -> None:
    assert unmasked_text(masked_text(NOTE), NOTE) == NOTE
    edited = masked_text(NOTE).replace("爱喝白茶", "爱喝龙井")
    assert unmasked_text(edited, NOTE) == NOTE.replace("爱喝白茶", "爱喝龙井")
    assert unmasked_text("全删了", NOTE) == "全删了"
    assert unmasked_text(f"新号码 {OTHER}", NOTE) == f"新号码 {OTHER}"


@pytest.fixture
def people(db: None) -> Cast:
    people = cast()
    chen = regular_chen(store_id=people.store.pk)
    change_customer(actor=SYSTEM, customer_id=chen.pk, note=NOTE)
    testing.rows()
    return people


def pages(staff: Staff) -> dict[str, str]:
    client, pk = Client(), Customer.objects.get().pk
    client.force_login(staff)
    addresses = (
        f"/customers/{pk}/", f"/customers/{pk}/profile/", f"/customers/{pk}/edit/", f"/customers/{pk}/changes/",
        "/customers/?cols=note", "/search/?q=爱喝白茶",
    )  # fmt: skip
    return {one: client.get(one, headers={"HX-Request": "true"}).content.decode() for one in addresses}


def test_no_page_shows_a_clerk_a_number_that_stands_in_a_note(people: Cast) -> None:
    for address, body in pages(people.wang).items():
        assert MOBILE not in body, address
        assert "tea.wang@" not in body, address


def test_a_manager_reads_it(people: Cast) -> None:
    assert sum(MOBILE in body for body in pages(people.lin).values()) >= 3


def test_a_clerk_who_edits_the_note_keeps_the_numbers(people: Cast) -> None:
    chen, client = Customer.objects.get(), Client()
    client.force_login(people.wang)
    form = CustomerForm(people.wang, customer=chen)
    given = {field.name: field.value() for field in form if field.value() not in (None, False)}
    given["note"] = given["note"].replace("爱喝白茶", "爱喝龙井")
    answer = client.post(f"/customers/{chen.pk}/edit/", given)
    assert answer.status_code in (204, 302)
    chen.refresh_from_db()
    assert chen.note == NOTE.replace("爱喝白茶", "爱喝龙井")
