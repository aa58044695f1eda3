"""One statement for many rows, compiled once: what SQLAlchemy does for each row costs as much as what SQLite does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ClauseElement

from feedhub.store.tables import Packed


class _Parameter(Struct, frozen=True, kw_only=True):
    """A parameter of a compiled statement."""

    name: str
    #: makes of a value what the driver takes; None where it takes the value itself
    convert: Callable[[Any], Any] | None
    #: whether each row has a value of its own; else `constant` is what the statement says, converted
    varies: bool
    constant: Any


class _Compiled(Struct, frozen=True, kw_only=True):
    """A statement as the driver takes it."""

    sql: str
    is_positional: bool
    parameters: tuple[_Parameter, ...]

    def values(self, rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """Return what the driver takes for each row, in the order of the parameters."""
        plan = [(each.name, each.convert, each.varies, each.constant) for each in self.parameters]
        return [
            [
                constant if not varies else row[name] if convert is None else convert(row[name])
                for name, convert, varies, constant in plan
            ]
            for row in rows
        ]


def executemany(connection: Connection, statement: ClauseElement, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run an INSERT or UPDATE for each row; all rows have the same keys, the names of its parameters.

    The statement is to be made once and kept: what it compiles to is found by its identity.
    """
    if not rows:
        return
    assert all(row.keys() == rows[0].keys() for row in rows)
    compiled = _compiled(connection.dialect, statement, tuple(rows[0]))
    values: Any = compiled.values(rows)
    if compiled.is_positional:
        values = [*map(tuple, values)]
    else:
        names = [each.name for each in compiled.parameters]
        values = [dict(zip(names, row, strict=True)) for row in values]
    connection.exec_driver_sql(compiled.sql, values)


@lru_cache
def _compiled(dialect: Dialect, statement: ClauseElement, keys: tuple[str, ...]) -> _Compiled:
    made: Any = statement.compile(dialect=dialect, column_keys=list(keys), for_executemany=True)
    names = made.positiontup if made.positional else dict.fromkeys(made.bind_names.values())
    return _Compiled(
        sql=str(made),
        is_positional=made.positional,
        parameters=tuple(_parameter(dialect, made.binds[name], name, keys) for name in names),
    )


def _parameter(dialect: Dialect, bind: Any, name: str, keys: Sequence[str]) -> _Parameter:
    convert = _conversion(dialect, bind.type)
    varies = name in keys
    constant = None if varies or convert is None else convert(bind.value)
    return _Parameter(name=name, convert=convert, varies=varies, constant=bind.value if convert is None else constant)


def _conversion(dialect: Dialect, kind: Any) -> Callable[[Any], Any] | None:
    """Return what makes of a value of this type what the driver takes; None where it takes the value itself."""
    if dialect.name == "sqlite":
        # SQLAlchemy would put a view round bytes, which the driver only takes off again
        if isinstance(kind, LargeBinary):
            return None
        if isinstance(kind, Packed):
            return partial(kind.process_bind_param, dialect=dialect)
    processor: Callable[[Any], Any] | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return processor
