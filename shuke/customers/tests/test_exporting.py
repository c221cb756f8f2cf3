"""Exports: what stands in the file, who may have it, what waits for somebody's word, and when it is gone."""

import csv
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from shuke.customers import services
from shuke.customers.models import Customer, Export, ExportRule
from shuke.customers.rules.exporting import safe_cell
from shuke.customers.services import Selection, exporting
from shuke.customers.services.exporting import ExportForm, running
from shuke.customers.testing import CHEN_PHONE, customer, lapsed_zhao, regular_chen
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.models import AuditEntry, Staff
from shuke.zh import fictional

pytestmark = pytest.mark.django_db
State = Export.State


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, settings: Any) -> Path:
    settings.SHUKE_DATA = tmp_path
    return tmp_path


def asked(actor: Staff, ids: list[int], columns: tuple[str, ...] = ("name", "phone"), **more: Any) -> Export:
    form = ExportForm(Selection(tuple(ids)), columns, more.get("format", "csv"), "试一试")
    return exporting.ask_export(actor=actor, form=form, in_background=False)


def exported(
    actor: Staff, ids: list[int], columns: tuple[str, ...] = ("name", "phone"), **more: Any
) -> Export:
    row = asked(actor, ids, columns, **more)
    exporting.run_export(row.pk)
    row.refresh_from_db()
    return row


def path_of(row: Export) -> Path:
    return running.folder() / row.file_name


def lines_of(row: Export) -> list[list[str]]:
    raw = path_of(row).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def waiting_export(cast: team.Cast, actor: Staff) -> Export:
    ExportRule.objects.update_or_create(is_single=True, defaults={"approval_above": 1})
    return asked(actor, [regular_chen().pk, lapsed_zhao().pk])


def test_a_manager_reads_numbers_in_the_file_and_a_clerk_and_an_analyst_do_not() -> None:
    cast, chen = team.cast(), regular_chen(email="chen@example.com")
    columns = ("name", "phone", "email", "store")
    plain = lines_of(exported(cast.lin, [chen.pk], columns))
    assert plain == [
        ["姓名", "手机号", "邮箱", "所属门店"],
        ["陈茶香", CHEN_PHONE, "chen@example.com", "湖畔店"],
    ]
    for actor in (cast.wang, cast.analyst):
        assert lines_of(exported(actor, [chen.pk], columns))[1] == [
            "陈茶香",
            "154****6621",
            "c***@example.com",
            "湖畔店",
        ]


@pytest.mark.parametrize(
    "hostile",
    [
        "=cmd|'/c calc'!A1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "＝1+1",
        "＋1",
        "－1",
        "＠A",
        "\t=1",
        "\r=1",
        "  =1",
        "\n@x",
    ],
)
def test_no_text_becomes_a_formula(hostile: str) -> None:
    assert safe_cell(hostile).startswith("'")


@pytest.mark.parametrize("harmless", ["", "陈茶香", "1-2", "a=b", "154****6621", "'quoted", "\U00020bb7田"])
def test_other_text_stays_as_it_is(harmless: str) -> None:
    assert safe_cell(harmless) == harmless


def test_hostile_names_are_words_in_both_kinds_of_file() -> None:
    cast = team.cast()
    hostile = ['=HYPERLINK("http://example.com","点我")', "＝1+1", 'a"b,c', "<script>"]
    ids = [
        customer(name, phone=fictional.phone(n), store_id=cast.store.pk).pk for n, name in enumerate(hostile)
    ]
    cells = [line[0] for line in lines_of(exported(cast.lin, ids))[1:]]
    assert cells == [f"'{hostile[0]}", "'＝1+1", 'a"b,c', "<script>"]
    book = path_of(exported(cast.lin, ids, format="xlsx"))
    rows = CalamineWorkbook.from_path(str(book)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows] == ["姓名", *hostile]
    with zipfile.ZipFile(book) as inside:
        sheet = inside.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet and "hyperlink" not in sheet
        assert not any("rels" in name and "sheet" in name for name in inside.namelist())


def test_only_who_is_within_reach_now_stands_in_the_file() -> None:
    cast, chen, zhao = team.cast(), regular_chen(), lapsed_zhao()
    far = customer("远客", phone=fictional.phone(90), store_id=cast.other_store.pk)
    row = asked(cast.lin, [chen.pk, zhao.pk, far.pk])
    services.delete_customers(actor=cast.lin, customer_ids=[zhao.pk])
    exporting.run_export(row.pk)
    row.refresh_from_db()
    assert [line[0] for line in lines_of(row)] == ["姓名", "陈茶香"]
    assert (row.state, row.rows_done) == (State.DONE, 1)


def test_above_the_limit_a_clerk_waits_and_a_manager_of_the_store_allows() -> None:
    cast = team.cast()
    row = waiting_export(cast, cast.wang)
    assert row.state == State.WAITING
    exporting.run_export(row.pk)
    assert list(running.folder().iterdir()) == []
    for visitor in (cast.wang, cast.zhou, cast.analyst, cast.stranger):
        with pytest.raises(PermissionDenied):
            exporting.decide_export(actor=visitor, export_id=row.pk, is_allowed=True)
    exporting.decide_export(actor=cast.lin, export_id=row.pk, is_allowed=True, in_background=False)
    exporting.run_export(row.pk)
    row.refresh_from_db()
    assert (row.state, row.decided_by_name, row.rows_done) == (State.DONE, "林店长", 2)
    with pytest.raises(exporting.NotDecidable):
        exporting.decide_export(actor=cast.lin, export_id=row.pk, is_allowed=False)


def test_an_analyst_of_the_whole_shop_asks_the_owner_not_a_stores_manager() -> None:
    cast = team.cast()
    row = waiting_export(cast, cast.analyst)
    with pytest.raises(PermissionDenied):
        exporting.decide_export(actor=cast.lin, export_id=row.pk, is_allowed=True)
    exporting.decide_export(actor=cast.owner, export_id=row.pk, is_allowed=False)
    row.refresh_from_db()
    assert row.state == State.REFUSED


def test_managers_and_the_owner_are_not_asked_to_allow_their_own() -> None:
    cast = team.cast()
    assert waiting_export(cast, cast.lin).state == State.RUNNING
    assert waiting_export(cast, cast.owner).state == State.RUNNING


def test_a_list_that_grew_beyond_the_limit_meanwhile_waits_after_all(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = team.cast()
    row = asked(cast.wang, [regular_chen().pk, lapsed_zhao().pk])
    ExportRule.objects.create(approval_above=1)
    exporting.run_export(row.pk)
    row.refresh_from_db()
    assert row.state == State.WAITING


def test_the_file_is_asked_for_again_with_the_rights_of_the_moment() -> None:
    cast = team.cast()
    row = exported(cast.lin, [regular_chen().pk])
    assert exporting.file_of(actor=cast.lin, export_id=row.pk)[1].is_file()
    Staff.objects.filter(pk=cast.lin.pk).update(role="clerk")
    with pytest.raises(PermissionDenied):
        exporting.file_of(actor=Staff.objects.get(pk=cast.lin.pk), export_id=row.pk)
    for visitor in (cast.zhou, cast.analyst):
        with pytest.raises(Export.DoesNotExist):
            exporting.file_of(actor=visitor, export_id=row.pk)
    with pytest.raises(PermissionDenied):
        exporting.file_of(actor=cast.stranger, export_id=row.pk)


def test_files_go_after_seven_days_and_stray_ones_with_them() -> None:
    cast = team.cast()
    row = exported(cast.lin, [regular_chen().pk])
    (running.folder() / "stray.csv").write_text("x")
    assert exporting.remove_old_exports() == 0
    assert [path.name for path in running.folder().iterdir()] == [row.file_name]
    Export.objects.update(removed_after=clock.now() - timedelta(seconds=1))
    with pytest.raises(exporting.NotDownloadable):
        exporting.file_of(actor=cast.lin, export_id=row.pk)
    assert exporting.remove_old_exports() == 1
    assert list(running.folder().iterdir()) == []
    assert Export.objects.get().state == State.REMOVED


def test_a_kill_on_the_way_leaves_no_half_file_and_the_next_run_writes_it_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "CHUNK", 2)
    cast = team.cast()
    ids = [customer(f"客{n}", phone=fictional.phone(n), store_id=cast.store.pk).pk for n in range(5)]
    row = asked(cast.lin, ids)
    real, calls = running._write_part, []

    def killed(*given: Any) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise SystemExit  # as the worker's end would
        return real(*given)

    monkeypatch.setattr(running, "_write_part", killed)
    with pytest.raises(SystemExit):
        exporting.run_export(row.pk)
    assert list(running.folder().iterdir()) == []
    monkeypatch.setattr(running, "_write_part", real)
    exporting.run_export(row.pk)
    row.refresh_from_db()
    assert [line[0] for line in lines_of(row)[1:]] == [f"客{n}" for n in range(5)]


def test_what_was_taken_out_is_written_down_without_names_or_ids() -> None:
    cast = team.cast()
    row = exported(cast.lin, [regular_chen().pk])
    entries = {one.action: one.after for one in AuditEntry.objects.filter(kind="Export")}
    assert entries["export_asked"]["picked"] == 1 and entries["export_asked"]["columns"] == ["name", "phone"]
    assert entries["export_finished"] == {"title": "试一试", "customers": 1, "has_contacts": True}
    assert CHEN_PHONE not in str(entries) and row.rows_done == 1


def test_unknown_columns_are_dropped_and_none_left_is_refused() -> None:
    cast, chen = team.cast(), regular_chen()
    assert asked(cast.lin, [chen.pk], ("name", "password", "deleted_at")).columns == ["name"]
    with pytest.raises(ValidationError):
        asked(cast.lin, [chen.pk], ("password",))
    with pytest.raises(services.NothingSelected):
        asked(cast.lin, [])
    with pytest.raises(PermissionDenied):
        asked(cast.stranger, [chen.pk])


def test_the_pages_ask_wait_allow_and_hand_out() -> None:
    cast, chen, zhao = team.cast(), regular_chen(), lapsed_zhao()
    ExportRule.objects.create(approval_above=1)
    client, chosen = signed_in(cast.wang), {"ids": [chen.pk, zhao.pk], "source": "list", "text": ""}
    asking = client.post(reverse("customers:export_ask"), chosen).content.decode()
    assert "需要店长或店主批准" in asking and "隐藏中间几位" in asking
    assert client.post(reverse("customers:export_start"), chosen | {"column": []}).status_code == 422
    client.post(reverse("customers:export_start"), chosen | {"column": ["name", "phone"], "format": "csv"})
    row = Export.objects.get()
    page = reverse("customers:export", args=[row.pk])
    assert "等店长或店主批准" in client.get(page).content.decode()
    assert "等您批准" in signed_in(cast.lin).get(reverse("customers:exports")).content.decode()
    decide = reverse("customers:export_decide", args=[row.pk])
    assert client.post(decide, {"answer": "allow"}).status_code == 403
    signed_in(cast.lin).post(decide, {"answer": "allow"})
    exporting.run_export(row.pk)
    assert client.get(reverse("customers:export_progress", args=[row.pk])).headers["HX-Refresh"] == "true"
    shown = client.get(page)
    download = reverse("customers:export_download", args=[row.pk])
    token = shown.context["token"]
    assert client.get(download).status_code == 302
    assert signed_in(cast.lin).get(download, {"token": token}).status_code == 302
    answer = client.get(download, {"token": token})
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    body = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    assert "154****6621" in body and CHEN_PHONE not in body
    assert AuditEntry.objects.filter(action="export_downloaded").count() == 1


@pytest.mark.parametrize(
    ("visitor", "status"),
    [("stranger", 403), ("zhou", 404), ("analyst", 404), ("wang", 404), ("lin", 200), ("owner", 200)],
)
def test_an_export_is_shown_to_who_asked_and_to_who_may_allow(visitor: str, status: int) -> None:
    cast = team.cast()
    row = exported(cast.lin, [regular_chen().pk])
    for name in ("export", "export_progress", "export_download"):
        address = reverse(f"customers:{name}", args=[row.pk])
        assert Client().get(address).status_code == 302
        wanted = status if name != "export_download" or status != 200 else 302
        assert signed_in(getattr(cast, visitor)).get(address).status_code == wanted


def test_only_the_owner_sets_the_limit() -> None:
    cast = team.cast()
    address = reverse("customers:export_rule")
    assert signed_in(cast.lin).post(address, {"approval_above": "5"}).status_code == 403
    owner = signed_in(cast.owner)
    for wrong in ("-1", "x", "", "9" * 30):
        owner.post(address, {"approval_above": wrong})
    assert not ExportRule.objects.exists()
    owner.post(address, {"approval_above": "50"})
    assert ExportRule.objects.get().approval_above == 50
    assert Customer.objects.count() == 0
