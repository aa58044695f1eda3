"""A whole hub from one database to another, whatever the engines: every row, every number, from one consistent view."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Table, bindparam, func, insert, inspect, make_url, select, text, update
from sqlalchemy.exc import IntegrityError

from feedhub.errors import EnvironmentFailed, UsageError
from feedhub.private_files import Part, sweep_parts
from feedhub.store import search
from feedhub.store.database import Database
from feedhub.store.database_errors import masked, translate_errors
from feedhub.store.engine import connect
from feedhub.store.packing import DamagedRow
from feedhub.store.poller_lock import is_polled
from feedhub.store.tables import article_text, metadata, segment, story, teaser_segment

#: rows that are read and written at a time; of segments, which have megabytes each
PAGE, SEGMENTS = 1_000, 4
#: characters shown of a name
_LONGEST_NAME = 100
#: told after each table: its name, its rows
Progress = Callable[[str, int], None]


def move(origin: str, target: str, on_table: Progress = lambda name, rows: None) -> int:
    """Copy a hub into an empty database; returns the number of rows. The origin stays as it is."""
    if Database.is_missing(origin):
        raise UsageError(f"database {masked(origin)}: there is none")
    if make_url(origin) == make_url(target):
        raise UsageError("a database cannot be moved onto itself")
    if not Database.has_tables(origin):
        raise UsageError(f"database {masked(origin)}: holds no hub")
    if is_polled(origin):
        raise UsageError(f"database {masked(origin)}: a hub polls over it; stop the hub first, then move it")
    _check(origin)
    with closing(Database.open(origin)) as source, source.read() as reading:
        if not _rows(reading):
            raise UsageError(f"database {masked(origin)}: holds no hub")
        try:
            return _move_into(origin, target, reading, on_table)
        except IntegrityError as error:
            raise EnvironmentFailed(
                f"database {masked(target)}: another process wrote to it meanwhile; nothing was kept, stop it first"
            ) from error


def _move_into(origin: str, target: str, reading: Connection, on_table: Progress) -> int:
    with closing(Database.open(target)) as goal, goal.write() as writing:
        if writing.dialect.name == "postgresql":
            # On SQLite a transaction that writes keeps others out by itself.
            names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
            writing.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
        if _rows(writing):
            raise UsageError(f"database {masked(target)} holds a hub; move into an empty one")
        try:
            return _copy(reading, writing, on_table)
        except DamagedRow as error:
            raise EnvironmentFailed(f"database {masked(origin)}: is damaged ({error}); restore a backup") from error


def backup(origin: str, path: Path) -> None:
    """Write a hub as one SQLite file, which is a database to run from or to move back; whole or not at all."""
    part, target = path, ""
    try:
        if path.exists():
            raise UsageError(f"{path} exists; name a file that does not")
        if Database.is_missing(origin):
            raise UsageError(f"database {masked(origin)}: there is none")
        sweep_parts(path)
        half = Part(path)
        half.finish()
        part = half.path
        target = URL.create("sqlite", database=str(part.absolute())).render_as_string(hide_password=False)
        try:
            _write(origin, part, target)
            half.publish(mode=0o600)
        finally:
            half.discard()
            for ending in ("-wal", "-shm"):
                part.with_name(part.name + ending).unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentFailed(f"{path}: {error.strerror or error}") from error
    except EnvironmentFailed as error:
        # People know the name that they gave, not ours.
        message = str(error).replace(masked(target), str(path)) if target else str(error)
        raise EnvironmentFailed(message.replace(str(part), str(path))) from error


def _write(origin: str, part: Path, target: str) -> None:
    is_file = make_url(origin).get_backend_name() == "sqlite"
    if is_file:
        _snapshot(origin, part)
    else:
        move(origin, target)
    _fold_log(part)
    with closing(sqlite3.connect(part)) as written:
        (result,) = written.execute("PRAGMA integrity_check(1)").fetchone()
        (tables,) = written.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    if result != "ok" and is_file:
        raise EnvironmentFailed(_damaged(origin, result))
    if result != "ok" or not tables:
        raise EnvironmentFailed(f"{part}: what was written is not the hub; nothing was kept, run it again")


def _copy(reading: Connection, writing: Connection, on_table: Progress) -> int:
    total = 0
    for table in metadata.sorted_tables:
        count = _copy_table(reading, writing, table)
        if _rows(writing, table) != count:
            raise EnvironmentFailed(f"table {table.name}: {count} rows were read and not all arrived; nothing was kept")
        on_table(table.name, count)
        total += count
    on_table("story_search", search.rebuild(writing))
    return total


def _copy_table(reading: Connection, writing: Connection, table: Table) -> int:
    count = 0
    later: list[dict[str, Any]] = []
    size = SEGMENTS if table in (segment, teaser_segment) else PAGE
    query = select(table)
    if table is article_text:
        # one is stored as the difference from another that came before it
        query = query.order_by(article_text.c.id)
    with closing(reading.execution_options(yield_per=size).execute(query)) as rows:
        for page in rows.mappings().partitions(size):
            values = [dict(row) for row in page]
            if table is story:
                # A story may have become one that comes after it.
                later += [{"b_id": v["id"], "b_to": v["successor"]} for v in values if v["successor"] is not None]
                values = [{**v, "successor": None} for v in values]
            writing.execute(insert(table), values)
            count += len(values)
    if later:
        writing.execute(update(story).where(story.c.id == bindparam("b_id")).values(successor=bindparam("b_to")), later)
    _count_on(writing, table)
    return count


def _count_on(writing: Connection, table: Table) -> None:
    """Have the next row's number follow the highest one; SQLite does so by itself."""
    numbered = table.autoincrement_column
    if writing.dialect.name != "postgresql" or numbered is None:
        return
    highest = writing.execute(select(func.max(numbered))).scalar()
    if highest is not None:
        sequence = func.pg_get_serial_sequence(f'"{table.name}"', numbered.name)
        writing.execute(select(func.setval(sequence, highest)))


def _rows(connection: Connection, *tables: Table) -> int:
    wanted = tables or metadata.sorted_tables
    return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in wanted)


def _snapshot(origin: str, path: Path) -> None:
    with translate_errors(origin):
        Database.open(origin).close()
        engines = connect(origin)
        try:
            with closing(sqlite3.connect(path)) as copy, engines.read.connect() as connection:
                raw: Any = connection.connection.driver_connection
                raw.rollback()
                raw.backup(copy)
        except sqlite3.Error as error:
            raise EnvironmentFailed(f"{path}: {error}") from error
        finally:
            engines.dispose()


def _check(url: str) -> None:
    """Raise EnvironmentFailed where the engine finds its own file damaged: half a hub must not pass for a whole one."""
    with closing(Database.open(url)) as store, store.read() as connection:
        if strange := _strange(connection):
            raise EnvironmentFailed(
                f"database {masked(url)}: was changed by another program ({strange}); restore a backup"
            )
        wrong = damage(connection)
    if wrong:
        raise EnvironmentFailed(_damaged(url, wrong[0]))


def _strange(connection: Connection) -> str | None:
    """Name what a hub never makes: a view in place of a table, a trigger, a table without one of our columns."""
    there = inspect(connection)
    if connection.dialect.name == "sqlite":
        more = text("SELECT type || ' ' || name FROM sqlite_master WHERE type IN ('trigger', 'view')")
        name: str | None = connection.execute(more).scalar()
        if name is not None:
            return name[:_LONGEST_NAME]
    tables = set(there.get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in tables:
            return f"no table {table.name}"
        names = {column["name"] for column in there.get_columns(table.name)}
        if missing := sorted({column.name for column in table.c} - names):
            return f"no column {table.name}.{missing[0]}"
    return None


def _damaged(url: str, result: str) -> str:
    return f"database {masked(url)}: is damaged ({' '.join(result.split())}); restore a backup, nothing was written"


def _fold_log(path: Path) -> None:
    """Have everything in the one file, without a write-ahead log beside it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def damage(connection: Connection) -> list[str]:
    """Return what the engine itself finds wrong with its file or its references, a line each."""
    if connection.dialect.name != "sqlite":
        return []
    result = [row[0] for row in connection.execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    return [*result, *(f"table {row[0]}: row {row[1]} names a row of {row[2]} that is not there" for row in broken)]
