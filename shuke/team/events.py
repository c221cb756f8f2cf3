"""What happened to the team."""

from dataclasses import dataclass

from shuke.kernel.events import Event


@dataclass(frozen=True)
class StaffAdded(Event):
    staff_id: int


@dataclass(frozen=True)
class StaffDisabled(Event):
    staff_id: int
