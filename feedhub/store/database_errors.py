"""What a database refuses: which errors are the machine's and which are ours, and one clear line for each."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from feedhub.errors import EnvironmentFailed
from feedhub.store.packing import DamagedRow

#: PostgreSQL's signs that a transaction came to nothing and may be tried again: serialization failure, deadlock, and
#: ended since it lay idle, as that of a process does that was frozen and goes on
_RACES = frozenset({"40001", "40P01", "25P03"})


def lost_a_race(error: BaseException | None) -> bool:
    """Whether a transaction failed only because another was in its way: tried again, it may pass."""
    while error is not None:
        if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _RACES:
            return True
        error = error.__cause__
    return False


@contextmanager
def translate_errors(url: str) -> Iterator[None]:
    """Turn what the database refuses into one clear line that names it (raises EnvironmentFailed).

    A statement that is wrong is our bug, whatever the database says of it, and stays what it is: a traceback.
    """
    try:
        yield
    except DBAPIError as error:
        if table := _missing_table(error):
            why = f"lacks the table {table}, which every hub has; restore a backup"
            raise EnvironmentFailed(f"database {masked(url)}: {why}") from error
        if _is_ours(error):
            raise
        raise EnvironmentFailed(f"database {masked(url)}: {_reason(str(error.orig))}") from error
    except sqlite3.Error as error:
        raise EnvironmentFailed(f"database {masked(url)}: {_reason(str(error))}") from error
    except DamagedRow as error:
        raise EnvironmentFailed(f"database {masked(url)}: is damaged ({error}); restore a backup") from error
    except (ArgumentError, NoSuchModuleError, PoolTimeout) as error:
        raise EnvironmentFailed(f"database {masked(url)}: {error}") from error
    except OSError as error:
        raise EnvironmentFailed(f"database {masked(url)}: {error.strerror or error}") from error


def is_damaged_row(error: Exception) -> bool:
    """Whether what `translate_errors` raised tells of a row that cannot be read, not of the whole database."""
    return isinstance(error.__cause__, DamagedRow)


def is_refusal(error: Exception) -> bool:
    """Whether the database or the machine refused, rather than that the program has a fault."""
    if isinstance(error, DBAPIError):
        return not _is_ours(error)
    return isinstance(error, EnvironmentFailed | sqlite3.Error | PoolTimeout | OSError | MemoryError)


def masked(url: str) -> str:
    """Return a database's URL as messages may show it: a password is hidden, in the query, too."""
    target = make_url(url)
    hidden = {name: "***" for name in target.query if "password" in name}
    return target.update_query_dict(hidden).render_as_string(hide_password=True)


#: classes of PostgreSQL's errors that tell of a wrong statement or value, not of the machine
_OURS = ("21", "22", "23", "26", "34", "42", "0A")
#: ... but a role or a database may be kept from us
_REFUSALS = frozenset({"42501"})
#: SQLite calls a wrong statement an OperationalError, as it does what the machine refuses
_WRONG = ("syntax error", "no such column", "no such table", "no such function", "has no column", "ambiguous column")
#: how SQLite's messages name a table that is not there, and PostgreSQL's
_MISSING_TABLE = re.compile(r'no such table: (?:main\.)?(\w+)|relation "(\w+)" does not exist')
DAMAGED_SCHEMA = "malformed database schema"


def _missing_table(error: DBAPIError) -> str | None:
    """Return the table of ours that a database has lost; None for any other name: that is a wrong statement."""
    missing = _MISSING_TABLE.search(str(error.orig))
    if missing is None:
        return None
    from feedhub.store.tables import metadata

    name = missing[1] or missing[2]
    return name if name in metadata.tables else None


def _is_ours(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state[:2] in _OURS and state not in _REFUSALS
    if error.statement is None and isinstance(error, ProgrammingError):
        # The driver refuses what stands in the URL, before there is a connection.
        return False
    if isinstance(error, ProgrammingError | IntegrityError | DataError | InterfaceError):
        return not error.connection_invalidated
    message = str(error.orig).lower()
    return DAMAGED_SCHEMA not in message and any(sign in message for sign in _WRONG)


_ADVICE = {
    # not the word alone: a user or a database may have it for a name
    "is locked": "is locked by another process; stop it or wait, nothing was lost",
    "disk is full": "the disk is full; make room and run again, nothing was lost",
    "disk i/o error": "the disk refused to write (full, or a size limit); make room and run again, nothing was lost",
    "readonly": "cannot be written; check the file's permissions",
    "unable to open": "cannot be opened; does its folder exist and may we write there?",
    "not a database": "is no SQLite database; move the file away or name another under `database`",
    "malformed": "is damaged; restore a backup or move the file away",
    "lock timeout": "is locked by another process; wait or end the one that holds it, nothing was lost",
    "no space left": "the disk is full; make room and run again, nothing was lost",
    "connection refused": "does not answer; is the server running, and do host and port agree?",
    "no such file": "does not answer; is the server running, and does its socket's folder agree?",
    "closed the connection": "the connection was lost; nothing half-done was kept",
    "terminating connection": "the server ended the connection; nothing half-done was kept",
    "connection is closed": "the connection was lost; nothing half-done was kept",
    "connection is lost": "the connection was lost; nothing half-done was kept",
    "starting up": "the server is starting; try again in a moment",
    "shutting down": "the server is shutting down; try again when it is back",
}


def _reason(text: str) -> str:
    lowered = text.lower()
    return next((advice for sign, advice in _ADVICE.items() if sign in lowered), text.strip().splitlines()[0])
