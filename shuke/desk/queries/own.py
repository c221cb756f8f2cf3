"""The shop's own fields as columns of the list's rows: own_12, of the type of field 12, made when it is defined.

The catalogue of the database says which there are: no second list of them could be wrong.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.cache import cache
from django.db import connection, models
from django.db.models.expressions import Col, Expression, Func

from shuke.customers.queries.custom import Definition, all_custom_fields, known_custom_fields
from shuke.customers.rules import custom
from shuke.desk import rules
from shuke.desk.models import NO_DAY, CustomerRow

PREFIX = "own_"
PARTS = "desk_parts"  # text → its parts of two and three characters, a function of the database
NO_NUMBER = -(2**62)  # below every number and amount: without a value comes last from the top
SCALE = 10**custom.NUMBER_PLACES
KEPT, KEPT_SECONDS = "desk.own_columns", 5


@dataclass(frozen=True)
class OwnType:
    """How a kind of field stands in a row: the column's type, what stands for nothing, how it is read from the record's JSON.

    `{key}` is the field's key as a literal. `sorts`: an index on (column, customer) walks lists in its order. `has_parts`: a
    second index knows which values hold two or three characters in a row.
    """

    sql: str
    nothing: str
    reads: str
    field: models.Field
    sorts: bool = False
    method: str = "btree"
    has_parts: bool = False


_TEXT = OwnType(
    'text collate "C"', "''", "coalesce(lower(c.custom->>{key}), '')", models.TextField(), has_parts=True
)
_NUMBER = f"{NO_NUMBER}"
TYPES: dict[str, OwnType] = {
    custom.TEXT: _TEXT,
    custom.LINK: _TEXT,
    custom.LONG: OwnType("smallint", "0", "jsonb_exists(c.custom, {key})::int", models.SmallIntegerField()),
    custom.NUMBER: OwnType(
        "bigint",
        _NUMBER,
        f"coalesce(((c.custom->>{{key}})::numeric * {SCALE})::bigint, {_NUMBER})",
        models.BigIntegerField(),
        sorts=True,
    ),
    custom.MONEY: OwnType(
        "bigint",
        _NUMBER,
        f"coalesce((c.custom->>{{key}})::bigint, {_NUMBER})",
        models.BigIntegerField(),
        sorts=True,
    ),
    custom.DATE: OwnType(
        "date",
        f"'{NO_DAY}'",
        f"coalesce((c.custom->>{{key}})::date, '{NO_DAY}')",
        models.DateField(),
        sorts=True,
    ),
    custom.CHOICE: OwnType("integer", "0", "coalesce((c.custom->>{key})::int, 0)", models.IntegerField()),
    custom.MANY: OwnType(
        "integer[]",
        "'{}'",
        "coalesce((select array_agg(one::int) from jsonb_array_elements_text(c.custom->{key}) one), array[]::int[])",
        ArrayField(models.IntegerField()),
        method="gin",
    ),
    custom.FLAG: OwnType(
        "smallint",
        "0",
        "case c.custom->>{key} when 'true' then 1 when 'false' then 2 else 0 end",
        models.SmallIntegerField(),
    ),
}
YES, NO = 1, 2


def column_of(field_id: int) -> str:
    """own_12"""
    return f"{PREFIX}{field_id}"


def id_of(column: str) -> int:
    """The field whose column that is."""
    return int(column.removeprefix(PREFIX))


def made_columns() -> list[int]:
    """The fields that have a column, by number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select attname from pg_attribute where attrelid = 'desk_customerrow'::regclass"
            " and attname like 'own\\_%%' and not attisdropped order by attnum"
        )
        return [id_of(name) for (name,) in cursor.fetchall()]


def filled_columns() -> list[tuple[int, OwnType]]:
    """The columns that rows are filled with, with their types; those of purged fields are left alone until they are dropped."""
    known = all_custom_fields()
    return [(pk, TYPES[known[pk].kind]) for pk in made_columns() if pk in known]


def complete_columns() -> list[int]:
    """The fields that have their column with every index that their kind has."""
    names = _index_names()
    return [
        pk
        for pk, kind in filled_columns()
        if index_of(pk) in names and (not kind.has_parts or parts_index_of(pk) in names)
    ]


def _indexed() -> list[int]:
    names = _index_names()
    return [pk for pk in made_columns() if index_of(pk) in names]


def _index_names() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select indexrelid::regclass::text from pg_index where indrelid = 'desk_customerrow'::regclass and indisvalid"
        )
        return {name.strip('"') for (name,) in cursor.fetchall()}


def index_of(field_id: int) -> str:
    """What the index of a field's column is called."""
    return f"desk_row_own_{field_id}"


def parts_index_of(field_id: int) -> str:
    """What the index of the parts of a text field's column is called."""
    return f"{index_of(field_id)}_parts"


def listed_fields(actor: Any) -> list[Definition]:
    """The fields in use that lists can be filtered, grouped and sorted by: indexed, and not masked for the actor."""
    ready = set(cache.get_or_set(KEPT, _indexed, KEPT_SECONDS) or ())
    return [one for one in shown_fields() if one.id in ready and not one.is_masked_for(actor)]


def shown_fields() -> list[Definition]:
    """The fields in use, in the shop's order: columns of lists, masked where they must be."""
    return [one for one in known_custom_fields().values() if not (one.is_archived or one.is_deleted)]


def forget_columns() -> None:
    """Ask the catalogue anew."""
    cache.delete(KEPT)


class OwnColumn(Expression):
    """A column of the list's rows that the model does not know: OwnColumn(definition)."""

    def __init__(self, field: Definition) -> None:
        kind = TYPES[field.kind]
        super().__init__(output_field=kind.field)
        self.field_id = field.id

    def resolve_expression(self, query: Any = None, *_given: Any, **_named: Any) -> Any:
        target = self.output_field.clone()
        target.set_attributes_from_name(column_of(self.field_id))
        target.model = CustomerRow
        return Col(query.get_initial_alias(), target, target)


class OwnParts(Func):
    """All that stands in two or three characters of a text column, as its second index knows it: OwnParts(OwnColumn(field))."""

    function = PARTS
    output_field = ArrayField(models.TextField())


def sort_for(actor: Any, word: str) -> str:
    """The sort word, or the usual one where it names a field of the shop's that the actor cannot sort by."""
    code = word.removeprefix("-")
    if custom.id_in(code) is None:
        return word
    sorting = {one.code for one in listed_fields(actor) if TYPES[one.kind].sorts}
    return word if code in sorting else rules.DEFAULT_SORT


def groupings(actor: Any) -> list[Definition]:
    """The fields that a list can be counted by."""
    return [one for one in listed_fields(actor) if one.kind in (*custom.WITH_CHOICES, custom.FLAG)]
