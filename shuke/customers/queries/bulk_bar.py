"""What the bar under a list of customers offers."""

from dataclasses import dataclass

from shuke.customers.ports import BulkKind, bulk_kinds
from shuke.team.queries import Actor
from shuke.team.rules import NO_ROLE, may

OFTEN = ("tag", "assign", "edit")


@dataclass(frozen=True)
class BulkBar:
    """The actions an actor may do to those picked, and the filter that "all that match" stands for (see the template).

    What is done often stands in the bar, the rest in its menu, so that it stays one row.
    """

    source: str
    text: str
    total: str
    kinds: list[BulkKind]
    may_export: bool

    @property
    def often(self) -> list[BulkKind]:
        return [kind for kind in self.kinds if kind.code in OFTEN]

    @property
    def rest(self) -> list[BulkKind]:
        """The grave ones last."""
        others = [kind for kind in self.kinds if kind.code not in OFTEN]
        return sorted(others, key=lambda kind: kind.is_grave)


def bulk_bar(actor: Actor, *, source: str, text: str, total: str = "") -> BulkBar | None:
    """For `customers/bulk/_bar.html`; None for who may do nothing to many (then draw no boxes to pick either)."""
    role = getattr(actor, "ready_role", NO_ROLE)
    kinds = [
        kind
        for kind in bulk_kinds()
        if may(role, "customers.edit") and may(role, kind.permission) and _is_offered(kind, actor)
    ]
    may_export = may(role, "customers.export")
    return BulkBar(source, text, total, kinds, may_export) if kinds or may_export else None


def _is_offered(kind: BulkKind, actor: Actor) -> bool:
    """A kind may have nothing to offer: own fields where the shop has none."""
    ask = getattr(kind, "is_offered", None)
    return ask is None or bool(ask(actor))
