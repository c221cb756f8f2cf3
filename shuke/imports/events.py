"""What happened to import runs."""

from dataclasses import dataclass

from shuke.kernel.events import Event


@dataclass(frozen=True)
class ImportFinished(Event):
    run_id: int


@dataclass(frozen=True)
class ImportUndone(Event):
    run_id: int
