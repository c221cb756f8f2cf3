"""Files of a customer: what may be kept, who gets it, how it comes back and goes."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from shuke.customers.models import (
    Customer,
    CustomerFile,
)
from shuke.customers.rules.files import KINDS, sniff, tidy_file_name
from shuke.customers.services import files
from shuke.customers.services.changesets import undo_field_change
from shuke.customers.testing import regular_chen
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.models import AuditEntry, Staff
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def post(client: Client, one: Customer, part: str, **data: Any) -> Any:
    return client.post(reverse("customers:part", args=[one.pk, part]), data, headers=HTMX)


def upload(client: Client, one: Customer, name: str, content: bytes, claimed: str = "image/png") -> Any:
    return post(client, one, "files", do="add", file=SimpleUploadedFile(name, content, content_type=claimed))


def test_a_file_is_kept_under_a_random_name_and_handed_out_for_saving_only(own_folder: Path) -> None:
    chen, client = regular_chen(), signed_in(team.clerk_wang())
    assert upload(client, chen, "../../合同 <b>.pdf", b"%PDF-1.7 content").status_code == 200
    row = CustomerFile.objects.get()
    assert (row.name, row.kind, row.size_bytes) == ("合同 _b_.pdf", "pdf", 16)
    kept = [path for path in own_folder.rglob("*") if path.is_file()]
    assert [path.name for path in kept] == [row.stored_name]
    assert len(row.stored_name) == 40
    answer = client.get(reverse("customers:file", args=[row.pk]))
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 content"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert AuditEntry.objects.filter(action="file_handed_out").count() == 1


def test_a_file_is_handed_to_nobody_without_right_or_reach() -> None:
    cast, chen = team.cast(), regular_chen()
    files.keep_file(actor=SYSTEM, customer_id=chen.pk, name="a.pdf", chunks=[b"%PDF-"])
    address = reverse("customers:file", args=[CustomerFile.objects.get().pk])
    assert Client().get(address).status_code in (302, 403)
    for staff in (cast.stranger, cast.analyst, cast.zhou):
        assert signed_in(staff).get(address).status_code == 403
    assert not AuditEntry.objects.filter(action="file_handed_out").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", b"<html><script>alert(1)</script></html>"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.exe", b"MZ\x90\x00\x03\x00\x00\x00"),
        ("a.pdf", b"\x7fELF\x02\x01\x01\x00"),
        ("a.txt", b"#!/bin/sh\nrm -rf /"),
        ("a.zip", b"PK\x03\x04broken"),
        ("a.txt", b""),
    ],
)
def test_what_a_file_is_is_decided_by_its_content(name: str, content: bytes, own_folder: Path) -> None:
    chen, client = regular_chen(), signed_in(team.manager_lin())
    assert upload(client, chen, name, content).status_code == 400
    assert not CustomerFile.objects.exists()
    assert [path for path in own_folder.rglob("*") if path.is_file()] == []


def office(*names: str) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (io.BytesIO(b"\x89PNG\r\n\x1a\n123"), "png"),
        (io.BytesIO(b"\xff\xd8\xff\xe0"), "jpeg"),
        (io.BytesIO(b"RIFF0000WEBP"), "webp"),
        (io.BytesIO(b"0000ftypheic"), "heic"),
        (io.BytesIO(b"0000ftypM4A "), "mp4"),
        (io.BytesIO("姓名,电话\n王,1".encode()), "text"),
        (io.BytesIO("姓名,电话".encode("gb18030")), "text"),
        (office("[Content_Types].xml", "word/document.xml"), "docx"),
        (office("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        (office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), None),
        (office("readme.txt"), None),
        (io.BytesIO(b"\x00\x01\x02"), None),
    ],
)
def test_sniffing(stream: io.BytesIO, code: str | None) -> None:
    found = sniff(stream)
    assert (found.code if found else None) == code


def test_file_names_lose_folders_and_get_the_ending_of_their_content() -> None:
    assert tidy_file_name("C:\\Users\\a\\合同.PDF", KINDS["pdf"]) == "合同.PDF"
    assert tidy_file_name("/etc/passwd", KINDS["text"]) == "passwd.txt"
    assert tidy_file_name("照片.exe", KINDS["jpeg"]) == "照片.exe.jpg"
    assert tidy_file_name("\u202e\x00..", KINDS["png"]) == "文件.png"


def test_too_large_and_more_than_the_quota_leave_nothing(
    monkeypatch: pytest.MonkeyPatch, own_folder: Path
) -> None:
    chen = regular_chen()
    with pytest.raises(ValidationError, match="20 MB"):
        files.keep_file(
            actor=SYSTEM, customer_id=chen.pk, name="a.pdf", chunks=[b"%PDF-"] + [b"0" * 2**20] * 20
        )
    monkeypatch.setenv("SHUKE_FILES_MAX_MB", "1")
    files.keep_file(actor=SYSTEM, customer_id=chen.pk, name="a.pdf", chunks=[b"%PDF-", b"0" * 600_000])
    with pytest.raises(ValidationError, match="空间满了"):
        files.keep_file(actor=SYSTEM, customer_id=chen.pk, name="b.pdf", chunks=[b"%PDF-", b"0" * 600_000])
    assert CustomerFile.objects.count() == 1
    assert len([path for path in own_folder.rglob("*") if path.is_file()]) == 1


def test_a_removed_file_comes_back_and_is_deleted_after_90_days(own_folder: Path) -> None:
    chen, lin = regular_chen(), team.manager_lin()
    files.keep_file(actor=lin, customer_id=chen.pk, name="a.pdf", chunks=[b"%PDF-"])
    row = CustomerFile.objects.get()
    change = files.remove_file(actor=lin, customer_id=chen.pk, file_id=row.pk)
    assert change is not None
    with pytest.raises(CustomerFile.DoesNotExist):
        files.hand_out_file(actor=lin, file_id=row.pk)
    assert files.delete_removed_files() == 0
    undo_field_change(actor=lin, change_id=change)
    assert files.hand_out_file(actor=lin, file_id=row.pk).name == "a.pdf"
    files.remove_file(actor=lin, customer_id=chen.pk, file_id=row.pk)
    CustomerFile.objects.update(removed_at=clock.now() - files.timedelta(days=91))
    assert files.delete_removed_files() == 1
    assert not CustomerFile.objects.exists()
    assert [path for path in own_folder.rglob("*") if path.is_file()] == []
