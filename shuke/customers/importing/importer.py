"""Who stands behind an import run, and whom they may change."""

from dataclasses import dataclass

from shuke.imports.services.keeping import starter_of
from shuke.team.queries import SYSTEM, Actor, Reach, reach_of, visible_staff
from shuke.team.rules import Scope


@dataclass(frozen=True)
class Importer:
    """Who imports, and within what reach."""

    actor: Actor
    reach: Reach


def importer_of(run_id: int) -> Importer:
    """Whoever started the run; the house itself where nobody did. Fails closed: who is gone reaches nobody."""
    starter = starter_of(run_id)
    if starter is None:
        return Importer(SYSTEM, reach_of(SYSTEM))
    person = visible_staff(SYSTEM).filter(pk=starter).first()
    return Importer(person or SYSTEM, reach_of(person) if person is not None else Reach(Scope.NOTHING))
