"""A list goes out, cells are edited in a table program, and it comes back: exactly those fields change, of the right people."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from shuke.customers.models import ContactPoint, Customer, FieldChange, Identity, IdentityConflict
from shuke.customers.queries import living_ids, search_customers
from shuke.customers.queries.exporting import offered_columns
from shuke.customers.rules.numbers import customer_number, read_customer_number
from shuke.customers.services import (
    Selection,
    change_customer,
    delete_customers,
    exporting,
    merging,
    tag_customers,
)
from shuke.customers.services.exporting import ExportForm, running
from shuke.customers.services.points import PointForm, add_point
from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.imports import queries as import_queries
from shuke.imports import services as imports
from shuke.imports.models import ImportReject, ImportRun
from shuke.imports.testing import csv_bytes, xlsx_bytes
from shuke.team import testing as team
from shuke.team.queries import SYSTEM
from shuke.zh.calendar import Birthday
from shuke.zh.fictional import phone

pytestmark = pytest.mark.django_db
Table = list[list[str]]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.SHUKE_DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"


def exported(actor: Any, ids: list[int], format: str) -> Path:
    columns = tuple(column.code for column in offered_columns(actor))
    form = ExportForm(Selection(tuple(ids)), columns, format, "试一试")
    row = exporting.ask_export(actor=actor, form=form, in_background=False)
    exporting.run_export(row.pk)
    row.refresh_from_db()
    return running.folder() / row.file_name


def read_csv(path: Path) -> Table:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def read_xlsx(path: Path) -> Table:
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return [["" if cell is None else str(cell) for cell in row] for row in rows]


FORMATS = [("csv", read_csv, csv_bytes), ("xlsx", read_xlsx, xlsx_bytes)]


def imported(actor: Any, name: str, content: bytes, **options: str) -> ImportRun:
    run = imports.receive_file(actor=actor, name=name, chunks=[content], target=imports.GUESS)
    assert run.found["export"] == "shuke.customers"
    run = imports.set_mapping(
        actor=actor, run_id=run.pk, mapping=run.mapping, options=run.options | options, source="本店"
    )
    imports.start_run(actor=actor, run_id=run.pk, in_background=False)
    run = imports.run_import(run.pk)
    assert run.state == "done"
    return run


def figures(run: ImportRun) -> tuple[int, int, int, int, int]:
    tally = import_queries.tally_of(run)
    return tally.created, tally.updated, tally.unchanged, tally.skipped, tally.rejected


def everything() -> dict[str, Any]:
    """All that a round trip might touch, but for when it was touched."""
    left_out = ("updated_at", "import_run_id")
    return {
        model.__name__: {
            row["id"]: {key: value for key, value in row.items() if key not in (*left_out, "last_seen")}
            for row in model._base_manager.values()  # type: ignore[attr-defined]
        }
        for model in (Customer, Identity, ContactPoint, IdentityConflict)
    }


def edited(rows: Table, who: Customer, column: str, value: str) -> None:
    line = next(row for row in rows if row[rows[0].index("本店编号")] == customer_number(who.pk))
    line[rows[0].index(column)] = value


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, int, str, Any]]:
    return [
        (table, pk, key, value)
        for table, rows in after.items()
        for pk, row in rows.items()
        for key, value in row.items()
        if before[table].get(pk, {}).get(key) != value
    ]


@pytest.fixture
def people() -> list[Customer]:
    """Full ones, some with nothing but a name (two of the same), a hostile one, and a family with one phone."""
    cast = team.cast()
    chen = regular_chen(email="chen@example.com", wechat="chen_tea", birthday=Birthday("lunar", 8, 15, False))
    zhao = lapsed_zhao(birthday=Birthday("solar", 3, 8, False))
    change_customer(
        actor=cast.owner,
        customer_id=chen.pk,
        province="浙江省",
        city="杭州市",
        occupation="老师",
        education="bachelor",
        preferred_channel="wechat",
        note="第一行\n第二行，=1+1",
        account_manager_id=cast.wang.pk,
    )
    tag_customers(actor=SYSTEM, customer_ids=[chen.pk, zhao.pk], names=["送礼", "爱白茶"])
    named = [customer("只有名字"), customer("只有名字")]
    hostile = customer('=HYPERLINK("http://example.com")', phone=phone(77))
    company = customer("示例茶业有限公司", kind="company", phone="0571-88000001")
    child = customer("陈小芽")
    add_point(
        actor=cast.owner,
        customer_id=child.pk,
        form=PointForm(kind="phone", value=chen.phone, is_shared=True),
    )
    return [chen, zhao, *named, hostile, company, child]


@pytest.mark.parametrize(("format", "read", "write"), FORMATS)
def test_two_edited_cells_change_two_fields_of_the_right_people(
    people: list[Customer], format: str, read: Callable[[Path], Table], write: Callable[[Table], bytes]
) -> None:
    owner = team.owner()
    rows = read(exported(owner, [one.pk for one in people], format))
    assert rows[0][0] == "本店编号"
    edited(rows, people[3], "备注", "这是第二位")
    edited(rows, people[0], "职业", "茶艺师")
    before = everything()
    run = imported(owner, f"客户.{format}", write(rows), mode="update")
    assert figures(run) == (0, 2, 5, 0, 0)
    assert sorted(differences(before, everything()), key=lambda one: one[1]) == [
        ("Customer", people[0].pk, "occupation", "茶艺师"),
        ("Customer", people[3].pk, "note", "这是第二位"),
    ]
    told = FieldChange.objects.filter(field__in=("occupation", "note")).order_by("-pk")[:2]
    assert {(one.customer_id, one.field, one.after) for one in told} == {
        (people[0].pk, "occupation", "茶艺师"),
        (people[3].pk, "note", "这是第二位"),
    }


@pytest.mark.parametrize(("format", "read", "write"), FORMATS)
def test_a_list_that_comes_back_as_it_went_changes_nothing(
    people: list[Customer], format: str, read: Callable[[Path], Table], write: Callable[[Table], bytes]
) -> None:
    owner = team.owner()
    rows = read(exported(owner, [one.pk for one in people], format))
    before = everything()
    assert figures(imported(owner, f"客户.{format}", write(rows))) == (0, 0, 7, 0, 0)
    assert differences(before, everything()) == []


def test_a_clerk_who_reads_hidden_numbers_brings_none_of_them_back(people: list[Customer]) -> None:
    cast = team.cast()
    rows = read_csv(exported(cast.wang, [people[0].pk, people[1].pk], "csv"))
    assert "154****6621" in rows[1] or "154****6621" in rows[2]
    before = everything()
    assert figures(imported(cast.owner, "客户.csv", csv_bytes(rows))) == (0, 0, 2, 0, 0)
    assert differences(before, everything()) == []


def test_the_number_of_a_merged_record_names_the_one_it_lives_on_in(people: list[Customer]) -> None:
    rows = read_csv(exported(team.owner(), [people[2].pk], "csv"))
    merging.merge_customers(actor=SYSTEM, winner_id=people[3].pk, loser_id=people[2].pk)
    merging.merge_customers(actor=SYSTEM, winner_id=people[0].pk, loser_id=people[3].pk)
    assert living_ids([people[2].pk, people[0].pk, 10**9]) == {
        people[2].pk: people[0].pk,
        people[0].pk: people[0].pk,
    }
    edited(rows, people[2], "行业", "教育")
    assert figures(imported(team.owner(), "客户.csv", csv_bytes(rows), wins="blanks")) == (0, 1, 0, 0, 0)
    assert Customer.objects.get(pk=people[0].pk).industry == "教育"


def test_a_number_that_nobody_has_comes_back_with_its_reason(people: list[Customer]) -> None:
    rows = read_csv(exported(team.owner(), [people[0].pk, people[2].pk], "csv"))
    delete_customers(actor=SYSTEM, customer_ids=[people[2].pk])
    rows.append([customer_number(people[0].pk)[:-1] + "x", *rows[1][1:]])
    rows.append(["", *rows[1][1:]])
    run = imported(team.owner(), "客户.csv", csv_bytes(rows))
    assert figures(run) == (0, 0, 2, 0, 2)
    reasons = {reject.reason[:8] for reject in ImportReject.objects.filter(run=run)}
    assert reasons == {"这不是本店编号，", "没有这个编号的客"}


def test_a_clerk_cannot_reach_others_customers_by_their_numbers(people: list[Customer]) -> None:
    cast = team.cast()
    far = customer("山门老客", store_id=cast.other_store.pk)
    rows = [["本店编号", "姓名", "所属门店", "备注"], [customer_number(far.pk), "改名", "", "改备注"]]
    run = imported(cast.lin, "客户.csv", csv_bytes(rows))
    assert figures(run) == (0, 0, 0, 0, 1)
    far.refresh_from_db()
    assert (far.name, far.note) == ("山门老客", "")


def test_a_customer_is_found_by_the_number_within_reach_only(people: list[Customer]) -> None:
    cast = team.cast()
    far = customer("山门老客", store_id=cast.other_store.pk)
    number = customer_number(far.pk)
    assert [(one.id, one.is_exact, str(one.match.label)) for one in search_customers(cast.owner, number)] == [
        (far.pk, True, "本店编号")
    ]
    assert [one.id for one in search_customers(cast.owner, number.lower())] == [far.pk]
    assert search_customers(cast.wang, number) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [("K10249", 1024), ("k10249", 1024), (" K10249 ", 1024), ("K10248", None), ("K12049", None), ("10249", None),
     ("K", None), ("K0", None), ("K018", None), ("王", None), ("K" + "9" * 30, None)],
)  # fmt: skip
def test_a_number_is_read_only_with_its_check_digit(text: str, found: int | None) -> None:
    assert read_customer_number(text) == found
    assert read_customer_number(customer_number(987_654_321)) == 987_654_321
