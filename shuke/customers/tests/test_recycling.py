"""The recycle bin: hidden everywhere, given back whole, and gone for good after 90 days."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from shuke.customers import queries, rules, services
from shuke.customers.models import (
    ChangeSet,
    Customer,
    FieldChange,
    FollowUp,
    Identity,
    IdentityConflict,
    Interaction,
    ReleasedIdentity,
    SearchTerm,
)
from shuke.customers.queries.recycled import recycle_bin
from shuke.customers.rules import IdentityKeys
from shuke.customers.rules.recycling import days_left
from shuke.customers.services import Arrival
from shuke.customers.testing import CHEN_PHONE, customer, lapsed_zhao, regular_chen
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.models import Staff
from shuke.team.queries import SYSTEM
from shuke.zh import fictional

pytestmark = pytest.mark.django_db


def deleted(actor: Staff, *people: Customer) -> int:
    return services.delete_customers(actor=actor, customer_ids=[one.pk for one in people])


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_who_is_deleted_is_hidden_everywhere_and_every_row_stays() -> None:
    cast, chen = team.cast(), regular_chen(tags=("送礼",))
    services.log_interaction(
        actor=cast.wang, customer_id=chen.pk, touch=services.Touch(kind="note", body="爱喝白茶")
    )
    deleted(cast.lin, chen)
    assert list(queries.visible_customers(cast.owner)) == []
    assert queries.search_customers(cast.owner, "陈茶香") == []
    assert queries.search_customers(cast.owner, CHEN_PHONE) == []
    assert list(queries.card_rows()) == [] and queries.living_id(chen.pk) is None
    assert not SearchTerm.objects.exists() and not Identity.objects.exists()
    assert Interaction.objects.filter(customer=chen).count() == 1
    assert queries.tags_of([chen.pk]) == {chen.pk: ["送礼"]}
    with pytest.raises(Customer.DoesNotExist):
        services.change_customer(actor=cast.owner, customer_id=chen.pk, city="绍兴")
    assert services.tag_customers(actor=cast.owner, customer_ids=[chen.pk], names=["新"]) == 0
    for address in ("customers:edit", "customers:profile_panel", "customers:changes_panel"):
        assert signed_in(cast.owner).get(reverse(address, args=[chen.pk])).status_code == 404


def test_restoring_gives_everything_back() -> None:
    cast = team.cast()
    chen = regular_chen(email="chen@example.com")
    known = set(Identity.objects.values_list("namespace", "value", "verified_by"))
    deleted(cast.lin, chen)
    assert services.restore_customers(actor=cast.lin, customer_ids=[chen.pk]) == 1
    assert set(Identity.objects.values_list("namespace", "value", "verified_by")) == known
    assert [found.id for found in queries.search_customers(cast.wang, "陈茶香")] == [chen.pk]
    assert not ReleasedIdentity.objects.exists()
    assert services.restore_customers(actor=cast.lin, customer_ids=[chen.pk]) == 0
    history = FieldChange.objects.filter(customer=chen).order_by("pk").values_list("before", "after")
    assert list(history) == [(False, True), (True, False)]


def test_deleting_is_undone_as_a_set() -> None:
    cast, chen, zhao = team.cast(), regular_chen(), lapsed_zhao()
    set_id = deleted(cast.lin, chen, zhao)
    services.undo_changeset(cast.lin, set_id, in_background=False)
    row = ChangeSet.objects.get(pk=set_id)
    assert (row.state, row.restored, row.kept) == ("undone", 2, 0)
    assert queries.visible_customers(cast.lin).count() == 2


def test_an_order_of_a_deleted_phone_makes_a_new_customer_and_restoring_puts_the_pair_up_for_review() -> None:
    cast, chen = team.cast(), regular_chen()
    deleted(cast.lin, chen)
    arrived = services.identify_customer(
        actor=SYSTEM, keys=IdentityKeys(phone=CHEN_PHONE), arrival=Arrival(origin="order"), name="陈女士"
    )
    assert arrived != chen.pk
    services.restore_customers(actor=cast.lin, customer_ids=[chen.pk])
    holder = Identity.objects.get(namespace=rules.PHONE)
    chen.refresh_from_db()
    assert (holder.customer_id, chen.phone, chen.member_number) == (arrived, "", "M0001")
    pair = IdentityConflict.objects.get()
    assert (pair.first_id, pair.second_id, pair.is_open) == (chen.pk, arrived, True)
    assert pair.evidence == {"keys": [["phone", f"+86{CHEN_PHONE}"]]}


def test_after_ninety_days_they_leave_for_good_with_all_that_is_written_about_them() -> None:
    cast, chen, zhao = team.cast(), regular_chen(tags=("送礼",)), lapsed_zhao()
    services.change_customer(actor=cast.lin, customer_id=chen.pk, city="绍兴")
    merged = customer("陈小姐", phone=fictional.phone(71), store_id=cast.store.pk)
    Customer.objects.filter(pk=merged.pk).update(merged_into=chen)
    deleted(cast.lin, chen, zhao)
    old = clock.now() - timedelta(days=90)
    Customer.objects.filter(pk=chen.pk).update(deleted_at=old)
    assert services.empty_bin() == 1
    assert services.empty_bin() == 0
    assert list(Customer.objects.values_list("pk", flat=True)) == [zhao.pk]
    for model in (FieldChange, Interaction, FollowUp, ReleasedIdentity):
        assert not model.objects.filter(customer_id=chen.pk).exists(), model
    assert not SearchTerm.objects.exists()


@pytest.mark.parametrize(
    ("hours", "left"), [(0, 90), (1, 90), (24, 89), (89 * 24 + 1, 1), (90 * 24, 0), (9999, 0)]
)
def test_days_left_are_whole_days(hours: int, left: int) -> None:
    now = clock.now()
    assert days_left(now - timedelta(hours=hours), now) == left


@pytest.mark.parametrize("visitor", ["stranger", "analyst", "zhou", "wang"])
def test_who_may_not_delete_neither_deletes_nor_restores_nor_sees_the_bin(visitor: str) -> None:
    cast, chen, zhao = team.cast(), regular_chen(), lapsed_zhao()
    someone = getattr(cast, visitor)
    with pytest.raises(PermissionDenied):
        deleted(someone, chen)
    deleted(cast.lin, zhao)
    with pytest.raises(PermissionDenied):
        services.restore_customers(actor=someone, customer_ids=[zhao.pk])
    with pytest.raises(PermissionDenied):
        services.purge_customers(actor=someone, customer_ids=[zhao.pk])
    assert recycle_bin(someone).rows == []
    assert signed_in(someone).get(reverse("customers:bin")).status_code == 403
    assert [one.pk for one in Customer.objects.filter(deleted_at=None)] == [chen.pk]


def test_a_manager_reaches_only_what_was_deleted_in_their_stores() -> None:
    cast = team.cast()
    far = customer("远客", phone=fictional.phone(90), store_id=cast.other_store.pk)
    assert ChangeSet.objects.get(pk=deleted(cast.lin, far)).changed == 0
    deleted(cast.owner, far)
    assert recycle_bin(cast.lin).rows == []
    assert services.restore_customers(actor=cast.lin, customer_ids=[far.pk]) == 0
    with pytest.raises(PermissionDenied):
        services.purge_customers(actor=cast.lin, customer_ids=[far.pk])
    assert [one.name for one in recycle_bin(cast.owner).rows] == ["远客"]


def test_nobody_is_purged_who_is_not_in_the_bin() -> None:
    cast, chen = team.cast(), regular_chen()
    assert services.purge_customers(actor=cast.owner, customer_ids=[chen.pk]) == 0
    assert Customer.objects.filter(pk=chen.pk).exists()


def test_the_page_deletes_lists_restores_and_purges() -> None:
    cast = team.cast()
    hostile = customer("<img src=x>", phone=fictional.phone(5), store_id=cast.store.pk)
    client = signed_in(cast.owner)
    assert Client().get(reverse("customers:bin")).status_code == 302
    assert client.post(reverse("customers:delete", args=[hostile.pk])).status_code == 302
    page = client.get(reverse("customers:bin")).content.decode()
    assert "<img src=x>" not in page and "&lt;img src=x&gt;" in page and "90 天" in page and "苏老板" in page
    assert "回收站里没有这位" in client.get(reverse("customers:bin"), {"q": "%_\\"}).content.decode()
    assert client.get(reverse("customers:bin"), {"after": "nonsense"}).status_code == 302
    client.post(reverse("customers:bin_restore"), {"ids": [hostile.pk]})
    assert Customer.objects.get().deleted_at is None
    client.post(reverse("customers:delete", args=[hostile.pk]))
    assert signed_in(cast.lin).post(reverse("customers:bin_purge"), {"ids": [hostile.pk]}).status_code == 403
    client.post(reverse("customers:bin_purge"), {"ids": [hostile.pk]})
    assert not Customer.objects.exists()


def test_deleting_from_the_page_is_refused_out_of_reach() -> None:
    cast, chen = team.cast(), regular_chen()
    address = reverse("customers:delete", args=[chen.pk])
    for visitor, status in (("stranger", 403), ("wang", 403), ("zhou", 403)):
        assert signed_in(getattr(cast, visitor)).post(address).status_code == status
    other = team.staff("he", "何店长", "manager", cast.other_store)
    assert signed_in(other).post(address).status_code == 404
    assert Customer.objects.get().deleted_at is None


def test_who_types_the_phone_of_a_deleted_customer_is_told_if_they_may_restore() -> None:
    cast, chen = team.cast(), regular_chen()
    deleted(cast.lin, chen)
    address = reverse("customers:duplicates")
    told = signed_in(cast.lin).get(address, {"phone": CHEN_PHONE}).content.decode()
    assert "在回收站里" in told and "陈茶香" in told
    for visitor in (cast.wang, cast.zhou):
        assert "回收站" not in signed_in(visitor).get(address, {"phone": CHEN_PHONE}).content.decode()
    assert "回收站" not in signed_in(cast.lin).get(address, {"phone": "154 0000"}).content.decode()


def test_a_full_page_of_the_bin_costs_as_much_as_one_line(django_assert_max_num_queries: Any) -> None:
    cast = team.cast()
    people = [customer(f"客{n}", phone=fictional.phone(n), store_id=cast.store.pk) for n in range(20)]
    deleted(cast.lin, *people)
    client = signed_in(cast.lin)
    client.get(reverse("customers:bin"))
    with django_assert_max_num_queries(9):
        page = client.get(reverse("customers:bin")).content.decode()
    assert page.count('name="ids"') == 20
