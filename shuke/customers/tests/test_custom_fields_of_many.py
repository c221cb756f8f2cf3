"""The shop's own fields written for many at once, and taken out as a file."""

from typing import Any

import pytest
from django.test import Client

from shuke.customers import ports, services
from shuke.customers import testing as customers
from shuke.customers.export_columns import CustomColumns
from shuke.customers.models import ChangeProblem, ChangeSet, Customer, CustomField, FieldChange
from shuke.customers.services import FieldForm, Selection
from shuke.team import testing as team
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db


def define(name: str, kind: str, **more: Any) -> CustomField:
    return services.define_field(actor=SYSTEM, form=FieldForm(name=name, kind=kind, **more))


def done(actor: Any, ids: list[int], given: dict[str, list[str]]) -> ChangeSet:
    kind = ports.bulk_kind("custom")
    assert kind is not None
    set_id = services.start_bulk(
        actor=actor,
        kind="custom",
        selection=Selection(tuple(ids)),
        arguments=kind.read(actor, given),
        in_background=False,
    )
    services.run_bulk(set_id)
    return ChangeSet.objects.get(pk=set_id)


def held(ids: list[int]) -> list[dict[str, Any]]:
    found = Customer.objects.in_bulk(ids)
    return [found[pk].custom for pk in ids]


def test_one_field_of_many_is_written_told_and_taken_back_as_a_whole() -> None:
    taste = define("口味", "many", choices=("清香", "浓香"), holder="person")
    light, strong = map(str, taste.choices.order_by("place").values_list("pk", flat=True))
    owner = team.owner()
    people = [customers.customer(f"茶友{n}").pk for n in range(3)]
    company = customers.customer("茶庄", kind="company").pk
    services.set_custom_values(
        actor=SYSTEM, customer_id=people[0], values={taste.pk: [int(light), int(strong)]}
    )
    services.set_custom_values(actor=SYSTEM, customer_id=people[1], values={taste.pk: [int(light)]})
    row = done(owner, [*people, company], {"field": [str(taste.pk)], f"custom_{taste.pk}": [light, strong]})
    assert row.title == "口味改成「清香、浓香」"
    assert (row.total, row.changed, row.unchanged, row.failed) == (4, 2, 1, 1)
    assert held(people) == [{str(taste.pk): [int(light), int(strong)]}] * 3
    assert ChangeProblem.objects.get().customer_id == company
    assert FieldChange.objects.filter(change_set=row, field=f"custom.{taste.pk}").count() == 2
    services.set_custom_values(actor=SYSTEM, customer_id=people[2], values={taste.pk: [int(strong)]})
    services.undo_changeset(owner, row.pk, in_background=False)
    row.refresh_from_db()
    assert (row.restored, row.kept) == (1, 1)
    assert held(people) == [
        {str(taste.pk): [int(light), int(strong)]},
        {str(taste.pk): [int(light)]},
        {str(taste.pk): [int(strong)]},
    ]


def test_nothing_written_empties_the_field_of_many_unless_it_is_required() -> None:
    age, must = define("茶龄", "number"), define("来店", "date", is_required=True)
    one = customers.customer("茶友").pk
    services.set_custom_values(actor=SYSTEM, customer_id=one, values={age.pk: "3", must.pk: "2026-01-02"})
    assert done(team.owner(), [one], {"field": [str(age.pk)], f"custom_{age.pk}": [""]}).title == "清掉茶龄"
    assert held([one]) == [{str(must.pk): "2026-01-02"}]
    kind = ports.bulk_kind("custom")
    for given in (
        {"field": [str(must.pk)]},
        {"field": ["999999"]},
        {"field": [str(age.pk)], f"custom_{age.pk}": ["十二"]},
    ):
        with pytest.raises(Exception, match=r"必须填|请选要改的一项|这里要填数字"):
            kind.read(team.owner(), given)  # type: ignore[union-attr]


def test_the_page_asks_for_each_field_with_its_own_input_and_offers_none_without_fields(
    client: Client,
) -> None:
    one = customers.customer("茶友").pk
    client.force_login(team.owner())
    assert 'value="custom"' not in client.get("/customers/").content.decode()
    day, level = define("来店", "date"), define("级别", "choice", choices=("A 级",))
    page = client.post("/customers/bulk/ask/", {"kind": "custom", "ids": [one]}).content.decode()
    assert f'name="custom_{day.pk}"' in page
    assert 'type="date"' in page
    assert "A 级" in page
    assert f'data-only="{level.pk}"' in page


def test_exports_have_a_column_for_each_field_masked_where_it_must_be() -> None:
    paid, day = define("预算", "money"), define("来店", "date")
    secret = define("欠款", "money", is_sensitive=True)
    one = customers.customer("茶友").pk
    services.set_custom_values(
        actor=SYSTEM, customer_id=one, values={paid.pk: 128050, day.pk: "1850-01-02", secret.pk: 5}
    )
    columns = CustomColumns()
    codes = [f"custom_{field.pk}" for field in (paid, day, secret)]
    assert [(c.label, c.kind) for c in columns.columns(team.owner())] == [
        ("预算", "money"),
        ("来店", "date"),
        ("欠款", "money"),
    ]
    wang = team.clerk_wang()
    assert [c.kind for c in columns.columns(wang)] == ["money", "date", "text"]
    assert str(columns.read(team.owner(), [one], codes)[one][codes[1]]) == "1850-01-02"
    assert columns.read(wang, [one], codes)[one][codes[2]] == "••••"
