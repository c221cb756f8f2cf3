"""What two records give when they become one, and what is left when they are parted. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shuke.customers.rules.custom import id_in

WINNER, LOSER, BOTH = "winner", "loser", "both"
LEAST, FOLLOWS = "least", "follows"  # not chosen: the earlier day; what hangs on other columns
EMPTY: tuple[Any, ...] = ("", None, False)
JOINED = frozenset({"note"})  # texts of which both can be kept
TOGETHER = {
    "birthday": ("birthday_calendar", "birthday_month", "birthday_day", "birthday_is_leap"),
    "place": ("province", "city", "district", "address"),
}


@dataclass(frozen=True)
class Change:
    """One column of the winner before and after a merge, and from whom the new value came."""

    before: Any
    after: Any
    taken: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def grouped(columns: list[str]) -> dict[str, tuple[str, ...]]:
    """Columns that are chosen together under one key; every other column is a key of its own."""
    found: dict[str, tuple[str, ...]] = {}
    for column in columns:
        key = next((key for key, members in TOGETHER.items() if column in members), column)
        found[key] = (*found.get(key, ()), column)
    return found


def is_empty(key: str, value: Any) -> bool:
    """Whether that is no value. In the shop's own fields 否 and 0 are values like any other."""
    return value is None if id_in(key) is not None else value in EMPTY


def side_taken(
    key: str, columns: tuple[str, ...], winner: Mapping[str, Any], loser: Mapping[str, Any], wish: str = ""
) -> str:
    """Whose value stands after merging. An empty value never takes a full one's place, whatever was wished."""
    mine, theirs = [winner[c] for c in columns], [loser[c] for c in columns]
    if mine == theirs or all(is_empty(key, value) for value in theirs):
        return WINNER
    if all(is_empty(key, value) for value in mine):
        return LOSER
    if wish == LOSER or (wish == BOTH and key in JOINED):
        return wish
    return BOTH if key in JOINED and not wish else WINNER


def merged_columns(
    winner: Mapping[str, Any], loser: Mapping[str, Any], choices: Mapping[str, str]
) -> dict[str, Change]:
    """What changes on the winner. Raises ValueError for a choice of something that is no field."""
    groups = grouped(list(winner))
    if unknown := choices.keys() - groups.keys():
        raise ValueError(f"not fields of a customer: {sorted(unknown)}")
    changes: dict[str, Change] = {}
    for key, columns in groups.items():
        side = side_taken(key, columns, winner, loser, choices.get(key, ""))
        for column in columns if side != WINNER else ():
            after = joined(winner[column], loser[column]) if side == BOTH else loser[column]
            if after != winner[column]:
                changes[column] = Change(winner[column], after, side)
    return changes


def joined(mine: str, theirs: str) -> str:
    """Two notes as one; what is said already is not said twice."""
    if not theirs.strip() or theirs.strip() in mine:
        return mine
    return f"{mine}\n\n{theirs}" if mine.strip() else theirs


def without(column: str, change: Change, loser_value: Any) -> Any:
    """What a column would hold had the loser brought `loser_value` instead: for merges above one that is taken back."""
    if change.taken == BOTH:
        return joined(change.before or "", loser_value or "")
    if change.taken == LEAST:
        return min(change.before, loser_value)
    return change.before if is_empty(column, loser_value) else loser_value
