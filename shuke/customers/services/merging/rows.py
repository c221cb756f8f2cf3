"""Moving the rows of registered tables from one customer to another, and back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from shuke.customers.services.merging.meeting import make_room
from shuke.customers.services.merging.registry import How, Part, registered


@dataclass
class Moved:
    """What was moved of one part: ids, ids the winner had before, ids that stayed, and what moved rows gave up."""

    moved: list[Any] = field(default_factory=list)
    kept: list[Any] = field(default_factory=list)
    stayed: list[Any] = field(default_factory=list)
    before: dict[str, dict[str, Any]] = field(default_factory=dict)


def is_one_to_one(part: Part) -> bool:
    """Whether the customer itself is the row's key: such a row is told by whose it is."""
    pk = part.model._meta.pk
    return pk is not None and pk.name == part.column


def key_of(part: Part) -> str:
    """The column by which a moved row is known again."""
    pk = part.model._meta.pk
    names = tuple(getattr(pk, "field_names", ()))
    if not names:
        return "pk"
    others = [name for name in names if name not in (part.column, f"{part.column}_id")]
    if len(others) != 1:
        raise ValueError(f"{part.label}: rows need one plain key to be moved")
    return others[0]


def move(part: Part, *, winner_id: int, loser_id: int, leaving: Collection[Any] = ()) -> Moved:
    """Give the loser's rows to the winner, but for those to leave.

    Rows of which the winner has one already stay, or yield and go along.
    """
    rows, key = part.rows, key_of(part)
    held = rows.filter(**{f"{part.column}__in": (winner_id, loser_id)}).order_by(key)
    owners = list(held.values_list(key, _plain(part)))
    done = Moved(kept=[pk for pk, owner in owners if owner == winner_id])
    left = set(leaving)
    if all(owner == winner_id or pk in left for pk, owner in owners):
        return done
    theirs = rows.filter(**{part.column: loser_id}).exclude(**{f"{key}__in": list(leaving)})
    staying = _colliding(part, rows, winner_id, loser_id)
    if part.yields and staying:
        done.before = _yield(part, theirs.filter(pk__in=staying))
        staying = set()
    going = theirs.exclude(pk__in=staying).exclude(_pairs_with(part, winner_id))
    done.moved = list(going.order_by(key).values_list(key, flat=True))
    done.stayed = list(theirs.exclude(**{f"{key}__in": done.moved}).values_list(key, flat=True))
    if done.moved:
        theirs.filter(**{f"{key}__in": done.moved}).update(**{part.column: winner_id})
    return done


def _plain(part: Part) -> str:
    """The column that holds the customer's id as a number."""
    return next(field.attname for field in part.model._meta.concrete_fields if field.name == part.column)


def put_back(part: Part, stored: Moved, *, holder_ids: Sequence[int], loser_id: int) -> list[Any]:
    """Give rows back to the loser that are still with one of the holders; returns their ids. Gone rows stay gone."""
    if not stored.moved:
        return []
    key = key_of(part)
    held = part.rows.filter(**{f"{part.column}__in": holder_ids})
    if not is_one_to_one(part):
        held = held.filter(**{f"{key}__in": stored.moved})
    going = dict(held.order_by(key).values_list("pk", key))
    if not going:
        return []
    staying = make_room(part, list(going), loser_id)  # of which the loser got one of their own meanwhile
    held.exclude(pk__in=staying).update(**{part.column: loser_id})
    back = [row_key for pk, row_key in going.items() if pk not in staying]
    _restore(part, {pk: given for pk, given in stored.before.items() if pk in set(map(str, back))})
    return back


def came_since(part: Part, *, holder_ids: Sequence[int], known: Collection[Any]) -> list[Any]:
    """Ids of rows with the holders that were there with neither side before."""
    if is_one_to_one(part):
        return []
    key = key_of(part)
    held = part.rows.filter(**{f"{part.column}__in": holder_ids})
    return [pk for pk in held.order_by(key).values_list(key, flat=True) if pk not in known]


def _colliding(part: Part, rows: QuerySet[Model], winner_id: int, loser_id: int) -> set[Any]:
    """Rows of the loser of which the winner has one with the same unique key."""
    found: set[Any] = set()
    for unique in part.unique:
        theirs = unique.within(rows).filter(**{part.column: loser_id})
        mine = unique.within(rows).filter(**{part.column: winner_id})
        same = {column: OuterRef(column) for column in unique.columns}
        found |= set(theirs.filter(Exists(mine.filter(**same))).values_list("pk", flat=True))
    return found


def _pairs_with(part: Part, winner_id: int) -> Q:
    """Rows that join the two customers themselves: nobody is their own contact."""
    others = [other.column for other in registered(How.MOVE) if other.label == part.label]
    joins = Q(pk__in=[])
    for column in others:
        if column != part.column:
            joins |= Q(**{column: winner_id})
    return joins


def _yield(part: Part, rows: QuerySet[Model]) -> dict[str, dict[str, Any]]:
    before = {str(row["pk"]): {c: row[c] for c in part.yields} for row in rows.values("pk", *part.yields)}
    rows.update(**part.yields)
    return before


def _restore(part: Part, before: dict[str, dict[str, Any]]) -> None:
    """Give back what rows gave up, unless somebody has set it otherwise since."""
    for pk, given in before.items():
        part.rows.filter(pk=pk, **part.yields).update(**given)


def moved_parts() -> Iterable[Part]:
    """Every part whose rows a merge moves."""
    return registered(How.MOVE)
