"""Groups found among customers, named, and kept as segments."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.translation import override

from shuke.customers.testing import customer
from shuke.desk import testing
from shuke.desk.picking import count_of_list
from shuke.kernel import clock
from shuke.segments.models import Segment
from shuke.segments.queries import discovery
from shuke.segments.queries.discovery import discover
from shuke.segments.rules import LESS, MIDDLE, MORE, Manner, conditions_of, manner_of
from shuke.segments.services import SegmentForm, create_segment
from shuke.segments.views.discovering import _name
from shuke.team.testing import Cast, cast

REGULARS = [(3, 20, 9_000), (5, 25, 9_500), (8, 22, 8_800), (4, 30, 9_900)]
GONE = [(300, 1, 30_000), (340, 1, 33_000), (400, 1, 31_000)]


@pytest.fixture
def people(db: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Four regulars of Lin's store, three who bought dear things once and long ago, and one who never bought."""
    cache.clear()
    monkeypatch.setattr(discovery, "FEWEST", 6)
    found = cast()
    for place, (days, times, fen) in enumerate([*REGULARS, *GONE]):
        one = customer(f"茶客{place}", store_id=found.store.pk)
        last_on = clock.today() - timedelta(days=days)
        testing.value(one, last_on=last_on, purchases=times, mean_spend_fen=fen)
    customer("没买过的", store_id=found.store.pk)
    testing.rows()
    return found


def signed_in(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_groups_are_conditions_that_lists_can_be_asked_for(people: Cast) -> None:
    found = discover(people.lin, 2)
    assert found is not None
    assert [one.customers for one in found.groups] == [4, 3]
    assert [count_of_list(people.lin, f"f={one.conditions}") for one in found.groups] == [4, 3]
    assert (found.looked_at, found.agreed) == (7, 1.0)
    assert found.groups[1].purchases == 1
    assert found.groups[1].basket_fen == 31_000


def test_groups_are_found_among_the_visitors_own_customers(people: Cast) -> None:
    assert discover(people.zhou, 2) is None


def test_a_group_is_named_and_kept_under_its_name(people: Cast) -> None:
    client = signed_in(people.lin)
    page = client.get("/segments/discover/", {"n": "3"})
    assert page.status_code == 200
    names = [card.name for card in page.context["cards"]]
    assert len(set(names)) == len(names)
    card = next(one for one in page.context["cards"] if "只来过一次" in one.name)
    assert card.name in client.get(card.keep_url).content.decode()
    assert "segments/edit/" not in signed_in(people.wang).get("/segments/discover/").content.decode()
    with override("en"):
        assert client.get("/segments/discover/", headers={"Accept-Language": "en"}).status_code == 200


def test_manners_are_told_by_thirds() -> None:
    lower, upper = (10, 2, 50), (100, 8, 200)
    assert manner_of((5, 9, 120), lower, upper) == Manner(LESS, MORE, MIDDLE, is_once=False)
    assert manner_of((150, 1, 20), lower, upper) == Manner(MORE, LESS, LESS, is_once=True)


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        ((None, None, None), (None, None, None), "times.span.1-"),
        ((30, None, None), (90, 2, None), "last.span.31-90~times.span.1-2"),
        ((None, 3, 100), (60, None, None), "last.span.-60~times.span.4-~basket.span.100-"),
    ],
)
def test_boxes_become_conditions(low: Any, high: Any, text: str) -> None:
    assert conditions_of(low, high) == text


def test_who_came_often_and_stays_away_is_not_said_to_come_often() -> None:
    assert _name(Manner(MORE, MORE, MIDDLE, is_once=False)) == "很久没来、从前常来"
    assert _name(Manner(LESS, MORE, MORE, is_once=False)) == "最近来过、常来、每次买得多"
    assert _name(Manner(MIDDLE, MIDDLE, MIDDLE, is_once=False)) == "各方面都居中"


def test_the_longest_name_of_a_group_can_be_kept(people: Cast) -> None:
    with override("en"):
        name = _name(Manner(MORE, MORE, MORE, is_once=False))
        pk = create_segment(actor=people.lin, form=SegmentForm(name, "times.span.1-"))
    assert name == "Not here for long, used to come often, spend much each time"
    assert Segment.objects.get(pk=pk).name == name
