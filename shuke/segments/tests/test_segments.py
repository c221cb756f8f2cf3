"""Segments: who is in them, who sees them, and what becomes of them from day to day."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.test import Client

from shuke.customers.services import delete_customers
from shuke.customers.testing import customer
from shuke.desk import testing
from shuke.desk.picking import count_of_list, ids_of_list
from shuke.kernel import clock
from shuke.segments import services
from shuke.segments.models import Member, Move, Segment
from shuke.segments.queries.comparing import overlaps, profile_of
from shuke.segments.queries.growth import growth_of
from shuke.segments.queries.members import sizes_of, summary_of
from shuke.segments.queries.segments import visible_segments
from shuke.segments.rules import Change, parts_of, sizes_by_day
from shuke.segments.services import SegmentForm, refresh_members
from shuke.team.queries import SYSTEM
from shuke.team.testing import Cast, cast
from shuke.value.models import CustomerValue

LOYAL, RICH = "stage.in.loyal", "spent.span.1000-"


@pytest.fixture
def people(db: None) -> Cast:
    cache.clear()
    return cast()


@pytest.fixture
def shop(people: Cast) -> dict[str, int]:
    """Four customers: An and Bo of Lin's store, Ci of the other, Du who has only just begun."""
    made = {
        "安": ("loyal", 300_000, people.store.pk),
        "柏": ("loyal", 50_000, people.store.pk),
        "辞": ("loyal", 200_000, people.other_store.pk),
        "渡": ("first", 120_000, people.store.pk),
    }
    ids = {}
    for name, (stage, spent, store_id) in made.items():
        one = customer(name, store_id=store_id)
        testing.value(one, stage=stage, spent_fen=spent, last_on=clock.today())
        ids[name] = one.pk
    testing.rows()
    return ids


def made(actor: Any, name: str = "忠诚的", conditions: str = LOYAL, **more: Any) -> int:
    return services.create_segment(actor=actor, form=SegmentForm(name, conditions, **more))


def inside(segment_id: int) -> set[int]:
    return set(Member.objects.filter(segment_id=segment_id).values_list("customer_id", flat=True))


def becomes(customer_id: int, stage: str) -> None:
    CustomerValue.objects.filter(customer_id=customer_id).update(stage=stage)
    testing.rows()


def at(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    moment = clock.now().replace(year=day.year, month=day.month, day=day.day)
    monkeypatch.setattr(clock, "now", lambda: moment)
    monkeypatch.setattr(clock, "today", lambda: day)


def signed_in(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_a_segment_holds_whoever_meets_its_conditions(people: Cast, shop: dict[str, int]) -> None:
    pk = made(people.owner)
    assert inside(pk) == {shop["安"], shop["柏"], shop["辞"]}
    assert not Move.objects.exists()


def test_a_night_writes_only_who_came_and_who_went(
    people: Cast, shop: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pk, first = made(people.owner), clock.today()
    at(monkeypatch, first + timedelta(days=1))
    becomes(shop["渡"], "loyal")
    becomes(shop["安"], "lapsed")
    assert refresh_members(pk) == services.Refreshed(entered=1, left=1)
    assert refresh_members(pk) == services.Refreshed()
    moves = Move.objects.values_list("customer_id", "is_entry", "moved_on")
    tomorrow = first + timedelta(days=1)
    assert set(moves) == {(shop["渡"], True, tomorrow), (shop["安"], False, tomorrow)}
    assert Member.objects.get(customer_id=shop["渡"]).entered_on == tomorrow


def test_who_leaves_and_comes_back_on_one_day_has_not_moved(people: Cast, shop: dict[str, int]) -> None:
    pk = made(people.owner)
    becomes(shop["安"], "lapsed")
    refresh_members(pk)
    assert Move.objects.count() == 1
    becomes(shop["安"], "loyal")
    refresh_members(pk)
    assert not Move.objects.exists()
    assert shop["安"] in inside(pk)


def test_growth_is_counted_back_from_today(
    people: Cast, shop: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pk, first = made(people.owner), clock.today()
    at(monkeypatch, first + timedelta(days=2))
    becomes(shop["渡"], "loyal")
    refresh_members(pk)
    found = growth_of(people.owner, Segment.objects.get(pk=pk))
    assert found.sizes == [3, 3, 4]
    assert (found.entered, found.left) == (1, 0)
    assert [one.name for one in found.latest_in] == ["渡"]


def test_sizes_by_day_undoes_each_days_moves() -> None:
    day = date(2026, 11, 20)
    changes = {day + timedelta(days=1): Change(5, 2), day + timedelta(days=3): Change(0, 1)}
    assert sizes_by_day(10, changes, day, day + timedelta(days=3)) == [8, 11, 11, 10]


def test_two_sets_have_three_parts_and_three_have_seven() -> None:
    assert parts_of(2) == [(True, True), (True, False), (False, True)]
    assert len(parts_of(3)) == 7


def test_a_frozen_segment_stays_until_it_is_let_go(people: Cast, shop: dict[str, int]) -> None:
    pk = made(people.owner, is_frozen=True)
    becomes(shop["渡"], "loyal")
    assert refresh_members(pk) == services.Refreshed()
    assert shop["渡"] not in inside(pk)
    services.follow_segment(actor=people.owner, segment_id=pk)
    assert shop["渡"] in inside(pk)
    services.freeze_segment(actor=people.owner, segment_id=pk)
    becomes(shop["渡"], "first")
    refresh_members(pk)
    assert shop["渡"] in inside(pk)


def test_no_figure_tells_of_customers_out_of_reach(
    people: Cast, shop: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pk, first = made(people.owner), clock.today()
    at(monkeypatch, first + timedelta(days=1))
    becomes(shop["辞"], "lapsed")
    refresh_members(pk)
    assert sizes_of(people.lin, [pk]) == {pk: 2}
    assert sizes_of(people.zhou, [pk]) == {}
    found = summary_of(people.lin, pk)
    assert (found.own.customers, found.own.spent_fen, found.whole.customers) == (2, 350_000, 3)
    growth = growth_of(people.lin, Segment.objects.get(pk=pk))
    assert (growth.sizes, growth.left, growth.latest_out) == ([2, 2], 0, [])
    assert growth_of(people.owner, Segment.objects.get(pk=pk)).left == 1
    assert set(ids_of_list(people.lin, f"f=segment.in.{pk}")) == {shop["安"], shop["柏"]}
    other = made(people.owner, "花得多的", RICH)
    assert [one.customers for one in overlaps(people.zhou, [pk, other])] == [0, 0, 1]
    assert profile_of(people.zhou, pk).customers == 0


def test_lists_take_segments_as_a_condition_and_refuse_unknown_ones(
    people: Cast, shop: dict[str, int]
) -> None:
    loyal, rich = made(people.owner), made(people.owner, "花得多的", RICH)
    both = f"f=segment.in.{loyal}~segment.in.{rich}"
    assert set(ids_of_list(people.owner, both)) == {shop["安"], shop["辞"]}
    assert set(ids_of_list(people.owner, f"f=segment.in.{loyal}~segment.not.{rich}")) == {shop["柏"]}
    assert count_of_list(people.owner, "f=segment.in.999999") == 0
    services.delete_segment(actor=people.owner, segment_id=rich)
    assert count_of_list(people.owner, both) == 0


def test_deleting_is_undone_with_the_history(people: Cast, shop: dict[str, int]) -> None:
    pk = made(people.lin)
    services.delete_segment(actor=people.lin, segment_id=pk)
    assert not visible_segments(people.owner).exists()
    with pytest.raises(ObjectDoesNotExist):
        services.delete_segment(actor=people.lin, segment_id=pk)
    services.restore_segment(actor=people.lin, segment_id=pk)
    assert visible_segments(people.owner).get().pk == pk
    assert len(inside(pk)) == 3


@pytest.mark.parametrize("who", ["wang", "stranger"])
def test_who_may_not_edit_changes_nothing(people: Cast, shop: dict[str, int], who: str) -> None:
    actor, pk = getattr(people, who), made(people.owner)
    form = SegmentForm("别的", RICH)
    for act in (
        lambda: made(actor, "新的"),
        lambda: services.change_segment(actor=actor, segment_id=pk, form=form),
        lambda: services.freeze_segment(actor=actor, segment_id=pk),
        lambda: services.recount_segment(actor=actor, segment_id=pk),
        lambda: services.delete_segment(actor=actor, segment_id=pk),
        lambda: services.restore_segment(actor=actor, segment_id=pk),
    ):
        with pytest.raises(PermissionDenied):
            act()
    only = Segment.objects.get()
    assert (only.name, only.conditions, only.frozen_at, only.deleted_at) == ("忠诚的", LOYAL, None, None)


def test_visitors_see_what_is_theirs(people: Cast, shop: dict[str, int]) -> None:
    made(people.owner)
    assert visible_segments(people.wang).count() == 1
    assert visible_segments(people.analyst).count() == 1
    assert visible_segments(people.stranger).count() == 0
    assert signed_in(people.stranger).get("/segments/").status_code == 403
    assert Client().get("/segments/").status_code == 302


def test_a_segment_that_asks_about_a_hidden_field_is_not_shown(
    people: Cast, shop: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from shuke.segments.queries import segments as queries

    made(people.owner)
    known = queries.filter_fields

    def for_clerks(actor: Any) -> Any:
        fields = known(actor)
        return {code: one for code, one in fields.items() if code != "stage" or actor is not people.wang}

    monkeypatch.setattr(queries, "filter_fields", for_clerks)
    assert visible_segments(people.lin).count() == 1
    assert visible_segments(people.wang).count() == 0


@pytest.mark.parametrize(
    "conditions", ["", "stage.in.nonsense", "nosuch.yes", "stage.in.loyal~~", "x" * 3000]
)
def test_conditions_that_make_no_sense_are_not_kept(
    people: Cast, shop: dict[str, int], conditions: str
) -> None:
    with pytest.raises(ValidationError):
        made(people.owner, conditions=conditions)
    assert not Segment.objects.exists()


def test_oneself_is_named_so_that_it_means_the_same_to_everybody(people: Cast, shop: dict[str, int]) -> None:
    pk = made(people.lin, conditions="manager.in.me")
    assert Segment.objects.get(pk=pk).conditions == f"manager.in.{people.lin.pk}"


def test_a_segment_of_segments_can_only_be_frozen(people: Cast, shop: dict[str, int]) -> None:
    loyal = made(people.owner)
    nested = f"segment.in.{loyal}~spent.span.1000-"
    with pytest.raises(ValidationError):
        made(people.owner, "套着的", nested)
    pk = made(people.owner, "套着的", nested, is_frozen=True)
    assert inside(pk) == {shop["安"], shop["辞"]}
    with pytest.raises(ValidationError):
        services.follow_segment(actor=people.owner, segment_id=pk)


def test_a_condition_that_is_gone_moves_nobody(people: Cast, shop: dict[str, int]) -> None:
    pk = made(people.owner)
    Segment.objects.filter(pk=pk).update(conditions="stage.in.loyal~gone.yes")
    assert refresh_members(pk) == services.Refreshed(is_stuck=True)
    assert len(inside(pk)) == 3
    assert Segment.objects.get(pk=pk).is_stuck


def test_changed_conditions_are_told_apart_from_changed_customers(people: Cast, shop: dict[str, int]) -> None:
    pk = made(people.owner)
    services.change_segment(actor=people.owner, segment_id=pk, form=SegmentForm("花得多的", RICH))
    assert inside(pk) == {shop["安"], shop["辞"], shop["渡"]}
    moves = set(Move.objects.values_list("customer_id", "is_entry", "is_redefined"))
    assert moves == {(shop["柏"], False, True), (shop["渡"], True, True)}


def test_who_is_in_the_recycle_bin_is_in_no_segment(people: Cast, shop: dict[str, int]) -> None:
    pk = made(people.owner)
    delete_customers(actor=people.owner, customer_ids=[shop["安"]])
    testing.rows()
    assert sizes_of(people.owner, [pk]) == {pk: 2}
    refresh_members(pk)
    assert inside(pk) == {shop["柏"], shop["辞"]}


def test_overlap_and_profile_say_what_segments_share(people: Cast, shop: dict[str, int]) -> None:
    loyal, rich = made(people.owner), made(people.owner, "花得多的", RICH)
    assert [one.customers for one in overlaps(people.owner, [loyal, rich])] == [2, 1, 1]
    found = profile_of(people.owner, rich)
    assert (found.customers, found.spent_fen) == (3, 206_667)
    shares = {one.value: round(one.share, 3) for one in found.stages if one.customers}
    assert shares == {"loyal": 0.667, "first": 0.333}


def test_names_are_taken_once(people: Cast, shop: dict[str, int]) -> None:
    made(people.owner)
    with pytest.raises(ValidationError):
        made(people.lin)
    assert Segment.objects.count() == 1


def test_the_nightly_job_asks_for_each_that_follows_its_conditions(
    people: Cast, shop: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from shuke.segments import jobs

    pk = made(people.owner)
    made(people.owner, "不变的", is_frozen=True)
    asked: list[int] = []
    monkeypatch.setattr(jobs, "enqueue", lambda job, segment_id: asked.append(segment_id))
    jobs.nightly_refresh_segments(0)
    assert asked == [pk]
    assert visible_segments(SYSTEM).count() == 2
