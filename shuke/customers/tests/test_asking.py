"""请核实 · 资料: who comes first, what a clerk decides, and taking it back."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from shuke.customers import services
from shuke.customers.models import (
    Customer,
    FieldCheck,
    Interaction,
    ProfileQuality,
    ProfileReview,
)
from shuke.customers.queries.asking import count_waiting, next_profile, waiting_profiles, week_of
from shuke.customers.services import IdentityTaken, Touch
from shuke.customers.services.quality import rebuild_quality
from shuke.customers.services.quality.reviewing import (
    Review,
    note_unreached,
    put_off_review,
    review_profile,
    undo_review,
)
from shuke.customers.testing import CHEN_PHONE, customer, lapsed_zhao, regular_chen
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db
QUEUE = reverse("customers:profiles")


def signed_in(visitor: Any) -> Client:
    client = Client()
    client.force_login(visitor)
    return client


def stale(person: Customer, days: int = 800) -> Customer:
    """Nobody has had a word about them for that long."""
    then = clock.now() - timedelta(days=days)
    Customer.objects.filter(pk=person.pk).update(created_at=then)
    person.identities.update(last_seen=then)
    rebuild_quality()
    return person


def quality(person: Customer) -> ProfileQuality:
    return ProfileQuality.objects.get(pk=person.pk)


# --- who comes first ---


def test_the_queue_holds_who_is_stale_within_reach() -> None:
    chen = stale(regular_chen())
    lapsed_zhao()  # fresh
    stale(customer("孟翠", phone="15400007788", store_id=team.store("山门店").pk))
    assert [row.customer_id for row in waiting_profiles(team.clerk_wang())] == [chen.pk]
    assert waiting_profiles(SYSTEM).count() == 2
    assert list(waiting_profiles(team.analyst_chen())) == []
    assert list(waiting_profiles(team.stranger())) == []


def test_who_was_contacted_often_is_left_alone() -> None:
    chen = stale(regular_chen())
    for _time in range(3):
        services.log_interaction(actor=SYSTEM, customer_id=chen.pk, touch=Touch(kind="sms", body="上新"))
    assert next_profile(team.clerk_wang()) is None
    found = next_profile(team.clerk_wang(), chen.pk)
    assert found is not None
    assert found.verdict.code == "too_often"


def test_who_is_put_off_comes_back_on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    chen, wang = stale(regular_chen()), team.clerk_wang()
    put_off_review(actor=wang, customer_id=chen.pk, days=30)
    assert list(waiting_profiles(wang)) == []
    day = clock.today() + timedelta(days=30)
    monkeypatch.setattr("shuke.kernel.clock.today", lambda: day)
    assert [row.customer_id for row in waiting_profiles(wang)] == [chen.pk]


def test_only_offered_days_can_be_chosen() -> None:
    chen = stale(regular_chen())
    with pytest.raises(ValueError, match="not offered"):
        put_off_review(actor=team.clerk_wang(), customer_id=chen.pk, days=3650)
    assert not ProfileReview.objects.exists()


# --- deciding ---


def test_confirming_makes_a_profile_fresh_and_can_be_taken_back() -> None:
    chen, wang = stale(regular_chen()), team.clerk_wang()
    made = review_profile(actor=wang, customer_id=chen.pk, review=Review(right=("phone",)))
    assert (made.outcome, made.fields, made.changes) == ("confirmed", ["phone"], [])
    assert (quality(chen).stale, quality(chen).score) == (0, 50)
    assert count_waiting(wang) == 0
    undo_review(actor=wang, review_id=made.pk)
    assert not FieldCheck.objects.exists()
    assert quality(chen).stale == 0b10
    assert count_waiting(wang) == 1


def test_correcting_goes_through_history_and_comes_back() -> None:
    chen, wang = stale(regular_chen()), team.clerk_wang()
    made = review_profile(actor=wang, customer_id=chen.pk, review=Review(changes={"phone": "15400001234"}))
    assert made.outcome == "corrected"
    assert services.FieldChanged is not None
    chen.refresh_from_db()
    assert chen.phone == "15400001234"
    undo_review(actor=wang, review_id=made.pk)
    undo_review(actor=wang, review_id=made.pk)
    chen.refresh_from_db()
    assert chen.phone == CHEN_PHONE
    made.refresh_from_db()
    assert made.undone_at is not None


def test_an_older_check_stands_again_after_taking_back() -> None:
    chen, wang = stale(regular_chen()), team.clerk_wang()
    review_profile(actor=team.manager_lin(), customer_id=chen.pk, review=Review(right=("phone",)))
    first = FieldCheck.objects.get()
    made = review_profile(actor=wang, customer_id=chen.pk, review=Review(right=("phone",)))
    undo_review(actor=wang, review_id=made.pk)
    again = FieldCheck.objects.get()
    assert (again.staff_id, again.checked_at) == (team.manager_lin().pk, first.checked_at)


def test_not_reached_is_a_call_on_the_timeline_and_a_doubt() -> None:
    chen, wang = stale(regular_chen()), team.clerk_wang()
    made = note_unreached(actor=wang, customer_id=chen.pk)
    touch = Interaction.objects.get()
    assert (touch.kind, touch.result, touch.staff_id) == ("call", "没接", wang.pk)
    assert quality(chen).doubtful == 0b10
    assert list(waiting_profiles(wang)) == []
    undo_review(actor=wang, review_id=made.pk)
    assert not Interaction.objects.exists()
    assert quality(chen).doubtful == 0


def test_a_number_that_is_somebody_else_s_changes_nothing() -> None:
    chen, zhao = stale(regular_chen()), lapsed_zhao()
    review = Review(right=("name",), changes={"phone": zhao.phone})
    with pytest.raises(IdentityTaken):
        review_profile(actor=team.clerk_wang(), customer_id=chen.pk, review=review)
    assert not FieldCheck.objects.exists()
    assert not ProfileReview.objects.exists()


def test_a_phone_that_is_none_changes_nothing() -> None:
    chen = stale(regular_chen())
    with pytest.raises(ValidationError):
        review_profile(actor=team.clerk_wang(), customer_id=chen.pk, review=Review(changes={"phone": "12"}))
    assert not ProfileReview.objects.exists()


@pytest.mark.parametrize("visitor", ["clerk_zhou", "analyst_chen", "stranger"])
def test_others_decide_nothing(visitor: str) -> None:
    chen, actor = stale(regular_chen()), getattr(team, visitor)()
    for act in (
        lambda: review_profile(actor=actor, customer_id=chen.pk, review=Review(right=("phone",))),
        lambda: note_unreached(actor=actor, customer_id=chen.pk),
        lambda: put_off_review(actor=actor, customer_id=chen.pk, days=7),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert not ProfileReview.objects.exists()
    assert not Interaction.objects.exists()


def test_one_takes_back_one_s_own_decision_and_a_manager_anybody_s() -> None:
    chen, lin, wang = stale(regular_chen()), team.manager_lin(), team.clerk_wang()
    made = review_profile(actor=lin, customer_id=chen.pk, review=Review(right=("phone",)))
    with pytest.raises(PermissionDenied):
        undo_review(actor=wang, review_id=made.pk)
    assert FieldCheck.objects.exists()
    other = review_profile(actor=wang, customer_id=chen.pk, review=Review(right=("phone",)))
    undo_review(actor=lin, review_id=other.pk)
    assert ProfileReview.objects.get(pk=other.pk).undone_at is not None


def test_the_week_counts_what_stands() -> None:
    chen, wang = stale(regular_chen()), team.clerk_wang()
    review_profile(actor=wang, customer_id=chen.pk, review=Review(right=("phone",)))
    put_off_review(actor=wang, customer_id=chen.pk, days=7)
    taken_back = review_profile(actor=wang, customer_id=chen.pk, review=Review(right=("name",)))
    undo_review(actor=wang, review_id=taken_back.pk)
    week = week_of(wang)
    assert (week.own, week.own_total, week.everybody) == ({"confirmed": 1}, 1, 1)
    assert week_of(team.clerk_zhou()).everybody == 0


# --- pages ---


@pytest.mark.parametrize(
    ("visitor", "status"),
    [("manager_lin", 200), ("clerk_wang", 200), ("analyst_chen", 403), ("stranger", 403)],
)
def test_the_queue_is_for_who_edits_customers(visitor: str, status: int) -> None:
    assert signed_in(getattr(team, visitor)()).get(QUEUE).status_code == status


def test_somebody_out_of_reach_is_not_there() -> None:
    chen = stale(regular_chen())
    client = signed_in(team.clerk_zhou())
    assert client.get(QUEUE, {"customer": chen.pk}).status_code == 404
    address = reverse("customers:review_profile", args=[chen.pk])
    assert client.post(address, {"do": "unreached"}).status_code == 404
    assert client.get(reverse("customers:profile_link", args=[chen.pk])).status_code == 404
    assert not ProfileReview.objects.exists()


def test_a_clerk_confirms_on_the_page_without_reading_the_number() -> None:
    chen, client = stale(regular_chen()), signed_in(team.clerk_wang())
    page = client.get(QUEUE).content.decode()
    assert "手机号 2 年没人核实过" in page
    assert CHEN_PHONE not in page
    address = reverse("customers:review_profile", args=[chen.pk])
    answer = client.post(
        address, {"phone": "", "right_phone": "on", "birthday_month": "3", "birthday_day": "8"}
    )
    assert (answer.status_code, answer["Location"]) == (302, QUEUE)
    chen.refresh_from_db()
    assert (chen.phone, chen.birthday_month, chen.birthday_day, chen.gender) == (CHEN_PHONE, 3, 8, "female")
    assert quality(chen).stale == 0
    made = ProfileReview.objects.get()
    client.post(reverse("customers:undo_review", args=[made.pk]))
    chen.refresh_from_db()
    assert chen.birthday_month is None


def test_what_cannot_be_is_said_beside_the_field() -> None:
    chen, client = stale(regular_chen()), signed_in(team.manager_lin())
    address = reverse("customers:review_profile", args=[chen.pk])
    answer = client.post(address, {"phone": "12", "birthday_month": "2", "birthday_day": ""})
    assert answer.status_code == 422
    assert "生日要把月和日都填上" in answer.content.decode()
    assert not ProfileReview.objects.exists()


def test_not_reached_and_later_are_one_key_each() -> None:
    chen, client = stale(regular_chen()), signed_in(team.clerk_wang())
    address = reverse("customers:review_profile", args=[chen.pk])
    client.post(address, {"do": "later", "days": "90"})
    client.post(address, {"do": "unreached"})
    outcomes = ProfileReview.objects.order_by("pk").values_list("outcome", "shown_from")
    today = clock.today()
    assert list(outcomes) == [
        ("later", today + timedelta(days=90)),
        ("unreached", today + timedelta(days=14)),
    ]
    assert 'data-key="n"' in client.get(QUEUE, {"customer": chen.pk}).content.decode()
