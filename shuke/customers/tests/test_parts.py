"""The parts of a profile on the pages: what visitors see and do, who is turned away, what a hostile text or file does."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shuke.customers.models import (
    Address,
    CompanyContact,
    ContactPoint,
    Customer,
    FieldChange,
    HouseholdMember,
    Identity,
    InvoiceTitle,
)
from shuke.customers.queries import tags_of
from shuke.customers.queries.changes import customer_changes
from shuke.customers.queries.profile import (
    companies_of,
    company_contacts,
    contact_points,
    household_of,
    invoices_of,
    people_behind,
)
from shuke.customers.rules.profile import InvoiceFields, tax_number_problem, tidy_place
from shuke.customers.services import NewCustomer, companies, invoices, tag_curation
from shuke.customers.services.changesets import undo_field_change
from shuke.customers.services.points import PointForm, add_point
from shuke.customers.testing import CHEN_PHONE, ZHAO_PHONE, customer, lapsed_zhao, regular_chen
from shuke.team import testing as team
from shuke.team.models import AuditEntry, Staff
from shuke.team.queries import SYSTEM
from shuke.zh import fictional
from shuke.zh.credit_code import credit_code_check_sign

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
CODE = "91330106MA2ABCDEF" + credit_code_check_sign("91330106MA2ABCDEF")
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def post(client: Client, one: Customer, part: str, **data: Any) -> Any:
    return client.post(reverse("customers:part", args=[one.pk, part]), data, headers=HTMX)


def company(name: str = "云栖茶业有限公司", **fields: Any) -> Customer:
    return customer(name, kind="company", store_id=team.store().pk, **fields)


# --- who may ---


@pytest.mark.parametrize("part", ["points", "addresses", "people", "invoices", "files"])
def test_four_visitors_of_a_part(part: str) -> None:
    cast, chen = team.cast(), regular_chen()
    address = reverse("customers:part", args=[chen.pk, part])
    assert Client().get(address, headers=HTMX).status_code in (302, 204, 401, 403)
    assert signed_in(cast.stranger).get(address, headers=HTMX).status_code == 403
    assert signed_in(cast.analyst).get(address, headers=HTMX).status_code == 403
    assert signed_in(cast.zhou).get(address, headers=HTMX).status_code == 404
    assert signed_in(cast.wang).get(address, headers=HTMX).status_code == 200


def test_what_may_not_be_done_changes_nothing() -> None:
    cast, chen = team.cast(), regular_chen()
    for staff in (cast.stranger, cast.analyst, cast.zhou):
        post(signed_in(staff), chen, "points", do="add", kind="phone", value=fictional.phone(1))
        post(signed_in(staff), chen, "addresses", do="save", detail="浙江省杭州市")
        post(signed_in(staff), chen, "invoices", do="save", kind="person", title="陈")
    assert [model.objects.count() for model in (ContactPoint, Address, InvoiceTitle, FieldChange)] == [0] * 4


# --- points on the page ---


def test_a_clerk_adds_a_phone_reads_it_masked_and_reveals_it_on_the_record() -> None:
    chen, clerk = regular_chen(), signed_in(team.clerk_wang())
    answer = post(clerk, chen, "points", do="add", kind="phone", value="15400001111", label="公司")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "154****1111" in page
    assert "15400001111" not in page
    assert "customers" in answer.headers["HX-Trigger"]  # the toast knows where it is taken back
    key = next(one.key for one in contact_points(SYSTEM, chen) if one.shown == "15400001111")
    told = clerk.get(reverse("customers:reveal_one", args=[chen.pk, key]), headers=HTMX)
    assert told.content.decode() == "15400001111"
    assert AuditEntry.objects.filter(action="contact_revealed", object_id=chen.pk).count() == 1
    assert clerk.get(reverse("customers:reveal_one", args=[chen.pk, key])).status_code == 404
    assert signed_in(team.clerk_zhou()).get(
        reverse("customers:reveal_one", args=[chen.pk, key]), headers=HTMX
    ).status_code == 404  # fmt: skip
    assert (
        clerk.get(reverse("customers:reveal_one", args=[chen.pk, "r999999"]), headers=HTMX).status_code == 404
    )


def test_somebody_elses_number_is_offered_for_sharing_and_makes_them_one_family() -> None:
    lin, chen, zhao = team.manager_lin(), regular_chen(), lapsed_zhao()
    client = signed_in(lin)
    asked = post(client, chen, "points", do="add", kind="phone", value=ZHAO_PHONE)
    assert asked.status_code == 422
    assert "已经是 赵松烟 的了" in asked.content.decode()
    assert "是一家人" in asked.content.decode()
    done = post(
        client, chen, "points", do="add", kind="phone", value=ZHAO_PHONE,
        is_shared="1", holder=str(zhao.pk), **{"as": "family"},
    )  # fmt: skip
    assert done.status_code == 200
    assert Identity.objects.get(value=f"+86{ZHAO_PHONE}").customer_id == zhao.pk
    home = household_of(lin, chen)
    assert home is not None
    assert [one.customer_id for one in home.members] == [zhao.pk]


def test_every_act_works_without_javascript_and_leads_back() -> None:
    chen, client = regular_chen(), signed_in(team.manager_lin())
    here = reverse("customers:part", args=[chen.pk, "points"])
    answer = client.post(here, {"do": "add", "kind": "email", "value": "cha@example.com"})
    assert (answer.status_code, answer.headers["Location"]) == (
        302, f"{reverse('customers:edit', args=[chen.pk])}#part-points"
    )  # fmt: skip
    key = next(one.key for one in contact_points(SYSTEM, chen) if one.kind == "email")
    for act in ("verify", "show", "remove"):
        assert client.post(here, {"do": act, "key": key}).status_code == 302
        found = [
            one for one in contact_points(SYSTEM, Customer.objects.get(pk=chen.pk)) if one.kind == "email"
        ]
        key = found[0].key if found else key
    assert found == []
    assert client.post(here, {"do": "explode"}).status_code == 404
    gone = client.post(here, {"do": "remove", "key": key})
    assert gone.status_code == 302


def test_a_change_from_the_toast_is_taken_back() -> None:
    chen, lin = regular_chen(), team.manager_lin()
    change = add_point(actor=lin, customer_id=chen.pk, form=PointForm("phone", fictional.phone(7)))
    signed_in(lin).post(reverse("customers:undo_change", args=[chen.pk, change]))
    assert not Identity.objects.filter(value=f"+86{fictional.phone(7)}").exists()


def test_the_history_tells_points_in_words_and_masks_them() -> None:
    cast, chen = team.cast(), regular_chen()
    add_point(actor=cast.lin, customer_id=chen.pk, form=PointForm("phone", fictional.phone(7), label="公司"))
    plain = customer_changes(cast.lin, chen.pk).changes[0].fields[0]
    masked = customer_changes(cast.wang, chen.pk).changes[0].fields[0]
    assert plain.after == f"电话 · {fictional.phone(7)} · 公司"
    assert masked.after == f"电话 · {fictional.phone(7)[:3]}****{fictional.phone(7)[-4:]} · 公司"


def test_hostile_words_are_shown_as_words_in_every_part() -> None:
    lin, chen = team.manager_lin(), regular_chen()
    client = signed_in(lin)
    firm = company(HOSTILE)
    companies.link_contact(
        actor=lin, company_id=firm.pk, person_id=chen.pk, form=companies.ContactForm(HOSTILE[:40])
    )
    post(client, chen, "points", do="add", kind="wechat", value=HOSTILE, label="<b>家</b>")
    post(client, chen, "addresses", do="save", detail=HOSTILE, label="<b>家</b>", recipient=HOSTILE)
    post(client, chen, "invoices", do="save", kind="person", title=HOSTILE)
    tag_curation.add_tag(actor=SYSTEM, name=HOSTILE, category="interest")
    for address in (
        reverse("customers:edit", args=[chen.pk]),
        reverse("customers:profile_panel", args=[chen.pk]),
        reverse("customers:profile_panel", args=[firm.pk]),
        reverse("customers:tags"),
        reverse("customers:choose", args=[chen.pk]) + "?q=script",
    ):
        page = client.get(address, headers=HTMX).content.decode()
        assert HOSTILE not in page, address
        assert "<b>家" not in page


def test_the_profile_costs_few_queries(django_assert_max_num_queries: Any) -> None:
    chen, client = regular_chen(), signed_in(team.manager_lin())
    add_point(actor=SYSTEM, customer_id=chen.pk, form=PointForm("phone", fictional.phone(7)))
    address = reverse("customers:profile_panel", args=[chen.pk])
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert client.get(address).status_code == 200
    for n in range(8, 18):
        add_point(actor=SYSTEM, customer_id=chen.pk, form=PointForm("phone", fictional.phone(n)))
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)
    # six of them tell where each field came from and when it was last confirmed, one asks for the shop's own fields
    assert len(few) <= 25


# --- companies and households ---


def test_a_company_shows_its_contacts_and_a_contact_the_company() -> None:
    lin, firm, chen = team.manager_lin(), company(), regular_chen()
    client = signed_in(lin)
    post(client, firm, "people", do="add", person=str(chen.pk), role="采购", is_main="on")
    post(client, firm, "people", do="add", name="林财务", phone=fictional.phone(5), role="财务")
    assert [(one.name, one.role, one.is_main) for one in company_contacts(lin, firm)] == [
        ("陈茶香", "采购", True),
        ("林财务", "财务", False),
    ]
    assert [(one.name, one.role) for one in companies_of(lin, chen)] == [("云栖茶业有限公司", "采购")]
    added = Customer.objects.get(name="林财务")
    assert (added.phone, added.store_id) == (fictional.phone(5), firm.store_id)
    assert set(people_behind(lin, firm.pk)) == {firm.pk, chen.pk, added.pk}
    page = client.get(reverse("customers:profile_panel", args=[chen.pk])).content.decode()
    assert reverse("desk:customer", args=[firm.pk]) in page


def test_a_change_of_contacts_is_in_the_history_of_both_and_taken_back() -> None:
    lin, firm, chen = team.manager_lin(), company(), regular_chen()
    change = companies.link_contact(
        actor=lin, company_id=firm.pk, person_id=chen.pk, form=companies.ContactForm("采购")
    )
    assert set(FieldChange.objects.values_list("customer_id", flat=True)) == {firm.pk, chen.pk}
    assert change is not None
    undo_field_change(actor=lin, change_id=change)
    assert company_contacts(lin, firm) == []
    assert CompanyContact.objects.get().ended_at is not None


@pytest.mark.parametrize(
    ("one", "other"), [("chen", "chen"), ("chen", "zhao"), ("firm", "firm2"), ("firm", "firm")]
)
def test_only_a_company_has_contacts_and_only_persons_are_some(one: str, other: str) -> None:
    people = {
        "chen": regular_chen(), "zhao": lapsed_zhao(), "firm": company(), "firm2": company("第二家有限公司")
    }  # fmt: skip
    with pytest.raises(ValidationError):
        companies.link_contact(
            actor=SYSTEM, company_id=people[one].pk, person_id=people[other].pk, form=companies.ContactForm()
        )
    assert not CompanyContact.objects.exists()


def test_somebody_out_of_reach_is_neither_linked_nor_named() -> None:
    cast, firm, chen = team.cast(), company(), regular_chen()
    far = customer("远客", store_id=cast.other_store.pk)
    with pytest.raises(PermissionDenied):
        companies.link_contact(
            actor=cast.lin, company_id=firm.pk, person_id=far.pk, form=companies.ContactForm()
        )
    companies.join_household(actor=SYSTEM, customer_id=chen.pk, other_id=far.pk)
    home = household_of(cast.lin, chen)
    assert home is not None
    assert (home.members, home.others_hidden) == ((), 1)
    page = signed_in(cast.lin).get(reverse("customers:profile_panel", args=[chen.pk])).content.decode()
    assert "远客" not in page
    assert "还有 1 位不在您的范围内" in page


def test_nobody_lives_in_two_households() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    third, fourth = customer("三"), customer("四")
    companies.join_household(actor=SYSTEM, customer_id=chen.pk, other_id=zhao.pk)
    companies.join_household(actor=SYSTEM, customer_id=third.pk, other_id=fourth.pk)
    with pytest.raises(ValidationError):
        companies.join_household(actor=SYSTEM, customer_id=chen.pk, other_id=third.pk)
    change = companies.leave_household(actor=SYSTEM, customer_id=chen.pk)
    assert HouseholdMember.objects.filter(left_at=None).count() == 3
    companies.join_household(actor=SYSTEM, customer_id=third.pk, other_id=chen.pk)
    assert change is not None
    assert undo_field_change(actor=SYSTEM, change_id=change).undo == FieldChange.Undo.FAILED
    assert HouseholdMember.objects.filter(customer=chen, left_at=None).count() == 1


# --- invoices ---


def test_invoice_titles_have_one_default_and_a_checked_tax_number() -> None:
    chen, client = regular_chen(), signed_in(team.manager_lin())
    wrong = post(
        client, chen, "invoices", do="save", kind="company", title="云栖茶业", tax_number=CODE[:-1] + "0"
    )
    assert wrong.status_code == 422
    assert "校验位不对" in wrong.content.decode()
    short = post(client, chen, "invoices", do="save", kind="company", title="云栖茶业", tax_number="9133")
    assert "现在是 4 位" in short.content.decode()
    spaced = f"{CODE[:6]} {CODE[6:].lower()}"
    post(client, chen, "invoices", do="save", kind="company", title="云栖茶业", tax_number=spaced)
    post(client, chen, "invoices", do="save", kind="person", title="陈茶香", is_default="on")
    assert [(row.title, row.tax_number, row.is_default) for row in invoices_of(chen)] == [
        ("陈茶香", "", True),
        ("云栖茶业", CODE, False),
    ]
    post(client, chen, "invoices", do="remove", key=str(InvoiceTitle.objects.get(title="陈茶香").pk))
    assert [(row.title, row.is_default) for row in invoices_of(chen)] == [("云栖茶业", True)]


@pytest.mark.parametrize(
    ("number", "is_wrong"),
    [
        ("", False), (CODE, False), ("11010519491231002X", False), ("330106123456789", False),
        ("11010519491231002X01", False), (CODE[:17] + "0", True), ("123", True), ("税" * 18, True),
    ],
)  # fmt: skip
def test_a_tax_number_is_of_15_18_or_20_signs_and_checked(number: str, is_wrong: bool) -> None:
    assert bool(tax_number_problem(number)) is is_wrong


def test_another_customers_invoice_is_not_touched() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    invoices.save_invoice(actor=SYSTEM, customer_id=zhao.pk, form=InvoiceFields("person", "赵松烟"))
    key = str(InvoiceTitle.objects.get().pk)
    client = signed_in(team.manager_lin())
    assert post(client, chen, "invoices", do="remove", key=key).status_code == 400
    assert post(client, chen, "invoices", do="save", key=key, kind="person", title="改").status_code == 400
    assert [row.title for row in invoices_of(zhao)] == ["赵松烟"]


def test_a_tag_with_a_space_survives_the_edit_form() -> None:
    chen = regular_chen(tags=("爱 白茶", "送礼"))
    client = signed_in(team.manager_lin())
    page = client.get(reverse("customers:edit", args=[chen.pk])).content.decode()
    assert "爱\u00a0白茶" in page
    client.post(
        reverse("customers:edit", args=[chen.pk]),
        {
            "name": "陈茶香",
            "member_number": "M0001",
            "store_id": str(chen.store_id),
            "tags": "爱\u00a0白茶 新",
        },
    )
    assert tags_of([chen.pk]) == {chen.pk: ["新", "爱 白茶"]}


def test_the_edit_form_leaves_contacts_and_address_alone_unless_they_come() -> None:
    chen = regular_chen(email="chen@example.com", province="浙江省", city="杭州市")
    client = signed_in(team.manager_lin())
    client.post(
        reverse("customers:edit", args=[chen.pk]),
        {
            "name": "陈白茶",
            "member_number": "M0001",
            "store_id": str(chen.store_id),
            "preferred_hours": "evening",
            "preferred_products": "白毫银针",
        },
    )
    chen.refresh_from_db()
    assert (chen.name, chen.phone, chen.email, chen.province, chen.city) == (
        "陈白茶", CHEN_PHONE, "chen@example.com", "浙江省", "杭州市"
    )  # fmt: skip
    assert (chen.preferred_hours, chen.preferred_products) == ("evening", "白毫银针")


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (("广东", "深圳", "", "科技园"), ("广东省", "深圳市", "", "科技园")),
        (("", "杭州", "西湖区", "文三路"), ("浙江省", "杭州市", "西湖区", "文三路")),
        (("北京", "", "朝阳区", ""), ("北京市", "北京市", "朝阳区", "")),
        (("浙江", "", "", "浙江省杭州市西湖区文三路"), ("浙江省", "杭州市", "西湖区", "文三路")),
        (("", "", "", "文三路"), ("", "", "", "文三路")),
        (("火星", "一号", "", "a"), ("火星", "一号", "", "a")),
    ],
)
def test_places_are_tidied(given: tuple[str, str, str, str], found: tuple[str, str, str, str]) -> None:
    place = tidy_place(*given)
    assert (place.province, place.city, place.district, place.detail) == found


def test_somebody_new_added_as_contact_with_a_known_number_is_not_added_twice() -> None:
    firm, chen = company(), regular_chen()
    answer = post(signed_in(team.manager_lin()), firm, "people", do="add", name="陈", phone=CHEN_PHONE)
    assert answer.status_code == 422
    assert reverse("desk:customer", args=[chen.pk]) in answer.content.decode()
    assert Customer.objects.count() == 2
    new = companies.add_contact(
        actor=SYSTEM, company_id=firm.pk, new=NewCustomer(name="林"), form=companies.ContactForm("财务")
    )
    assert new.pk in people_behind(SYSTEM, firm.pk)
