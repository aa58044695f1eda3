"""The SQLite file of an index: opened by one process at a time, checked, written a transaction a batch."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from feedhub.errors import EnvironmentFailed
from feedhub.match import hash64
from feedhub.private_files import follow_own_links

#: what stands in the file's header: "feih", and the version of all that follows
APPLICATION, VERSION = 0x66656968, 3
_TABLES = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE items (number INTEGER PRIMARY KEY, id TEXT NOT NULL, original BLOB NOT NULL, data BLOB NOT NULL);
CREATE UNIQUE INDEX items_by_id ON items (id);
CREATE TABLE sources (number INTEGER PRIMARY KEY, furniture BLOB NOT NULL);
CREATE TABLE columns (first INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE blocks (number INTEGER PRIMARY KEY, segment INTEGER NOT NULL, first INTEGER NOT NULL,
    postings INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE pairs (code INTEGER PRIMARY KEY, shared INTEGER NOT NULL);
CREATE TABLE shingle_blocks (number INTEGER PRIMARY KEY, segment INTEGER NOT NULL, first INTEGER NOT NULL,
    postings INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE compared (number INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE verdicts (code INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE stories (leader INTEGER PRIMARY KEY, data BLOB NOT NULL);
"""
#: what a row is told to be that no code of ours can have written
NO_ROW = "a row is none that feedhub writes"
#: what reading such rows raises
UNREADABLE = (ArithmeticError, EOFError, LookupError, RecursionError, TypeError, ValueError)
_STATEMENTS = [statement.strip() for statement in _TABLES.split(";") if statement.strip()]
#: bytes of a checksum in front of what it vouches for
_SUM = 8
#: values of one statement
_AT_ONCE = 500


class IndexFile:
    """One index on disk; without a path a file of its own that goes with the process."""

    def __init__(self, path: str | Path | None) -> None:
        """Open or create the file; raises EnvironmentFailed with one line."""
        self.name = str(path) if path is not None else "the index's temporary file"
        self._path = Path(path) if path is not None else None
        self.is_temporary = path is None
        try:
            if path is not None:
                # SQLite follows links by itself, and so is not kept from a stranger's as other programs are
                self._path = path = follow_own_links(Path(path))
        except OSError as error:
            raise EnvironmentFailed(f"{self.name}: {error.strerror}") from error
        try:
            # no `with`: a connection stays open as long as the index
            self._connection = sqlite3.connect(
                "" if path is None else path, timeout=0, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise self.failure(error) from error
        try:
            self._prepare()
        except BaseException as error:
            # an open connection keeps the file locked
            self._connection.close()
            if isinstance(error, sqlite3.Error):
                raise self.failure(error) from error
            raise

    def _prepare(self) -> None:
        run = self._connection.execute
        run("PRAGMA locking_mode = EXCLUSIVE")
        run("PRAGMA page_size = 16384")
        run("PRAGMA cache_size = -16384")
        run("BEGIN EXCLUSIVE")
        try:
            self._check()
        except BaseException:
            self._roll_back()
            raise
        run("COMMIT")

    def _check(self) -> None:
        run = self._connection.execute
        (application,), (version,) = run("PRAGMA application_id").fetchone(), run("PRAGMA user_version").fetchone()
        if not application and not version and not run("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            if self._path is not None and self._path.stat().st_size:
                # SQLite takes a file of a few bytes for an empty one
                raise sqlite3.DatabaseError("malformed: shorter than a header")
            for statement in _STATEMENTS:
                run(statement)
            run(f"PRAGMA application_id = {APPLICATION}")
            run(f"PRAGMA user_version = {VERSION}")
            return
        pages, size = run("PRAGMA page_count").fetchone()[0], run("PRAGMA page_size").fetchone()[0]
        if self._path is not None and self._path.stat().st_size < pages * size:
            raise sqlite3.DatabaseError("malformed: shorter than its header says")
        if application != APPLICATION:
            raise EnvironmentFailed(f"{self.name}: no index of feedhub")
        if version != VERSION:
            raise EnvironmentFailed(
                f"{self.name}: an index of version {version}, this feedhub reads {VERSION}: make it anew from its items"
            )
        if sorted(sql for (sql,) in run("SELECT sql FROM sqlite_master") if sql is not None) != sorted(_STATEMENTS):
            # a view may have rows without end, and a trigger do anything
            raise self.damaged("its tables are others than feedhub makes")

    def failure(self, error: sqlite3.Error) -> EnvironmentFailed:
        """Return what SQLite refused as a line for a person."""
        what = str(error)
        if what.startswith("Could not decode"):
            # what follows is a stranger's text
            return self.damaged(NO_ROW)
        if "locked" in what:
            what = "another process has it open"
        elif "not a database" in what:
            what = "no index of feedhub, or damaged where it begins: name another file, or make it anew from its items"
        elif any(sign in what for sign in ("malformed", "unsupported file format")):
            what = f"damaged or cut off ({what}): take a backup, or make it anew from its items"
        elif "full" in what or "disk I/O" in what:
            what = f"{what}: nothing of this batch was added"
        return EnvironmentFailed(f"{self.name}: {what}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block writes, or nothing of it; raises EnvironmentFailed for what the disk refuses."""
        self._run("BEGIN")
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a query; raises EnvironmentFailed."""
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self.failure(error) from error

    def each(self, statement: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a query one by one; raises EnvironmentFailed."""
        try:
            rows = self._connection.execute(statement, values)
            while (row := next(rows, None)) is not None:
                yield row
        except sqlite3.Error as error:
            raise self.failure(error) from error

    def every(self, statement: str) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a whole table one by one, in the order of the number in their first column.

        Raises EnvironmentFailed, also where the numbers do not rise: a page of a crooked file that leads back to itself
        has rows without end.
        """
        last: int | None = None
        for row in self.each(statement):
            if type(row[0]) is not int or (last is not None and row[0] <= last):
                raise self.damaged(NO_ROW)
            last = row[0]
            yield row

    def rows_of(self, statement: str, keys: Sequence[int], order: str = "") -> Iterator[tuple[Any, ...]]:
        """Return the rows of a query that ends in `IN (...)` for many keys, some at a time."""
        behind = f" ORDER BY {order}" if order else ""
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            yield from self.rows(f"{statement} ({','.join('?' * len(some))}){behind}", *some)

    def write(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each of these rows, inside `transaction`; raises EnvironmentFailed."""
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.Error as error:
            raise self.failure(error) from error

    def delete(self, table: str, column: str, keys: Iterable[int]) -> None:
        """Delete the rows with these keys, inside `transaction`; raises EnvironmentFailed."""
        self.write(f"DELETE FROM {table} WHERE {column} = ?", ((key,) for key in keys))

    def _run(self, statement: str) -> None:
        # not around the block of `transaction`: who gives the items may read them from a database of their own
        try:
            self._connection.execute(statement)
        except sqlite3.Error as error:
            raise self.failure(error) from error

    def opened(self, sealed: bytes, row: int) -> memoryview:
        """Return what `sealed` sealed for a row; raises EnvironmentFailed where it is not what was written."""
        if not isinstance(sealed, bytes):
            raise self.damaged()
        data = memoryview(sealed)[_SUM:]
        if hash64(data, row).to_bytes(_SUM, "little") != sealed[:_SUM]:
            raise self.damaged()
        return data

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Unpack and check rows in the block: what these raise is EnvironmentFailed, the file is damaged.

        A checksum keeps out accidents; whoever hands a file over may have sealed anything.
        """
        try:
            yield
        except UNREADABLE as error:
            raise self.damaged(NO_ROW) from error

    def damaged(self, what: str = "a checksum does not fit") -> EnvironmentFailed:
        """Return the line for a file that does not hold what was written."""
        return EnvironmentFailed(f"{self.name}: damaged: {what}; make it anew from its items")

    def close(self) -> None:
        """Close the file, so that another process may open it."""
        self._connection.close()


def sealed(data: bytes, row: int) -> bytes:
    """Return data with a checksum of it and of the number of its row: neither may turn into another."""
    return hash64(data, row).to_bytes(_SUM, "little") + data
