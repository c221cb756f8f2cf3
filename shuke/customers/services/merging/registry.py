"""The tables that point to a customer, as each room registers them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet, UniqueConstraint
from django.utils.functional import Promise

Words = str | Promise
Describe = Callable[[Collection[int]], Mapping[int, str]]
Whose = Callable[[Collection[int], "Sides"], Mapping[int, int]]


class How(StrEnum):
    """What a merge does with the rows of a table."""

    MOVE = "move"  # go to the winner and come back
    STAY = "stay"  # history of the record itself: stays where it was written
    DERIVED = "derived"  # computed: the room computes both customers anew when the events arrive


@dataclass(frozen=True)
class Sides:
    """The two customers of a merge that is taken back, with the keys (namespace, value) that are each one's own."""

    winner_id: int
    loser_id: int
    winner_keys: frozenset[tuple[str, str]]
    loser_keys: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class UniqueKey:
    """Columns beside the customer of which two rows of one customer may not agree (where `condition` holds)."""

    columns: tuple[str, ...]
    condition: Q | None = None

    def within(self, rows: QuerySet[Model]) -> QuerySet[Model]:
        """Those of the rows for which the key holds."""
        return rows.filter(self.condition) if self.condition is not None else rows


@dataclass(frozen=True)
class Part:
    """One registered table and the column by which its rows belong to a customer."""

    label: str
    column: str
    how: How
    words: Words
    unique: tuple[UniqueKey, ...]
    yields: Mapping[str, Any] = field(default_factory=dict)
    asks: bool = True
    describe: Describe | None = None
    whose: Whose | None = None

    @property
    def name(self) -> str:
        """orders.Order.customer"""
        return f"{self.label}.{self.column}"

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.label)

    @property
    def rows(self) -> QuerySet[Model]:
        """Every row of the table."""
        return self.model._base_manager.all()


_parts: dict[str, Part] = {}


def register_rows(
    label: str,
    column: str = "customer",
    *,
    how: How = How.MOVE,
    words: Words = "",
    unique: Iterable[tuple[str, ...]] = (),
    yields: Mapping[str, Any] | None = None,
    asks: bool = True,
    describe: Describe | None = None,
    whose: Whose | None = None,
) -> None:
    """Tell merging that the rows of a model belong to a customer by `column`. Call it in your room's `registration.py`.

    `tests/test_merging_knows_every_table` fails for a model with a customer column that nobody registered.

    label     "orders.Order". Rows need one plain key (an id); a one-to-one row with the customer as key is fine, too.
    column    the field that names the customer; register a table with two of them once for each.
    how       MOVE (the usual): rows go to the winner; `unmerge` puts back exactly those, by id, with later edits.
              STAY: what was written about the record itself (history, doubts). DERIVED: computed rows, not touched here; refresh
              both customers in your handlers of CustomersMerged and CustomersUnmerged.
    words     what such rows are called on the pages: _("订单").
    unique    columns, beside the customer, of unique keys that the model's own constraints do not tell (expressions, say).
              Where both have a row of the same key the loser's stays with the loser, unseen, and is there after unmerging.
    yields    instead of staying, such a row gives this up and moves: {"is_primary": False}.
    asks      rows that came while the two were one are asked for after unmerging (归谁？). False: machine-made rows stay.
    describe  ids → one line each for that page. Without it the row's `str` is shown.
    whose     tells owners of such rows where the rows themselves say it (an address they came from): {row id: customer id}.
              Leave out what cannot be told; never guess.
    """
    keys = [*(UniqueKey(tuple(columns)) for columns in unique), *_declared_keys(label, column)]
    part = Part(
        label=label,
        column=column,
        how=How(how),
        words=words,
        unique=tuple(keys),
        yields=dict(yields or {}),
        asks=asks,
        describe=describe,
        whose=whose,
    )
    _parts[part.name] = part


def registered(how: How | None = None) -> list[Part]:
    """Every registered table, or those of one kind, by name: the same order in every merge."""
    return [_parts[name] for name in sorted(_parts) if how is None or _parts[name].how is how]


def part_named(name: str) -> Part | None:
    """The registered table of that name."""
    return _parts.get(name)


def _declared_keys(label: str, column: str) -> Iterable[UniqueKey]:
    """Unique keys with the customer in them, as the model declares them."""
    meta = apps.get_model(label)._meta
    names = {column, meta.get_field(column).attname}
    if meta.get_field(column).unique:
        yield UniqueKey(())
    composite = getattr(meta.pk, "field_names", ())
    if names & set(composite):
        yield UniqueKey(tuple(name for name in composite if name not in names))
    for constraint in meta.constraints:
        if isinstance(constraint, UniqueConstraint) and names & set(constraint.fields):
            others = tuple(name for name in constraint.fields if name not in names)
            yield UniqueKey(others, constraint.condition)
