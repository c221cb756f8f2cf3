"""Phones, e-mails, WeChats and addresses: many of each, one shown, shared without stealing, taken back."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from shuke.customers import services
from shuke.customers.models import Address, ContactPoint, Customer, FieldChange, Identity, SearchTerm
from shuke.customers.queries.profile import contact_points, household_of, places
from shuke.customers.services import IdentityTaken, change_customer
from shuke.customers.services.changesets import undo_field_change
from shuke.customers.services.companies import join_household
from shuke.customers.services.points import (
    AddressForm,
    PointForm,
    add_point,
    change_point,
    remove_address,
    remove_point,
    save_address,
    show_point,
    verify_point,
)
from shuke.customers.testing import CHEN_PHONE, ZHAO_PHONE, customer, lapsed_zhao, regular_chen
from shuke.kernel import clock
from shuke.kernel.models import EventRow
from shuke.team import testing as team
from shuke.team.models import AuditEntry
from shuke.team.queries import SYSTEM
from shuke.zh import fictional

pytestmark = pytest.mark.django_db
SECOND, THIRD = fictional.phone(1111), fictional.phone(2222)


def e164(phone: str) -> str:
    return f"+86{phone}"


def shown(one: Customer) -> tuple[str, str, str]:
    one.refresh_from_db()
    return one.phone, one.email, one.wechat


def phones_of(one: Customer) -> list[tuple[str, str, bool]]:
    one.refresh_from_db()
    return [(p.shown, p.label, p.is_main) for p in contact_points(SYSTEM, one) if p.kind == "phone"]


def test_a_second_phone_is_an_identity_is_found_and_the_first_stays_shown() -> None:
    lin, chen = team.manager_lin(), regular_chen()
    change = add_point(
        actor=lin, customer_id=chen.pk, form=PointForm("phone", "+86 154-0000-1111", label="公司")
    )
    assert phones_of(chen) == [(CHEN_PHONE, "", True), (SECOND, "公司", False)]
    assert Identity.objects.get(namespace="phone", value=e164(SECOND)).customer_id == chen.pk
    assert SearchTerm.objects.filter(customer_id=chen.pk, term=SECOND).exists()
    row = FieldChange.objects.get(pk=change)
    assert (row.customer_id, row.field.partition(".")[0], row.before) == (chen.pk, "point", None)
    assert row.after["label"] == "公司"
    assert AuditEntry.objects.filter(action="customer_changed", actor_name="林店长").count() == 1
    assert EventRow.objects.filter(name="CustomerChanged").count() == 1


def test_the_audit_holds_no_whole_number() -> None:
    chen = regular_chen()
    add_point(actor=SYSTEM, customer_id=chen.pk, form=PointForm("phone", SECOND))
    entry = AuditEntry.objects.get(action="customer_changed")
    assert SECOND not in str(entry.after)
    assert "154****1111" in str(entry.after)


def test_the_first_of_its_kind_is_shown_on_the_record_and_another_can_be() -> None:
    one = customer("无号")
    for kind, value in (("phone", SECOND), ("email", "Wu@Example.com"), ("wechat", "Wu_Hao")):
        add_point(actor=SYSTEM, customer_id=one.pk, form=PointForm(kind, value))
    assert shown(one) == (SECOND, "wu@example.com", "wu_hao")
    add_point(actor=SYSTEM, customer_id=one.pk, form=PointForm("phone", THIRD, is_main=True))
    assert shown(one)[0] == THIRD
    show_point(actor=SYSTEM, customer_id=one.pk, kind="phone", value=e164(SECOND))
    assert shown(one)[0] == SECOND
    assert one.name_key.startswith("wu")


def test_removing_the_shown_one_shows_the_next_and_taking_it_back_shows_it_again() -> None:
    lin, chen = team.manager_lin(), regular_chen()
    add_point(actor=lin, customer_id=chen.pk, form=PointForm("phone", SECOND))
    change = remove_point(actor=lin, customer_id=chen.pk, kind="phone", value=e164(CHEN_PHONE))
    assert phones_of(chen) == [(SECOND, "", True)]
    assert not Identity.objects.filter(value=e164(CHEN_PHONE)).exists()
    assert change is not None
    assert undo_field_change(actor=lin, change_id=change).undo == FieldChange.Undo.RESTORED
    assert phones_of(chen) == [(CHEN_PHONE, "", True), (SECOND, "", False)]
    assert Identity.objects.get(value=e164(CHEN_PHONE)).customer_id == chen.pk


def test_a_removed_number_that_somebody_took_meanwhile_is_not_taken_back() -> None:
    chen = regular_chen()
    change = remove_point(actor=SYSTEM, customer_id=chen.pk, kind="phone", value=e164(CHEN_PHONE))
    other = customer("新主人", phone=CHEN_PHONE)
    assert change is not None
    assert undo_field_change(actor=SYSTEM, change_id=change).undo == FieldChange.Undo.FAILED
    assert Identity.objects.get(value=e164(CHEN_PHONE)).customer_id == other.pk
    assert phones_of(chen) == []


def test_adding_is_taken_back_even_after_another_became_the_shown_one() -> None:
    one = customer("无号")
    first = add_point(actor=SYSTEM, customer_id=one.pk, form=PointForm("phone", SECOND))
    add_point(actor=SYSTEM, customer_id=one.pk, form=PointForm("phone", THIRD, is_main=True))
    assert first is not None
    assert undo_field_change(actor=SYSTEM, change_id=first).undo == FieldChange.Undo.RESTORED
    assert phones_of(one) == [(THIRD, "", True)]


def test_somebody_elses_number_is_refused_and_shared_on_purpose_without_stealing_it() -> None:
    lin, chen, zhao = team.manager_lin(), regular_chen(), lapsed_zhao()
    with pytest.raises(IdentityTaken):
        add_point(actor=lin, customer_id=chen.pk, form=PointForm("phone", ZHAO_PHONE))
    assert phones_of(chen) == [(CHEN_PHONE, "", True)]
    add_point(actor=lin, customer_id=chen.pk, form=PointForm("phone", ZHAO_PHONE, is_shared=True))
    join_household(actor=lin, customer_id=chen.pk, other_id=zhao.pk, other_relation="丈夫")
    assert phones_of(chen) == [(CHEN_PHONE, "", True), (ZHAO_PHONE, "", False)]
    assert Identity.objects.get(value=e164(ZHAO_PHONE)).customer_id == zhao.pk
    home = household_of(lin, chen)
    assert home is not None
    assert [(one.name, one.role) for one in home.members] == [("赵松烟", "丈夫")]
    remove_point(actor=lin, customer_id=chen.pk, kind="phone", value=e164(ZHAO_PHONE))
    assert Identity.objects.get(value=e164(ZHAO_PHONE)).customer_id == zhao.pk


def test_a_number_out_of_reach_cannot_be_shared() -> None:
    cast, chen = team.cast(), regular_chen()
    customer("远客", phone=SECOND, store_id=cast.other_store.pk)
    with pytest.raises(IdentityTaken):
        add_point(actor=cast.lin, customer_id=chen.pk, form=PointForm("phone", SECOND, is_shared=True))
    assert not ContactPoint.objects.filter(customer=chen).exists()


def test_what_is_said_about_a_number_changes_and_the_number_itself_too() -> None:
    chen = regular_chen()
    until = clock.today() + timedelta(days=30)
    change_point(
        actor=SYSTEM,
        customer_id=chen.pk,
        kind="phone",
        value=e164(CHEN_PHONE),
        form=PointForm("phone", "", label="旧号", valid_until=until),
    )
    point = contact_points(SYSTEM, chen)[0]
    assert (point.label, point.valid_until, point.is_expired, point.is_main) == ("旧号", until, False, True)
    change_point(
        actor=SYSTEM,
        customer_id=chen.pk,
        kind="phone",
        value=e164(CHEN_PHONE),
        form=PointForm("phone", SECOND, label="新号"),
    )
    assert phones_of(chen) == [(SECOND, "新号", True)]
    assert list(Identity.objects.filter(namespace="phone").values_list("value", flat=True)) == [e164(SECOND)]


def test_a_number_past_its_day_is_shown_as_such() -> None:
    chen = regular_chen()
    form = PointForm("phone", SECOND, valid_until=clock.today() - timedelta(days=1))
    add_point(actor=SYSTEM, customer_id=chen.pk, form=form)
    assert [point.is_expired for point in contact_points(SYSTEM, chen)] == [False, True]


def test_verifying_says_when_and_proves_the_identity() -> None:
    chen = regular_chen()
    change = verify_point(actor=SYSTEM, customer_id=chen.pk, kind="phone", value=e164(CHEN_PHONE))
    point = contact_points(SYSTEM, chen)[0]
    assert (point.is_verified, point.verified_on) == (True, clock.today())
    assert Identity.objects.get(value=e164(CHEN_PHONE)).verified_by == "staff"
    assert change is not None
    undo_field_change(actor=SYSTEM, change_id=change)
    assert ContactPoint.objects.get(customer=chen).verified_on is None


def test_changing_the_shown_phone_of_the_record_keeps_the_points_in_step() -> None:
    chen = regular_chen()
    change_point(
        actor=SYSTEM,
        customer_id=chen.pk,
        kind="phone",
        value=e164(CHEN_PHONE),
        form=PointForm("phone", "", label="手机"),
    )
    change_customer(actor=SYSTEM, customer_id=chen.pk, phone=SECOND)
    assert phones_of(chen) == [(SECOND, "", True)]
    change_customer(actor=SYSTEM, customer_id=chen.pk, phone=CHEN_PHONE)
    assert phones_of(chen) == [(CHEN_PHONE, "手机", True)]


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("phone", "12", "不像电话"),
        ("email", "a@", "邮箱应像"),
        ("wechat", " ", "请填写微信号"),
        ("fax", "1", "请填写微信号"),
    ],
)
def test_what_cannot_be_reached_is_refused(kind: str, value: str, words: str) -> None:
    chen = regular_chen()
    with pytest.raises(ValidationError) as refused:
        add_point(actor=SYSTEM, customer_id=chen.pk, form=PointForm(kind, value))
    assert words in refused.value.messages[0]
    assert not ContactPoint.objects.exists()


@pytest.mark.parametrize("who", ["zhou", "analyst", "stranger"])
def test_nobody_without_right_or_reach_adds_a_point_or_an_address(who: str) -> None:
    actor, chen = getattr(team.cast(), who), regular_chen()
    with pytest.raises(PermissionDenied):
        add_point(actor=actor, customer_id=chen.pk, form=PointForm("phone", SECOND))
    with pytest.raises(PermissionDenied):
        save_address(actor=actor, customer_id=chen.pk, form=AddressForm(detail="浙江省杭州市"))
    assert (ContactPoint.objects.count(), Address.objects.count()) == (0, 0)


# --- addresses ---


def test_a_pasted_address_is_taken_apart_and_the_first_is_shown_on_the_record() -> None:
    chen = regular_chen()
    save_address(
        actor=SYSTEM,
        customer_id=chen.pk,
        form=AddressForm(label="家", detail="浙江省杭州市西湖区文三路 1 号"),
    )
    chen.refresh_from_db()
    assert (chen.province, chen.city, chen.district, chen.address) == (
        "浙江省", "杭州市", "西湖区", "文三路 1 号"
    )  # fmt: skip
    save_address(
        actor=SYSTEM,
        customer_id=chen.pk,
        form=AddressForm(label="公司", province="广东", city="深圳", detail="科技园 2 号"),
    )
    chen.refresh_from_db()
    assert [(str(place), place.label, place.is_main) for place in places(chen)] == [
        ("浙江省杭州市西湖区文三路 1 号", "家", True),
        ("广东省深圳市科技园 2 号", "公司", False),
    ]


def test_the_address_that_an_import_wrote_is_one_and_stays_when_another_becomes_the_main_one() -> None:
    chen = regular_chen(province="浙江省", city="杭州市", address="龙井路 3 号")
    assert [(place.id, str(place)) for place in places(chen)] == [(0, "浙江省杭州市龙井路 3 号")]
    save_address(
        actor=SYSTEM, customer_id=chen.pk, form=AddressForm(detail="上海市黄浦区人民路", is_main=True)
    )
    chen.refresh_from_db()
    assert (chen.province, chen.city, chen.district) == ("上海市", "上海市", "黄浦区")
    assert [str(place) for place in places(chen)] == ["上海市黄浦区人民路", "浙江省杭州市龙井路 3 号"]


def test_removing_the_main_address_shows_the_next_and_the_last_one_leaves_nothing() -> None:
    chen = regular_chen(province="浙江省", city="杭州市")
    save_address(actor=SYSTEM, customer_id=chen.pk, form=AddressForm(detail="上海市黄浦区"))
    main = Address.objects.get(is_main=True)
    change = remove_address(actor=SYSTEM, customer_id=chen.pk, address_id=main.pk)
    chen.refresh_from_db()
    assert (chen.province, [str(place) for place in places(chen)]) == ("上海市", ["上海市黄浦区"])
    remove_address(actor=SYSTEM, customer_id=chen.pk, address_id=Address.objects.get(is_main=True).pk)
    chen.refresh_from_db()
    assert (chen.province, chen.city, places(chen)) == ("", "", [])
    assert change is not None
    undo_field_change(actor=SYSTEM, change_id=change)
    chen.refresh_from_db()
    assert (chen.province, chen.city) == ("浙江省", "杭州市")


def test_the_main_address_follows_the_record() -> None:
    chen = regular_chen()
    save_address(actor=SYSTEM, customer_id=chen.pk, form=AddressForm(label="家", detail="浙江省杭州市"))
    change_customer(actor=SYSTEM, customer_id=chen.pk, city="宁波市")
    chen.refresh_from_db()
    assert [(str(place), place.label) for place in places(chen)] == [("浙江省宁波市", "家")]


def test_an_empty_address_is_refused() -> None:
    chen = regular_chen()
    with pytest.raises(ValidationError):
        save_address(actor=SYSTEM, customer_id=chen.pk, form=AddressForm(label="家", detail="  "))
    assert not Address.objects.exists()


def test_a_day_until_which_it_is_valid_survives_undo() -> None:
    chen = regular_chen()
    save_address(
        actor=SYSTEM,
        customer_id=chen.pk,
        form=AddressForm(detail="浙江省杭州市", valid_until=date(2027, 1, 31)),
    )
    change = remove_address(actor=SYSTEM, customer_id=chen.pk, address_id=Address.objects.get().pk)
    assert change is not None
    undo_field_change(actor=SYSTEM, change_id=change)
    assert Address.objects.get().valid_until == date(2027, 1, 31)
    assert services.reveal_contact(actor=SYSTEM, customer_id=chen.pk, field="phone") == CHEN_PHONE
