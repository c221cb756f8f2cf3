"""Decisions about segments. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product


@dataclass(frozen=True)
class Change:
    """How many entered and left on a day."""

    entered: int
    left: int

    @property
    def net(self) -> int:
        return self.entered - self.left


def sizes_by_day(size: int, changes: Mapping[date, Change], first: date, today: date) -> list[int]:
    """Members at the end of each day from `first` to `today`, counted back from `size`, today's."""
    sizes, day = [size], today
    while day > first:
        size -= changes[day].net if day in changes else 0
        sizes.append(size)
        day -= timedelta(days=1)
    return sizes[::-1]


def parts_of(count: int) -> Sequence[tuple[bool, ...]]:
    """The parts that sets divide customers into: for two, in both, in the first only, in the second only."""
    return [part for part in product((True, False), repeat=count) if any(part)]


LESS, MIDDLE, MORE = -1, 0, 1
Ends = Sequence[int | None]


@dataclass(frozen=True)
class Manner:
    """What a group's customers are like beside the others: in the lower third, the middle, or the upper third."""

    silence: int
    times: int
    basket: int
    is_once: bool


def manner_of(middle: Sequence[float], lower: Sequence[float], upper: Sequence[float]) -> Manner:
    """The middle customer's days of silence, purchases and money per visit against the thirds of all."""
    silence, times, basket = (
        MORE if own > high else LESS if own < low else MIDDLE
        for own, low, high in zip(middle, lower, upper, strict=True)
    )
    return Manner(silence, times, basket, is_once=middle[1] <= 1)


def conditions_of(low: Ends, high: Ends) -> str:
    """Conditions of lists for "above low, up to high" in days of silence, purchases and yuan per visit; buyers only."""
    parts = [f"times.span.{(low[1] or 0) + 1}-{_end(high[1])}"]
    if low[0] is not None or high[0] is not None:
        parts.insert(0, f"last.span.{_end(None if low[0] is None else low[0] + 1)}-{_end(high[0])}")
    if low[2] is not None or high[2] is not None:
        parts.append(f"basket.span.{_end(low[2])}-{_end(high[2])}")
    return "~".join(parts)


def _end(number: int | None) -> str:
    return "" if number is None else str(number)
