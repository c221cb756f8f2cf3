"""Audit entries in plain words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shuke.team.forms import ROLE_WORDS
from shuke.team.models import AuditEntry
from shuke.team.ports import audit_words

KINDS: dict[str, str | Promise] = {
    "Customer": _("客户"),
    "Order": _("订单"),
    "FollowUp": _("回访"),
    "Interaction": _("联系"),
    "Tag": _("标签"),
}
SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class AuditLine:
    """One line of the list."""

    happened_at: datetime
    who: str
    is_system: bool
    action: str | Promise
    kind: str | Promise
    about: str
    changes: tuple[tuple[str, str], ...]
    address: str


def audit_lines(entries: Iterable[AuditEntry]) -> list[AuditLine]:
    """The entries as the page shows them."""
    return [_line(entry) for entry in entries]


def _line(entry: AuditEntry) -> AuditLine:
    before = entry.before if isinstance(entry.before, dict) else {}
    after = entry.after if isinstance(entry.after, dict) else {}
    return AuditLine(
        happened_at=entry.happened_at,
        who=entry.actor_name,
        is_system=entry.actor_id is None,
        action=audit_words(entry.action),
        kind=KINDS.get(entry.kind, ""),
        about=_about(before | after),
        changes=_changes(before, after),
        address=entry.address or "",
    )


def _about(facts: dict[str, Any]) -> str:
    return next(
        (_words(facts[key]) for key in ("name", "username", "number", "file_name") if facts.get(key)), ""
    )


def _changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    shared = [key for key in before if key in after and before[key] != after[key]]
    return tuple((_words(before[key]), _words(after[key])) for key in shared)


def _words(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return str(_("是")) if value else str(_("否"))
    if isinstance(value, list):
        return "、".join(_words(item) for item in value) or "—"
    role = ROLE_WORDS.get(value) if isinstance(value, str) else None
    return str(role.label) if role else str(value)[:SHOWN_CHARACTERS]
