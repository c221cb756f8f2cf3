"""How money, counts and times are written."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone, translation

from shuke.ui.templatetags import shuke as words


@pytest.fixture(autouse=True)
def _chinese():
    with translation.override("zh-hans"):
        yield


@pytest.mark.parametrize(
    ("fen", "text"),
    [(123450, "¥1,234.50"), (-4550, "−¥45.50"), (0, "¥0.00"), (None, "—"), (99, "¥0.99")],
)
def test_fen_are_written_as_yuan_with_two_places(fen: int | None, text: str) -> None:
    assert words.fen(fen) == text


@pytest.mark.parametrize(
    ("fen", "short"),
    [
        (1_234_500, "¥1.2万"),
        (999_900, "¥9,999"),
        (3_456_000_000, "¥3,456万"),
        (12_345_678_900, "¥1.2亿"),
        (-1_860_000, "−¥1.9万"),
    ],
)
def test_big_amounts_are_shortened_with_the_exact_one_in_the_title(fen: int, short: str) -> None:
    text = words.fen_short(fen)

    assert f">{short}<" in text
    assert f'title="{words.fen(fen)}"' in text


def test_english_speaks_of_thousands_and_millions() -> None:
    with translation.override("en"):
        assert ">¥12.3K<" in words.fen_short(1_234_500)
        assert ">1.2M<" in words.count_short(1_234_000)


def test_another_currency_keeps_its_own_sign() -> None:
    assert words.fen(1050, "GBP") == "£10.50"
    assert words.fen(1050, "SEK") == "SEK 10.50"


def test_shares_have_one_place() -> None:
    assert words.percent1(0.684) == "68.4%"
    assert words.signed_percent1(-0.031) == "−3.1%"
    assert words.signed_percent1(0.08) == "+8.0%"


def test_days_ago_are_counted_in_calendar_days_of_the_shop() -> None:
    today = timezone.localdate()

    assert ">3天前<" in words.ago(today - timedelta(days=3))
    assert ">昨天<" in words.ago(today - timedelta(days=1))
    assert ">今天<" in words.ago(today)
    assert ">4个月前<" in words.ago(today - timedelta(days=130))
    assert ">2天后<" in words.ago(today + timedelta(days=2))


def test_a_moment_far_away_is_written_with_its_date_and_clock() -> None:
    moment = timezone.make_aware(datetime(2020, 3, 4, 9, 5))

    assert words.weekday_time(moment) == "2020年3月4日 09:05"


def test_the_avatar_shows_the_surname_even_of_escaped_names() -> None:
    assert words.initial("王秀兰") == "王"
    assert words.initial("&lt;b&gt;") == "<"
    assert words.initial("") == "?"
