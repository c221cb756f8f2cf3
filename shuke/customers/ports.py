"""What others fill: how a field is put back, where the ids of a list come from, what goes with a purge."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.functional import Promise

Words = str | Promise


# --- fields that remember ---


@dataclass(frozen=True)
class Held:
    """What a change wrote: the value before it and after it, as JSON."""

    before: Any
    after: Any


@dataclass(frozen=True)
class PutBack:
    """Which customers got their old value back, which hold something newer, and what went wrong with whom (msgids)."""

    restored: frozenset[int] = frozenset()
    kept: frozenset[int] = frozenset()
    problems: Mapping[int, str] = field(default_factory=dict)


class FieldKeeper(Protocol):
    """Knows the fields of one prefix that are no columns of the customer: tags, custom fields, the recycle bin."""

    def label(self, name: str) -> Words:
        """The field in the shop's words."""

    def shown(self, name: str, value: Any, *, is_masked: bool) -> str:
        """A stored value in words; contacts masked if asked."""

    def put_back(
        self, *, actor: Any, audit_id: int, name: str, changes: Mapping[int, Held], is_forced: bool
    ) -> PutBack:
        """Put the old values back where the field still holds what was written, or everywhere if forced.

        Called within a transaction, the customers locked and within the actor's reach. Writes its own `FieldChange` rows
        with `record_field_changes(actor=…, audit_id=…, changes=…)`; audit and event are the caller's.
        """


_keepers: dict[str, FieldKeeper] = {}


def register_keeper(prefix: str, keeper: FieldKeeper) -> None:
    """Say who keeps the fields `prefix` and `prefix.<anything>`: register_keeper("custom", …) keeps custom.size."""
    _keepers[prefix] = keeper


def keeper_of(name: str) -> FieldKeeper | None:
    """Who keeps this field; None: it is a column of the customer."""
    return _keepers.get(name.partition(".")[0])


# --- customers of a list ---

IdsOf = Callable[[Any, str], Iterable[int]]
CountOf = Callable[[Any, str], int]


@dataclass(frozen=True)
class IdSource:
    """Where the customers of a stored filter come from: `ids(actor, text)` walks them, `count` says how many at most."""

    ids: IdsOf
    count: CountOf


_sources: dict[str, IdSource] = {}


def register_id_source(name: str, source: IdSource) -> None:
    """Offer the customers behind an address: the desk registers "list", whose text is the query of the 客户 list."""
    _sources[name] = source


def id_source(name: str) -> IdSource | None:
    """The source of that name."""
    return _sources.get(name)


# --- leaving for good ---

Purge = Callable[[list[int]], None]
_purges: dict[str, Purge] = {}


def register_purge(room: str, purge: Purge) -> None:
    """Say what a room removes, or keeps without the person, when customers leave the recycle bin for good.

    Called with their ids inside the transaction that deletes them, before their rows go.
    """
    _purges[room] = purge


def purges() -> Iterator[Purge]:
    """What every room does, in the order they were registered."""
    yield from _purges.values()
