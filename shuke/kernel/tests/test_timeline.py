"""The order of the timeline and its cursors."""

from datetime import UTC, datetime

import pytest

from shuke.kernel.timeline import TimelineEntry, cursor_of, laid_side_by_side, read_cursor

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def entry(source: str, number: int, title: str = "", moment: datetime = NOON) -> TimelineEntry:
    return TimelineEntry(moment, "note", title, source=source, id=number)


def test_entries_of_one_moment_have_one_order() -> None:
    later = entry("order", 1, moment=datetime(2026, 11, 22, 5, tzinfo=UTC))
    given = [entry("order", 2), entry("touch", 1), entry("order", 10), later]
    found = [(one.source, one.id) for one in laid_side_by_side(given)]
    assert found == [("order", 1), ("touch", 1), ("order", 10), ("order", 2)]


def test_a_fuller_entry_stands_in_the_place_of_a_touch() -> None:
    found = laid_side_by_side([entry("touch", 7, "邮件"), entry("touch", 7, "邮件：关于订单")])
    assert [one.title for one in found] == ["邮件：关于订单"]


def test_a_cursor_reads_back_as_it_was_written() -> None:
    cursor = cursor_of(entry("touch", 7))
    assert str(cursor) == "2026-11-22T04:00:00+00:00|touch|7"
    assert read_cursor(str(cursor)) == cursor
    assert read_cursor("2026-11-22T04:00:00 00:00|touch|7") == cursor  # a plus sign that an address ate


@pytest.mark.parametrize(
    "text",
    ["", "x", "2026-11-22T04:00:00|touch|7", "2026-99-22T04:00:00+00:00|touch|7", "2026-11-22T04:00:00+00:00|t|-1",
     "2026-11-22T04:00:00+00:00|t|99999999999999999999", "||", "a|b|c|d"],
)  # fmt: skip
def test_a_cursor_that_is_not_ours_is_no_cursor(text: str) -> None:
    assert read_cursor(text) is None
