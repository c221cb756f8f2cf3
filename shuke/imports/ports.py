"""What a row means is told by a target that a higher room registers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import polars as pl
from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class Field:
    """Something a column can mean. `synonyms` are headers it goes by, best first, in any language."""

    code: str
    label: Text
    synonyms: tuple[str, ...] = ()
    hint: Text = ""
    group: Text = ""


@dataclass(frozen=True)
class Choice:
    """An option of a run: a question with its possible answers; `value` is the present one."""

    code: str
    label: Text
    answers: tuple[tuple[str, Text], ...]
    value: str = ""
    hint: Text = ""


@dataclass(frozen=True)
class Difference:
    """A field whose value in the file is not ours, and which of the two stays: `is_taken` is the file's."""

    line: int
    who: str
    field: Text
    ours: str
    theirs: str
    is_taken: bool


@dataclass(frozen=True)
class KnownExport:
    """The export file of another system: all of `needs` stand in its header; the more `signs`, the surer.

    `mapping` pairs headers with field codes, the better header first; `options` are answers that go with such files.
    """

    code: str
    label: Text
    source: str
    target: str
    signs: tuple[str, ...]
    mapping: tuple[tuple[str, str], ...]
    needs: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Advice:
    """What the target makes of a file and a mapping: what is missing, what to know, which questions to ask."""

    missing: list[Text] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    ruled: frozenset[str] = (
        frozenset()
    )  # fields for which the shop may say who wins a conflict (option wins_<code>)


@dataclass(frozen=True)
class Setting:
    """How one run reads its rows."""

    run_id: int
    source: str
    mapping: dict[str, str]  # field code → column (c0, c1 …)
    options: dict[str, Any]


@dataclass(frozen=True)
class Rejected:
    """A row that cannot be taken: what was wrong where."""

    line: int
    column: str
    value: str
    code: str


@dataclass(frozen=True)
class Prepared:
    """A batch read but not yet written. `rows` is how many rows of the batch it answers for."""

    rows: int
    content: Any
    rejected: list[Rejected] = field(default_factory=list)


Counts = dict[str, int]
Progress = Callable[[int, int], None]


class Reader(Protocol):
    """Reads and writes the batches of one run, in order."""

    def prepare(self, frame: pl.DataFrame, *, is_last: bool) -> Prepared:
        """Parse and check rows: no database. May answer for fewer rows than given; the rest comes again."""

    def foresee(self, prepared: Prepared) -> Prepared:
        """Before its turn to be written, in the reading thread: what can be made ready outside the transaction."""

    def replay(self, prepared: Prepared) -> None:
        """A batch that was written before the run was interrupted: remember it, write nothing."""

    def write(self, prepared: Prepared) -> Counts:
        """Write a batch within the caller's transaction.

        The counts say for each row what became of it: rows_created, rows_updated, rows_unchanged, rows_skipped;
        other counts are free.
        """

    def forget(self) -> None:
        """A transaction rolled back: drop whatever was remembered from it."""


class ImportTarget(Protocol):
    """What rows can become."""

    code: str
    label: Text

    def fields(self) -> Sequence[Field]:
        """All fields a column can mean."""

    def guess_source(self, columns: Sequence[str]) -> str:
        """Where a file with these headers comes from; empty: cannot tell."""

    def advise(self, rows: pl.DataFrame, setting: Setting) -> Advice:
        """Look at sample rows under a mapping."""

    def open(self, setting: Setting) -> Reader:
        """Begin or go on with a run."""

    def finish(self, setting: Setting, counts: Counts) -> Counts:
        """All rows are in: put the counts right and tell the house (publish). In a transaction; safe to repeat."""

    def undo(self, run_id: int, progress: Progress) -> Counts:
        """Take back what a run did, in batches; safe to repeat."""


@dataclass(frozen=True)
class Template:
    """An empty table to fill in: headers, and rows that show how (about nobody real)."""

    name: str
    head: list[str]
    rows: list[list[str]]


Likelihood = Callable[[Mapping[str, str]], int]
"""How surely a file is this target's whose columns say this (field → header): 0 not at all."""


class WithTemplate(Protocol):
    """A target that offers a table to fill in."""

    def template(self) -> Template:
        """The table, with the shop's own fields."""


@runtime_checkable
class WithLateIndexes(Protocol):
    """A target into whose empty tables a big file goes quicker when some indexes are built at the end."""

    late_indexes: Mapping[str, Sequence[str]]  # table → indexes


class WithNewFields(Protocol):
    """A target whose rows can have fields that the shop makes while it maps a file."""

    def new_kinds(self, actor: Any, cells: Sequence[str]) -> Sequence[tuple[str, Text]]:
        """What a column with these cells can become, the likeliest first; nothing for who may make no fields."""

    def make_field(self, actor: Any, *, name: str, kind: str, cells: Sequence[str]) -> str:
        """Make a field of a column; returns its code. Raises ValidationError with what to mend."""


_targets: dict[str, ImportTarget] = {}
_likelihoods: dict[str, Likelihood] = {}
_exports: dict[str, KnownExport] = {}


def register_target(target: ImportTarget, likelihood: Likelihood | None = None) -> None:
    """Offer a target; the same code replaces."""
    _targets[target.code] = target
    if likelihood is not None:
        _likelihoods[target.code] = likelihood


def register_exports(exports: Sequence[KnownExport]) -> None:
    """Offer files of other systems for being recognised."""
    _exports.update({export.code: export for export in exports})


def target(code: str) -> ImportTarget:
    """The target of that code; KeyError if there is none."""
    return _targets[code]


def targets() -> list[ImportTarget]:
    """All targets, in the order they were registered."""
    return list(_targets.values())


def likelihood_of(code: str) -> Likelihood:
    """How a target judges a mapping; without an own judgement: by how many fields were found."""
    return _likelihoods.get(code, len)


def exports() -> list[KnownExport]:
    """Every file that can be recognised."""
    return list(_exports.values())
