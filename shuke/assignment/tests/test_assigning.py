"""New customers by the rule of their store, and a store that is evened out."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from shuke.assignment import services
from shuke.assignment.models import Duty, Handover, HandoverShare, StoreRule
from shuke.assignment.notices import assigned_lines
from shuke.assignment.queries.workload import workloads
from shuke.assignment.services import DutyForm, PolicyForm, RuleForm, assigning
from shuke.assignment.testing import in_pool
from shuke.customers import services as customers
from shuke.customers.models import ChangeSet, Customer, FieldChange
from shuke.customers.services import NextStep, Touch
from shuke.customers.testing import customer
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.models import Notice
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db


def rule(cast: Any, how: str, **channels: int) -> None:
    services.save_rule(actor=cast.owner, store_id=cast.store.pk, form=RuleForm(how, channels))


def new(cast: Any, name: str = "新客", **more: Any) -> Customer:
    return customer(name, store_id=more.pop("store_id", cast.store.pk), **more)


def owner_of(one: Customer) -> int | None:
    return Customer.objects.get(pk=one.pk).account_manager_id


def test_nobody_is_assigned_where_no_rule_says_so() -> None:
    cast = team.cast()
    one = new(cast)
    assert services.assign_new([one.pk]) == {}
    rule(cast, "off")
    assert (services.assign_new([one.pk]), owner_of(one)) == ({}, None)


def test_new_customers_go_to_whoever_has_most_room_in_turn() -> None:
    cast = team.cast()
    rule(cast, "load")
    new(cast, "旧", account_manager_id=cast.lin.pk)
    some = [new(cast, f"新{n}") for n in range(3)]
    services.assign_new([one.pk for one in some])
    assert [owner_of(one) for one in some] == [cast.wang.pk, cast.lin.pk, cast.wang.pk]
    again = {one.pk: owner_of(one) for one in some}
    assert services.assign_new([one.pk for one in some]) == {}
    assert {one.pk: owner_of(one) for one in some} == again


def test_all_to_the_manager_and_by_channel_with_the_rest_by_load() -> None:
    cast = team.cast()
    rule(cast, "manager")
    one = new(cast)
    services.assign_new([one.pk])
    assert owner_of(one) == cast.lin.pk
    rule(cast, "channel", 小程序=cast.lin.pk)
    named, other = new(cast, "甲", first_channel="小程序"), new(cast, "乙", first_channel="路过")
    services.assign_new([named.pk, other.pk])
    assert (owner_of(named), owner_of(other)) == (cast.lin.pk, cast.wang.pk)


def test_who_is_on_leave_is_passed_over_until_they_are_back() -> None:
    cast, today = team.cast(), clock.today()
    rule(cast, "load")
    away = DutyForm(1_000, away_from=today - timedelta(days=1), away_until=today)
    services.save_duty(actor=cast.lin, staff_id=cast.lin.pk, form=away)
    some = [new(cast, f"新{n}") for n in range(2)]
    services.assign_new([one.pk for one in some])
    assert {owner_of(one) for one in some} == {cast.wang.pk}
    services.save_duty(actor=cast.lin, staff_id=cast.lin.pk, form=DutyForm(1_000))
    back = new(cast, "新3")
    services.assign_new([back.pk])
    assert owner_of(back) == cast.lin.pk


def test_a_customer_in_the_pool_or_with_somebody_already_is_not_new() -> None:
    cast = team.cast()
    rule(cast, "load")
    pooled, owned = new(cast, "海"), new(cast, "有", account_manager_id=cast.wang.pk)
    in_pool(pooled)
    assert services.assign_new([pooled.pk, owned.pk]) == {}


def test_being_assigned_is_told_and_stands_in_the_history() -> None:
    cast = team.cast()
    rule(cast, "manager")
    one = new(cast, "陆茶")
    services.assign_new([one.pk])
    notice = Notice.objects.get(staff=cast.lin)
    assert assigned_lines(cast.lin, [notice.facts]) == ["新客户 陆茶 分给你了"]
    change = FieldChange.objects.get(customer=one)
    assert (change.field, change.before, change.after) == ("account_manager_id", None, cast.lin.pk)


def test_an_import_is_assigned_as_one_set_that_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = team.cast()
    rule(cast, "load")
    monkeypatch.setattr(assigning, "ONE_BY_ONE", 1)
    some = [new(cast, f"新{n}") for n in range(4)]
    services.assign_new([one.pk for one in some])
    assert sorted(owner_of(one) or 0 for one in some) == sorted([cast.lin.pk, cast.wang.pk] * 2)
    row = ChangeSet.objects.get()
    assert row.title == "新客户分配：4 位客户"
    customers.undo_changeset(SYSTEM, row.pk, in_background=False)
    assert {owner_of(one) for one in some} == {None}


def test_evening_out_proposes_first_and_leaves_those_who_were_just_called() -> None:
    cast = team.cast()
    services.save_duty(actor=cast.owner, staff_id=cast.wang.pk, form=DutyForm(10))
    services.save_duty(actor=cast.owner, staff_id=cast.lin.pk, form=DutyForm(10))
    mine = [new(cast, f"客{n}", account_manager_id=cast.wang.pk) for n in range(6)]
    customers.log_interaction(actor=cast.wang, customer_id=mine[0].pk, touch=Touch("call", "在吗"))
    found = services.propose_balance(actor=cast.lin, store_id=cast.store.pk)
    assert {owner_of(one) for one in mine} == {cast.wang.pk}
    shares = list(HandoverShare.objects.filter(handover=found).values_list("customer_id", "to_staff_id"))
    assert sorted(shares) == [(one.pk, cast.lin.pk) for one in mine[1:4]]
    services.start_handover(actor=cast.lin, handover_id=found.pk)
    assert [one.load for one in workloads(cast.lin)] == [3, 3]
    with pytest.raises(services.NothingToHandOver):
        services.propose_balance(actor=cast.lin, store_id=cast.store.pk)


def test_load_is_customers_by_level_and_open_follow_ups() -> None:
    cast = team.cast()
    one = new(cast, account_manager_id=cast.wang.pk)
    customers.plan_follow_up(actor=cast.wang, customer_id=one.pk, step=NextStep("问", clock.today()))
    services.save_policy(actor=cast.owner, form=PolicyForm(weight_none=4, weight_follow_up=3))
    wang = next(row for row in workloads(cast.lin) if row.staff_id == cast.wang.pk)
    assert (wang.by_level, wang.follow_ups, wang.load) == ({"high": 0, "potential": 0, "low": 0, "": 1}, 1, 7)


@pytest.mark.parametrize("visitor", ["stranger", "analyst", "wang"])
def test_who_may_not_manage_changes_no_rule_and_no_load(visitor: str) -> None:
    cast = team.cast()
    actor = getattr(cast, visitor)
    for change in (
        lambda: services.save_rule(actor=actor, store_id=cast.store.pk, form=RuleForm("load")),
        lambda: services.save_duty(actor=actor, staff_id=cast.wang.pk, form=DutyForm(5)),
        lambda: services.save_policy(actor=actor, form=PolicyForm()),
        lambda: services.propose_balance(actor=actor, store_id=cast.store.pk),
    ):
        with pytest.raises(PermissionDenied):
            change()
    assert (StoreRule.objects.count(), Duty.objects.count(), Handover.objects.count()) == (0, 0, 0)


def test_a_manager_rules_their_own_store_only_and_names_their_own_people() -> None:
    cast = team.cast()
    with pytest.raises(PermissionDenied):
        services.save_rule(actor=cast.lin, store_id=cast.other_store.pk, form=RuleForm("load"))
    with pytest.raises(PermissionDenied):
        services.save_duty(actor=cast.lin, staff_id=cast.zhou.pk, form=DutyForm(5))
    with pytest.raises(ValidationError):
        services.save_rule(
            actor=cast.lin, store_id=cast.store.pk, form=RuleForm("channel", {"小程序": cast.zhou.pk})
        )
    assert not StoreRule.objects.exists()


def test_the_page_shows_loads_and_saves_rules() -> None:
    cast, client = team.cast(), Client()
    new(cast, account_manager_id=cast.wang.pk)
    client.force_login(cast.lin)
    page = client.get(reverse("assignment:workload")).content.decode()
    assert "王小茶" in page and "周小满" not in page
    given = {"how": "channel", "channel": ["小程序", ""], "person": [cast.wang.pk, ""]}
    client.post(reverse("assignment:rule", args=[cast.store.pk]), given)
    assert StoreRule.objects.get().channels == {"小程序": cast.wang.pk}
    client.post(reverse("assignment:duty", args=[cast.wang.pk]), {"capacity": 20, "is_senior": "on"})
    assert (Duty.objects.get().capacity, Duty.objects.get().is_senior) == (20, True)
    odd = client.post(reverse("assignment:duty", args=[cast.wang.pk]), {"capacity": -1})
    assert (odd.status_code, Duty.objects.get().capacity) == (422, 20)
    assert client.get(reverse("assignment:weights")).status_code == 403
    client.force_login(cast.wang)
    assert client.get(reverse("assignment:workload")).status_code == 403
