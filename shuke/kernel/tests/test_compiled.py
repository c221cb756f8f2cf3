from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db.models import Count, F

from shuke.kernel import clock
from shuke.kernel.compiled import Compiled, given, given_list, prepared_rows
from shuke.kernel.models import EventRow

pytestmark = pytest.mark.django_db


@pytest.fixture
def events() -> list[EventRow]:
    return [EventRow.objects.create(name=name, payload={"of": name}) for name in ("Begun", "Ended", "Ended")]


def test_a_compiled_query_gives_what_the_queryset_gives(events: list[EventRow]) -> None:
    wanted = Compiled(
        lambda: EventRow.objects.filter(pk__among=given_list("ids", "bigint")).order_by("-pk")[:2]
    )

    assert wanted.rows(ids=[one.pk for one in events]) == [events[2], events[1]]
    assert wanted.rows(ids=[]) == []


def test_values_are_bound_anew_at_every_call(events: list[EventRow]) -> None:
    named = Compiled(lambda: EventRow.objects.filter(name=given("name", "text")).order_by("pk"))

    for _ in range(3):  # once is worked out, twice is prepared by the server
        assert named.rows(name="Begun") == events[:1]
        assert named.rows(name="Ended") == events[1:]
    assert named.first(name="Ended") == events[1]
    assert named.first(name="'; drop table kernel_event; --") is None


def test_numbers_of_every_size_and_nothing_at_all_can_be_asked_for(events: list[EventRow]) -> None:
    by_id = Compiled(lambda: EventRow.objects.filter(pk=given("id", "bigint")))

    assert by_id.first(id=events[0].pk) == events[0]
    assert by_id.first(id=2**62) is None
    assert by_id.first(id=None) is None


def test_a_list_of_words_is_bound_word_by_word(events: list[EventRow]) -> None:
    named = Compiled(lambda: EventRow.objects.filter(name__among=given_list("names", "text")))

    assert named.rows(names=["Begun", 'no "such" {name}']) == events[:1]


def test_a_json_column_comes_as_what_it_holds(events: list[EventRow]) -> None:
    found = Compiled(lambda: EventRow.objects.filter(name="Begun")).first()

    assert found is not None and found.payload == {"of": "Begun"}


def test_related_records_and_annotations_come_along(django_assert_num_queries: Any) -> None:
    permissions = (
        Permission.objects.select_related("content_type").annotate(double=F("pk") * 2).order_by("pk")
    )
    expected = permissions.first()
    compiled = Compiled(lambda: permissions[:1])

    with django_assert_num_queries(1):
        found: Any = compiled.rows()[0]
        assert (found.content_type, found.double) == (expected.content_type, expected.pk * 2)


def test_dicts_tuples_and_single_values_come_in_their_shape(events: list[EventRow]) -> None:
    begun = EventRow.objects.filter(name="Begun")
    pk = events[0].pk

    assert Compiled(lambda: begun.values("name", "id")).rows() == [{"name": "Begun", "id": pk}]
    assert Compiled(lambda: begun.values_list("id", "name")).rows() == [(pk, "Begun")]
    assert Compiled(lambda: begun.values_list("name", flat=True)).rows() == ["Begun"]
    counted = Compiled(lambda: EventRow.objects.values("name").annotate(n=Count("pk")).order_by("name"))
    assert counted.rows() == [{"name": "Begun", "n": 1}, {"name": "Ended", "n": 2}]


def test_moments_are_compared_whatever_zone_they_are_given_in(events: list[EventRow]) -> None:
    since = Compiled(lambda: EventRow.objects.filter(published_at__gt=given("since", "timestamptz")))

    assert len(since.rows(since=clock.now() - timedelta(hours=1))) == 3
    assert since.rows(since=clock.now() + timedelta(hours=1)) == []


def test_what_changed_since_the_last_call_is_seen(events: list[EventRow]) -> None:
    every = Compiled(lambda: EventRow.objects.order_by("pk"))
    assert every.rows() == events

    events[0].delete()

    assert every.rows() == events[1:]


def test_a_written_statement_is_counted_and_bound_like_any_query(
    events: list[EventRow], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        found = prepared_rows("select name from kernel_event where id = any(%s::bigint[])", [[events[0].pk]])

    assert found == [("Begun",)]
