"""By which edges a letter gets its score: the shop's quintiles, fixed ones, or the shop's own."""

from dataclasses import dataclass

from django.db import transaction

from shuke.analytics.rfm_views import FIXED, ChosenEdges, edges_by_hand
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require
from shuke.value.events import ValuePolicyChanged
from shuke.value.models import RfmEdgeChoice

QUANTILES, FIXED_EDGES, OWN_EDGES = RfmEdgeChoice.Mode.values
Four = tuple[float, float, float, float]


class EdgesDoNotRise(ValueError):
    """Four edges of a letter must rise."""


@dataclass(frozen=True)
class EdgesForm:
    """What is asked: which edges the shop's scores use, and its own ones (days, purchases, fen)."""

    mode: str
    own: ChosenEdges


def stored_edges() -> EdgesForm:
    """As they stand; the shop's quintiles, and the fixed ones as a beginning, where nothing was saved."""
    row = RfmEdgeChoice.objects.first()
    if row is None:
        return EdgesForm(QUANTILES, FIXED)
    return EdgesForm(row.mode, _edges(row))


def own_edges() -> ChosenEdges | None:
    """The shop's own; None before it set any."""
    row = RfmEdgeChoice.objects.first()
    return _edges(row) if row else None


def used_edges() -> ChosenEdges | None:
    """Those that everybody's stored scores are made with; None: the shop's quintiles."""
    chosen = stored_edges()
    return {QUANTILES: None, FIXED_EDGES: FIXED}.get(chosen.mode, chosen.own)


def _edges(row: RfmEdgeChoice) -> ChosenEdges:
    letters = (row.recency_days, row.frequency, row.money_fen)
    return ChosenEdges(*(_four(letter) for letter in letters))


def _four(edges: list[int]) -> Four:
    one, two, three, four = (float(edge) for edge in edges)
    return one, two, three, four


@transaction.atomic
def save_edges(*, actor: Actor, form: EdgesForm) -> None:
    """Keep the choice and compute everybody's values anew in the background. Raises EdgesDoNotRise."""
    require(actor, "value.configure")
    try:
        edges_by_hand(form.own)
    except ValueError as error:
        raise EdgesDoNotRise(str(error)) from error
    row = RfmEdgeChoice.objects.select_for_update().first() or RfmEdgeChoice()
    before = _told(row) if row.pk else None
    row.mode = form.mode if form.mode in RfmEdgeChoice.Mode.values else QUANTILES
    row.recency_days, row.frequency, row.money_fen = (
        [round(edge) for edge in letter]
        for letter in (form.own.recency_days, form.own.frequency, form.own.money_fen)
    )
    row.save()
    record_audit(actor, "rfm_edges_saved", before=before, after=_told(row))
    publish(ValuePolicyChanged())


def _told(row: RfmEdgeChoice) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("mode", "recency_days", "frequency", "money_fen")}
