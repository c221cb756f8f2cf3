"""Scores of profiles: the statement agrees with the rules, follows every event, and nobody is scored who is not there."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from shuke.customers import services
from shuke.customers.models import Customer, FieldCheck, Interaction, ProfileQuality, QualityPolicy
from shuke.customers.queries.quality import (
    ids_lacking,
    ids_unconfirmed,
    profile_quality,
    quality_overview,
)
from shuke.customers.rules import IdentityKeys
from shuke.customers.services import Touch, merging
from shuke.customers.services.points import PointForm, add_point, verify_point
from shuke.customers.services.quality import (
    QualityForm,
    Word,
    note_field,
    rebuild_quality,
    refresh_quality,
    save_quality_policy,
)
from shuke.customers.testing import CHEN_PHONE, customer, lapsed_zhao, regular_chen
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.queries import SYSTEM
from shuke.zh.calendar import SOLAR, Birthday

pytestmark = pytest.mark.django_db


def aged(person: Customer, days: int) -> Customer:
    """Everything about them is that old."""
    then = clock.now() - timedelta(days=days)
    Customer.objects.filter(pk=person.pk).update(created_at=then)
    person.identities.update(last_seen=then)
    return person


def scored(person: Customer) -> ProfileQuality:
    refresh_quality([person.pk])
    return ProfileQuality.objects.get(pk=person.pk)


def told(person: Customer) -> str:
    found = profile_quality(person.pk)
    assert found is not None
    return found.told


def call(person: Customer, result: str, **more: Any) -> Interaction:
    touch = Touch(kind="call", body="", result=result, **more)
    return services.log_interaction(actor=SYSTEM, customer_id=person.pk, touch=touch)


def test_a_new_customer_is_scored_by_what_is_known() -> None:
    chen = regular_chen()
    assert scored(chen).score == 50  # name 15, phone 30, gender 5
    assert told(chen) == "缺生日、微信号、地址、邮箱、愿意怎么联系、标签"


def test_what_nobody_confirmed_grows_stale() -> None:
    chen = aged(regular_chen(), 800)
    found = scored(chen)
    assert (found.score, found.stale, found.doubtful) == (42, 0b10, 0)
    assert told(chen).startswith("手机号 2 年没人核实过；缺生日") is True


def test_a_call_that_does_not_get_through_makes_the_phone_doubtful_until_one_does() -> None:
    chen = aged(regular_chen(), 100)
    call(chen, "没接")
    assert scored(chen).doubtful == 0b10
    assert "手机号上次没打通" in told(chen)
    call(chen, "聊上了")
    assert scored(chen).doubtful == 0


def test_a_result_counts_in_whatever_language_it_was_logged() -> None:
    chen = aged(regular_chen(), 100)
    call(chen, "No answer")
    assert scored(chen).doubtful == 0b10


def test_a_customer_who_answers_confirms_the_number() -> None:
    chen = aged(regular_chen(), 800)
    call(chen, "", direction="in")
    assert scored(chen).stale == 0


def test_a_touch_taken_back_confirms_nothing() -> None:
    chen = aged(regular_chen(), 800)
    logged = call(chen, "", direction="in")
    services.remove_interaction(actor=SYSTEM, interaction_id=logged.pk)
    assert scored(chen).stale == 0b10


def test_a_changed_field_is_fresh() -> None:
    chen = aged(regular_chen(), 800)
    services.change_customer(actor=SYSTEM, customer_id=chen.pk, phone="15400001234")
    chen.identities.update(last_seen=clock.now() - timedelta(days=800))
    assert scored(chen).stale == 0


def test_a_proven_point_is_fresh() -> None:
    chen = aged(regular_chen(), 800)
    verify_point(actor=SYSTEM, customer_id=chen.pk, kind="phone", value=f"+86{CHEN_PHONE}")
    assert scored(chen).stale == 0


def test_an_order_that_names_the_phone_confirms_it() -> None:
    chen = aged(regular_chen(), 800)
    services.identify_customer(
        actor=SYSTEM, keys=IdentityKeys(phone=CHEN_PHONE), arrival=services.Arrival(origin="till")
    )
    assert scored(chen).stale == 0


def test_a_letter_that_came_back_makes_the_address_doubtful_until_it_is_changed() -> None:
    chen = aged(regular_chen(email="chen@example.com"), 30)
    note_field(actor=SYSTEM, customer_id=chen.pk, word=Word("email", is_right=False, source="bounce"))
    assert ProfileQuality.objects.get(pk=chen.pk).doubtful == 0b1000
    assert "邮箱退过信" in told(chen)
    services.change_customer(actor=SYSTEM, customer_id=chen.pk, email="chen2@example.com")
    assert scored(chen).doubtful == 0


def test_the_last_word_counts_and_an_older_one_changes_nothing() -> None:
    chen = aged(regular_chen(), 800)
    note_field(actor=SYSTEM, customer_id=chen.pk, word=Word("phone", is_right=True))
    old = clock.now() - timedelta(days=3)
    note_field(actor=SYSTEM, customer_id=chen.pk, word=Word("phone", is_right=False, at=old))
    row = FieldCheck.objects.get()
    assert (row.field, row.is_right, row.source) == ("phone", True, "staff")
    assert ProfileQuality.objects.get(pk=chen.pk).stale == 0


def test_a_word_about_somebody_out_of_reach_is_refused() -> None:
    chen = regular_chen()
    clerk = team.clerk_zhou()
    with pytest.raises(PermissionDenied):
        note_field(actor=clerk, customer_id=chen.pk, word=Word("phone", is_right=True))
    assert not FieldCheck.objects.exists()


def test_the_statement_agrees_with_the_rules_for_all_kinds_of_profiles() -> None:
    people = [
        aged(regular_chen(email="a@example.com", wechat="chen_tea"), 900),
        aged(lapsed_zhao(city="杭州市", birthday=Birthday(SOLAR, 3, 8)), 400),
        aged(customer("", phone="15400005566", preferred_channel="call", tags=("送礼",)), 3000),
        aged(customer("云栖茶业有限公司", kind="company", industry="茶", email="b@example.com"), 1200),
        customer("王"),
    ]
    call(people[0], "没接")
    services.change_customer(actor=SYSTEM, customer_id=people[1].pk, city="苏州市")
    add_point(
        actor=SYSTEM, customer_id=people[3].pk, form=PointForm("phone", "057188886666", is_verified=True)
    )
    rebuild_quality()
    for one in people:
        expected = profile_quality(one.pk)
        assert expected is not None
        row = ProfileQuality.objects.get(pk=one.pk)
        filled = {code for code, state in expected.states.items() if state.is_filled}
        assert row.score == expected.score, one.name
        assert row.filled == sum(1 << place for place, code in enumerate(expected.states) if code in filled)


def test_who_is_worth_more_is_asked_first_and_who_wants_no_contact_never(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chen, zhao = aged(regular_chen(), 800), aged(lapsed_zhao(), 800)
    silent = aged(customer("孟翠", phone="15400007788", preferred_channel="none"), 800)
    worth = f"select id as customer_id, 286000 as worth_fen from customers_customer where id = {chen.pk}"
    monkeypatch.setattr("shuke.customers.ports._worth", [worth])
    rebuild_quality()
    urgency = dict(ProfileQuality.objects.values_list("customer_id", "urgency"))
    assert urgency == {chen.pk: (2860 + 50) * 58 // 100, zhao.pk: 50 * 58 // 100, silent.pk: 0}


def test_scoring_again_writes_nothing_where_nothing_changed() -> None:
    chen = regular_chen()
    assert refresh_quality([chen.pk]) == [chen.pk]
    assert refresh_quality([chen.pk]) == []
    assert rebuild_quality() == 0


def test_merged_and_deleted_customers_have_no_score() -> None:
    chen, zhao, meng = regular_chen(), lapsed_zhao(), customer("孟翠")
    rebuild_quality()
    merging.merge_customers(actor=SYSTEM, winner_id=chen.pk, loser_id=zhao.pk)
    services.delete_customers(actor=SYSTEM, customer_ids=[meng.pk])
    refresh_quality([chen.pk, zhao.pk, meng.pk])
    assert list(ProfileQuality.objects.values_list("pk", flat=True)) == [chen.pk]
    ProfileQuality.objects.create(customer_id=zhao.pk)
    rebuild_quality()
    assert list(ProfileQuality.objects.values_list("pk", flat=True)) == [chen.pk]


def test_lists_can_ask_who_lacks_what_and_whose_is_unsure() -> None:
    chen, zhao = aged(regular_chen(birthday=Birthday(SOLAR, 3, 8)), 800), lapsed_zhao()
    rebuild_quality()
    assert list(ids_lacking(["birthday"])) == [zhao.pk]
    assert sorted(ids_lacking(["birthday", "wechat"])) == [chen.pk, zhao.pk]
    assert list(ids_unconfirmed(["phone"])) == [chen.pk]


def test_a_shop_that_changes_what_counts_has_everybody_scored_anew() -> None:
    chen = regular_chen()
    rebuild_quality()
    form = QualityForm(person={"birthday": 0, "wechat": 0, "email": 0}, half_lives={"phone": 365})
    save_quality_policy(actor=team.owner(), form=form)
    assert QualityPolicy.objects.get().person == {"birthday": 0, "wechat": 0, "email": 0}
    rebuild_quality()
    assert ProfileQuality.objects.get(pk=chen.pk).score == 71  # 50 of 70


def test_only_who_configures_the_shop_says_what_counts() -> None:
    with pytest.raises(PermissionDenied):
        save_quality_policy(actor=team.manager_lin(), form=QualityForm(person={"birthday": 0}))
    assert not QualityPolicy.objects.exists()


def test_the_figures_of_a_store_add_up_and_others_do_not_see_them() -> None:
    regular_chen()
    aged(lapsed_zhao(), 800)
    customer("孟翠")  # of no store
    rebuild_quality()
    every = quality_overview(team.owner(), "person")
    assert every is not None
    assert (every.customers, every.mean_score, every.bands) == (3, 36, (1, 0, 2, 0, 0))
    phone = next(one for one in every.fields if one.code == "phone")
    assert (phone.filled, phone.missing, phone.stale, phone.doubtful) == (2, 1, 1, 0)
    own = quality_overview(team.manager_lin(), "person")
    assert own is not None
    assert own.customers == 2
    assert quality_overview(team.clerk_zhou(), "person") is None
    assert quality_overview(team.stranger(), "person") is None
