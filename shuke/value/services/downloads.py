"""Tables of the value pages as files: written as the house writes its lists (safe to open), and noted in the audit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from shuke.customers.ports import ExportColumn
from shuke.customers.queries.exporting import approval_limit
from shuke.customers.services.exporting import writer_for
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

FORMATS = ("csv", "xlsx")


@dataclass(frozen=True)
class FigureTable:
    """A table of a page: what it is called, its columns, its rows; `names_customers`: each row is somebody."""

    name: str
    title: str
    columns: Sequence[ExportColumn]
    rows: Iterable[Sequence[Any]]
    names_customers: bool = False


@transaction.atomic
def write_table(*, actor: Actor, table: FigureTable, form: str) -> bytes:
    """The table as a CSV or XLSX file.

    Rows that name customers need the right to export, and stop at the shop's limit for who may not allow exports:
    PermissionDenied says so.
    """
    require(actor, "value.view")
    rows = list(table.rows)
    if table.names_customers:
        require(actor, "customers.export")
        if len(rows) > approval_limit() and not actor.may("customers.allow_export"):
            raise PermissionDenied(_("超过了店里规定的导出人数，请到客户列表里导出，等店长批准。"))
    record_audit(
        actor, "value_table_exported", after={"table": table.name, "rows": len(rows), "format": form}
    )
    with TemporaryDirectory(prefix="shuke-") as folder:
        path = Path(folder) / f"{table.name}.{form}"
        with writer_for(form, path, list(table.columns)) as writer:
            for row in rows:
                writer.row(list(row))
        return path.read_bytes()
