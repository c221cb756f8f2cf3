"""Where each field of a profile came from, and when it was last confirmed: read from what is written down anyway."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from shuke.customers.models import Address, ContactPoint, Customer, FieldChange, FieldCheck, Merge
from shuke.customers.queries.changes import ADDED
from shuke.customers.queries.quality import Profile
from shuke.customers.queries.quality_facts import PLACE
from shuke.customers.rules import quality as rules
from shuke.imports.queries import run_sources
from shuke.team.queries import AuditedChange, audited, changes_of, staff_names

IMPORTED, ADDED_BY_FACT = "customers_updated_by_import", "origin"
BIRTHDAY = "birthday"
A_MOMENT = timedelta(minutes=1)
BESIDE = (
    "member_number", "occupation", "education", "income_band", "preferred_hours", "preferred_products", "note"
)  # fmt: skip
MERGED_INTO = {"birthday_month": BIRTHDAY, **dict.fromkeys(PLACE, "address")}


@dataclass(frozen=True)
class Origin:
    """Where a value came from and when, who confirmed it last and how, and whether it can be relied on."""

    source: str
    at: datetime
    checked: str = ""
    checked_at: datetime | None = None
    is_stale: bool = False
    is_doubtful: bool = False

    @property
    def trouble(self) -> str:
        """What speaks against it."""
        if self.is_doubtful:
            return _("可能不对了，请核实")
        return _("好久没人核实过了") if self.is_stale else ""


class _Known:
    """Everything that is written down about where the fields of one customer came from, in a few queries."""

    def __init__(self, customer: Customer, profile: Profile | None) -> None:
        self.customer, self.profile = customer, profile
        self.names = staff_names()
        rows = FieldChange.objects.filter(customer_id=customer.pk).exclude(undo=FieldChange.Undo.RESTORED)
        self.changes = {row.field: row for row in rows.order_by("field", "-pk").distinct("field")}
        self.audit = audited([row.audit_id for row in self.changes.values()])
        self.checks = {row.field: row for row in FieldCheck.objects.filter(customer_id=customer.pk)}
        self.merged = _merged(customer)
        self.points = list(ContactPoint.objects.filter(customer_id=customer.pk, removed_at=None))
        self.addresses = list(Address.objects.filter(customer_id=customer.pk, removed_at=None))
        self.beginning = self._beginning()

    def _beginning(self) -> str:
        if self.customer.import_run_id:
            sources = run_sources([self.customer.import_run_id])
            if name := sources.get(self.customer.import_run_id):
                return _("%(source)s导入") % {"source": name}
        entries = changes_of("Customer", self.customer.pk, actions=(ADDED,), limit=1)
        return _added_words(entries[0]) if entries else _("建档")

    def begun(self) -> tuple[str, datetime]:
        return self.beginning, self.customer.created_at

    def changed(self, row: FieldChange) -> tuple[str, datetime]:
        entry = self.audit.get(row.audit_id)
        if entry is not None and entry.action == IMPORTED:
            source = str(entry.after.get("source") or "")
            return (_("%(source)s导入") % {"source": source} if source else _("导入")), row.changed_at
        who = entry.who if entry and not entry.is_system else self.names.get(row.actor_id or 0, _("系统"))
        return _("%(name)s 填写") % {"name": who}, row.changed_at

    def checked(self, code: str, since: datetime) -> tuple[str, datetime | None]:
        """Who said last that a field is right, after it came; a use of it by the customer counts."""
        row = self.checks.get(code)
        if row is not None and row.is_right and row.checked_at > since:
            if row.source == FieldCheck.Source.CUSTOMER:
                return _("客户自己核对过"), row.checked_at
            who = self.names.get(row.staff_id or 0, _("店里"))
            return _("%(name)s 核实过") % {"name": who}, row.checked_at
        used = self.profile.confirmed.get(code) if self.profile else None
        if used is None or used - since < A_MOMENT:
            return "", None
        return (_("验证过") if used.date() in self._proven_on(code) else _("客户用过")), used

    def _proven_on(self, code: str) -> set[date | None]:
        if code == "address":
            return {row.verified_on for row in self.addresses}
        return {row.verified_on for row in self.points if row.kind == code}


def _added_words(entry: AuditedChange) -> str:
    origin = str(entry.after.get(ADDED_BY_FACT) or "")
    if origin:
        return _("订单（%(source)s）") % {"source": origin.partition(":")[0]}
    return _("%(name)s 建档时填写") % {"name": entry.who} if entry.who and not entry.is_system else _("建档")


def _merged(customer: Customer) -> dict[str, datetime]:
    """Fields that a merge brought, and when."""
    found: dict[str, datetime] = {}
    rows = Merge.objects.filter(winner_id=customer.pk, undone_at=None).order_by("pk")
    for fields, at in rows.values_list("fields", "created_at"):
        for column, change in fields.items():
            if change.get("taken") in ("loser", "both"):
                found[MERGED_INTO.get(column, column)] = at
    return found


def field_origins(customer: Customer, profile: Profile | None) -> dict[str, Origin]:
    """By field: where its value came from. Columns by name, further points and addresses as "point.12", "address.3".

    `profile` is what `profile_quality` says of them. The caller has checked that the customer may be seen.
    """
    known = _Known(customer, profile)
    codes = [one for one in (*rules.CODES, *BESIDE) if _is_filled(customer, one)]
    found = {code: _origin(known, code, *_latest(known, code)) for code in codes}
    found |= {f"point.{row.pk}": _of_row(known, row.kind, f"point.{row.pk}", row) for row in known.points}
    others = [row for row in known.addresses if not row.is_main]
    return found | {f"address.{row.pk}": _of_row(known, "", f"address.{row.pk}", row) for row in others}


def _is_filled(customer: Customer, code: str) -> bool:
    if code == BIRTHDAY:
        return customer.birthday_month is not None
    if code == "address":
        return any(getattr(customer, part) for part in PLACE)
    return bool(getattr(customer, code, ""))


def _latest(known: _Known, code: str) -> tuple[str, datetime]:
    """The newest of: the beginning, a change, a merge."""
    found = [known.begun()]
    names = PLACE if code == "address" else (code,)
    found += [known.changed(known.changes[name]) for name in names if name in known.changes]
    if code in known.merged:
        found.append((_("合并进来的资料"), known.merged[code]))
    return max(found, key=lambda pair: pair[1])


def _of_row(known: _Known, code: str, key: str, row: Any) -> Origin:
    if key in known.changes:
        return _origin(known, code, *known.changed(known.changes[key]))
    if row.source in ("identity", "record", ""):
        return _origin(known, code, *known.begun())
    return _origin(known, code, _("资料页填写"), row.created_at)


def _origin(known: _Known, code: str, source: str, at: datetime) -> Origin:
    words, checked_at = known.checked(code, at)
    state = known.profile.states.get(code) if known.profile else None
    return Origin(
        source=source,
        at=at,
        checked=words,
        checked_at=checked_at,
        is_stale=bool(known.profile and code in known.profile.stale),
        is_doubtful=bool(state and state.is_filled and state.is_doubtful),
    )
