"""The geometry of the rhythm strip."""

from datetime import date, timedelta

from shuke.ui.rhythm import build_rhythm

TODAY = date(2026, 11, 22)


def _days_before(*gaps: int) -> list[date]:
    return [TODAY - timedelta(days=gap) for gap in gaps]


def test_purchases_lie_in_order_from_left_to_right_and_before_today() -> None:
    strip = build_rhythm(_days_before(45, 66, 87), TODAY, 18, 26, TODAY - timedelta(days=23))

    assert [dot.on for dot in strip.dots] == sorted(_days_before(45, 66, 87))
    assert [dot.x for dot in strip.dots] == sorted(dot.x for dot in strip.dots)
    assert strip.dots[-1].x < strip.today_x < 1000


def test_the_usual_interval_is_shaded_from_the_last_purchase() -> None:
    strip = build_rhythm(_days_before(10, 40), TODAY, 20, 30, TODAY + timedelta(days=15))

    last = strip.silence_x
    per_day = (strip.today_x - last) / 10
    assert abs(strip.usual_from_x - (last + 20 * per_day)) <= 8
    assert strip.usual_from_x < strip.expected_x < strip.usual_to_x
    assert strip.overdue_days == 0


def test_a_late_customer_is_overdue_since_the_expected_day() -> None:
    strip = build_rhythm(_days_before(45, 66), TODAY, 18, 26, TODAY - timedelta(days=24))

    assert strip.overdue_days == 24
    assert strip.silence_days == 45
    assert strip.last_on == TODAY - timedelta(days=45)


def test_two_orders_on_one_day_are_one_dot_and_future_or_ancient_ones_none() -> None:
    strip = build_rhythm([TODAY, TODAY, TODAY + timedelta(days=3), TODAY - timedelta(days=900)], TODAY)

    assert [dot.on for dot in strip.dots] == [TODAY]
    assert strip.silence_days == 0


def test_a_customer_without_purchases_still_has_an_axis_with_today() -> None:
    strip = build_rhythm([], TODAY, None, None, None)

    assert strip.dots == ()
    assert strip.silence_x is None
    assert 900 < strip.today_x < 1000
    assert strip.usual_width == 0


def test_a_year_and_a_half_shows_at_most_nine_month_marks_with_the_new_year_among_them() -> None:
    strip = build_rhythm(_days_before(5, 200, 530), TODAY, 20, 30, TODAY + timedelta(days=20))

    assert len(strip.ticks) <= 9
    assert [tick.on for tick in strip.ticks if tick.is_year] == [date(2026, 1, 1)]


def test_a_far_expected_day_is_kept_inside_the_drawing() -> None:
    strip = build_rhythm(_days_before(5), TODAY, 300, 500, TODAY + timedelta(days=400))

    assert strip.expected_x == 1000
    assert strip.usual_to_x == 1000


def test_no_word_of_the_axis_stands_beyond_its_end() -> None:
    strip = build_rhythm(
        [date(2025, 12, 1), date(2026, 10, 22)], date(2026, 11, 23), 22, 60, date(2026, 12, 20)
    )
    assert [tick.on for tick in strip.ticks][-1] == date(2026, 11, 1)
    assert max(tick.x for tick in strip.ticks) <= 930
