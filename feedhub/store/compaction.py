"""Give the disk back what a database holds and nobody needs: texts without a row, and pages that are empty."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, func, make_url, select, text

from feedhub.errors import UsageError
from feedhub.store import archived_stories, article_texts, locks
from feedhub.store.database import Database
from feedhub.store.database_errors import masked, translate_errors
from feedhub.store.engine import BUSY_SECONDS, connect
from feedhub.store.poller_lock import is_polled
from feedhub.store.tables import metadata

#: texts dropped in one transaction, so that others come in between
BATCH = 1_000
#: hears of each step as it begins
Progress = Callable[[str], None]


class CompactResult(Struct, frozen=True, kw_only=True):
    """What compacting did: the texts that it dropped, and the bytes of the database before and after."""

    texts: int
    before: int
    after: int


def steps(url: str) -> list[str]:
    """Name the steps of compacting a database, in their order."""
    if make_url(url).get_backend_name() == "sqlite":
        return ["texts", "file"]
    return ["texts", *(table.name for table in metadata.sorted_tables)]


def compact(url: str, on_step: Progress = lambda step: None) -> CompactResult:
    """Drop texts that no row refers to and free the space of what went; whole or not at all, whenever it is killed.

    A SQLite file is written anew and cannot be written by others meanwhile: raises UsageError while a hub polls over
    it. On PostgreSQL nobody waits, and the space of a table is free for what comes next.
    """
    if Database.is_missing(url):
        raise UsageError(f"database {masked(url)}: there is none")
    if is_polled(url):
        raise UsageError(f"database {masked(url)}: a hub polls over it; stop the hub first, then compact it")
    is_file = make_url(url).get_backend_name() == "sqlite"
    on_step("texts")
    with closing(Database.open(url)) as store:
        with store.read() as connection:
            before = _size(connection, url)
        dropped = 0
        while some := store.transact(_drop_unused):
            dropped += some
    for step in steps(url)[1:]:
        on_step(step)
        _vacuum(url, None if is_file else step)
    with closing(Database.open(url)) as store, store.read() as connection:
        return CompactResult(texts=dropped, before=before, after=_size(connection, url))


def _drop_unused(connection: Connection) -> int:
    locks.take(connection, locks.SETTLE)
    archived_stories.drop_unneeded(connection)
    return article_texts.collect(connection, article_texts.unused(connection, limit=BATCH))


def _vacuum(url: str, table: str | None) -> None:
    """Run it outside of any transaction, as both engines demand."""
    engines = connect(url)
    try:
        with translate_errors(url):
            if table is not None:
                with engines.write.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                    connection.execute(text(f'VACUUM (ANALYZE) "{table}"'))
                return
            with closing(engines.write.raw_connection()) as lent:
                driver: Any = lent.driver_connection
                # what is written anew has the size of the file: on the disk, not in memory
                for statement in ("temp_store=FILE", f"busy_timeout={BUSY_SECONDS * 1000:.0f}"):
                    driver.execute(f"PRAGMA {statement}")
                driver.execute("VACUUM")
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engines.dispose()


def _size(connection: Connection, url: str) -> int:
    """Return the bytes of a database on the disk."""
    if connection.dialect.name == "sqlite":
        return sum(path.stat().st_size for path in Database.files(url) if path.is_file())
    return int(connection.execute(select(func.pg_database_size(func.current_database()))).scalar_one())
