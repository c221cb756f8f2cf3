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
