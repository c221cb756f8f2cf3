"""The shop's own fields come in with files, go out, and come back the same."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shuke.customers import services
from shuke.customers import testing as customers
from shuke.customers.importing.custom import CustomColumns
from shuke.customers.importing.new_fields import new_kinds
from shuke.customers.models import Customer, CustomField, FieldChange
from shuke.customers.rules import custom as rules
from shuke.customers.services import FieldForm, Selection, exporting
from shuke.customers.services.exporting import ExportForm, running
from shuke.imports import ports as import_ports
from shuke.imports import queries
from shuke.imports import services as imports
from shuke.imports.models import ImportReject, ImportRun
from shuke.imports.testing import csv_bytes
from shuke.team import testing as team
from shuke.team.queries import SYSTEM
from shuke.zh.fictional import phone

pytestmark = pytest.mark.django_db
KINDS = ("text", "long", "number", "money", "date", "choice", "many", "flag", "link")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.SHUKE_DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"


def define(name: str, kind: str, **more: Any) -> CustomField:
    return services.define_field(actor=SYSTEM, form=FieldForm(name=name, kind=kind, **more))


def imported(rows: list[list[str]], *, actor: Any = SYSTEM, **options: str) -> ImportRun:
    run = imports.receive_file(actor=actor, name="people.csv", chunks=[csv_bytes(rows)], target="customers")
    run = imports.set_mapping(
        actor=actor, run_id=run.pk, mapping=run.mapping, options=run.options | options, source="老系统"
    )
    imports.start_run(actor=actor, run_id=run.pk, in_background=False)
    run = imports.run_import(run.pk)
    assert run.state == "done"
    return run


def figures(run: ImportRun) -> tuple[int, int, int, int, int]:
    tally = queries.tally_of(run)
    return tally.created, tally.updated, tally.unchanged, tally.skipped, tally.rejected


def held(name: str) -> dict[str, Any]:
    return dict(Customer.objects.get(name=name).custom)


def test_columns_called_like_fields_become_their_values_and_new_choices_are_added() -> None:
    age, taste, member = (
        define("茶龄", "number"),
        define("口味", "many", choices=("清香",)),
        define("会员", "flag"),
    )
    run = imported(
        [
            ["姓名", "手机号", "茶龄", "口味", "会员"],
            ["茶友甲", phone(1), "１２.5", "清香、陈香", "是"],
            ["茶友乙", phone(2), "", "陈香", "无"],
            ["茶友丙", phone(3), "-", "", ""],
        ]
    )
    assert figures(run) == (3, 0, 0, 0, 0)
    light, old = taste.choices.order_by("place").values_list("pk", flat=True)
    assert list(taste.choices.order_by("place").values_list("name", flat=True)) == ["清香", "陈香"]
    assert held("茶友甲") == {str(age.pk): "12.5", str(taste.pk): [light, old], str(member.pk): True}
    assert held("茶友乙") == {str(taste.pk): [old], str(member.pk): False}
    assert held("茶友丙") == {}
    assert FieldChange.objects.count() == 0


def test_cells_that_cannot_be_taken_come_back_with_the_reason_or_stay_as_words() -> None:
    define("茶龄", "number")
    level = define("级别", "choice", choices=("A",))
    rows = [
        ["姓名", "手机号", "茶龄", "级别"],
        ["甲", phone(1), "十二", "A"],
        ["乙", phone(2), "1", "Z"],
        ["丙", phone(3), "3", "a"],
    ]
    run = imported(rows, new_choices="return")
    assert figures(run) == (1, 0, 0, 0, 2)
    assert list(ImportReject.objects.order_by("line_number").values_list("column", "value")) == [
        ("茶龄", "十二"),
        ("级别", "Z"),
    ]
    run = imported(rows, new_choices="return", bad_cells="keep")
    assert figures(run) == (2, 0, 1, 0, 0)
    assert "茶龄：十二" in Customer.objects.get(name="甲").note
    assert list(level.choices.values_list("name", flat=True)) == ["A"]


def test_who_may_define_no_fields_adds_no_choices_with_a_file() -> None:
    setting, wang = import_ports.Setting(1, "老系统", {}, {}), team.clerk_wang()
    assert (CustomColumns(setting, wang).adds, CustomColumns(setting, team.manager_lin()).adds) == (
        False,
        True,
    )
    assert new_kinds(wang, ["1"]) == ()


def test_an_update_lets_the_rule_decide_is_remembered_and_is_taken_back() -> None:
    age, note = define("茶龄", "number"), define("口碑", "text")
    one, two = (customers.customer(f"茶友{n}", phone=phone(n)) for n in (1, 2))
    services.set_custom_values(actor=SYSTEM, customer_id=one.pk, values={age.pk: "3", note.pk: "好"})
    FieldChange.objects.all().delete()
    rows = [["手机号", "茶龄", "口碑"], [phone(1), "5", "很好"], [phone(2), "5", ""], [phone(2), "6", ""]]
    run = imported(rows, **{f"wins_custom_{note.pk}": "ours"})
    assert figures(run) == (0, 3, 0, 0, 0)
    assert run.counts["fields_differing"] == 2
    assert held("茶友1") == {str(age.pk): "5", str(note.pk): "好"}
    assert held("茶友2") == {str(age.pk): "6"}
    changes = FieldChange.objects.order_by("customer_id").values_list(
        "customer_id", "field", "before", "after"
    )
    name = f"custom.{age.pk}"
    assert list(changes) == [(one.pk, name, "3", "5"), (two.pk, name, None, "6")]
    assert figures(imported(rows, **{f"wins_custom_{note.pk}": "ours"})) == (0, 0, 3, 0, 0)
    services.set_custom_values(actor=SYSTEM, customer_id=two.pk, values={age.pk: "7"})
    imports.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    imports.undo_import(run.pk)
    assert held("茶友1") == {str(age.pk): "3", str(note.pk): "好"}
    assert held("茶友2") == {str(age.pk): "7"}
    run.refresh_from_db()
    assert (run.counts["customers_restored"], run.counts["fields_left"]) == (1, 1)


def test_undoing_an_import_takes_away_who_came_with_own_fields() -> None:
    define("茶龄", "number")
    run = imported([["姓名", "手机号", "茶龄"], ["茶友甲", phone(1), "5"], ["茶友甲", phone(1), "6"]])
    assert list(held("茶友甲").values()) == ["6"]
    imports.undo_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    imports.undo_import(run.pk)
    assert Customer.objects.count() == 0


def test_an_unknown_column_becomes_a_field_of_the_guessed_kind_on_the_checking_page(client: Client) -> None:
    client.force_login(team.manager_lin())
    rows = [["姓名", "手机号", "喜欢的茶", "来店日"]]
    rows += [[f"茶友{n}", phone(n), ("白茶", "红茶", "白茶、红茶")[n % 3], "2026-01-02"] for n in range(12)]
    run = imports.receive_file(
        actor=team.manager_lin(), name="a.csv", chunks=[csv_bytes(rows)], target="customers"
    )
    page = client.get(f"/imports/{run.pk}/").content.decode()
    assert page.index('value="new:many"') < page.index('value="new:text"')
    posted = {
        "source": "老系统",
        "column_0": "name",
        "column_1": "phone",
        "column_2": "new:many",
        "column_3": "new:date",
    }
    assert client.post(f"/imports/{run.pk}/mapping/", posted | {"column_0": "new:flag"}).status_code == 422
    assert client.post(f"/imports/{run.pk}/mapping/", posted).status_code == 302
    tea, since = CustomField.objects.order_by("pk")
    assert (tea.name, tea.kind, since.name, since.kind) == ("喜欢的茶", "many", "来店日", "date")
    assert list(tea.choices.order_by("place").values_list("name", flat=True)) == ["白茶", "红茶"]
    run.refresh_from_db()
    assert run.mapping[f"custom_{tea.pk}"] == "c2"
    imports.start_run(actor=team.manager_lin(), run_id=run.pk, in_background=False)
    assert imports.run_import(run.pk).state == "done"
    assert Customer.objects.filter(custom__has_key=str(since.pk)).count() == 12


def test_the_template_to_fill_in_has_a_column_for_each_field(client: Client) -> None:
    define("茶龄", "number")
    client.force_login(team.manager_lin())
    answer = client.get("/imports/templates/customers.csv")
    assert "茶龄" in answer.content.decode("utf-8-sig")


# --- there and back ---

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=60)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "text": TEXTS,
        "long": TEXTS,
        "number": st.decimals(-(10**11), 10**11, places=4).map(lambda one: rules.number_text(Decimal(one))),
        "money": st.integers(-(10**12), 10**12),
        "date": st.dates(date(1800, 1, 1), date(2999, 12, 31)).map(str),
        "choice": st.integers(0, 3),
        "many": st.sets(st.integers(0, 3), min_size=1),
        "flag": st.booleans(),
        "link": st.from_regex(r"https?://[a-z]{1,9}\.example/[a-z0-9/?=&%+-]{0,20}", fullmatch=True),
    },
)
CHOICES = ("清香", "=浓香", "'90 年代", "Ünï cødé")


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(VALUES, min_size=1, max_size=12))
def test_any_value_survives_form_storage_export_and_import(format: str, values: list[dict[str, Any]]) -> None:
    Customer.objects.all().delete()
    known = {one.name: one for one in CustomField.objects.filter(deleted_at=None)}
    fields = {
        kind: known.get(f"字段{kind}")
        or define(f"字段{kind}", kind, choices=CHOICES if kind in rules.WITH_CHOICES else ())
        for kind in KINDS
    }
    choices = {
        kind: list(fields[kind].choices.order_by("place").values_list("pk", flat=True))
        for kind in ("choice", "many")
    }
    made = []
    for n, one in enumerate(values):
        person = customers.customer(f"茶友{n}", phone=phone(n))
        given_values = {
            fields[kind].pk: choices["choice"][value] if kind == "choice"
            else [choices["many"][i] for i in value] if kind == "many" else value
            for kind, value in one.items()
        }  # fmt: skip
        services.set_custom_values(actor=SYSTEM, customer_id=person.pk, values=given_values)
        made.append(person.pk)
    before = dict(Customer.objects.values_list("name", "custom"))
    columns = ("name", "phone", *(f"custom_{field.pk}" for field in fields.values()))
    owner = team.owner()
    row = exporting.ask_export(
        actor=owner, form=ExportForm(Selection(tuple(made)), columns, format, "试一试"), in_background=False
    )
    exporting.run_export(row.pk)
    row.refresh_from_db()
    content = (running.folder() / row.file_name).read_bytes()
    Customer.objects.all().delete()
    run = imports.receive_file(actor=SYSTEM, name=f"back.{format}", chunks=[content], target="customers")
    assert {f"custom_{field.pk}" for field in fields.values()} <= run.mapping.keys()
    run = imports.set_mapping(
        actor=SYSTEM,
        run_id=run.pk,
        mapping=run.mapping,
        options=run.options | {"new_choices": "return"},
        source="本店",
    )
    imports.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    assert imports.run_import(run.pk).state == "done"
    assert dict(Customer.objects.values_list("name", "custom")) == before
