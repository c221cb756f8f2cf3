"""Adding, changing, recognising, tagging, following up; and what each writes down."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError

from shuke.customers import queries, services
from shuke.customers.models import (
    Customer,
    CustomerTag,
    FollowUp,
    Identity,
    IdentityConflict,
    Interaction,
    SearchTerm,
)
from shuke.customers.rules import IdentityKeys
from shuke.customers.services import Arrival, IdentityTaken, NewCustomer, NextStep, Touch
from shuke.customers.testing import CHEN_PHONE, ZHAO_PHONE, customer, lapsed_zhao, regular_chen
from shuke.kernel import clock
from shuke.kernel.models import EventRow
from shuke.team import testing as team
from shuke.team.models import AuditEntry
from shuke.team.queries import SYSTEM
from shuke.zh import fictional
from shuke.zh.calendar import Birthday

pytestmark = pytest.mark.django_db
TILL = Arrival(origin="till", verified_by="till")


def published(name: str) -> list[dict[str, Any]]:
    return list(EventRow.objects.filter(name=name).order_by("id").values_list("payload", flat=True))


def test_adding_a_customer_writes_record_identities_terms_audit_and_event() -> None:
    cast = team.cast()
    form = NewCustomer(name="单 白", phone="+86 154 0000 6621", email="Dan@Example.com", tags=("爱白茶",))
    added = services.add_customer(actor=cast.wang, form=form)
    row = Customer.objects.get(pk=added.pk)
    assert (row.name, row.phone, row.email, row.store_id) == (
        "单 白", "15400006621", "dan@example.com", cast.store.pk
    )  # fmt: skip
    assert row.name_key == "shan4单 bai2白"
    assert set(Identity.objects.values_list("namespace", "value", "verified_by")) == {
        ("phone", "+8615400006621", ""),
        ("email", "dan@example.com", ""),
    }
    assert SearchTerm.objects.filter(customer_id=row.pk, term="shanbai", store_id=cast.store.pk).exists()
    assert AuditEntry.objects.get(action="customer_added").actor_name == "王小茶"
    assert published("CustomerAdded") == [{"customer_id": row.pk}]
    assert queries.tags_of([row.pk]) == {row.pk: ["爱白茶"]}


@pytest.mark.parametrize("form", [NewCustomer(name="王"), NewCustomer(phone=fictional.phone(9))])
def test_a_name_or_a_phone_is_enough(form: NewCustomer) -> None:
    services.add_customer(actor=SYSTEM, form=form)
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (NewCustomer(), "name"),
        (NewCustomer(name="王", phone="123"), "phone"),
        (NewCustomer(name="王", email="x"), "email"),
        (NewCustomer(name="王", birthday=Birthday("solar", 2, 31)), "birthday_day"),
    ],
)
def test_a_wrong_value_is_refused_with_its_field_and_saves_nothing(form: NewCustomer, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        services.add_customer(actor=SYSTEM, form=form)
    assert list(refused.value.message_dict) == [field]
    assert Customer.objects.count() == Identity.objects.count() == SearchTerm.objects.count() == 0


def test_a_phone_of_somebody_else_is_refused_and_saves_nothing() -> None:
    chen = regular_chen()
    with pytest.raises(IdentityTaken) as refused:
        customer("别人", phone=CHEN_PHONE)
    assert refused.value.customer_id == chen.pk
    assert list(Customer.objects.values_list("name", flat=True)) == ["陈茶香"]
    assert AuditEntry.objects.filter(action="customer_added").count() == 1


@pytest.mark.parametrize("visitor", ["analyst", "stranger"])
def test_who_may_not_add_changes_nothing(visitor: str) -> None:
    with pytest.raises(PermissionDenied):
        services.add_customer(actor=getattr(team.cast(), visitor), form=NewCustomer(name="王"))
    assert not Customer.objects.exists()


def test_a_clerk_cannot_add_to_another_store() -> None:
    cast = team.cast()
    with pytest.raises(PermissionDenied):
        services.add_customer(actor=cast.wang, form=NewCustomer(name="王", store_id=cast.other_store.pk))
    assert not Customer.objects.exists()


def test_a_change_keeps_each_field_before_and_after() -> None:
    chen = regular_chen()
    services.change_customer(
        actor=team.manager_lin(),
        customer_id=chen.pk,
        name="陈白茶",
        city="杭州",
        phone="154 0000 7777",
        gender="female",
        birthday=Birthday("lunar", 10, 4),
        tags=("熟客",),
    )
    entry = AuditEntry.objects.get(action="customer_changed")
    assert entry.before == {"name": "陈茶香", "phone": "15400006621", "tags": []}
    assert entry.after is not None
    assert {k: entry.after[k] for k in ("name", "phone", "city", "tags")} == {
        "name": "陈白茶", "phone": "15400007777", "city": "杭州", "tags": ["熟客"]
    }  # fmt: skip
    assert "gender" not in entry.after
    assert set(Identity.objects.filter(namespace="phone").values_list("value", flat=True)) == {
        "+8615400007777"
    }
    assert [found.name for found in queries.search_customers(SYSTEM, "7777")] == ["陈白茶"]
    assert queries.search_customers(SYSTEM, "6621") == []
    assert published("CustomerChanged") == [{"customer_id": chen.pk}]


def test_a_change_that_changes_nothing_writes_nothing() -> None:
    chen = regular_chen()
    services.change_customer(actor=SYSTEM, customer_id=chen.pk, name="陈茶香", phone=CHEN_PHONE)
    assert not AuditEntry.objects.filter(action="customer_changed").exists()
    assert published("CustomerChanged") == []


@pytest.mark.parametrize("visitor", ["zhou", "analyst", "stranger"])
def test_who_does_not_reach_a_customer_cannot_change_it(visitor: str) -> None:
    chen = regular_chen()
    with pytest.raises(PermissionDenied):
        services.change_customer(actor=getattr(team.cast(), visitor), customer_id=chen.pk, name="改了")
    assert Customer.objects.get().name == "陈茶香"


def test_a_clerk_cannot_move_a_customer_to_a_store_out_of_reach() -> None:
    cast, chen = team.cast(), regular_chen()
    with pytest.raises(PermissionDenied):
        services.change_customer(actor=cast.wang, customer_id=chen.pk, store_id=cast.other_store.pk)
    assert Customer.objects.get().store_id == cast.store.pk


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(ValueError, match="merged_into"):
        services.change_customer(actor=SYSTEM, customer_id=regular_chen().pk, merged_into=None)


def test_somebody_is_recognised_by_any_key_and_learns_new_ones() -> None:
    chen = regular_chen()
    keys = IdentityKeys(phone=CHEN_PHONE, email="chen@example.com", external=(("youzan", "42"),))
    assert services.identify_customer(actor=SYSTEM, keys=keys, arrival=TILL) == chen.pk
    by_external = IdentityKeys(external=(("youzan", "42"),))
    assert services.identify_customer(actor=SYSTEM, keys=by_external, arrival=TILL) == chen.pk
    assert Customer.objects.get().email == "chen@example.com"
    assert [found.id for found in queries.search_customers(SYSTEM, "chen@ex")] == [chen.pk]


def test_a_stranger_becomes_a_customer_with_all_keys() -> None:
    keys = IdentityKeys(member_number="M77", phone="0571-88001234")
    arrival = Arrival(origin="till", channel="门店", store_id=team.store().pk)
    new = services.identify_customer(actor=SYSTEM, keys=keys, arrival=arrival, name="新客")
    row = Customer.objects.get(pk=new)
    assert (row.name, row.phone, row.member_number, row.first_channel) == (
        "新客",
        "057188001234",
        "M77",
        "门店",
    )
    assert published("CustomerAdded") == [{"customer_id": new}]
    assert services.identify_customer(actor=SYSTEM, keys=keys, arrival=arrival) == new
    assert Customer.objects.count() == 1


def test_the_member_number_is_trusted_before_the_phone_and_the_pair_goes_to_review() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    keys = IdentityKeys(member_number="M0001", phone=ZHAO_PHONE)
    assert services.identify_customer(actor=SYSTEM, keys=keys, arrival=Arrival(origin="till")) == chen.pk
    conflict = IdentityConflict.objects.get()
    assert {conflict.first_id, conflict.second_id} == {chen.pk, zhao.pk}
    services.identify_customer(actor=SYSTEM, keys=keys, arrival=Arrival(origin="till"))
    assert IdentityConflict.objects.count() == 1
    assert Identity.objects.get(value="+86" + ZHAO_PHONE).customer_id == zhao.pk


def test_two_proven_member_numbers_never_become_one_customer() -> None:
    first = services.identify_customer(
        actor=SYSTEM, keys=IdentityKeys(member_number="A1", phone=CHEN_PHONE), arrival=TILL
    )
    second = services.identify_customer(
        actor=SYSTEM, keys=IdentityKeys(member_number="B2", phone=CHEN_PHONE), arrival=TILL
    )
    assert first != second
    assert Identity.objects.get(namespace="phone").customer_id == first
    assert (IdentityConflict.objects.get().first_id, IdentityConflict.objects.get().second_id) == (
        first,
        second,
    )


def test_a_typed_member_number_does_not_overrule_a_known_phone() -> None:
    chen = regular_chen()
    keys = IdentityKeys(member_number="TYPO", phone=CHEN_PHONE)
    assert services.identify_customer(actor=SYSTEM, keys=keys, arrival=Arrival(origin="desk")) == chen.pk
    assert Customer.objects.count() == 1
    assert not Identity.objects.filter(value="TYPO").exists()


def test_merged_customers_are_recognised_as_the_one_they_live_on_in() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    Customer.objects.filter(pk=zhao.pk).update(merged_into=chen)
    keys = IdentityKeys(phone=ZHAO_PHONE)
    assert services.identify_customer(actor=SYSTEM, keys=keys, arrival=TILL) == chen.pk
    assert queries.living_id(zhao.pk) == chen.pk
    assert list(queries.visible_customers(SYSTEM)) == [chen]


def test_facts_without_a_readable_key_are_refused() -> None:
    with pytest.raises(ValueError, match="no readable identity"):
        services.identify_customer(actor=SYSTEM, keys=IdentityKeys(phone="123"), arrival=TILL)


def test_one_value_belongs_to_one_customer_in_the_database_too() -> None:
    regular_chen()
    with pytest.raises(IntegrityError):
        Identity.objects.create(namespace="phone", value="+86" + CHEN_PHONE, customer=customer("别人"))


def test_deciding_that_two_differ_closes_the_pair_and_can_be_taken_back() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    services.open_conflict(zhao.pk, chen.pk, origin="till", pairs=[])
    pair, lin = IdentityConflict.objects.get(), team.manager_lin()
    services.decide_conflict(actor=lin, conflict_id=pair.pk, decision="different")
    assert not queries.open_conflicts(lin).exists()
    services.reopen_conflict(actor=lin, conflict_id=pair.pk)
    assert list(queries.open_conflicts(lin)) == [pair]
    services.decide_conflict(actor=lin, conflict_id=pair.pk, decision="later")
    assert not queries.open_conflicts(lin).exists()
    IdentityConflict.objects.update(shown_from=clock.today())
    assert list(queries.open_conflicts(lin)) == [pair]


@pytest.mark.parametrize("visitor", ["zhou", "analyst", "stranger"])
def test_pairs_out_of_reach_are_neither_seen_nor_decided(visitor: str) -> None:
    services.open_conflict(regular_chen().pk, lapsed_zhao().pk, origin="till", pairs=[])
    actor, pair = getattr(team.cast(), visitor), IdentityConflict.objects.get()
    with pytest.raises(PermissionDenied):
        services.decide_conflict(actor=actor, conflict_id=pair.pk, decision="different")
    assert IdentityConflict.objects.get().is_open
    if visitor != "analyst":
        assert not queries.open_conflicts(actor).exists()


def test_a_touch_is_logged_with_author_and_can_be_taken_back_by_them() -> None:
    chen, cast = regular_chen(), team.cast()
    touch = services.log_interaction(
        actor=cast.wang, customer_id=chen.pk, touch=Touch("call", "问了\u202e新茶")
    )
    row = Interaction.objects.get()
    assert (row.kind, row.body, row.staff_id, row.direction) == ("call", "问了新茶", cast.wang.pk, "out")
    assert published("InteractionLogged") == [{"customer_id": chen.pk, "interaction_id": touch.pk}]
    with pytest.raises(PermissionDenied):
        services.remove_interaction(actor=cast.lin, interaction_id=touch.pk)
    services.remove_interaction(actor=cast.wang, interaction_id=touch.pk)
    assert not Interaction.objects.exists()


def test_a_note_without_words_is_refused_but_a_call_without_words_is_fine() -> None:
    chen, wang = regular_chen(), team.clerk_wang()
    with pytest.raises(ValidationError):
        services.log_interaction(actor=wang, customer_id=chen.pk, touch=Touch("note", " "))
    services.log_interaction(actor=wang, customer_id=chen.pk, touch=Touch("call"))
    with pytest.raises(ValidationError):
        services.log_interaction(actor=wang, customer_id=chen.pk, touch=Touch("fax", "x"))
    assert Interaction.objects.count() == 1


@pytest.mark.parametrize("visitor", ["zhou", "analyst", "stranger"])
def test_who_does_not_reach_a_customer_logs_and_plans_nothing(visitor: str) -> None:
    chen, actor = regular_chen(), getattr(team.cast(), visitor)
    with pytest.raises(PermissionDenied):
        services.log_interaction(actor=actor, customer_id=chen.pk, touch=Touch("note", "x"))
    with pytest.raises(PermissionDenied):
        services.plan_follow_up(actor=actor, customer_id=chen.pk, step=NextStep("x", clock.today()))
    assert not Interaction.objects.exists()
    assert not FollowUp.objects.exists()


def test_a_step_is_finished_with_its_result_and_the_next_one_in_one_go() -> None:
    chen, wang, today = regular_chen(), team.clerk_wang(), clock.today()
    step = services.plan_follow_up(actor=wang, customer_id=chen.pk, step=NextStep("回访", today))
    following = services.finish_follow_up(
        actor=wang,
        follow_up_id=step.pk,
        result="很满意",
        following=NextStep("送样茶", today + timedelta(days=7)),
    )
    step.refresh_from_db()
    assert (step.state, step.result) == ("done", "很满意")
    assert following is not None
    assert [s.purpose for s in queries.follow_ups_of(chen.pk)] == ["送样茶"]
    again = services.finish_follow_up(actor=wang, follow_up_id=step.pk, following=NextStep("重复", today))
    assert again is None
    assert FollowUp.objects.count() == 2
    services.reopen_follow_up(actor=wang, follow_up_id=step.pk)
    found = FollowUp.objects.order_by("pk").values_list("purpose", "state")
    assert list(found) == [("回访", "open"), ("送样茶", "cancelled")]


def test_due_steps_are_those_of_customers_within_reach_longest_overdue_first() -> None:
    cast, today = team.cast(), date(2026, 11, 22)
    chen = regular_chen()
    far = customer("远客", store_id=cast.other_store.pk)
    for name, days in (("今天", 0), ("早", -3), ("以后", 2)):
        step = NextStep(name, today + timedelta(days=days))
        services.plan_follow_up(actor=cast.wang, customer_id=chen.pk, step=step)
    services.plan_follow_up(actor=cast.zhou, customer_id=far.pk, step=NextStep("别店", today))
    assert [s.purpose for s in queries.due_follow_ups(cast.wang, today)] == ["早", "今天"]
    assert [s.purpose for s in queries.due_follow_ups(cast.zhou, today)] == ["别店"]
    assert not queries.due_follow_ups(cast.stranger, today).exists()
    assert not queries.due_follow_ups(cast.lin, today, only_own=True).exists()


def test_tags_go_to_customers_within_reach_only_and_come_off_again() -> None:
    cast = team.cast()
    chen, far = regular_chen(), customer("远客", store_id=cast.other_store.pk)
    ids = [chen.pk, far.pk]
    assert services.tag_customers(actor=cast.wang, customer_ids=ids, names=["送礼", " 送礼 ", ""]) == 1
    assert queries.tags_of(ids) == {chen.pk: ["送礼"]}
    assert services.tag_customers(actor=cast.wang, customer_ids=ids, names=["送礼"]) == 0
    assert published("CustomerChanged") == [{"customer_id": chen.pk}]
    assert services.untag_customers(actor=cast.zhou, customer_ids=ids, names=["送礼"]) == 0
    assert services.untag_customers(actor=cast.wang, customer_ids=ids, names=["送礼"]) == 1
    assert not CustomerTag.objects.exists()


def test_a_clerk_reveals_a_phone_and_that_is_written_down() -> None:
    chen, cast = regular_chen(), team.cast()
    assert services.reveal_contact(actor=cast.wang, customer_id=chen.pk, field="phone") == CHEN_PHONE
    assert AuditEntry.objects.get(action="contact_revealed").after == {"field": "phone"}
    assert services.reveal_contact(actor=cast.lin, customer_id=chen.pk, field="phone") == CHEN_PHONE
    assert AuditEntry.objects.filter(action="contact_revealed").count() == 1


@pytest.mark.parametrize("visitor", ["zhou", "analyst", "stranger"])
def test_who_may_not_reveal_sees_nothing(visitor: str) -> None:
    chen = regular_chen()
    with pytest.raises(PermissionDenied):
        services.reveal_contact(actor=getattr(team.cast(), visitor), customer_id=chen.pk, field="phone")
    assert not AuditEntry.objects.filter(action="contact_revealed").exists()


HOSTILE = [
    "<script>alert(1)</script>",
    "=cmd()|'/c calc'!A1",
    "王\u202e伟",
    "𠮷田\U0001f375",
    "'; drop table customers_customer; --",
    "%_\\",
    "{{ 7|add:7 }}",
    "a" * 80,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_kept_as_words_and_found(name: str) -> None:
    added = customer(name, phone=fictional.phone(1))
    stored = Customer.objects.get(pk=added.pk).name
    assert stored == name.replace("\u202e", "")
    if name != "%_\\":
        assert [found.id for found in queries.search_customers(SYSTEM, name)] == [added.pk]
