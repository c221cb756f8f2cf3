"""Handing over: what is proposed, what moves, what is told, and how all of it goes back."""

from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from shuke.assignment import services
from shuke.assignment.models import Handover, HandoverMove, HandoverShare
from shuke.assignment.notices import handed_over_lines
from shuke.assignment.queries.handovers import leavers, parts_of, takers_of
from shuke.assignment.queries.pool import pool_state
from shuke.assignment.services import HandoverForm, handing, handovers
from shuke.assignment.testing import in_pool
from shuke.customers import ports
from shuke.customers import services as customers
from shuke.customers.models import ChangeSet, Collaborator, Customer, FollowUp, FollowUpPlan
from shuke.customers.queries.notices import given_back_lines
from shuke.customers.queries.timeline import timeline_entries
from shuke.customers.services import NextStep, Selection
from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.kernel import clock
from shuke.kernel.models import EventRow
from shuke.team import testing as team
from shuke.team.models import Notice, Staff
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db
SavedView, Suggestion = apps.get_model("desk", "SavedView"), apps.get_model("desk", "Suggestion")
ALL = ("managed", "helped", "steps", "plans", "views", "suggestions", "letters")


def managed_by(cast: Any, who: Staff, n: int = 2) -> list[Customer]:
    return [customer(f"客{number}", store_id=cast.store.pk, account_manager_id=who.pk) for number in range(n)]


def owner_of(one: Customer) -> int | None:
    return Customer.objects.get(pk=one.pk).account_manager_id


def form(*takers: Staff, **more: Any) -> HandoverForm:
    return HandoverForm(tuple(one.pk for one in takers), **{"parts": ALL, **more})


def handed_over(actor: Any, from_staff: Staff | None, asked: HandoverForm, **more: Any) -> Handover:
    found = services.propose_handover(
        actor=actor, form=asked, from_staff_id=from_staff.pk if from_staff else None, **more
    )
    return services.start_handover(actor=actor, handover_id=found.pk)


def test_a_proposal_moves_nothing_and_says_who_would_get_whom() -> None:
    cast = team.cast()
    mine = managed_by(cast, cast.wang)
    found = services.propose_handover(actor=cast.lin, form=form(cast.lin), from_staff_id=cast.wang.pk)
    assert [owner_of(one) for one in mine] == [cast.wang.pk, cast.wang.pk]
    taker = takers_of(cast.lin, found)[0]
    assert (taker.workload.staff_id, taker.customers, taker.more_load) == (cast.lin.pk, 2, 2)
    assert found.change_set_id is None


def test_a_leaver_hands_over_everything_and_undoing_brings_everything_back() -> None:
    cast = team.cast()
    chen, zhao = regular_chen(account_manager_id=cast.wang.pk), lapsed_zhao()
    customers.set_collaborator(actor=cast.lin, customer_id=zhao.pk, staff_id=cast.wang.pk, access="write")
    step = customers.plan_follow_up(
        actor=cast.wang, customer_id=chen.pk, step=NextStep("送样茶", clock.today())
    )
    plan = FollowUpPlan.objects.create(
        name="月访", purpose="问好", audience="level:high", every_days=30, starts_on=clock.today(),
        assign_to="manager", created_by=cast.wang,
    )  # fmt: skip
    view = SavedView.objects.create(owner=cast.wang, name="湖畔常客", query="", is_shared=True)
    own_view = SavedView.objects.create(owner=cast.wang, name="自己看", query="")
    line = Suggestion.objects.create(
        customer=chen, store_id=cast.store.pk, account_manager_id=cast.wang.pk, reason="slipping",
        occurrence="x", shown_on=clock.today(), weight=1,
    )  # fmt: skip
    Staff.objects.filter(pk=cast.wang.pk).update(is_active=False)
    assert [(part.code, part.count) for part in parts_of(cast.wang.pk)] == [
        ("managed", 1), ("helped", 1), ("steps", 1), ("suggestions", 1), ("plans", 1), ("views", 1),
    ]  # fmt: skip

    def state() -> tuple[Any, ...]:
        return (
            owner_of(chen),
            list(Collaborator.objects.values_list("customer_id", "staff_id", "access")),
            FollowUp.objects.get(pk=step.pk).assignee_id,
            FollowUpPlan.objects.get(pk=plan.pk).created_by_id,
            SavedView.objects.get(pk=view.pk).owner_id,
            SavedView.objects.get(pk=own_view.pk).owner_id,
            Suggestion.objects.get(pk=line.pk).account_manager_id,
        )

    before = state()
    found = handed_over(cast.lin, cast.wang, form(cast.lin, reason="回老家"))
    lin, wang = cast.lin.pk, cast.wang.pk
    assert state() == (lin, [(zhao.pk, lin, "write")], lin, lin, lin, wang, lin)
    assert ChangeSet.objects.get(pk=found.change_set_id).title == "离职交接：王小茶的 2 位客户"
    services.undo_handover(actor=cast.lin, handover_id=found.pk)
    assert state() == before
    assert HandoverMove.objects.filter(is_undone=False).count() == 0


def test_the_timeline_of_each_customer_says_who_had_them_who_has_them_and_why() -> None:
    cast, chen = team.cast(), regular_chen(account_manager_id=team.clerk_wang().pk)
    handed_over(cast.lin, cast.wang, form(cast.lin, reason="调去山门店"))
    entry = next(one for one in timeline_entries([chen.pk]) if one.source == "change")
    assert (entry.title, entry.body, entry.who) == ("负责人由 王小茶 改为 林店长", "调去山门店", "林店长")


def test_takers_are_told_how_many_and_told_when_it_is_taken_back() -> None:
    cast = team.cast()
    managed_by(cast, cast.wang)
    found = handed_over(cast.owner, cast.wang, form(cast.lin))
    notice = Notice.objects.get(staff=cast.lin)
    assert handed_over_lines(cast.lin, [notice.facts]) == ["苏老板把 2 位客户交给了你"]
    services.undo_handover(actor=cast.owner, handover_id=found.pk)
    notice = Notice.objects.get(staff=cast.lin, kind=handing.TAKEN_BACK)
    assert given_back_lines(cast.lin, [notice.facts]) == ["交给你的 2 位客户撤回去了"]
    assert EventRow.objects.filter(name="CustomersHandedOver").count() == 1


def test_undoing_leaves_alone_what_was_changed_since() -> None:
    cast = team.cast()
    one, other = managed_by(cast, cast.wang)
    found = handed_over(cast.owner, cast.wang, form(cast.lin))
    customers.change_customer(actor=cast.owner, customer_id=other.pk, account_manager_id=cast.owner.pk)
    services.undo_handover(actor=cast.owner, handover_id=found.pk)
    assert (owner_of(one), owner_of(other)) == (cast.wang.pk, cast.owner.pk)
    run = ChangeSet.objects.get(pk=found.change_set_id)
    assert (run.state, run.restored, run.kept) == ("undone", 1, 1)


def test_several_takers_share_fairly_by_load_and_the_same_proposal_comes_twice() -> None:
    cast = team.cast()
    helper = team.staff("he", "何青禾", "clerk", cast.store)
    managed_by(cast, cast.lin, 2)
    managed_by(cast, cast.wang, 4)
    asked = form(cast.lin, helper, how="load")
    one = services.propose_handover(actor=cast.owner, form=asked, from_staff_id=cast.wang.pk)
    two = services.propose_handover(actor=cast.owner, form=asked, from_staff_id=cast.wang.pk)

    def shares(found: Handover) -> list[tuple[int, int]]:
        rows = HandoverShare.objects.filter(handover=found).order_by("customer_id")
        return list(rows.values_list("customer_id", "to_staff_id"))

    assert shares(one) == shares(two)
    assert [taker.customers for taker in takers_of(cast.owner, one)] == [3, 1]
    assert sum(who == helper.pk for _pk, who in shares(one)) == 3


def test_customers_of_several_stores_go_to_people_of_their_store() -> None:
    cast = team.cast()
    here = customer("湖", store_id=cast.store.pk, account_manager_id=cast.wang.pk)
    there = customer("山", store_id=cast.other_store.pk, account_manager_id=cast.wang.pk)
    handed_over(cast.owner, cast.wang, form(cast.lin, cast.zhou, how="store"))
    assert (owner_of(here), owner_of(there)) == (cast.lin.pk, cast.zhou.pk)


def test_the_previous_person_may_stay_to_help() -> None:
    cast = team.cast()
    (one,) = managed_by(cast, cast.wang, 1)
    found = handed_over(cast.lin, cast.wang, form(cast.lin, stays="write"))
    assert list(Collaborator.objects.values_list("staff_id", "access")) == [(cast.wang.pk, "write")]
    services.undo_handover(actor=cast.lin, handover_id=found.pk)
    assert (owner_of(one), Collaborator.objects.count()) == (cast.wang.pk, 0)


def test_picked_customers_of_several_people_go_to_one() -> None:
    cast = team.cast()
    (one,), (other,) = managed_by(cast, cast.wang, 1), managed_by(cast, cast.lin, 1)
    nobodys = customer("无主", store_id=cast.store.pk)
    step = customers.plan_follow_up(
        actor=cast.wang, customer_id=one.pk, step=NextStep("送样茶", clock.today())
    )
    picked = Selection((one.pk, other.pk, nobodys.pk))
    handed_over(cast.lin, None, form(cast.lin), selection=picked)
    assert {owner_of(one), owner_of(other), owner_of(nobodys)} == {cast.lin.pk}
    assert FollowUp.objects.get(pk=step.pk).assignee_id == cast.lin.pk


def test_a_customer_handed_out_of_the_pool_is_in_it_again_when_that_is_taken_back() -> None:
    cast, chen = team.cast(), regular_chen()
    entry = in_pool(chen, previous_id=cast.wang.pk)
    found = handed_over(cast.lin, None, form(cast.lin), selection=Selection((chen.pk,)))
    assert (owner_of(chen), pool_state(chen.pk).entry) == (cast.lin.pk, None)
    services.undo_handover(actor=cast.lin, handover_id=found.pk)
    again = pool_state(chen.pk).entry
    assert again is not None
    assert (owner_of(chen), again.previous_id, again.since) == (None, cast.wang.pk, entry.since)


def test_starting_twice_is_starting_once() -> None:
    cast = team.cast()
    managed_by(cast, cast.wang)
    found = handed_over(cast.lin, cast.wang, form(cast.lin))
    again = services.start_handover(actor=cast.lin, handover_id=found.pk)
    assert (again.change_set_id, ChangeSet.objects.count()) == (found.change_set_id, 1)


def test_one_that_breaks_within_a_transaction_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = team.cast()
    mine = managed_by(cast, cast.wang)
    found = services.propose_handover(actor=cast.lin, form=form(cast.lin), from_staff_id=cast.wang.pk)

    def breaks(*given: Any, **named: Any) -> set[int]:
        raise RuntimeError("the mail room is on fire")

    monkeypatch.setattr(handing, "_move_the_rest", breaks)
    with pytest.raises(RuntimeError):
        services.start_handover(actor=cast.lin, handover_id=found.pk)
    found.refresh_from_db()
    assert [owner_of(one) for one in mine] == [cast.wang.pk, cast.wang.pk]
    assert (found.change_set_id, Notice.objects.count()) == (None, 0)


def test_a_long_one_that_breaks_half_way_is_taken_back_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = team.cast()
    mine = managed_by(cast, cast.wang, 3)
    monkeypatch.setattr(handovers, "AT_ONCE", 1)
    monkeypatch.setattr(customers.bulk_actions.running, "PART", 1)
    found = services.propose_handover(actor=cast.lin, form=form(cast.lin), from_staff_id=cast.wang.pk)
    found = services.start_handover(actor=cast.lin, handover_id=found.pk)
    assert ChangeSet.objects.get(pk=found.change_set_id).state == "running"

    def breaks(*given: Any, **named: Any) -> set[int]:
        raise RuntimeError("the mail room is on fire")

    monkeypatch.setattr(handing, "_move_the_rest", breaks)
    with pytest.raises(RuntimeError):
        customers.run_bulk(found.change_set_id)
    customers.run_undo(found.change_set_id)
    assert {owner_of(one) for one in mine} == {cast.wang.pk}
    assert ChangeSet.objects.get(pk=found.change_set_id).state == "undone"


@pytest.mark.parametrize("visitor", ["stranger", "analyst", "wang"])
def test_who_may_not_hand_over_moves_nothing(visitor: str) -> None:
    cast = team.cast()
    mine = managed_by(cast, cast.wang)
    with pytest.raises(PermissionDenied):
        handed_over(getattr(cast, visitor), cast.wang, form(cast.lin))
    assert ([owner_of(one) for one in mine], Handover.objects.count()) == ([cast.wang.pk] * 2, 0)


def test_a_manager_hands_over_nobody_of_another_store() -> None:
    cast = team.cast()
    one = customer("山", store_id=cast.other_store.pk, account_manager_id=cast.zhou.pk)
    with pytest.raises(PermissionDenied):
        handed_over(cast.lin, cast.zhou, form(cast.lin))
    with pytest.raises(services.NothingToHandOver):
        handed_over(cast.lin, None, form(cast.wang), selection=Selection((one.pk,)))
    assert owner_of(one) == cast.zhou.pk


@pytest.mark.parametrize(
    ("takers", "how"), [((), "one"), (("stranger",), "one"), (("wang", "owner"), "one"), (("wang",), "lots")]
)
def test_odd_choices_are_refused(takers: tuple[str, ...], how: str) -> None:
    cast = team.cast()
    managed_by(cast, cast.lin)
    chosen = [getattr(cast, name) for name in takers]
    with pytest.raises(ValidationError):
        services.propose_handover(actor=cast.owner, form=form(*chosen, how=how), from_staff_id=cast.lin.pk)
    assert not Handover.objects.exists()


def test_who_left_customers_behind_is_named_to_those_who_may_hand_them_over() -> None:
    cast = team.cast()
    managed_by(cast, cast.wang, 2)
    assert leavers(cast.lin) == []
    Staff.objects.filter(pk=cast.wang.pk).update(is_active=False)
    assert [(one.name, one.customers) for one in leavers(cast.lin)] == [("王小茶", 2)]
    assert (leavers(cast.zhou), leavers(cast.analyst)) == ([], [])


def test_another_room_joins_through_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = team.cast()
    (one,) = managed_by(cast, cast.wang, 1)
    holders = {71: cast.wang.pk, 72: cast.wang.pk}

    class Complaints:
        code, label, order, is_personal = "complaints", "投诉", 20, False

        def held(self, staff_id: int, customer_ids: Any) -> list[ports.HandedRow]:
            about = {71: one.pk, 72: 999}
            return [ports.HandedRow(pk, about[pk], "退货") for pk in holders if holders[pk] == staff_id]

        def give(self, given: Any) -> set[int]:
            done = {row.row_id for row in given if holders[row.row_id] == row.from_id}
            holders.update({row.row_id: row.to_id for row in given if row.row_id in done})
            return done

    monkeypatch.setitem(ports._handovers, "service.complaints", Complaints())
    found = handed_over(cast.owner, cast.wang, form(cast.lin, parts=("managed", "complaints")))
    assert holders == {71: cast.lin.pk, 72: cast.lin.pk}
    holders[72] = cast.zhou.pk
    services.undo_handover(actor=cast.owner, handover_id=found.pk)
    assert holders == {71: cast.wang.pk, 72: cast.zhou.pk}


def test_the_wizard_goes_from_a_person_over_a_preview_to_done_and_back() -> None:
    cast, client = team.cast(), Client()
    mine = managed_by(cast, cast.wang)
    client.force_login(cast.owner)
    answer = client.post(reverse("team:staff_access", args=[cast.wang.pk]), {"active": "0"})
    assert answer["Location"] == reverse("assignment:hand_over", args=[cast.wang.pk])
    page = client.get(answer["Location"]).content.decode()
    assert "王小茶的离职交接" in page
    given = {"from": cast.wang.pk, "takers": [cast.lin.pk], "how": "one", "parts": ["managed"]}
    preview = client.post(reverse("assignment:propose"), given)
    found = Handover.objects.get()
    assert preview["Location"] == reverse("assignment:handover", args=[found.pk])
    assert "林店长" in client.get(preview["Location"]).content.decode()
    client.post(reverse("assignment:start_handover", args=[found.pk]))
    assert {owner_of(one) for one in mine} == {cast.lin.pk}
    assert "交接好了" in client.get(preview["Location"]).content.decode()
    client.post(reverse("assignment:undo_handover", args=[found.pk]))
    assert {owner_of(one) for one in mine} == {cast.wang.pk}


def test_the_bar_of_a_list_opens_the_wizard_with_those_picked() -> None:
    cast, client = team.cast(), Client()
    one, other = managed_by(cast, cast.wang)
    client.force_login(cast.lin)
    picked = {"ids": [one.pk, other.pk], "source": "list", "text": ""}
    page = client.post(reverse("assignment:hand_over_selected"), picked).content.decode()
    assert page.count('name="ids"') == 2
    client.force_login(cast.wang)
    refused = client.post(reverse("assignment:hand_over_selected"), picked)
    assert refused.status_code == 403


def test_pages_hold_for_whoever_is_hostile() -> None:
    cast, client = team.cast(), Client()
    customer("<script>alert(1)</script>", store_id=cast.store.pk, account_manager_id=cast.wang.pk)
    client.force_login(cast.lin)
    found = services.propose_handover(
        actor=cast.lin, form=form(cast.lin, reason="<b>x</b>"), from_staff_id=cast.wang.pk
    )
    page = client.get(reverse("assignment:handover", args=[found.pk])).content.decode()
    assert "<script>alert(1)" not in page and "<b>x</b>" not in page
    for address in ("/assignment/handovers/999999/", "/assignment/handovers/from/999999/"):
        assert client.get(address).status_code == 404


def test_somebody_elses_handover_is_not_there_for_those_who_may_not_undo_it() -> None:
    cast = team.cast()
    managed_by(cast, cast.wang)
    found = services.propose_handover(actor=cast.owner, form=form(cast.lin), from_staff_id=cast.wang.pk)
    assert services.start_handover(actor=SYSTEM, handover_id=found.pk).change_set_id
    with pytest.raises(PermissionDenied):
        services.undo_handover(actor=cast.zhou, handover_id=found.pk)


def test_a_handover_still_says_who_took_over_when_they_have_left_since() -> None:
    cast = team.cast()
    managed_by(cast, cast.lin)
    handover = handed_over(cast.owner, cast.lin, form(cast.wang))
    Staff.objects.filter(pk=cast.wang.pk).update(is_active=False)
    assert [(one.workload.name, one.customers) for one in takers_of(cast.owner, handover)] == [("王小茶", 2)]
