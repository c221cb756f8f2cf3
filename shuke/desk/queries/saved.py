"""Saved views: the tabs over the list of customers."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shuke.desk.models import SavedView, ViewChoices
from shuke.kernel import clock
from shuke.kernel.compiled import Compiled, given
from shuke.team.queries import Actor, reach_of
from shuke.team.rules import NO_ROLE, may

EVERYBODY = "all"
MOST_SHOWN = 60


@dataclass(frozen=True)
class View:
    """A list worth coming back to: its key in addresses, its name, and the query it stands for."""

    key: str
    label: str | Promise
    query: str
    id: int = 0
    is_own: bool = False
    is_shared: bool = False
    owner_name: str = ""
    is_pinned: bool = True
    opens_first: bool = False


def ready_views(actor: Actor) -> list[View]:
    """The views that everybody has."""
    return [
        View(EVERYBODY, _("全部"), ""),
        View("mine", pgettext_lazy("谁的", "我的"), "f=manager.in.me"),
        View("helping", _("我协作的"), "f=collaborator.in.me", is_pinned=bool(reach_of(actor).shared_ids)),
        View("best", _("重要价值"), "f=group.in.key_value"),
        View("slipping", _("即将流失"), "f=slipping.yes&sort=-stake"),
        View("birthday", _("本月生日"), f"f=birthday.in.{clock.today().month}"),
    ]


def visible_views(actor: Actor) -> QuerySet[SavedView]:
    """Saved views that the actor may open: their own and shared ones."""
    return _views_for(actor.id) if _may_have_views(actor) else SavedView.objects.none()


def _may_have_views(actor: Actor) -> bool:
    return actor.id is not None and may(getattr(actor, "ready_role", NO_ROLE), "customers.view")


def _views_for(staff_id: Any) -> QuerySet[SavedView]:
    return SavedView.objects.filter(Q(owner_id=staff_id) | Q(is_shared=True), deleted_at=None)


_SAVED = Compiled(
    lambda: (
        _views_for(given("staff", "bigint")).select_related("owner").order_by("created_at", "pk")[:MOST_SHOWN]
    )
)
_CHOICES = Compiled(lambda: ViewChoices.objects.filter(staff_id=given("staff", "bigint")))


def views_of(actor: Actor) -> list[View]:
    """Every view the actor may open: ready ones, then their own, then shared ones. `is_pinned`: stands among the tabs."""
    chosen = _CHOICES.first(staff=actor.id or 0) or ViewChoices()
    first = chosen.opens_first
    ready = [
        View(
            one.key,
            one.label,
            one.query,
            opens_first=one.key == first,
            is_pinned=one.key in chosen.pinned if not one.is_pinned else one.key not in chosen.hidden,
        )
        for one in ready_views(actor)
    ]
    rows = _SAVED.rows(staff=actor.id) if _may_have_views(actor) else []
    saved = [_view(row, actor, chosen) for row in rows]
    return [*ready, *sorted(saved, key=lambda one: not one.is_own)]


def _view(row: SavedView, actor: Actor, chosen: ViewChoices) -> View:
    key, is_own = f"v{row.pk}", row.owner_id == actor.id
    return View(
        key=key,
        label=row.name,
        query=row.query,
        id=row.pk,
        is_own=is_own,
        is_shared=row.is_shared,
        owner_name="" if is_own else row.owner.name,
        is_pinned=key in chosen.pinned or (is_own and key not in chosen.hidden),
        opens_first=key == chosen.opens_first,
    )
