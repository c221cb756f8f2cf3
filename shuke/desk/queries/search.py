"""Search results as the header's box shows them."""

from dataclasses import dataclass

from shuke.customers.queries import Found, search_customers
from shuke.desk import rules
from shuke.desk.models import CustomerRow
from shuke.team.queries import Actor


@dataclass(frozen=True)
class Piece:
    """A stretch of a name, matched by what was typed or not."""

    text: str
    is_hit: bool


@dataclass(frozen=True)
class Hit:
    """One result: who, and where they stand."""

    found: Found
    pieces: tuple[Piece, ...]
    stage: str
    spent_fen: int


def hits_for(actor: Actor, text: str, limit: int) -> list[Hit]:
    """The best results within reach."""
    found = search_customers(actor, text, limit)
    rows = CustomerRow.objects.in_bulk([one.id for one in found])
    return [
        Hit(
            found=one,
            pieces=tuple(Piece(part, is_hit) for part, is_hit in rules.marked(one.name, text)),
            stage=rules.STAGES[rows[one.id].stage] if one.id in rows else "",
            spent_fen=rows[one.id].spent_fen if one.id in rows else 0,
        )
        for one in found
    ]
