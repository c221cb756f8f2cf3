"""The shop's own fields in lists: columns of the rows, filters, order, groups, cells."""

from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client

from shuke.customers import services
from shuke.customers import testing as customers
from shuke.customers.models import Customer, CustomField, FieldChange
from shuke.customers.services import FieldForm
from shuke.desk.forms import read_state
from shuke.desk.ports import filter_fields
from shuke.desk.queries.filtering import Narrowed, matching, read
from shuke.desk.queries.own import made_columns, parts_index_of
from shuke.desk.queries.rows import matching_rows, page_of_ids
from shuke.desk.services import own_columns, refilling
from shuke.desk.services.rows import rebuild_rows, refresh_rows
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db


def define(name: str, kind: str, **more: Any) -> CustomField:
    """A field with its column, as the handler makes it."""
    field = services.define_field(actor=SYSTEM, form=FieldForm(name=name, kind=kind, **more))
    own_columns.make_column(field.pk)
    return field


def people(field: CustomField, values: list[Any]) -> list[Customer]:
    """One customer for each value, in the list."""
    made = [customers.customer(f"茶友{n}") for n in range(len(values))]
    for one, value in zip(made, values, strict=True):
        if value is not None:
            services.set_custom_values(actor=SYSTEM, customer_id=one.pk, values={field.pk: value})
    refresh_rows([one.pk for one in made])
    return made


def found(text: str, made: list[Customer], actor: Any = SYSTEM) -> list[int]:
    """Which of them a filter finds, by their place."""
    rows = matching_rows(actor, Narrowed(wanted=read(text)), clock.today())
    ids = set(rows.values_list("customer_id", flat=True))
    return [place for place, one in enumerate(made) if one.pk in ids]


def test_a_defined_field_gets_a_column_with_an_index_and_a_purged_one_loses_both() -> None:
    field = define("茶龄", "number")
    assert made_columns() == [field.pk]
    own_columns.make_column(field.pk)
    with connection.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where indexname = %s", [f"desk_row_own_{field.pk}"])
        assert cursor.fetchone()[0].endswith(f"(own_{field.pk}, customer_id)")
    own_columns.drop_column(field.pk)
    assert made_columns() == []
    own_columns.make_column(999_999)
    assert made_columns() == []


def test_values_written_before_the_column_was_there_are_in_it() -> None:
    field = services.define_field(actor=SYSTEM, form=FieldForm(name="茶龄", kind="number"))
    made = people(field, ["3", None])
    assert own_columns.make_missing_columns() == 1
    assert found(f"custom_{field.pk}.span.1-5", made) == [0]


@pytest.mark.parametrize(
    ("kind", "values", "asked"),
    [
        (
            "number",
            ["3", "12.5", "-2", "0", None],
            {
                "span.3-12.5": [0, 1],
                "span.-0": [2, 3],
                "span.−2-−0.5": [2],
                "none": [4],
                "some": [0, 1, 2, 3],
            },
        ),
        (
            "money",
            [0, 128050, None],
            {"span.0-": [0, 1], "span.1280.5-": [1], "span.1280.51-": [], "none": [2]},
        ),
        (
            "date",
            ["2026-11-28", "1999-01-02", None],
            {"span.20260101-": [0], "span.-19991231": [1], "span.19990102-20261128": [0, 1], "none": [2]},
        ),
        ("flag", [True, False, None], {"in.yes": [0], "in.no": [1], "in.none": [2], "not.yes": [1, 2]}),
        (
            "text",
            ["爱喝 Long-Jing", "无", None],
            {
                "in.无": [1],
                "like.long": [0],
                "like.喝": [0],
                "like.爱喝": [0],
                "like.喝爱": [],
                "like.loong": [],
                "like.jing,无": [0, 1],
                "like.%25": [],
                "not.无": [0, 2],
                "none": [2],
                "some": [0, 1],
            },
        ),
        ("link", ["https://shop.example.com/a"], {"like.example": [0], "like.beispiel": []}),
        ("long", ["第一行\n第二行", None], {"in.some": [0], "in.none": [1]}),
    ],
)
def test_each_kind_is_filtered_by_what_makes_sense_for_it(
    kind: str, values: list[Any], asked: dict[str, list[int]]
) -> None:
    field = define("一项", kind)
    made = people(field, values)
    assert {text: found(f"custom_{field.pk}.{text}", made) for text in asked} == asked


@pytest.mark.parametrize(
    ("kind", "value", "asked", "index"),
    [
        ("text", "'茶' || n", "some", ""),
        ("text", "'茶友' || n", "like.友199", "_parts"),
        ("long", "1", "in.some", ""),
        ("choice", "7", "some", ""),
        ("number", "n", "some", ""),
    ],
)
def test_few_that_have_something_are_found_by_an_index(kind: str, value: str, asked: str, index: str) -> None:
    field = define("一项", kind, choices=("A",) if kind == "choice" else ())
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into desk_customerrow (customer_id, name_key, created_at, facets)"
            " select n, '', now(), array[repeat('x', 200)] from generate_series(1000001, 1020000) n"
        )
        cursor.execute(
            f"update desk_customerrow set own_{field.pk} = {value} from generate_series(1000001, 1020000, 100) n"
            " where customer_id = n"
        )
        cursor.execute("analyze desk_customerrow")
    rows = matching_rows(SYSTEM, Narrowed(wanted=read(f"custom_{field.pk}.{asked}")), clock.today())
    assert f"desk_row_own_{field.pk}{index} " in rows.values("customer_id", "clv_year_fen").explain()


def test_choices_are_filtered_by_one_any_all_and_none() -> None:
    field = define("口味", "many", choices=("清香", "浓香", "陈香"))
    light, strong, old = field.choices.order_by("place").values_list("pk", flat=True)
    made = people(field, [[light], [light, strong], [old], None])
    asked = {
        f"in.{light}": [0, 1],
        f"in.{strong},{old}": [1, 2],
        f"all.{light},{strong}": [1],
        f"not.{light}": [2, 3],
        "none": [3],
        "some": [0, 1, 2],
    }
    assert {text: found(f"custom_{field.pk}.{text}", made) for text in asked} == asked
    one = define("级别", "choice", choices=("A", "B"))
    a, b = one.choices.order_by("place").values_list("pk", flat=True)
    made = people(one, [a, b, None])
    asked = {f"in.{a}": [0], f"in.{a},{b}": [0, 1], f"not.{a}": [1, 2], "none": [2]}
    assert {text: found(f"custom_{one.pk}.{text}", made) for text in asked} == asked


@pytest.mark.parametrize(
    "text", ["span.x-y", "span.1", "span.-", "span.NaN-", "span.1e999-", "like.a", "in.1"]
)
def test_values_that_make_no_sense_are_left_out_and_said(text: str) -> None:
    field = define("茶龄", "number")
    wanted = read(f"custom_{field.pk}.{text}")
    assert matching(SYSTEM, wanted, clock.today()).left_out == 1


def test_archived_deleted_and_masked_fields_are_no_filters() -> None:
    open_one, secret = define("茶龄", "number"), define("身份证", "text", is_sensitive=True)
    codes = {f"custom_{open_one.pk}", f"custom_{secret.pk}"}
    assert codes <= filter_fields(team.owner()).keys()
    assert codes & filter_fields(team.clerk_wang()).keys() == {f"custom_{open_one.pk}"}
    services.archive_field(actor=SYSTEM, field_id=open_one.pk, is_archived=True)
    services.delete_field(actor=SYSTEM, field_id=secret.pk)
    assert codes & filter_fields(team.owner()).keys() == set()


def test_pages_in_the_order_of_a_field_meet_and_end_with_those_without_a_value() -> None:
    field = define("茶龄", "number")
    made = people(field, ["2", "9", None, "5", "-1"])
    rows = matching_rows(SYSTEM, Narrowed(), clock.today())
    order = [1, 3, 0, 4, 2]
    seen, after = [], ""
    while True:
        page = page_of_ids(rows, sort=f"-custom_{field.pk}", size=2, after=after)
        seen += [row["customer_id"] for row in page.rows]
        after = page.next_cursor
        if not after:
            break
    assert seen == [made[place].pk for place in order]
    back = page_of_ids(rows, sort=f"-custom_{field.pk}", size=2, before=page.previous_cursor)
    assert [row["customer_id"] for row in back.rows] == [made[0].pk, made[4].pk]


@pytest.mark.parametrize("sort", ["-value", "name", "-custom", "custom"])
def test_an_uneven_filter_gives_the_same_pages_by_walking_and_by_sorting(sort: str, monkeypatch: Any) -> None:
    field = define("茶龄", "number")
    made = people(field, [str(n % 4) for n in range(24)])
    if sort.endswith("custom"):
        sort = f"{sort}_{field.pk}"
    rows = matching_rows(SYSTEM, Narrowed(wanted=read(f"custom_{field.pk}.span.1-2")), clock.today())

    def pages(steps: int | None) -> list[int]:
        if steps is not None:
            monkeypatch.setattr("shuke.desk.queries.rows.STEPS", steps)
        seen: list[int] = []
        page = page_of_ids(rows, sort=sort, size=5, is_uneven=steps is not None)
        seen += [row["customer_id"] for row in page.rows]
        while page.next_cursor:
            page = page_of_ids(rows, sort=sort, size=5, after=page.next_cursor, is_uneven=steps is not None)
            seen += [row["customer_id"] for row in page.rows]
        before = page_of_ids(
            rows, sort=sort, size=5, before=page.previous_cursor, is_uneven=steps is not None
        )
        return [*seen, *(row["customer_id"] for row in before.rows)]

    plain = pages(None)
    assert len(set(plain)) == 12
    assert set(plain) <= {one.pk for one in made}
    assert pages(0) == pages(3) == pages(9) == pages(1_000) == plain


def test_rebuilding_rows_keeps_the_columns_and_fills_them(monkeypatch: Any) -> None:
    field = define("口味", "many", choices=("清香", "浓香"))
    light = field.choices.get(name="清香").pk
    made = people(field, [[light], None])
    monkeypatch.setattr("shuke.desk.services.rows.MANY", 0)
    monkeypatch.setattr(refilling, "MOST_CHANGED_SHARE", -1)
    rebuild_rows()
    assert made_columns() == [field.pk]
    assert found(f"custom_{field.pk}.in.{light}", made) == [0]
    services.set_custom_values(actor=SYSTEM, customer_id=made[1].pk, values={field.pk: [light]})
    rebuild_rows()
    assert found(f"custom_{field.pk}.in.{light}", made) == [0, 1]


# --- pages ---


def test_the_list_shows_filters_sorts_groups_and_edits_by_own_fields(client: Client) -> None:
    level = define("级别", "choice", choices=("A 级", "B 级"))
    age = define("茶龄", "number")
    a, b = level.choices.order_by("place").values_list("pk", flat=True)
    made = people(level, [a, b, None])
    services.set_custom_values(actor=SYSTEM, customer_id=made[0].pk, values={age.pk: "12.5"})
    refresh_rows([made[0].pk])
    client.force_login(team.owner())
    code, age_code = f"custom_{level.pk}", f"custom_{age.pk}"
    page = client.get(f"/customers/?cols=value,{code},{age_code}&sort=-{age_code}").content.decode()
    assert [words in page for words in ("级别", "A 级", "12.5")] == [True] * 3
    assert f"sort={age_code}" in page
    upward = client.get(f"/customers/?sort={age_code}")
    assert (upward.status_code, f"f={age_code}.some" in upward["Location"]) == (302, True)
    one = client.get(f"/customers/filter/one/?field={code}").content.decode()
    assert "B 级" in one
    counted = client.get(
        f"/customers/filter/count/?rows=1&c0.field={code}&c0.op=in&c0.v={a}"
    ).content.decode()
    assert "1" in counted
    groups = client.get(f"/customers/groups/?by={code}").content.decode()
    assert ("A 级" in groups, "B 级" in groups) == (True, True)
    assert "级别" in client.get("/customers/menu/?menu=by").content.decode()
    assert "茶龄" in client.get("/customers/menu/").content.decode()
    columns = client.get("/customers/columns/").content.decode()
    assert ("级别" in columns, "茶龄" in columns) == (True, True)
    chosen = client.get(f"/customers/columns/?col={code}&col=value")
    assert f"cols={code},value" in chosen["Location"]


def test_a_cell_of_an_own_field_is_changed_in_the_list_and_taken_back(client: Client) -> None:
    level = define("级别", "choice", choices=("A 级", "B 级"))
    a, b = level.choices.order_by("place").values_list("pk", flat=True)
    (one,) = people(level, [a])
    client.force_login(team.owner())
    path = f"/customers/{one.pk}/own/custom_{level.pk}/"
    assert "B 级" in client.get(path).content.decode()
    answer = client.post(path, {f"custom_{level.pk}": str(b)})
    assert answer.content.decode() == "B 级\n"
    change = FieldChange.objects.latest("pk")
    assert f"/customers/{one.pk}/changes/{change.pk}/undo/" in answer["HX-Trigger"]
    assert client.post(path, {f"custom_{level.pk}": "999999"}).status_code == 422
    assert Customer.objects.get(pk=one.pk).custom == {str(level.pk): b}
    assert client.get(f"/customers/{one.pk}/own/custom_999999/").status_code == 404
    client.force_login(team.analyst_chen())
    assert client.post(path, {f"custom_{level.pk}": str(a)}).status_code == 403
    assert Customer.objects.get(pk=one.pk).custom == {str(level.pk): b}


def test_a_masked_field_can_neither_order_nor_group_a_clerks_list(client: Client) -> None:
    secret = define("欠款", "money", is_sensitive=True)
    wang = team.clerk_wang()
    (one,) = people(secret, [128050])
    services.change_customer(actor=SYSTEM, customer_id=one.pk, store_id=team.store().pk)
    refresh_rows([one.pk])
    client.force_login(wang)
    page = client.get(f"/customers/?cols=custom_{secret.pk}&sort=-custom_{secret.pk}").content.decode()
    assert ("••••" in page, "1,280" in page, "欠款" in page) == (True, False, True)
    assert f'name="sort" value="-custom_{secret.pk}"' not in page
    assert client.get(f"/customers/groups/?by=custom_{secret.pk}").status_code == 422


def test_addresses_with_fields_that_never_were_show_the_usual_list(client: Client) -> None:
    client.force_login(team.owner())
    state = read_state(QueryDict("cols=custom_5,custom_x&sort=-custom_5&by=custom_5"))
    assert state.columns == ("custom_5",)
    assert (
        client.get("/customers/?cols=custom_5&sort=-custom_5&by=custom_5&f=custom_5.in.1").status_code == 200
    )


def test_a_field_older_than_an_index_of_its_kind_gets_it_with_the_next_upgrade() -> None:
    index = parts_index_of(define("口味", "text").pk)
    with connection.cursor() as cursor:
        cursor.execute(f"drop index {index}")
    assert own_columns.make_missing_columns() == 1
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_indexes where indexname = %s", [index])
        assert cursor.fetchone() == (1,)
    assert own_columns.make_missing_columns() == 0
