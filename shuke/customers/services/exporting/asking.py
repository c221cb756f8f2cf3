"""Asking for a file, and allowing it."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shuke.customers.models import Export, ExportRule
from shuke.customers.queries.exporting import approval_limit, may_decide, offered_columns
from shuke.customers.services.bulk_actions import NothingSelected, Selection
from shuke.kernel import clock
from shuke.kernel.jobs import enqueue_named
from shuke.team.queries import Actor, reads_contacts
from shuke.team.services import record_audit, require

State = Export.State
MOST_LIMIT = 10_000_000


class NotDecidable(ValueError):
    """The export waits for nobody any more."""


@dataclass(frozen=True)
class ExportForm:
    """What is wanted: whom, which columns in which order, as CSV or XLSX; `title` says whom in words."""

    selection: Selection
    columns: tuple[str, ...]
    format: str
    title: str


@transaction.atomic
def ask_export(*, actor: Actor, form: ExportForm, in_background: bool = True) -> Export:
    """Ask for a file. Up to the shop's limit, and for who may allow exports, it is written at once; else it waits.

    Raises PermissionDenied, NothingSelected, ValidationError when no column was chosen.
    """
    require(actor, "customers.export")
    count = form.selection.count(actor)
    if not count:
        raise NothingSelected(_("没有可以导出的客户。"))
    known = {column.code for column in offered_columns(actor)}
    columns = [code for code in form.columns if code in known]
    if not columns:
        raise ValidationError(_("请至少选一列。"))
    waits = needs_approval(actor, count)
    row = Export.objects.create(
        asked_by_id=actor.id,
        asked_by_name=actor.name[:60],
        title=form.title[:200],
        selection=form.selection.as_json(),
        columns=columns,
        format=form.format if form.format in Export.Format.values else Export.Format.XLSX,
        reads_contacts=reads_contacts(actor),
        state=State.WAITING if waits else State.RUNNING,
        rows_total=count,
    )
    record_audit(actor, "export_asked", row, after=_told(row))
    if not waits and in_background:
        enqueue_named("customers.run_export", export_id=row.pk)
    return row


def needs_approval(actor: Actor, count: int) -> bool:
    """Whether so many customers are too many for this actor to take out on their own."""
    return count > approval_limit() and not actor.may("customers.allow_export")


def _told(row: Export) -> dict[str, Any]:
    """What the audit keeps: whom by which filter, which columns, how many. Picked ids are counted, not listed."""
    selection = dict(row.selection)
    picked = selection.pop("ids", None)
    if picked is not None:
        selection["picked"] = len(picked)
    return {"title": row.title, "customers": row.rows_total, "columns": row.columns, **selection}


@transaction.atomic
def decide_export(*, actor: Actor, export_id: int, is_allowed: bool, in_background: bool = True) -> Export:
    """Allow an export that waits, or refuse it. Raises NotDecidable, PermissionDenied, DoesNotExist."""
    require(actor, "customers.allow_export")
    row = Export.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=export_id)
    if not may_decide(actor, row):
        raise PermissionDenied(_("这份导出不归您批准。"))
    if row.state != State.WAITING:
        raise NotDecidable(_("这份导出已经有人处理过了。"))
    row.state = State.RUNNING if is_allowed else State.REFUSED
    row.decided_by_id, row.decided_by_name, row.decided_at = actor.id, actor.name[:60], clock.now()
    row.save()
    record_audit(actor, "export_allowed" if is_allowed else "export_refused", row, after=_told(row))
    if is_allowed and in_background:
        enqueue_named("customers.run_export", export_id=row.pk)
    return row


@transaction.atomic
def save_export_rule(*, actor: Actor, approval_above: int) -> None:
    """Say how many customers somebody may take out without being asked. Raises ValidationError."""
    require(actor, "shop.configure")
    if not 0 <= approval_above <= MOST_LIMIT:
        raise ValidationError(_("请填 0 到 1000 万之间的整数。"))
    before = {"approval_above": approval_limit()}
    ExportRule.objects.update_or_create(is_single=True, defaults={"approval_above": approval_above})
    record_audit(actor, "export_rule_saved", before=before, after={"approval_above": approval_above})
