"""Every wrong file is refused in words that say what to do, and leaves nothing behind."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shuke.imports import services
from shuke.imports.models import ImportRun
from shuke.imports.testing import csv_bytes, import_rows, xlsx_bytes
from shuke.orders.models import Order
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db
HEAD = ["订单号", "下单时间", "手机号", "姓名", "实付金额"]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def bomb() -> bytes:
    """A workbook of half a megabyte that unpacks to half a gigabyte."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(500):
                sheet.write(b"0" * 1_000_000)
    return out.getvalue()


def document() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "文件是空的"),
        (b"\n \n\n", "文件是空的"),
        (b"\x00" * 5_000_000, "空字节"),
        (csv_bytes([HEAD]), "只有表头"),
        (xlsx_bytes([HEAD]), "只有表头"),
        (b"\xff\xd8\xff\xe0" + b"JFIF" * 500, "图片"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, ".xls"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
        (b"\x1f\x8b\x08" + b"x" * 100, "压缩包"),
        (document(), "压缩包或其他文档"),
        (b"PK\x03\x04" + b"rubbish" * 50, "已损坏"),
        (b"PAR1" + b"rubbish" * 50, "Parquet"),
        (bytes(range(256)) * 400, "不是文字"),
        (b"just one column\nof words\nand nothing else\n", "一列"),
    ],
)
def test_a_wrong_file_is_refused_with_advice_and_leaves_nothing(
    content: bytes, words: str, tmp_path: Path
) -> None:
    with pytest.raises(services.NotUsable, match=words):
        services.receive_file(actor=SYSTEM, name="orders.csv", chunks=[content])
    assert not ImportRun.objects.exists()
    assert [path for path in (tmp_path / "imports").rglob("*") if path.is_file()] == []


def test_a_zip_bomb_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(services.NotUsable, match="解开后大得不正常"):
        services.receive_file(actor=SYSTEM, name="orders.xlsx", chunks=[bomb()])


def test_a_file_past_the_limit_is_cut_off_while_it_arrives(settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 3_000_000
    given: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            given.append(1)
            yield b"1,2,3\n" * 100_000

    with pytest.raises(services.NotUsable, match="太大"):
        services.receive_file(actor=SYSTEM, name="orders.csv", chunks=endless())
    assert len(given) < 10


def test_control_characters_and_nul_bytes_are_cleaned_away(tmp_path: Path) -> None:
    rows = [HEAD, ["A1", "2025-01-02", "15400000001", "王\x07测\x00试", "10"]]
    import_rows(tmp_path, csv_bytes(rows))
    assert Order.objects.get().amount_fen == 1000
    from shuke.customers.models import Customer

    assert Customer.objects.get().name == "王测试"


def test_quotes_commas_and_line_breaks_inside_cells_stay_inside(tmp_path: Path) -> None:
    rows = [
        HEAD,
        ["A1", "2025-01-02", "15400000001", '王,"测"\n试', "10"],
        ["A2", "2025-01-03", "15400000002", '5" 李', "20"],
    ]
    run = import_rows(tmp_path, csv_bytes(rows))
    assert (run.rows_rejected, Order.objects.count()) == (0, 2)


def test_a_stray_quote_does_not_swallow_the_rest(tmp_path: Path) -> None:
    text = ",".join(HEAD) + '\nA1,2025-01-02,15400000001,5" 王,10\nA2,2025-01-03,15400000002,李,20\n'
    import_rows(tmp_path, text.encode())
    assert sorted(Order.objects.values_list("number", flat=True)) == ["A1", "A2"]
