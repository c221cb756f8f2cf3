"""Search results as the header's box and the palette show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shuke.customers.queries import Found, contacts_for, display_name, search_customers, visible_customers
from shuke.desk import rules
from shuke.desk.models import CustomerRow
from shuke.kernel.compiled import Compiled, given_list
from shuke.team.queries import Actor
from shuke.zh import marking
from shuke.zh.marking import Piece

MOST_RECENT = 8


@dataclass(frozen=True)
class Hit:
    """One customer in a list of results: who, why they were found, and where they stand."""

    id: int
    name: str
    phone: str
    pieces: tuple[Piece, ...]
    found: Found | None
    stage: str


def hits_for(actor: Actor, text: str, limit: int) -> list[Hit]:
    """The best results within reach; among equal matches, who is worth more in the coming year comes first."""
    rows: dict[int, tuple[float, int]] = {}

    def worth_of(customer_ids: Sequence[int]) -> dict[int, float]:
        """Value of the next 12 months; low for those who will hardly come back, so recent ones lead as well."""
        rows.update(_standing(customer_ids))
        return {pk: rows[pk][0] for pk in customer_ids if pk in rows}

    found = search_customers(actor, text, limit, worth_of=worth_of)
    rows |= _standing([one.id for one in found if one.id not in rows])
    stages = {pk: rules.STAGES[stage] for pk, (_worth, stage) in rows.items()}
    return [Hit(one.id, one.name, one.phone, one.match.name, one, stages.get(one.id, "")) for one in found]


def recent_hits(actor: Actor, customer_ids: Iterable[int]) -> list[Hit]:
    """Customers opened not long ago, in the order given; those out of reach by now are left out."""
    ids = list(dict.fromkeys(customer_ids))[:MOST_RECENT]
    rows = {row.pk: row for row in visible_customers(actor).filter(pk__in=ids)}
    stages = _stages(list(rows))
    return [
        Hit(
            pk,
            display_name(rows[pk]),
            contacts_for(actor, rows[pk]).phone,
            marking.plain(display_name(rows[pk])),
            None,
            stages.get(pk, ""),
        )
        for pk in ids
        if pk in rows
    ]


def _stages(customer_ids: Sequence[int]) -> dict[int, str]:
    return {pk: rules.STAGES[stage] for pk, (_worth, stage) in _standing(customer_ids).items()}


def _standing(customer_ids: Sequence[int]) -> dict[int, tuple[float, int]]:
    """Worth and stage by customer."""
    if not customer_ids:
        return {}
    return {pk: (float(fen), stage) for pk, fen, stage in _STANDING.rows(ids=customer_ids)}


_STANDING = Compiled(
    lambda: CustomerRow.objects.filter(pk__among=given_list("ids", "bigint")).values_list(
        "pk", "clv_year_fen", "stage"
    )
)
