"""Who is asking, and what they see."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models import Value as Constant
from django.db.models.functions import JSONObject

from shuke.kernel.compiled import Compiled, Value, given, given_list
from shuke.kernel.keyset import Page, keyset_page
from shuke.kernel.timeline import SourceRows, TimelineWanted
from shuke.team import ports, rules
from shuke.team.models import AuditEntry, Notice, Shop, Staff, Store

AUDIT_SOURCE = "audit"
MOST_UNREAD = 100


@dataclass(frozen=True)
class System:
    """Shuke itself, acting in jobs and on the command line: may all, sees all, and is named in the audit."""

    name: str = "system"
    id: None = None

    @cached_property
    def ready_role(self) -> rules.Role:
        return rules.OWNER

    def may(self, permission: str) -> bool:
        return rules.may(self.ready_role, permission)


SYSTEM = System()
Actor = Staff | System


@dataclass(frozen=True)
class Reach:
    """Whose records an actor sees: everything, the stores named, their own, or nothing.

    Beside these, single customers may be shared with them, to read or to write touches: `seen` and `covers` know of those,
    `filter` is what is theirs to change.
    """

    scope: rules.Scope
    store_ids: frozenset[int] = frozenset()
    staff_id: int | None = None
    shared_to_read: frozenset[int] = frozenset()
    shared_to_write: frozenset[int] = frozenset()

    @property
    def shared_ids(self) -> frozenset[int]:
        """The customers shared with the actor, in whichever way."""
        return self.shared_to_read | self.shared_to_write

    @property
    def key(self) -> str:
        """Names this reach in a cache key: who reaches the same has the same key."""
        stores = ",".join(map(str, sorted(self.store_ids)))
        return f"{self.scope}:{stores}:{'' if self.scope is rules.Scope.ALL else self.staff_id}"

    def filter(self, *, store: str = "store_id", owner: str = "account_manager_id") -> Q:
        """The condition on a queryset that has these two columns. Fails closed."""
        if self.scope is rules.Scope.ALL:
            return Q()
        if self.scope is rules.Scope.STORE:
            return Q(**{f"{store}__in": sorted(self.store_ids)}) | Q(**{owner: self.staff_id})
        if self.scope is rules.Scope.OWN and self.staff_id is not None:
            return Q(**{owner: self.staff_id})
        return Q(pk__in=[])

    def seen(self, *, store: str = "store_id", owner: str = "account_manager_id", customer: str = "pk") -> Q:
        """Like `filter`, and the customers shared with the actor: for what only reads. The ids are few and stand in the
        statement, so a walk of an index checks them as it goes."""
        own = self.filter(store=store, owner=owner)
        return own | Q(**{f"{customer}__in": sorted(self.shared_ids)}) if self.shared_ids else own

    def shares(self, customer_id: int | None, permission: str) -> bool:
        """Whether this customer is shared with the actor for what the permission is about."""
        if customer_id in self.shared_to_write:
            return permission in rules.SHARED_TO_WRITE
        return customer_id in self.shared_to_read and permission in rules.SHARED_TO_READ

    @property
    def given(self) -> dict[str, Value]:
        """The values for a compiled query that is narrowed by `within_reach` or `within_sight`."""
        return {
            "reach_stores": sorted(self.store_ids),
            "reach_staff": self.staff_id,
            "reach_shared": sorted(self.shared_ids),
        }

    def covers(self, *, store_id: int | None, owner_id: int | None) -> bool:
        """Whether one record with that store and account manager is within reach."""
        if self.scope is rules.Scope.ALL:
            return True
        is_own = owner_id is not None and owner_id == self.staff_id
        if self.scope is rules.Scope.STORE:
            return is_own or store_id in self.store_ids
        return self.scope is rules.Scope.OWN and is_own


def within_reach(scope: rules.Scope, *, store: str = "store_id", owner: str = "account_manager_id") -> Q:
    """As `Reach.filter`, for a compiled query of this scope: the values come later, from `Reach.given`."""
    if scope is rules.Scope.ALL:
        return Q()
    mine = Q(**{owner: given("reach_staff", "bigint")})
    if scope is rules.Scope.STORE:
        return Q(**{f"{store}__among": given_list("reach_stores", "bigint")}) | mine
    return mine if scope is rules.Scope.OWN else Q(pk__in=[])


def within_sight(
    scope: rules.Scope,
    *,
    store: str = "store_id",
    owner: str = "account_manager_id",
    customer: str = "pk",
) -> Q:
    """As `Reach.seen`, for a compiled query of this scope."""
    own = within_reach(scope, store=store, owner=owner)
    if scope not in (rules.Scope.STORE, rules.Scope.OWN):
        return own
    return own | Q(**{f"{customer}__among": given_list("reach_shared", "bigint")})


def reach_of(actor: Actor) -> Reach:
    """The reach of an actor's role; unknown visitors reach nothing."""
    if isinstance(actor, System):
        return Reach(rules.Scope.ALL)
    if not isinstance(actor, Staff) or not actor.is_active:
        return Reach(rules.Scope.NOTHING)
    scope = actor.ready_role.scope
    if scope not in (rules.Scope.STORE, rules.Scope.OWN):
        return Reach(scope, staff_id=actor.pk)
    places = _places(actor)
    stores = places.store_ids if scope is rules.Scope.STORE else frozenset()
    return Reach(scope, stores, actor.pk, places.shared_to_read, places.shared_to_write)


@dataclass(frozen=True)
class _Places:
    """The stores a person works in, and the customers shared with them."""

    store_ids: frozenset[int]
    shared_to_read: frozenset[int]
    shared_to_write: frozenset[int]


def _places(staff: Staff) -> _Places:
    """Asked once per request, in one question."""
    cached: _Places | None = getattr(staff, "_known_places", None)
    if cached is None:
        rows = _PLACES.rows(staff=staff.pk)
        cached = _Places(*(frozenset(pk for pk, what in rows if what == kind) for kind in _KINDS))
        staff._known_places = cached  # type: ignore[attr-defined]
    return cached


_KINDS = ("store", "read", "write")


def _stores_and_shares() -> QuerySet[Any]:
    staff: Any = given("staff", "bigint")
    rows = Staff.stores.through.objects.filter(staff_id=staff).values_list("store_id", Constant("store"))
    return rows.union(*ports.shares_of(staff), all=True)


_PLACES = Compiled(_stores_and_shares)


@dataclass(frozen=True)
class FrameFacts:
    """What the frame around every page says: the shop's own facts, and how many notices wait (up to MOST_UNREAD)."""

    shop_name: str
    is_rise_red: bool
    is_demo: bool
    has_colleagues: bool
    unread: int


_SIGNED_IN = Compiled(
    lambda: Staff.objects.filter(pk=given("id", "bigint")).annotate(
        known_unread=ArraySubquery(_waiting(OuterRef("pk")).values("pk")[:MOST_UNREAD]),
        known_shop=Subquery(
            Shop.objects.order_by("pk").values(
                facts=JSONObject(
                    shop_name="name",
                    is_rise_red="is_rise_red",
                    is_demo="is_demo",
                    has_colleagues=Exists(_colleagues_of(given("id", "bigint"))),
                )
            )[:1]
        ),
    )
)


def _colleagues_of(staff_id: Any) -> QuerySet[Staff]:
    return Staff.objects.filter(is_active=True).exclude(pk=staff_id)


def _waiting(staff_id: Any) -> QuerySet[Notice]:
    return Notice.objects.filter(staff_id=staff_id, read_at=None)


def signed_in(staff_id: int) -> Staff | None:
    """A visitor with what the frame around every page says to them (shop, notices), in one query."""
    return _SIGNED_IN.first(id=staff_id)


def frame_facts(visitor: Any) -> FrameFacts:
    """What the frame says to a visitor, asked once of each; of somebody `signed_in`, as it stood then, without another query."""
    known = getattr(visitor, "known_shop", None)
    if known is not None:
        return FrameFacts(**known, unread=len(visitor.known_unread))
    asked: FrameFacts | None = getattr(visitor, "asked_frame", None)
    if asked is None:
        row = shop()
        others = _colleagues_of(getattr(visitor, "pk", None)).exists()
        asked = FrameFacts(row.name, row.is_rise_red, row.is_demo, others, unread_notices(visitor))
        if visitor is not None:
            visitor.asked_frame = asked
    return asked


def reads_contacts(actor: Actor) -> bool:
    """Whether the actor reads phones and e-mails unmasked."""
    return getattr(actor, "ready_role", rules.NO_ROLE).contact is rules.Contact.READ


_SHOP = Compiled(lambda: Shop.objects.order_by("pk")[:1])
_STAFF_NAMES = Compiled(lambda: Staff.objects.order_by().values_list("pk", "name"))
_STORE_NAMES = Compiled(lambda: Store.objects.order_by().values_list("pk", "name"))


def shop() -> Shop:
    """The shop's own row; made on first use."""
    found = _SHOP.first()
    return found or Shop.objects.get_or_create(is_single=True, defaults={"name": "我的店"})[0]


def visible_stores(actor: Actor) -> QuerySet[Store]:
    """The stores whose figures the actor sees."""
    reach = reach_of(actor)
    if reach.scope is rules.Scope.ALL:
        return Store.objects.all()
    return Store.objects.filter(pk__in=sorted(reach.store_ids))


def has_former_staff() -> bool:
    """Whether somebody who worked here may no longer sign in."""
    return Staff.objects.filter(is_active=False).exists()


def stores_with_staff(store_ids: list[int]) -> set[int]:
    """Those of these stores that somebody works in."""
    return set(Staff.objects.filter(stores__in=store_ids).values_list("stores", flat=True)) & set(store_ids)


def staff_names() -> dict[int, str]:
    """Every staff member's name by id."""
    return dict(_STAFF_NAMES.rows())


def store_names() -> dict[int, str]:
    """Every store's name by id."""
    return dict(_STORE_NAMES.rows())


def visible_staff(actor: Actor) -> QuerySet[Staff]:
    """Colleagues the actor may pick as account manager: all for whom all is visible, else those of the same stores."""
    reach = reach_of(actor)
    if reach.scope is rules.Scope.ALL:
        return Staff.objects.filter(is_active=True)
    return Staff.objects.filter(is_active=True, stores__in=sorted(reach.store_ids)).distinct()


def staff_of(actor: Actor) -> QuerySet[Staff]:
    """The people the actor sees in 设置, also those who left: all, or those who share a store (and oneself)."""
    people = Staff.objects.prefetch_related("stores").order_by("-is_active", "pk")
    reach = reach_of(actor)
    if reach.scope is rules.Scope.ALL:
        return people
    shares = Q(
        pk__in=Staff.stores.through.objects.filter(store_id__in=sorted(reach.store_ids)).values("staff_id")
    )
    return people.filter(shares | Q(pk=reach.staff_id))


def staff_counts() -> dict[int, int]:
    """How many active people work in each store."""
    rows = (
        Staff.objects.filter(is_active=True, stores__isnull=False)
        .values_list("stores")
        .annotate(n=Count("pk"))
    )
    return dict(rows)


def audit_page(*, actor_id: int | None = None, after: str = "", size: int = 50) -> Page:
    """One page of the audit trail, newest first. Raises BadCursor."""
    entries = AuditEntry.objects.all()
    if actor_id is not None:
        entries = entries.filter(actor_id=actor_id)
    return keyset_page(entries, order="-id", key="pk", after=after, size=size)


@dataclass(frozen=True)
class AuditedChange:
    """One entry of the audit trail about a record: who, when, and its fields before and after."""

    id: int
    action: str
    happened_at: datetime
    who: str
    is_system: bool
    before: dict[str, Any]
    after: dict[str, Any]
    actor_id: int | None = None


def changes_of(
    kind: str, object_id: int, *, actions: Collection[str], before: int | None = None, limit: int = 30
) -> list[AuditedChange]:
    """What was done to one record (`kind` is its class name), the newest first, those older than entry `before`.

    Values come as they were written down: whoever shows them asks for reach and masks contacts.
    """
    entries = AuditEntry.objects.filter(kind=kind, object_id=object_id, action__in=list(actions))
    if before is not None:
        entries = entries.filter(pk__lt=before)
    return [_audited(entry) for entry in entries.order_by("-pk")[:limit]]


def audited(entry_ids: Collection[int]) -> dict[int, AuditedChange]:
    """Entries of the audit trail by id. Whoever shows them asks for reach and masks contacts."""
    return {entry.pk: _audited(entry) for entry in AuditEntry.objects.filter(pk__in=entry_ids)}


def audit_about(
    kind: str, object_ids: Collection[int], wanted: TimelineWanted, *, only: Collection[str]
) -> list[AuditedChange]:
    """What was done to these records, as a page of a timeline asks for it; of these actions only."""
    by = {} if wanted.staff_id is None else {"actor_id": wanted.staff_id}
    rows = _audit_rows(kind, frozenset(only))
    return [
        _audited(entry) for entry in rows.page(list(object_ids), wanted, lambda found: found.filter(**by))
    ]


@cache
def _audit_rows(kind: str, actions: frozenset[str]) -> SourceRows[AuditEntry]:
    entries = AuditEntry.objects.filter(kind=kind, action__in=sorted(actions))
    return SourceRows(lambda: entries, AUDIT_SOURCE, customer="object_id")


def _audited(entry: AuditEntry) -> AuditedChange:
    return AuditedChange(
        id=entry.pk,
        action=entry.action,
        happened_at=entry.happened_at,
        who=entry.actor_name,
        is_system=entry.actor_id is None,
        before=entry.before or {},
        after=entry.after or {},
        actor_id=entry.actor_id,
    )


def notices_of(staff_id: int, *, after: str = "", size: int = 30) -> Page:
    """What a person was told, the newest first. Raises BadCursor."""
    return keyset_page(
        Notice.objects.filter(staff_id=staff_id), order="-id", key="pk", after=after, size=size
    )


def unread_notices(actor: Actor) -> int:
    """How many notices a person has not read yet: counted up to MOST_UNREAD only."""
    if not isinstance(actor, Staff):
        return 0
    return len(_waiting(actor.pk).values_list("pk")[:MOST_UNREAD])


def colleagues() -> list[Staff]:
    """Everybody who works here, with their stores."""
    return list(Staff.objects.filter(is_active=True).prefetch_related("stores").order_by("pk"))


def managers_of(store_id: int | None) -> list[Staff]:
    """Who answers for a store: its managers, else the owners of the shop."""
    people = Staff.objects.filter(is_active=True)
    found = list(people.filter(role=rules.MANAGER.code, stores=store_id)) if store_id else []
    return found or list(people.filter(role=rules.OWNER.code))
