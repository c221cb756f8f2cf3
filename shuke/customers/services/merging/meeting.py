"""Rows that would meet at one customer when others come home: which of them steps back, and how far.

A row that names two customers may have been moved along either. Two rows that differed in one of them meet when that one was
merged and the other goes home. Then the one that came by the latest merge goes back to whom that merge took it from, and counts
as having stayed there: so the merge would have left it, had the two met then.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from shuke.customers.models import MergeMove
from shuke.customers.services.merging.registry import How, Part, UniqueKey, registered

Values = dict[str, Any]


@dataclass
class Meeting:
    """Rows on their way to a customer and those already there, as they will stand: {row: {column: value}}."""

    part: Part
    owner_id: int
    standing: dict[Any, Values]
    under: dict[UniqueKey, list[Any]]  # rows for which a key holds; those already there first
    stepped: list[Any] = field(default_factory=list)

    def clashes(self) -> list[list[Any]]:
        """Groups of rows of one key; the first of a group may stay."""
        found = []
        for unique, pks in self.under.items():
            groups: dict[tuple[Any, ...], list[Any]] = {}
            for pk in pks:
                key = tuple(self.standing[pk][column] for column in unique.columns)
                if None not in key and self.standing[pk][self.part.column] == self.owner_id:
                    groups.setdefault(key, []).append(pk)
            found += [group for group in groups.values() if len(group) > 1]
        return found

    def step_back(self, pk: Any, part: Part, owner_id: int) -> None:
        self.standing[pk][part.column] = owner_id
        self.stepped = [*(other for other in self.stepped if other != pk), pk]


def make_room(part: Part, pks: Collection[Any], owner_id: int) -> set[Any]:
    """Let rows step back that would meet when these come to the owner; returns those of them that have to stay away.

    Those that stepped back have come to the owner already (or gone where the owner had them from).
    """
    if not part.unique:
        return set()
    meeting = _meeting(part, pks, owner_id)
    settled: list[list[Any]] = []
    while clash := next((group for group in meeting.clashes() if group not in settled), None):
        if not _let_one_step_back(meeting, clash):
            settled.append(clash)
    for pk in reversed(meeting.stepped):  # whoever made another one go needs its place
        values = {one.column: meeting.standing[pk][one.column] for one in _customer_parts(part)}
        part.rows.filter(pk=pk).update(**values)
    return {pk for group in settled for pk in group[1:]}


def _meeting(part: Part, pks: Collection[Any], owner_id: int) -> Meeting:
    parts = _customer_parts(part)
    columns = {one.column for one in parts} | {column for key in part.unique for column in key.columns}
    rows = part.rows.filter(Q(pk__in=pks) | Q(**{part.column: owner_id}))
    standing, coming = {}, set(pks)
    for row in rows.order_by("pk").values("pk", *columns):
        pk = row.pop("pk")
        standing[pk] = {**row, part.column: owner_id}
    under = {}
    for key in part.unique:
        held = [pk for pk in key.within(rows).order_by("pk").values_list("pk", flat=True) if pk in standing]
        under[key] = sorted(held, key=lambda pk: pk in coming)
    return Meeting(part, owner_id, standing, under)


def _customer_parts(part: Part) -> list[Part]:
    """Every registered column of the table by which its rows move."""
    return [one for one in registered(How.MOVE) if one.label == part.label]


def _let_one_step_back(meeting: Meeting, clash: list[Any]) -> bool:
    """Undo, for one row, the latest step by which any of these came; False if none of them came by a merge."""
    steps = [
        (move, pk, part)
        for part in _customer_parts(meeting.part)
        if not part.yields  # such rows never stay behind
        for pk in clash
        for move in _moves_of(part, pk, meeting.standing[pk][part.column])
        if _has_place(meeting, pk, part, move.merge.loser_id)
    ]
    if not steps:
        return False
    move, pk, part = max(steps, key=lambda step: step[0].merge_id)
    meeting.step_back(pk, part, move.merge.loser_id)
    move.moved = [one for one in move.moved if one != pk]
    move.stayed = [*move.stayed, pk]
    move.save(update_fields=["moved", "stayed"])
    return True


def _moves_of(part: Part, pk: Any, owner_id: int) -> Collection[MergeMove]:
    """Standing merges that brought this row to where it is."""
    moves = MergeMove.objects.filter(part=part.name, merge__winner_id=owner_id, merge__undone_at=None)
    return moves.filter(moved__contains=[pk]).select_related("merge")


def _has_place(meeting: Meeting, pk: Any, part: Part, owner_id: int) -> bool:
    """Whether no row outside this meeting is in the way there, and the row would not join a customer to themselves."""
    row = meeting.standing[pk]
    others = {one.column for one in _customer_parts(part)} - {part.column}
    if owner_id in {row[column] for column in others}:
        return False
    there = part.rows.filter(**{part.column: owner_id}).exclude(pk__in=meeting.standing)
    return not any(
        key.within(there).filter(**{column: row[column] for column in key.columns}).exists()
        for key in part.unique
    )
