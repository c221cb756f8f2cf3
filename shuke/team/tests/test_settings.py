"""设置: who may see and change what."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from shuke.team import queries, services, testing
from shuke.team.models import AuditEntry, Shop, Staff, Store
from shuke.team.services import StaffForm

pytestmark = pytest.mark.django_db


def _as(person: Staff) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize(
    ("page", "allowed"),
    [
        ("team:shop", {"owner"}),
        ("team:stores", {"owner", "lin"}),
        ("team:store_add", {"owner"}),
        ("team:staff", {"owner", "lin"}),
        ("team:staff_add", {"owner"}),
        ("team:audit", {"owner"}),
        ("demo:clear", {"owner"}),
    ],
)
def test_each_settings_page_opens_only_for_those_who_may(page: str, allowed: set[str]) -> None:
    cast = testing.cast()
    visitors = {name: getattr(cast, name) for name in ("owner", "lin", "wang", "analyst", "stranger")}
    opened = {name for name, person in visitors.items() if _as(person).get(reverse(page)).status_code == 200}
    assert opened == allowed
    assert Client().get(reverse(page)).status_code == 302


def test_a_clerk_who_adds_a_store_is_denied_and_no_store_appears() -> None:
    cast = testing.cast()
    before = Store.objects.count()
    assert _as(cast.wang).post(reverse("team:store_add"), {"name": "私店"}).status_code == 403
    with pytest.raises(PermissionDenied):
        services.add_store(actor=cast.wang, name="私店")
    assert Store.objects.count() == before


def test_a_manager_sees_only_people_of_their_own_stores() -> None:
    cast = testing.cast()
    assert {person.username for person in queries.staff_of(cast.lin)} == {"lin", "wang"}
    page = _as(cast.lin).get(reverse("team:staff")).content.decode()
    assert "王小茶" in page
    assert "周小满" not in page
    assert {person.username for person in queries.staff_of(cast.stranger)} == {"mo"}


def test_the_owner_adds_somebody_and_the_password_is_shown_once_and_works() -> None:
    cast = testing.cast()
    form = {"name": "何青", "username": "he.qing", "role": "clerk", "stores": [cast.store.pk]}
    page = _as(cast.owner).post(reverse("team:staff_add"), form)
    person = Staff.objects.get(username="he.qing")
    assert person.check_password(page.context["password"])
    assert page.context["password"] in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert person.must_change_password
    assert list(person.stores.all()) == [cast.store]
    audit = AuditEntry.objects.get(action="staff_added")
    assert page.context["password"] not in str(audit.after)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "WANG"}, "username"),
        ({"username": "有 空格"}, "username"),
        ({"stores": []}, "stores"),
        ({"role": "king"}, "role"),
    ],
)
def test_a_wrong_form_adds_nobody(change: dict[str, object], field: str) -> None:
    cast = testing.cast()
    before = Staff.objects.count()
    form = {"name": "何青", "username": "he", "role": "clerk", "stores": [cast.store.pk]} | change
    page = _as(cast.owner).post(reverse("team:staff_add"), form)
    assert field in page.context["form"].errors
    assert Staff.objects.count() == before


def test_the_last_owner_keeps_the_role_and_the_access() -> None:
    cast = testing.cast()
    second = testing.staff("er", "二老板", "owner")
    services.change_staff(actor=cast.owner, staff_id=second.pk, form=StaffForm("二老板", "analyst"))
    with pytest.raises(services.LastOwner):
        services.change_staff(actor=cast.owner, staff_id=cast.owner.pk, form=StaffForm("苏老板", "analyst"))
    with pytest.raises(services.LastOwner):
        services.disable_staff(actor=queries.SYSTEM, staff_id=cast.owner.pk)
    cast.owner.refresh_from_db()
    assert (cast.owner.role, cast.owner.is_active) == ("owner", True)


def test_nobody_disables_themselves() -> None:
    cast = testing.cast()
    testing.staff("er", "二老板", "owner")
    with pytest.raises(services.NotYourself):
        services.disable_staff(actor=cast.owner, staff_id=cast.owner.pk)
    assert Staff.objects.get(pk=cast.owner.pk).is_active


@pytest.mark.parametrize("name", ["lin", "wang", "analyst", "stranger"])
def test_only_the_owner_manages_staff(name: str) -> None:
    cast = testing.cast()
    with pytest.raises(PermissionDenied):
        services.disable_staff(actor=getattr(cast, name), staff_id=cast.zhou.pk)
    with pytest.raises(PermissionDenied):
        services.reset_password(actor=getattr(cast, name), staff_id=cast.zhou.pk)
    cast.zhou.refresh_from_db()
    assert cast.zhou.is_active
    assert cast.zhou.check_password(testing.PASSWORD)


def test_renaming_a_store_keeps_it_and_says_before_and_after() -> None:
    cast = testing.cast()
    form = {"name": "湖心店", "city": "杭州"}
    _as(cast.owner).post(reverse("team:store_edit", args=[cast.store.pk]), form)
    assert Store.objects.get(pk=cast.store.pk).name == "湖心店"
    audit = AuditEntry.objects.get(action="store_changed")
    assert (audit.before["name"], audit.after["name"]) == ("湖畔店", "湖心店")


def test_a_store_name_that_is_taken_is_refused_in_words() -> None:
    cast = testing.cast()
    page = _as(cast.owner).post(reverse("team:store_add"), {"name": cast.store.name})
    assert "name" in page.context["form"].errors


def test_closing_a_store_keeps_it_and_opening_brings_it_back() -> None:
    cast = testing.cast()
    url = reverse("team:store_open", args=[cast.store.pk])
    _as(cast.owner).post(url, {"open": "0"})
    assert not Store.objects.get(pk=cast.store.pk).is_active
    _as(cast.owner).post(url, {"open": "1"})
    assert Store.objects.get(pk=cast.store.pk).is_active
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "store_closed",
        "store_opened",
    ]


def test_the_shop_keeps_its_name_currency_and_colours() -> None:
    cast = testing.cast()
    form = {"name": "半山茶事", "currency": "HKD", "is_rise_red": "0"}
    _as(cast.owner).post(reverse("team:shop"), form)
    row = Shop.objects.get()
    assert (row.name, row.currency, row.is_rise_red) == ("半山茶事", "HKD", False)


def test_the_audit_list_tells_in_words_who_did_what() -> None:
    cast = testing.cast()
    services.disable_staff(actor=cast.owner, staff_id=cast.wang.pk)
    page = _as(cast.owner).get(reverse("team:audit")).content.decode()
    assert "停用员工" in page
    assert "王小茶" in page
    assert "staff_disabled" not in page
    assert _as(cast.owner).get(reverse("team:audit"), {"after": "nonsense"}).status_code == 302


def test_names_are_shown_as_text_never_as_markup() -> None:
    cast = testing.cast()
    testing.staff("x", "<script>alert(1)</script>", "clerk", cast.store)
    page = _as(cast.owner).get(reverse("team:staff")).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
