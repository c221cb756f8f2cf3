"""Merging two customers and parting them: what stays, what goes back, what is asked, who may."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from shuke.customers import queries, services
from shuke.customers.models import (
    Customer,
    CustomerTag,
    FollowUp,
    Identity,
    Interaction,
    Merge,
    MergeQuestion,
)
from shuke.customers.rules import IdentityKeys
from shuke.customers.services import Arrival, NextStep, PointForm, Touch, merging
from shuke.customers.services.merging import CannotMerge, CannotPart, Choices, Sides, VerifiedDiffer, registry
from shuke.customers.testing import CHEN_PHONE, ZHAO_PHONE, customer, lapsed_zhao, regular_chen
from shuke.orders.models import Order
from shuke.orders.testing import sell
from shuke.team import testing as team
from shuke.team.queries import SYSTEM
from shuke.zh import fictional

pytestmark = pytest.mark.django_db


def merge(winner: Customer, loser: Customer, **choices: object) -> Merge:
    return merging.merge_customers(
        actor=SYSTEM, winner_id=winner.pk, loser_id=loser.pk, choices=Choices(**choices)
    )


def unmerge(done: Merge) -> list[MergeQuestion]:
    return merging.unmerge(actor=SYSTEM, merge_id=done.pk)


def fresh(one: Customer) -> Customer:
    return Customer.objects.get(pk=one.pk)


def test_gaps_are_filled_and_lists_united() -> None:
    chen = regular_chen(tags=("白茶", "老友"))
    double = customer("陈茶湘", phone="15400008888", city="杭州市", note="周末来", tags=("白茶", "送礼"))
    merge(chen, double)
    kept = fresh(chen)
    assert (kept.name, kept.phone, kept.city, kept.note) == ("陈茶香", CHEN_PHONE, "杭州市", "周末来")
    assert queries.tags_of([chen.pk]) == {chen.pk: ["白茶", "老友", "送礼"]}
    assert queries.living_id(double.pk) == chen.pk
    phones = Identity.objects.filter(customer=chen, namespace="phone").values_list("value", flat=True)
    assert set(phones) == {f"+86{CHEN_PHONE}", "+8615400008888"}


def test_chosen_fields_are_taken_from_the_loser_and_notes_can_both_stay() -> None:
    chen = regular_chen(note="爱白茶", city="湖州市")
    double = customer("陈香", phone="15400008888", city="杭州市", note="周末来")
    merge(chen, double, fields={"name": "loser", "place": "loser", "phone": "loser", "note": "both"})
    kept = fresh(chen)
    assert (kept.name, kept.city, kept.phone) == ("陈香", "杭州市", "15400008888")
    assert kept.note == "爱白茶\n\n周末来"
    assert kept.name_key.startswith("chen2")


def test_an_empty_value_never_takes_a_full_ones_place() -> None:
    chen = regular_chen(email="chen@example.com")
    merge(chen, customer("陈香"), fields={"email": "loser", "phone": "loser"})
    assert (fresh(chen).email, fresh(chen).phone) == ("chen@example.com", CHEN_PHONE)


def test_a_choice_of_something_that_is_no_field_changes_nothing() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    with pytest.raises(ValueError, match="merged_into"):
        merge(chen, zhao, fields={"merged_into_id": "loser"})
    assert fresh(zhao).merged_into_id is None


def test_two_verified_member_numbers_merge_only_when_somebody_says_so() -> None:
    ids = [
        services.identify_customer(
            actor=SYSTEM, keys=IdentityKeys(member_number=number), arrival=Arrival("till", verified_by="till")
        )
        for number in ("M1", "M2")
    ]
    one, other = (Customer.objects.get(pk=pk) for pk in ids)
    with pytest.raises(VerifiedDiffer) as caught:
        merge(one, other)
    assert caught.value.namespaces == ["member"] and not Merge.objects.exists()
    merge(one, other, accepts_two_verified=True)
    for number in ("M1", "M2"):
        keys = IdentityKeys(member_number=number)
        arrival = Arrival("till", verified_by="till")
        assert services.identify_customer(actor=SYSTEM, keys=keys, arrival=arrival) == one.pk


def test_orders_touches_and_plans_go_along_and_come_back_with_later_edits() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    bought = sell("Z1", customer_id=zhao.pk, on=date(2026, 11, 1))
    step = services.plan_follow_up(
        actor=SYSTEM, customer_id=zhao.pk, step=NextStep(purpose="送样茶", due_on=date(2026, 12, 1))
    )
    done = merge(chen, zhao)
    assert Order.objects.get(pk=bought).customer_id == chen.pk
    services.finish_follow_up(actor=SYSTEM, follow_up_id=step.pk, result="收到了")
    assert unmerge(done) == []
    assert Order.objects.get(pk=bought).customer_id == zhao.pk
    assert (FollowUp.objects.get(pk=step.pk).customer_id, FollowUp.objects.get(pk=step.pk).result) == (
        zhao.pk,
        "收到了",
    )


def test_what_came_while_they_were_one_is_asked_and_handed_over_on_request() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    done = merge(chen, zhao)
    services.log_interaction(actor=SYSTEM, customer_id=chen.pk, touch=Touch(kind="call", body="要两盒白茶"))
    asked = unmerge(done)
    assert [(one.part, one.answer) for one in asked] == [("customers.Interaction.customer", "")]
    assert Interaction.objects.get().customer_id == chen.pk
    merging.answer_question(actor=SYSTEM, question_id=asked[0].pk, answer="loser")
    assert Interaction.objects.get().customer_id == zhao.pk
    merging.answer_question(actor=SYSTEM, question_id=asked[0].pk, answer="")
    assert Interaction.objects.get().customer_id == chen.pk


def test_what_a_room_can_tell_goes_to_its_owner_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here: a touch that names a phone is of whoever has that phone."""

    def by_phone(ids: Collection[int], sides: Sides) -> dict[int, int]:
        found = Interaction.objects.in_bulk(list(ids))
        owners = {value: sides.winner_id for _space, value in sides.winner_keys}
        owners |= {value: sides.loser_id for _space, value in sides.loser_keys}
        return {pk: owners[row.body] for pk, row in found.items() if row.body in owners}

    told = replace(registry.part_named("customers.Interaction.customer"), whose=by_phone)
    monkeypatch.setitem(registry._parts, told.name, told)
    chen, zhao = regular_chen(), lapsed_zhao()
    done = merge(chen, zhao)
    for body in (f"+86{CHEN_PHONE}", f"+86{ZHAO_PHONE}", "不知是谁"):
        services.log_interaction(actor=SYSTEM, customer_id=chen.pk, touch=Touch(kind="call", body=body))
    asked = unmerge(done)
    assert [Interaction.objects.get(pk=one.row_id).body for one in asked] == ["不知是谁"]
    owners = dict(Interaction.objects.values_list("body", "customer_id"))
    assert owners == {f"+86{CHEN_PHONE}": chen.pk, f"+86{ZHAO_PHONE}": zhao.pk, "不知是谁": chen.pk}


def test_a_value_edited_since_is_asked_for_and_the_old_ones_are_kept() -> None:
    chen, double = regular_chen(), customer("陈香", city="杭州市")
    done = merge(chen, double)
    services.change_customer(actor=SYSTEM, customer_id=chen.pk, city="湖州市")
    asked = [one for one in unmerge(done) if one.part == "city"]
    assert [one.facts for one in asked] == [{"now": "湖州市", "winner": "", "loser": "杭州市"}]
    assert (fresh(chen).city, fresh(double).city) == ("湖州市", "杭州市")
    merging.answer_question(actor=SYSTEM, question_id=asked[0].pk, answer="loser")
    assert (fresh(chen).city, fresh(double).city) == ("", "湖州市")


def test_an_edit_of_the_winners_own_value_stays_with_the_winner_unasked() -> None:
    chen, zhao = regular_chen(city="湖州市"), lapsed_zhao()
    done = merge(chen, zhao)
    services.change_customer(actor=SYSTEM, customer_id=chen.pk, city="杭州市")
    assert unmerge(done) == []
    assert (fresh(chen).city, fresh(zhao).city) == ("杭州市", "")


@pytest.mark.parametrize("first", [0, 1])
def test_a_chain_is_parted_in_any_order(first: int) -> None:
    chen, zhao, third = regular_chen(), lapsed_zhao(), customer("单白", city="苏州市", note="爱红茶")
    bought = sell("S1", customer_id=third.pk, on=date(2026, 11, 1))
    inner = merge(zhao, third)
    outer = merge(chen, zhao)
    assert (fresh(chen).city, Order.objects.get(pk=bought).customer_id) == ("苏州市", chen.pk)
    merges = [inner, outer]
    assert unmerge(merges[first]) == []
    if first == 0:  # the innermost went home past the one in between
        assert (fresh(chen).city, fresh(third).merged_into_id) == ("", None)
        assert Order.objects.get(pk=bought).customer_id == third.pk
    assert unmerge(merges[1 - first]) == []
    assert [fresh(one).city for one in (chen, zhao, third)] == ["", "", "苏州市"]
    assert Order.objects.get(pk=bought).customer_id == third.pk
    assert not Customer.objects.exclude(merged_into=None).exists()


def test_a_merge_is_taken_back_once() -> None:
    done = merge(regular_chen(), lapsed_zhao())
    unmerge(done)
    with pytest.raises(CannotPart, match="已经撤销过"):
        unmerge(done)


def test_a_merge_into_a_deleted_customer_is_not_taken_back() -> None:
    chen = regular_chen()
    done = merge(chen, lapsed_zhao())
    Customer.objects.filter(pk=chen.pk).update(deleted_at="2026-11-22T00:00:00Z")
    with pytest.raises(CannotPart, match="回收站"):
        unmerge(done)


def test_nobody_is_merged_twice_or_with_themselves() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    merge(chen, zhao)
    for pair in ((chen, chen), (customer("单白"), zhao), (zhao, customer("孙白"))):
        with pytest.raises(CannotMerge):
            merge(*pair)


def test_a_row_written_to_the_loser_meanwhile_is_gathered_and_goes_back_too() -> None:
    chen, zhao = regular_chen(tags=("白茶",)), lapsed_zhao(tags=("白茶",))
    done = merge(chen, zhao)
    late = sell("Z9", customer_id=zhao.pk, on=date(2026, 11, 1))
    assert merging.gather_late_rows(done.pk) == 1
    assert merging.gather_late_rows(done.pk) == 0
    assert Order.objects.get(pk=late).customer_id == chen.pk
    assert CustomerTag.objects.filter(customer=zhao).count() == 1, "a tag both had stays where it was"
    unmerge(done)
    assert Order.objects.get(pk=late).customer_id == zhao.pk


def test_both_are_found_by_what_names_them() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    done = merge(chen, zhao)
    assert [one.id for one in queries.search_customers(SYSTEM, ZHAO_PHONE)] == [chen.pk]
    unmerge(done)
    assert [one.id for one in queries.search_customers(SYSTEM, ZHAO_PHONE)] == [zhao.pk]


def test_a_number_typed_while_they_were_one_follows_the_answer() -> None:
    chen, double = regular_chen(), customer("陈香", email="x@example.com")
    done = merge(chen, double)
    number = fictional.phone(777)
    services.change_customer(actor=SYSTEM, customer_id=chen.pk, phone=number)
    asked = [one for one in unmerge(done) if one.part == "customers.Identity.customer"]
    merging.answer_question(actor=SYSTEM, question_id=asked[0].pk, answer="loser")
    holder = Identity.objects.get(namespace="phone", value=f"+86{number}")
    assert holder.customer_id == double.pk
    assert fresh(chen).phone != number


def share(one: Customer, phone: str) -> None:
    form = PointForm("phone", phone, is_main=True, is_shared=True)
    services.add_point(actor=SYSTEM, customer_id=one.pk, form=form)


@pytest.mark.parametrize("is_winner", [True, False])
def test_a_familys_phone_is_still_shown_by_whoever_shares_it_after_parting(is_winner: bool) -> None:
    regular_chen()
    daughter, double = customer("陈小妹", phone="15400008888"), customer("陈晓妹")
    share(daughter, CHEN_PHONE)
    done = merge(daughter, double) if is_winner else merge(double, daughter)

    unmerge(done)

    assert [fresh(one).phone for one in (daughter, double)] == [CHEN_PHONE, ""]


def test_a_familys_phone_is_still_shown_when_its_owner_was_the_one_merged() -> None:
    chen, daughter = regular_chen(), customer("陈小妹")
    share(daughter, CHEN_PHONE)

    unmerge(merge(chen, daughter))

    assert [fresh(one).phone for one in (chen, daughter)] == [CHEN_PHONE, CHEN_PHONE]


def test_a_shared_phone_that_goes_home_is_no_longer_shown_by_the_one_it_was_merged_into() -> None:
    regular_chen()
    daughter, double = customer("陈小妹"), customer("陈晓妹", phone="15400008888")
    share(daughter, CHEN_PHONE)
    done = merge(double, daughter)
    share(double, CHEN_PHONE)

    unmerge(done)

    assert [fresh(one).phone for one in (daughter, double)] == [CHEN_PHONE, "15400008888"]


@pytest.mark.parametrize("visitor", ["stranger", "zhou", "wang", "analyst"])
def test_who_may_not_merge_changes_nothing(visitor: str) -> None:
    cast, chen, zhao = team.cast(), regular_chen(), lapsed_zhao()
    with pytest.raises(PermissionDenied):
        merging.merge_customers(actor=getattr(cast, visitor), winner_id=chen.pk, loser_id=zhao.pk)
    assert not Merge.objects.exists() and fresh(zhao).merged_into_id is None
    done = merge(chen, zhao)
    with pytest.raises(PermissionDenied):
        merging.unmerge(actor=getattr(cast, visitor), merge_id=done.pk)
    assert fresh(zhao).merged_into_id == chen.pk


def test_a_manager_merges_within_their_store_only() -> None:
    cast, chen = team.cast(), regular_chen()
    abroad = customer("单白", store_id=cast.other_store.pk)
    with pytest.raises(PermissionDenied):
        merging.merge_customers(actor=cast.lin, winner_id=chen.pk, loser_id=abroad.pk)
    zhao = lapsed_zhao()
    merging.merge_customers(actor=cast.lin, winner_id=chen.pk, loser_id=zhao.pk)
    assert fresh(zhao).merged_into_id == chen.pk
