"""What wins where a file and a communication or follow-up that is there differ, field by field. No database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shuke.imports.rules.winning import is_blank, rule_for, settle

Row = Mapping[str, Any]
TOUCH: dict[str, tuple[str, ...]] = {
    "kind": ("kind",), "direction": ("direction",), "body": ("body",), "result": ("result",), "moment": ("happened_at",),
    "author": ("author_name", "staff_id"),
}  # fmt: skip
STEP: dict[str, tuple[str, ...]] = {
    "purpose": ("purpose",), "due": ("due_on",), "state": ("state",), "result": ("result",), "author": ("assignee_id",),
}  # fmt: skip
FOLLOWS = {"state": "done_at"}  # goes with the state, is not compared
NEEDS: dict[str, set[str]] = {  # columns of which a file must have one to say anything of the field
    "kind": set(), "body": set(), "direction": {"direction", "kind"}, "state": {"state", "done"},
}  # fmt: skip
STANDS_FOR = {"title": "body", "note": "purpose", "done": "state"}


@dataclass(frozen=True)
class PastOutcome:
    """What becomes of a row that is there: columns to write, and fields in which both say something else."""

    takes: Row
    differs: tuple[str, ...]
    taken: frozenset[str]


@dataclass(frozen=True)
class PastRules:
    """The shop's choices for one run."""

    columns: Mapping[str, tuple[str, ...]]
    rules: Mapping[str, str]
    said: frozenset[str]

    @property
    def compared(self) -> tuple[str, ...]:
        """Every column that may be written, and what goes with one."""
        own = [column for columns in self.columns.values() for column in columns]
        return (*own, *(FOLLOWS[code] for code in self.columns if code in FOLLOWS), *self._beside)

    @property
    def _beside(self) -> tuple[str, ...]:
        return () if "state" in self.columns else ("changed_at",)

    def decide(self, ours: Row, theirs: Row, *, is_newer: bool, is_own: bool) -> PastOutcome:
        """A field of several columns is one value."""
        held = {code: _whole(ours, columns) for code, columns in self.columns.items()}
        told = {code: _whole(theirs, self.columns[code]) for code in self.said}
        outcome = settle(held, told, self.rules, is_newer=is_newer, is_own=is_own)
        names = [name for code in outcome.takes for name in (*self.columns[code], *_along(code))]
        names += [name for name in self._beside if names and theirs[name]]
        return PastOutcome({name: theirs[name] for name in names}, outcome.differs, frozenset(outcome.takes))


def rules_of(mapping: Mapping[str, str], options: Mapping[str, Any], *, is_plan: bool) -> PastRules:
    """How a run decides, by its columns and what the shop chose."""
    columns = STEP if is_plan else TOUCH
    named = {STANDS_FOR[code]: code for code in ruled(mapping, is_plan=is_plan) if code in STANDS_FOR}
    rules = {code: rule_for(named.get(code, code), options) for code in columns}
    said = frozenset(
        code for code in columns if not (need := NEEDS.get(code, {code})) or need & mapping.keys()
    )
    return PastRules(columns, rules, said)


def ruled(mapping: Mapping[str, str], *, is_plan: bool) -> frozenset[str]:
    """Fields of a file for which the shop may say who wins; of two that make one field, the first."""
    columns = STEP if is_plan else TOUCH
    alone = {code for code, field in STANDS_FOR.items() if field in columns and field not in mapping}
    return frozenset((columns.keys() | alone) & mapping.keys())


def _whole(row: Row, columns: tuple[str, ...]) -> tuple[Any, ...] | None:
    values = tuple(row[column] for column in columns)
    return None if all(map(is_blank, values)) else values


def _along(code: str) -> tuple[str, ...]:
    return (FOLLOWS[code],) if code in FOLLOWS else ()
