"""The one statement that the engines spell differently: insert, or update what is there."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert


def upsert(connection: Connection, table: Table, key: Sequence[Column[object]], *, replace: bool = True) -> Insert:
    """An INSERT that updates the row with the same `key` (or, with `replace` false, leaves it alone)."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(table)
    if not replace:
        return statement.on_conflict_do_nothing(index_elements=list(key))
    names = {column.name for column in key}
    changes = {c.name: statement.excluded[c.name] for c in table.c if c.name not in names and c.name != "id"}
    return statement.on_conflict_do_update(index_elements=list(key), set_=changes)
