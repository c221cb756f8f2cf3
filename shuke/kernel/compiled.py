"""Queries that are worked out once: later calls only bind their values.

Django turns a queryset into SQL anew every time, which takes longer than PostgreSQL takes to answer a small one. What busy pages
ask is compiled at its first use in each process, and where the server may keep statements (see `docs/operations.md`)
PostgreSQL reads and plans it once per connection, too.

    _open_steps = Compiled(lambda: FollowUp.objects.filter(customer_id=given("customer", "bigint")).order_by("due_on")[:4])
    _open_steps.rows(customer=12)
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import Expression, Field, Lookup, QuerySet
from django.db.models.fields.related import ForeignObject
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesIterable,
    ValuesListIterable,
    get_related_populators,
)

Row = TypeVar("Row")
Value = str | int | bool | date | datetime | None | Sequence[int] | Sequence[str] | Sequence[date]


@dataclass(frozen=True)
class _Place:
    """Where a value goes into a compiled statement."""

    name: str
    is_list: bool


class _Given(Expression):
    """A value that is known only when the query runs; the cast says what it is, so that the server need not guess."""

    def __init__(self, name: str, kind: str, *, is_list: bool) -> None:
        super().__init__()
        self.place, self.kind = _Place(name, is_list), kind

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return f"%s::{self.kind}{'[]' if self.place.is_list else ''}", [self.place]


def given(name: str, kind: str) -> Expression:
    """In a compiled queryset: the value called `name`, of this PostgreSQL type."""
    return _Given(name, kind, is_list=False)


def given_list(name: str, kind: str) -> Expression:
    """In a compiled queryset, behind `__among`: the list called `name`, of this PostgreSQL type."""
    return _Given(name, kind, is_list=True)


@Field.register_lookup
@ForeignObject.register_lookup
class Among(Lookup):
    """`customer_id__among=given_list("ids", "bigint")`: one of a list whose length the statement does not depend on."""

    lookup_name = "among"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, before = self.process_lhs(compiler, connection)
        values, after = self.process_rhs(compiler, connection)
        return f"{column} = any{values}", [*before, *after]


@dataclass(frozen=True)
class _Statement:
    sql: str
    values: tuple[Any, ...]
    make: Callable[[Iterable[Sequence[Any]]], Iterable[Any]]

    def bound(self, values: dict[str, Value]) -> list[Any]:
        return [_bound(values[one.name]) if isinstance(one, _Place) else one for one in self.values]


def _bound(value: Any) -> Any:
    """Numbers go as text: whatever their size, it stays the same statement to the server."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset) and all(isinstance(one, int) for one in value):
        return f"{{{','.join(map(str, value))}}}"
    return value


class Compiled(Generic[Row]):
    """A queryset with `given` values, compiled at its first use. Rows are what the queryset itself would give.

    Not for querysets whose conditions differ from call to call, nor for `prefetch_related`.
    """

    def __init__(self, build: Callable[[], QuerySet[Any, Row]]) -> None:
        self._build = build
        self._statement: _Statement | None = None

    def rows(self, **values: Value) -> list[Row]:
        """All rows for these values: one query."""
        try:
            statement = self._statement or self._compile()
        except EmptyResultSet:  # a condition that nothing can meet, such as the reach of nobody
            return []
        return list(statement.make(prepared_rows(statement.sql, statement.bound(values))))

    def first(self, **values: Value) -> Row | None:
        """The first row, or None. The queryset's own limit should be 1."""
        return next(iter(self.rows(**values)), None)

    def _compile(self) -> _Statement:
        queryset = self._build()
        compiler = queryset.query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        plain = tuple(str(one) if isinstance(one, str) else one for one in values)  # choices as their words
        self._statement = _Statement(sql, plain, _maker(queryset, compiler))
        return self._statement


def prepared_rows(sql: str, values: Sequence[Any] | None = None) -> list[Any]:
    """The rows of a statement whose text is the same every time, bound and prepared by the server."""
    connection.ensure_connection()
    bound: Any = ServerBindingCursor
    wrapped: Any = connection  # the cursor in Django's own wrapper: errors, counting and logging as ever
    with wrapped._prepare_cursor(bound(connection.connection)) as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _maker(queryset: QuerySet[Any, Any], compiler: Any) -> Callable[[Iterable[Sequence[Any]]], Iterable[Any]]:
    """What makes of database rows the rows that the queryset gives."""
    shape = queryset._iterable_class
    converters = compiler.get_converters([column[0] for column in compiler.select])
    shapers = {
        ModelIterable: _models,
        ValuesIterable: _dicts,
        ValuesListIterable: _tuples,
        FlatValuesListIterable: _singles,
    }
    shaped = shapers[shape](queryset, compiler)

    def make(rows: Iterable[Sequence[Any]]) -> Iterable[Any]:
        return shaped(compiler.apply_converters(rows, converters) if converters else rows)

    return make


Shaped = Callable[[Iterable[Sequence[Any]]], Iterable[Any]]


def _tuples(queryset: Any, compiler: Any) -> Shaped:
    return lambda rows: map(tuple, rows)


def _singles(queryset: Any, compiler: Any) -> Shaped:
    return lambda rows: (row[0] for row in rows)


def _dicts(queryset: Any, compiler: Any) -> Shaped:
    query = queryset.query
    names = list(query.selected or [*query.extra_select, *query.values_select, *query.annotation_select])
    return lambda rows: (dict(zip(names, row, strict=True)) for row in rows)


def _models(queryset: Any, compiler: Any) -> Shaped:
    known, database = compiler.klass_info, compiler.connection.alias
    model, fields = known["model"], known["select_fields"]
    names = [compiler.select[at][0].target.attname for at in fields]
    begin, end = fields[0], fields[-1] + 1
    populators = get_related_populators(known, compiler.select, database)  # type: ignore[call-arg]
    annotated = compiler.annotation_col_map.items()

    def shaped(rows: Iterable[Sequence[Any]]) -> Iterable[Any]:
        for row in rows:
            made = model.from_db(database, names, row[begin:end])
            for populator in populators:
                populator.populate(row, made)
            for name, at in annotated:
                setattr(made, name, row[at])
            yield made

    return shaped
