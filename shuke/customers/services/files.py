"""Files kept with a customer: on the disk under random names, never shown by the browser, only handed out for saving."""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shuke.customers.models import CustomerFile
from shuke.customers.rules.files import MOST_BYTES, FileKind, sniff, tidy_file_name
from shuke.customers.services.kept import KeptRows, note_change, opened
from shuke.kernel import clock
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

KEPT_DAYS = 90
MOST_FILES = 200  # of one customer
QUOTA_LOCK = 7_104_502  # one upload at a time counts what all files weigh


@dataclass(frozen=True)
class Kept:
    """A file handed out: where it lies and what it is called."""

    path: Path
    name: str


@dataclass(frozen=True)
class _Stored:
    name: str
    size_bytes: int
    sha256: str
    kind: FileKind


class FileRows(KeptRows):
    """Files."""

    prefix, model = "file", CustomerFile
    words = gettext_lazy("文件")
    columns = ("name", "kind", "size_bytes")

    def describe(self, values: Mapping[str, Any], *, is_masked: bool) -> str:
        return str(values["name"])


FILES = FileRows()


def files_folder() -> Path:
    """Where files of customers lie."""
    return Path(settings.MEDIA_ROOT) / "customers"


def quota_bytes() -> int:
    """What all files together may weigh: SHUKE_FILES_MAX_MB, 5 GB if nobody says."""
    return int(os.environ.get("SHUKE_FILES_MAX_MB", "5120")) * 1024 * 1024


def path_of(row: CustomerFile) -> Path:
    """Where a file lies; folders of two letters keep each one small."""
    return files_folder() / row.stored_name[:2] / row.stored_name


def keep_file(*, actor: Actor, customer_id: int, name: str, chunks: Iterable[bytes]) -> int | None:
    """Keep a file with a customer; returns the change to take back.

    Raises ValidationError for what is too large, of no allowed kind by its content, or more than the shop's quota, and then
    leaves nothing on the disk.
    """
    require(actor, "customers.edit")
    files_folder().mkdir(parents=True, exist_ok=True)
    handle, arriving = tempfile.mkstemp(prefix=".arriving-", dir=files_folder())
    path = Path(arriving)
    try:
        stored = _receive(handle, path, name, chunks)
        with transaction.atomic():
            return _keep(actor, customer_id, path, stored)
    finally:
        path.unlink(missing_ok=True)


def _receive(handle: int, path: Path, name: str, chunks: Iterable[bytes]) -> _Stored:
    digest, size = hashlib.sha256(), 0
    with os.fdopen(handle, "wb") as out:
        for chunk in chunks:
            size += len(chunk)
            if size > MOST_BYTES:
                raise ValidationError(_("文件超过 20 MB，请压缩后再传。"))
            digest.update(chunk)
            out.write(chunk)
    if not size:
        raise ValidationError(_("这是个空文件，请重新选择。"))
    with path.open("rb") as file:
        kind = sniff(file)
    if kind is None:
        raise ValidationError(
            _("只能存图片、PDF、Word、Excel、PPT、文本、录音和视频，这个文件的内容不是其中之一。")
        )
    return _Stored(tidy_file_name(name, kind), size, digest.hexdigest(), kind)


def _keep(actor: Actor, customer_id: int, path: Path, stored: _Stored) -> int | None:
    customer = opened(actor, customer_id)
    if CustomerFile.objects.filter(customer=customer, removed_at=None).count() >= MOST_FILES:
        raise ValidationError(_("一位客户最多存 200 个文件，请先去掉不用的。"))
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [QUOTA_LOCK])
    if used_bytes() + stored.size_bytes > quota_bytes():
        raise ValidationError(_("店里存文件的空间满了，请先去掉一些大文件，或请店主加大上限。"))
    row = CustomerFile.objects.create(
        customer=customer,
        name=stored.name,
        kind=stored.kind.code,
        size_bytes=stored.size_bytes,
        sha256=stored.sha256,
        stored_name=secrets.token_hex(20),
        uploaded_by_id=actor.id,
        uploaded_by_name=actor.name[:60],
    )
    place = path_of(row)
    place.parent.mkdir(parents=True, exist_ok=True)
    path.replace(place)
    place.chmod(0o600)
    return note_change(actor, FILES, row, None, customer)


def used_bytes() -> int:
    """What all files on the disk weigh, those waiting to be deleted too."""
    return CustomerFile.objects.aggregate(total=Sum("size_bytes"))["total"] or 0


@transaction.atomic
def hand_out_file(*, actor: Actor, file_id: int) -> Kept:
    """A file to save, written down in the audit. Raises PermissionDenied, CustomerFile.DoesNotExist (also for a removed one)."""
    row = CustomerFile.objects.select_related("customer").get(pk=file_id, removed_at=None)
    require(actor, "customers.files", row.customer)
    if not path_of(row).is_file():
        raise CustomerFile.DoesNotExist
    record_audit(actor, "file_handed_out", row.customer, after={"file": row.name})
    return Kept(path_of(row), row.name)


@transaction.atomic
def remove_file(*, actor: Actor, customer_id: int, file_id: int) -> int | None:
    """Take a file off; it can be brought back for 90 days."""
    customer = opened(actor, customer_id)
    row = CustomerFile.objects.get(pk=file_id, customer=customer)
    before = FILES.snapshot(row)
    FILES.restore(row, None)
    return note_change(actor, FILES, row, before, customer)


def delete_removed_files() -> int:
    """Delete for good what was removed 90 days ago, rows first: a file without a row is swept up the next night."""
    limit = clock.now() - timedelta(days=KEPT_DAYS)
    old = list(CustomerFile.objects.filter(removed_at__lt=limit)[:5_000])
    CustomerFile.objects.filter(pk__in=[row.pk for row in old]).delete()
    for row in old:
        path_of(row).unlink(missing_ok=True)
    return len(old) + _sweep()


def _sweep() -> int:
    """Files that no row names: of customers who left for good, of uploads that were killed; a day old at least."""
    before = clock.now().timestamp() - 86_400
    old = [path for path in files_folder().glob("**/*") if path.is_file() and path.stat().st_mtime < before]
    named = CustomerFile.objects.filter(stored_name__in=[path.name for path in old])
    known = set(named.values_list("stored_name", flat=True))
    for path in old:
        if path.name not in known:
            path.unlink(missing_ok=True)
    return len([path for path in old if path.name not in known])
