"""Calendars that leave the house."""

from datetime import UTC, date, datetime, timedelta, timezone

from shuke.kernel.ical import CalendarEvent, calendar_text, escaped, folded

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))


def unfolded(text: str) -> list[str]:
    """The content lines as a program reads them (RFC 5545 3.1)."""
    return text.replace("\r\n ", "").split("\r\n")


def test_a_day_is_written_as_a_date_and_a_moment_in_utc() -> None:
    events = [
        CalendarEvent("a@shuke", "陈茶香：回访", date(2026, 12, 31)),
        CalendarEvent("b@shuke", "来店", date(2026, 11, 23), datetime(2026, 11, 23, 7, 30, tzinfo=CHINA)),
    ]
    lines = unfolded(calendar_text("湖畔店 · 王小茶", events, now=NOW, zone="Asia/Shanghai"))
    assert lines[:5] == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Shuke//Follow-ups//ZH", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"
    ]  # fmt: skip
    assert lines[9:16] == [
        "BEGIN:VEVENT",
        "UID:a@shuke",
        "DTSTAMP:20261122T010203Z",
        "DTSTART;VALUE=DATE:20261231",
        "DTEND;VALUE=DATE:20270101",
        "TRANSP:TRANSPARENT",
        "SUMMARY:陈茶香：回访",
    ]
    assert lines[17:23] == [
        "BEGIN:VEVENT",
        "UID:b@shuke",
        "DTSTAMP:20261122T010203Z",
        "DTSTART:20261122T233000Z",
        "DTEND:20261123T000000Z",
        "SUMMARY:来店",
    ]
    assert lines[-2:] == ["END:VCALENDAR", ""]


def test_text_cannot_break_out_of_its_line() -> None:
    hostile = "a;b,c\\d\r\nEND:VCALENDAR\x00\x1b"
    assert escaped(hostile) == "a\\;b\\,c\\\\d\\nEND:VCALENDAR"
    event = CalendarEvent("x", hostile, date(2026, 1, 1))
    lines = unfolded(calendar_text("n", [event], now=NOW, zone="UTC"))
    assert lines.count("END:VCALENDAR") == 1


def test_lines_are_folded_at_75_octets_and_never_within_a_character() -> None:
    line = "SUMMARY:" + "茶" * 60 + "🍵" * 20 + "x" * 90
    pieces = folded(line).split("\r\n")
    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert [piece[0] for piece in pieces[1:]] == [" "] * (len(pieces) - 1)
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == line
    assert len(pieces[0].encode()) == 74  # 8 letters and 22 characters of three octets
    assert folded("x" * 75) == "x" * 75
    assert folded("x" * 76) == "x" * 75 + "\r\n x"
