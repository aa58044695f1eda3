"""What the engines spell differently: insert or update what is there; one of many values; the clock."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar, TypeVarTuple, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    FromClause,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    func,
    select,
    true,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.elements import BindParameter, UnaryExpression
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.types import TypeEngine

Columns = TypeVarTuple("Columns")
T = TypeVar("T")


def upsert(connection: Connection, table: Table, key: Sequence[Column[object]], *, replace: bool = True) -> Insert:
    """Make an INSERT that updates the row with the same `key` (or, with `replace` false, leaves it alone)."""
    return _upsert(connection.dialect.name, table, tuple(key), replace)


@lru_cache
def _upsert(dialect: str, table: Table, key: tuple[Column[object], ...], replace: bool) -> Insert:
    statement: Any
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        statement = postgresql.insert(table)
    else:
        statement = sqlite.insert(table)
    if not replace:
        return cast(Insert, statement.on_conflict_do_nothing(index_elements=list(key)))
    names = {column.name for column in key}
    changes = {c.name: statement.excluded[c.name] for c in table.c if c.name not in names and c.name != "id"}
    return cast(Insert, statement.on_conflict_do_update(index_elements=list(key), set_=changes))


@lru_cache
def _upsert_adding(dialect: str, table: Table, key: tuple[Column[object], ...], number: Column[object]) -> Insert:
    statement: Any
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        statement = postgresql.insert(table)
    else:
        statement = sqlite.insert(table)
    added = {number.name: number + statement.excluded[number.name]}
    return cast(Insert, statement.on_conflict_do_update(index_elements=list(key), set_=added))


def upsert_adding(
    connection: Connection, table: Table, key: Sequence[Column[object]], number: Column[object]
) -> Insert:
    """Make an INSERT that adds its `number` to the row with the same `key`."""
    return _upsert_adding(connection.dialect.name, table, tuple(key), number)


def among(connection: Connection, column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """`column IN (...)` with all values in one parameter: thousands cost what one costs, and one plan serves all."""
    dialect = connection.dialect.name
    return _among(dialect, column, bindparam(None, many(dialect, values), type_=_type_of_many(dialect, column)))


def one_of(dialect: str, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Make the same for a statement that is made once: its values come as the parameter `name`, by way of `many`."""
    return _among(dialect, column, bindparam(name, type_=_type_of_many(dialect, column)))


def select_among(
    connection: Connection, query: Select[*Columns], column: ColumnElement[Any], values: Collection[Any]
) -> CursorResult[*Columns]:
    """Run a query for the rows whose column has one of these values.

    `query` and `column` are to be made once and kept: to put a statement together takes ten times as long as to run it.
    """
    dialect = connection.dialect.name
    return connection.execute(_select_among(dialect, query, column), {"values": many(dialect, values)})


@lru_cache
def _select_among(dialect: str, query: Select[*Columns], column: ColumnElement[Any]) -> Select[*Columns]:
    return query.where(one_of(dialect, column, "values"))


def many(dialect: str, values: Collection[Any]) -> object:
    """Values as one parameter."""
    return list(values) if dialect == "postgresql" else json.dumps(list(values))


def _type_of_many(dialect: str, column: ColumnElement[Any]) -> TypeEngine[Any]:
    if dialect != "postgresql":
        return Text()
    return ARRAY(Text if isinstance(column.type, Text) else BigInteger)


def _among(dialect: str, column: ColumnElement[Any], values: BindParameter[Any]) -> ColumnElement[bool]:
    if dialect == "postgresql":
        return column == any_(values)
    return column.in_(select(func.json_each(values).table_valued("value").c.value))


def each_of(dialect: str, column: ColumnElement[Any], name: str) -> Select[Any]:
    """Select the values for `column` that come as the parameter `name`, by way of `many`: a row each, `value`."""
    values = bindparam(name, type_=_type_of_many(dialect, column))
    if dialect == "postgresql":
        return select(func.unnest(values, type_=column.type).label("value"))
    return select(func.json_each(values).table_valued("value").c.value)


def join_each(dialect: str, outer: FromClause, ids: Select[tuple[int]], table: FromClause) -> FromClause:
    """Join to each row of `outer` the rows of `table` whose ids `ids` selects, which may name `outer`."""
    if dialect == "postgresql":
        each = ids.lateral()
        return outer.join(each, true()).join(table, table.c.id == each.c.id)
    return outer.join(table, table.c.id.in_(ids))


def without_index(connection: Connection, column: Column[T]) -> ColumnElement[T]:
    """Return the column so that SQLite looks for it in no index (query optimizer overview, 2: a unary `+`)."""
    if connection.dialect.name != "sqlite":
        return column
    return UnaryExpression(column, operator=custom_op("+"), type_=column.type)


def numbers(connection: Connection, column: Column[int], count: int) -> list[int]:
    """So many numbers that no row has yet; who asks holds the turn."""
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(f'"{column.table.name}"', column.name)
        drawn = connection.execute(select(func.nextval(sequence)).select_from(func.generate_series(1, count)))
        return list(drawn.scalars())
    highest = connection.execute(select(func.max(column))).scalar() or 0
    return list(range(highest + 1, highest + 1 + count))


#: the Julian day of 1970-01-01
_EPOCH_DAY = 2_440_587.5


def clock(connection: Connection) -> datetime:
    """Return the instant by the database's own clock: the same for every machine that uses it."""
    if connection.dialect.name == "postgresql":
        instant: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return instant.astimezone(UTC)
    day: float = connection.execute(select(func.julianday("now"))).scalar_one()
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day - _EPOCH_DAY)
