"""How the database is opened: two engines, one that writes and one that reads a snapshot and waits for nobody."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

from msgspec import Struct, field
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, make_url

from feedhub.errors import EnvironmentFailed
from feedhub.private_files import create_private
from feedhub.store.database_errors import DAMAGED_SCHEMA, masked
from feedhub.store.tables import metadata

#: how long a writer waits for another that gets nothing done before the database counts as locked
BUSY_SECONDS = 30.0
#: a transaction that lies idle, or whose rows nobody takes, so long belongs to a process that is frozen or gone;
#: PostgreSQL ends it, or all would wait
IDLE_SECONDS = 60.0
#: ... one that only reads locks nothing, but keeps the server from tidying up
READER_IDLE_SECONDS = 600.0
#: how long a statement waits on PostgreSQL for another's rows: until after a frozen process has lost them
LOCK_SECONDS = IDLE_SECONDS + BUSY_SECONDS
#: rows of copies and stories are asked for all over their trees: with SQLite's own 2 MB each is a read from the disk;
#: readers are several, each with a connection and a cache of its own
_CACHES = {"BEGIN IMMEDIATE": "cache_size=-8192", "BEGIN": "cache_size=-4096"}
#: network troubles show within this time, not after the hours of TCP's own patience
_NETWORK = {"connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "tcp_user_timeout": 30_000}
#: it waits in pieces, so that it can be told to hurry: the driver's own wait hears nothing
_SLICE_SECONDS = 0.25


class Engines(Struct, frozen=True):
    """`write` begins as a writer at once; `read` sees a snapshot and waits for nobody."""

    url: str
    write: Engine
    read: Engine
    #: set: nobody waits for a lock any longer
    no_waiting: Event = field(default_factory=Event)

    def release_memory(self) -> None:
        """Have SQLite let go of the pages that idle connections remember."""
        for engine in (self.write, self.read):
            if engine.dialect.name == "sqlite" and isinstance(engine.pool, QueuePool):
                # one may be lent meanwhile: then another is opened
                idle = [engine.raw_connection() for _ in range(engine.pool.checkedin())]
                for lent in idle:
                    lent.cursor().execute("PRAGMA shrink_memory")
                    lent.close()

    def dispose(self) -> None:
        """Close every connection, and let go of the statements that were compiled."""
        for each in (self.write, self.read):
            each.dispose()
            each.clear_compiled_cache()


def connect(url: str, *, busy: float | None = None) -> Engines:
    """Engines for a SQLAlchemy URL; nothing is opened yet. `busy`: seconds to wait for another who writes.

    `?timeout=SECONDS` in SQLite's URL goes before it, as does what `?options=-c ...` says in PostgreSQL's.
    """
    if make_url(url).get_backend_name() != "sqlite":
        return _postgresql(url, LOCK_SECONDS if busy is None else busy)
    interrupted = Event()
    busy = BUSY_SECONDS if busy is None else busy
    write, read = _sqlite(url, "BEGIN IMMEDIATE", busy, interrupted), _sqlite(url, "BEGIN", busy, interrupted)
    return Engines(url=url, write=write, read=read, no_waiting=interrupted)


def _postgresql(url: str, busy: float) -> Engines:
    name_partial_indexes()
    # What one view reads must fit together, however many statements it takes. It keeps nobody from writing: a pool of
    # its own, so that a process that was frozen while it read goes on.
    snapshot: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    write, read = _postgresql_engine(url, busy, IDLE_SECONDS), _postgresql_engine(url, busy, READER_IDLE_SECONDS)
    return Engines(url=url, write=write, read=read.execution_options(**snapshot))


def _postgresql_engine(url: str, busy: float, idle: float) -> Engine:
    limits = {
        "lock_timeout": busy,
        "idle_in_transaction_session_timeout": idle,
        # idle is not who is still sending; on a socket of Unix the server knows no such limit
        "tcp_user_timeout": idle,
    }
    settings = " ".join(f"-c {name}={int(seconds * 1000)}" for name, seconds in limits.items())
    # As SQLite's synchronous=NORMAL: what a power cut may take back is polled again. Stories are flushed (`turns`).
    settings += " -c synchronous_commit=off"
    target = make_url(url)
    own = f" {target.query['options']}" if "options" in target.query else ""
    try:
        engine = create_engine(target, pool_pre_ping=True, connect_args={**_NETWORK, "options": f"{settings}{own}"})
    except ModuleNotFoundError as error:
        raise EnvironmentFailed(
            f"database {masked(url)}: the driver {error.name} is not installed; install feedhub[postgres]"
        ) from error

    @event.listens_for(engine, "after_cursor_execute")
    def start_idle_clock(
        connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        # psycopg ends a pipeline of many rows with a Flush after its Sync, at which PostgreSQL stops the clock of
        # idle transactions: one that was frozen then would keep its locks for ever. Any query starts it again.
        if many:
            cursor.connection.execute("")

    return engine


def name_partial_indexes() -> None:
    """Give PostgreSQL the same partial indexes as SQLite: where they are made, each start would import its dialect."""
    for table in metadata.tables.values():
        for index in table.indexes:
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]


def _sqlite(url: str, begin: str, busy: float, interrupted: Event) -> Engine:
    busy = float(str(make_url(url).query.get("timeout", busy)))
    # whoever is done last is asked first: few of the connections remember many pages each, the others none
    engine = create_engine(url, connect_args={"timeout": busy, "check_same_thread": False}, pool_use_lifo=True)

    @event.listens_for(engine, "do_connect")
    def create(dialect: Any, record: Any, arguments: Any, options: Any) -> None:
        # it holds the secrets of subscriptions, and what was never published; the files beside it take its mode
        database = make_url(url).database
        if database and database != ":memory:":
            with suppress(OSError):
                create_private(Path(database))

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: Any) -> None:
        # The driver's own transaction handling would begin deferred and commit before DDL.
        connection.isolation_level = None
        pragmas = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "temp_store=MEMORY", _CACHES[begin])
        try:
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")
        except UnicodeDecodeError as error:
            # of its own message, where that cites what stands in a damaged schema
            raise sqlite3.DatabaseError(DAMAGED_SCHEMA) from error
        connection.execute(f"PRAGMA busy_timeout={min(busy, _SLICE_SECONDS) * 1000:.0f}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        seen, deadline = None, time.monotonic() + busy
        while time.monotonic() < deadline and not interrupted.is_set():
            begun = _has_begun(driver, begin)
            if begun:
                return
            if begun is None:
                break
            # The lock is not handed on in order: with many at it, one may come too late again and again.
            now = _version(driver)
            if seen is not None and now != seen:
                deadline = time.monotonic() + busy
            seen = now
        # Once more by way of SQLAlchemy, whose errors `environment` knows.
        connection.exec_driver_sql(begin)

    return engine


def is_write_locked(engines: Engines) -> bool:
    """Whether all who write wait for another just now; never on a server, where rows are locked and not the whole."""
    if engines.write.dialect.name != "sqlite":
        return False
    lent = engines.write.raw_connection()
    driver: Any = lent.driver_connection
    (patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
    try:
        driver.execute("PRAGMA busy_timeout=0")
        if _has_begun(driver, "BEGIN IMMEDIATE"):
            driver.execute("ROLLBACK")
            return False
        return True
    finally:
        driver.execute(f"PRAGMA busy_timeout={patience}")
        lent.close()


def _version(driver: sqlite3.Connection) -> int | None:
    """Another number whenever somebody else has committed; None while that cannot be read."""
    try:
        return int(driver.execute("PRAGMA data_version").fetchone()[0])
    except sqlite3.DatabaseError:
        return None


def _has_begun(driver: sqlite3.Connection, begin: str) -> bool | None:
    """Return false where another holds the lock, None where something else is wrong."""
    try:
        driver.execute(begin)
    except sqlite3.OperationalError as error:
        return False if "locked" in str(error) else None
    except sqlite3.DatabaseError:
        return None
    return True
