"""A company's sums: its own purchases and those of its contacts, within reach."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from shuke.customers.services import ContactForm, link_contact
from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.desk.testing import value
from shuke.team import testing as team
from shuke.team.models import Staff
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db


def ask(staff: Staff, pk: int) -> tuple[int, str]:
    client = Client()
    client.force_login(staff)
    answer = client.get(reverse("desk:company_sums", args=[pk]))
    return answer.status_code, answer.content.decode()


def test_a_company_and_its_contacts_are_summed_within_reach() -> None:
    cast = team.cast()
    firm = customer("云栖茶业有限公司", kind="company", store_id=cast.store.pk)
    far = customer("远客", store_id=cast.other_store.pk)
    for person in (regular_chen(), lapsed_zhao(), far):
        link_contact(actor=SYSTEM, company_id=firm.pk, person_id=person.pk, form=ContactForm())
    assert "还没有消费" in ask(cast.lin, firm.pk)[1]
    value(firm, purchases=2, spent_fen=100_000, last_on=date(2026, 1, 5))
    value(regular_chen(), purchases=3, spent_fen=23_400, last_on=date(2026, 2, 5))
    value(far, purchases=9, spent_fen=900_000, last_on=date(2026, 3, 5))
    status, page = ask(cast.lin, firm.pk)
    assert status == 200
    assert "¥1,234<" in page
    assert "5 次" in page
    assert "14 次" in ask(cast.owner, firm.pk)[1]


def test_sums_are_for_those_who_may_and_reach() -> None:
    cast = team.cast()
    firm = customer("云栖茶业有限公司", kind="company", store_id=cast.store.pk)
    assert Client().get(reverse("desk:company_sums", args=[firm.pk])).status_code in (302, 403)
    assert ask(cast.stranger, firm.pk)[0] == 403
    assert ask(cast.zhou, firm.pk)[0] == 404
    assert ask(cast.wang, firm.pk)[0] == 200
