"""How the database is opened: two engines on SQLite (readers never wait for the writer), one on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from feedhub.errors import EnvironmentFailed

#: how long a writer waits for another before the database counts as locked
BUSY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Engines:
    """`write` begins as a writer at once; `read` sees a snapshot and waits for nobody."""

    url: str
    write: Engine
    read: Engine

    def dispose(self) -> None:
        self.write.dispose()
        self.read.dispose()


def connect(url: str, *, busy: float = BUSY_SECONDS) -> Engines:
    """Engines for a SQLAlchemy URL; nothing is opened yet. `?timeout=SECONDS` in SQLite's goes before `busy`."""
    target = make_url(url)
    if target.get_backend_name() != "sqlite":
        engine = create_engine(target, pool_pre_ping=True)
        return Engines(url=url, write=engine, read=engine)
    return Engines(url=url, write=_sqlite(url, "BEGIN IMMEDIATE", busy), read=_sqlite(url, "BEGIN", busy))


def _sqlite(url: str, begin: str, busy: float) -> Engine:
    own = {} if "timeout" in make_url(url).query else {"timeout": busy}
    engine = create_engine(url, connect_args={"check_same_thread": False, **own})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: Any) -> None:
        # The driver's own transaction handling would begin deferred and commit before DDL.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


@contextmanager
def environment(url: str) -> Iterator[None]:
    """Turn what the database refuses into one clear line that names it (raises EnvironmentFailed)."""
    name = make_url(url).render_as_string(hide_password=True)
    try:
        yield
    except DBAPIError as error:
        raise EnvironmentFailed(f"database {name}: {_reason(str(error.orig))}") from error
    except SQLAlchemyError as error:
        raise EnvironmentFailed(f"database {name}: {error}") from error
    except OSError as error:
        raise EnvironmentFailed(f"database {name}: {error.strerror or error}") from error


_ADVICE = {
    "locked": "is locked by another process; stop it or wait, nothing was lost",
    "disk is full": "the disk is full; make room and run again, nothing was lost",
    "disk i/o error": "the disk refused to write (full, or a size limit); make room and run again, nothing was lost",
    "readonly": "cannot be written; check the file's permissions",
    "unable to open": "cannot be opened; does its folder exist and may we write there?",
    "not a database": "is no SQLite database; move the file away or name another under `database`",
    "malformed": "is damaged; restore a backup or move the file away",
}


def _reason(text: str) -> str:
    lowered = text.lower()
    return next((advice for sign, advice in _ADVICE.items() if sign in lowered), text.strip().splitlines()[0])
