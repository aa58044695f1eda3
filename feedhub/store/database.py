"""Opening, migrating and closing the database, and what belongs to the hub as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import BigInteger, Connection, Engine, Text, bindparam, cast, inspect, make_url, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from feedhub.errors import EnvironmentFailed
from feedhub.store.database_errors import lost_a_race, masked, translate_errors
from feedhub.store.dialect import upsert
from feedhub.store.engine import Engines, connect, is_write_locked
from feedhub.store.tables import hub, metadata

T = TypeVar("T")

#: the newest migration; a test holds it against the scripts
HEAD = "0001"
_SCHEMA = re.compile("[0-9]{4}")
#: PostgreSQL's sign of a table that is not there
_UNDEFINED_TABLE = "42P01"
#: the count of settlings that put copies into another story than the one in which they stood
REGROUPED = "regrouped"
#: a clock that is behind by more was wrong before
_REPAIR = timedelta(days=1)
#: changes may be said to be so much later than they are; a clock that is behind by more than this was set back
_AHEAD, _SET_BACK = timedelta(seconds=2), timedelta(minutes=1)
#: how often a transaction is tried that loses races against others
_TRIES = 8
#: the tables are made by one process; the others look again until it is done
_UPGRADES = 5


class Database:
    """The store's door: `write()` and `read()` are transactions; what the machine refuses raises EnvironmentFailed."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    @classmethod
    def open(cls, url: str, *, busy: float | None = None) -> Database:
        """Open the database at a SQLAlchemy URL and bring its tables up to date."""
        engines = connect(url, busy=busy)
        try:
            with translate_errors(url):
                migrate(engines)
        except BaseException:
            engines.dispose()
            raise
        return cls(engines)

    @staticmethod
    def is_missing(url: str) -> bool:
        """Whether the URL names a file that is not there, or has nothing in it; opening it would make a hub of it."""
        target = make_url(url)
        if target.get_backend_name() != "sqlite":
            return False
        with translate_errors(url):
            path = Path(target.database or "")
            return not path.exists() or (path.is_file() and path.stat().st_size == 0)

    @staticmethod
    def files(url: str) -> list[Path]:
        """Return the files of a database that are there, its logs and lock too; none on PostgreSQL."""
        target = make_url(url)
        if target.get_backend_name() != "sqlite" or not target.database:
            return []
        names = [f"{target.database}{suffix}" for suffix in ("", "-wal", "-shm", "-journal", "-polling")]
        return [path for path in map(Path, names) if path.exists()]

    @staticmethod
    def has_tables(url: str) -> bool:
        """Whether a hub's tables are there, of whatever schema; none are made."""
        engines = connect(url)
        try:
            with translate_errors(url):
                return _revision(engines) is not None
        finally:
            engines.dispose()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may write; all of it is committed, or nothing."""
        with translate_errors(self._engines.url), self._engines.write.begin() as connection:
            yield connection

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Run a transaction that writes; what lost a race against another one (deadlock) is run again."""
        for _ in range(_TRIES - 1):
            try:
                with self.write() as connection:
                    return work(connection)
            except EnvironmentFailed as error:
                if not lost_a_race(error):
                    raise
        with self.write() as connection:
            return work(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view that waits for no writer."""
        with translate_errors(self._engines.url), self._engines.read.begin() as connection:
            yield connection

    def is_write_locked(self) -> bool:
        """Whether another writes just now, for whom we would have to wait."""
        with translate_errors(self._engines.url):
            return is_write_locked(self._engines)

    def release_memory(self) -> None:
        """Let go of what is remembered of the database's file beyond what statements under way need."""
        with translate_errors(self._engines.url):
            self._engines.release_memory()

    def stop_waiting(self) -> None:
        """Wait for no lock from now on: the process is about to end."""
        self._engines.no_waiting.set()

    def close(self) -> None:
        """Close every connection."""
        self._engines.dispose()


def migrate(engines: Engines) -> None:
    """Bring the tables to HEAD in one transaction; Alembic is only imported when there is something to do."""
    for again in reversed(range(_UPGRADES)):
        if _revision(engines) == HEAD:
            return
        try:
            _upgrade(engines.write)
        except (IntegrityError, ProgrammingError):
            # On PostgreSQL another process may have made the same table a moment ago; it waited, then refused ours.
            if not again:
                raise


def _revision(engines: Engines) -> str | None:
    """Return the schema that the tables have, None without tables; raises EnvironmentFailed where they are not ours."""
    version = _stated_revision(engines)
    if version is None or not _SCHEMA.fullmatch(version):
        with engines.read.connect() as connection:
            tables = set(inspect(connection).get_table_names())
        _refuse(engines, tables if version else tables - {"alembic_version"})
    elif version > HEAD:
        raise EnvironmentFailed(
            f"the database is at schema {version}, this feedhub knows {HEAD}: a newer version wrote it; upgrade feedhub"
        )
    return version


def _stated_revision(engines: Engines) -> str | None:
    """Return what Alembic's table says; a list of all tables costs twenty times as much, at each start."""
    try:
        with engines.read.connect() as connection:
            version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return version
    except (OperationalError, ProgrammingError) as error:
        if "no such table" in str(error.orig) or getattr(error.orig, "sqlstate", None) == _UNDEFINED_TABLE:
            return None
        raise


def _refuse(engines: Engines, tables: set[str]) -> None:
    """Keep out of another program's database; on a server, where programs share one, of tables with our names."""
    url = make_url(engines.url)
    strange = tables if url.get_backend_name() == "sqlite" else tables & {"alembic_version", *metadata.tables}
    if strange:
        names = ", ".join(sorted(strange)[:3])
        raise EnvironmentFailed(
            f"database {masked(engines.url)}: holds another program's tables ({names}); name one of feedhub's own"
        )


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "feedhub:store/migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def get_value(connection: Connection, key: str) -> str | None:
    """Return what the hub keeps under a key."""
    return connection.execute(_VALUE, {"wanted": key}).scalar()


_VALUE = select(hub.c.value).where(hub.c.key == bindparam("wanted"))


def set_value(connection: Connection, key: str, text: str) -> None:
    """Keep a value of the hub's own under a key."""
    connection.execute(upsert(connection, hub, [hub.c.key]), {"key": key, "value": text})


def change_number(connection: Connection) -> int:
    """Return the number of the last change that a subscriber could see; 0 in a new hub."""
    return int(get_value(connection, "changed") or 0)


def count(connection: Connection, key: str) -> int:
    """How often something has happened, by the hub's own count."""
    return int(get_value(connection, key) or 0)


def count_up(connection: Connection, key: str) -> None:
    """Count one more of these; the caller holds the settle lock."""
    set_value(connection, key, str(count(connection, key) + 1))


def changed_at(connection: Connection) -> datetime | None:
    """When the last change was made, the same for every process; None in a new hub."""
    text = get_value(connection, "changed_at")
    return None if text is None else datetime.fromisoformat(text)


def _after(before: datetime, now: datetime) -> datetime:
    """Return when a change is said to have been made before which another was, by a clock that is ahead of ours.

    Whoever asks for what was modified since then must hear of this one, too, so it is a second later. Nobody has had
    the date of a moment that is yet to come: many changes within a second do not add up to minutes.
    """
    later = before + timedelta(seconds=1)
    return later if later <= now + _AHEAD or before > now + _SET_BACK else before


def next_change(connection: Connection, now: datetime) -> int:
    """Raise the change number and return it; whoever raises it next waits until this transaction ends."""
    connection.execute(upsert(connection, hub, [hub.c.key], replace=False), {"key": "changed", "value": "0"})
    higher = cast(cast(hub.c.value, BigInteger) + 1, Text)
    raised = connection.execute(update(hub).where(hub.c.key == "changed").values(value=higher).returning(hub.c.value))
    number = int(raised.scalar_one())
    before = changed_at(connection)
    if before is not None and now < before < now + _REPAIR:
        now = _after(before, now)
    set_value(connection, "changed_at", now.isoformat())
    return number
