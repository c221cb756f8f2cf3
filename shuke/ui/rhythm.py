"""The rhythm strip: each purchase a dot on time, the usual interval shaded, today marked. Pure geometry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH = 1000
LAST_TICK = 930  # further right its word would stand outside the drawing


@dataclass(frozen=True)
class Dot:
    """One day with a purchase."""

    x: int
    on: date


@dataclass(frozen=True)
class Tick:
    """The first day of a month (or year) on the axis."""

    x: int
    on: date
    is_year: bool


@dataclass(frozen=True)
class RhythmStrip:
    """Everything the drawing needs, x from 0 to 1000."""

    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    today_x: int
    today: date
    silence_x: int | None
    silence_days: int | None
    usual_from_x: int | None
    usual_to_x: int | None
    usual_low_days: int | None
    usual_high_days: int | None
    expected_x: int | None
    expected_on: date | None
    overdue_days: int

    @property
    def usual_width(self) -> int:
        """Width of the shaded usual interval."""
        return (self.usual_to_x or 0) - (self.usual_from_x or 0)

    @property
    def silence_width(self) -> int:
        """Width of the stretch since the last purchase."""
        return self.today_x - (self.silence_x or self.today_x)

    @property
    def last_on(self) -> date | None:
        """The last purchase."""
        return self.dots[-1].on if self.dots else None


@dataclass(frozen=True)
class _Axis:
    start: date
    end: date

    def x(self, day: date) -> int:
        span = max((self.end - self.start).days, 1)
        return round((day - self.start).days / span * WIDTH)


def build_rhythm(
    days: Sequence[date],
    today: date,
    usual_low_days: int | None = None,
    usual_high_days: int | None = None,
    expected_on: date | None = None,
    *,
    longest_days: int = 540,
) -> RhythmStrip:
    """Place purchases, today and the next expected one on one axis that ends a little after the latest of them.

    Purchases older than `longest_days` before today fall off the left edge; at least 90 days are shown.
    """
    oldest_shown = today - timedelta(days=longest_days)
    shown = sorted({day for day in days if oldest_shown <= day <= today})
    axis = _axis(shown, today, usual_high_days, expected_on)
    last = shown[-1] if shown else None
    has_usual = last is not None and usual_low_days is not None and usual_high_days is not None
    return RhythmStrip(
        dots=tuple(Dot(axis.x(day), day) for day in shown),
        ticks=_ticks(axis),
        today_x=axis.x(today),
        today=today,
        silence_x=axis.x(last) if last else None,
        silence_days=(today - last).days if last else None,
        usual_from_x=_clamp(axis.x(last + timedelta(days=usual_low_days))) if has_usual else None,
        usual_to_x=_clamp(axis.x(last + timedelta(days=usual_high_days))) if has_usual else None,
        usual_low_days=usual_low_days,
        usual_high_days=usual_high_days,
        expected_x=_clamp(axis.x(expected_on)) if expected_on else None,
        expected_on=expected_on,
        overdue_days=max((today - expected_on).days, 0) if expected_on else 0,
    )


def _clamp(x: int) -> int:
    return max(0, min(WIDTH, x))


def _axis(shown: Sequence[date], today: date, usual_high_days: int | None, expected_on: date | None) -> _Axis:
    start = min(shown[0] if shown else today, today - timedelta(days=90))
    latest = max(today, expected_on or today)
    if shown and usual_high_days is not None:
        latest = max(latest, shown[-1] + timedelta(days=usual_high_days))
    latest = min(latest, today + timedelta(days=max((today - start).days // 2, 60)))
    margin = max((latest - start).days // 40, 2)
    return _Axis(start - timedelta(days=margin), latest + timedelta(days=margin))


def _ticks(axis: _Axis) -> tuple[Tick, ...]:
    months = _months(axis)
    step = next(s for s in (1, 2, 3, 6, 12) if len(months) / s <= 9 or s == 12)
    ticks = (
        Tick(axis.x(month), month, month.month == 1) for month in months if (month.month - 1) % step == 0
    )
    return tuple(tick for tick in ticks if tick.x <= LAST_TICK)


def _months(axis: _Axis) -> list[date]:
    month = axis.start.replace(day=1)
    found = []
    while month <= axis.end:
        if month >= axis.start:
            found.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return found
