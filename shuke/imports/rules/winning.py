"""Whose value stands where a file and a record differ, decided field by field. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FILE, BLANKS, NEWER, OURS = "file", "blanks", "newer", "ours"
RULES = (FILE, BLANKS, NEWER, OURS)


@dataclass(frozen=True)
class Outcome:
    """What becomes of one record: columns in which both had something else to say, and what is taken from the file."""

    differs: tuple[str, ...] = ()
    takes: Mapping[str, Any] = field(default_factory=dict)


def rule_for(code: str, options: Mapping[str, Any]) -> str:
    """What wins for a field: its own rule, else that of the run, else the file."""
    said = (str(options.get(name)) for name in (f"wins_{code}", "wins"))
    return next((rule for rule in said if rule in RULES), FILE)


def is_blank(value: Any) -> bool:
    """Whether a value says nothing; 否 and 0 do say something."""
    return value is None or value == ""


def settle(
    ours: Mapping[str, Any],
    theirs: Mapping[str, Any],
    rules: Mapping[str, str],
    *,
    is_newer: bool = False,
    is_own: bool = False,
) -> Outcome:
    """Column by column: a cell that says nothing never empties anything; the run's own records take whatever comes later.

    `rules` per column; `is_newer`: the file's row was changed after ours.
    """
    said = {
        column: value for column, value in theirs.items() if not is_blank(value) and value != ours[column]
    }
    differs = tuple(column for column in said if not is_blank(ours[column]))
    takes = {
        column: value
        for column, value in said.items()
        if is_own or _file_wins(rules[column], is_gap=is_blank(ours[column]), is_newer=is_newer)
    }
    return Outcome(differs, takes)


def _file_wins(rule: str, *, is_gap: bool, is_newer: bool) -> bool:
    return {FILE: True, BLANKS: is_gap, NEWER: is_gap or is_newer, OURS: False}[rule]
