"""Which processes poll over one SQLite file: nobody need wait for the leases of those that died.

A lease ends after minutes; the lock beside the database ends with its process, whatever ended that.
Workers over PostgreSQL are on many machines: there the leases run out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url

from feedhub.errors import EnvironmentFailed
from feedhub.store.database_errors import masked, translate_errors
from feedhub.store.engine import BUSY_SECONDS
from feedhub.unix import O_CLOEXEC, O_NOFOLLOW, fcntl

#: how often to look whether whoever is alone has entered
_LOOK_SECONDS = 0.05


class PollerLock:
    """A process's place among those that poll."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._path = _path(url)
        self._handle: int | None = None

    @contextmanager
    def entering(self) -> Iterator[bool]:
        """Take the place where we have none yet; True if nobody else has one, so that no claim's holder lives.

        Others enter after the block. No transaction may be open before it: they would wait for each other.
        Raises EnvironmentFailed where another stays in that block for as long as a writer waits.
        """
        if self._path is None or self._handle is not None:
            yield False
            return
        with translate_errors(self._url):
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        try:
            yield self._is_alone(self._handle)
            fcntl.flock(self._handle, fcntl.LOCK_SH)
        except BaseException:
            self.leave()
            raise

    def _is_alone(self, handle: int) -> bool:
        if _lock(handle, fcntl.LOCK_EX):
            return True
        deadline = time.monotonic() + float(str(make_url(self._url).query.get("timeout", BUSY_SECONDS)))
        while not _lock(handle, fcntl.LOCK_SH):
            if time.monotonic() > deadline:
                raise EnvironmentFailed(
                    f"database {masked(self._url)}: a process that begins to poll over it holds up all others; "
                    "continue or end it, nothing was lost"
                )
            time.sleep(_LOOK_SECONDS)
        return False

    def leave(self) -> None:
        """Give the place up."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def is_polled(url: str) -> bool:
    """Whether a process polls over this file now; False where that cannot be told."""
    path = _path(url)
    try:
        handle = os.open(path or "", os.O_RDONLY | O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _lock(handle, fcntl.LOCK_EX)
    except OSError:
        return False
    finally:
        os.close(handle)


def _path(url: str) -> str | None:
    """Return the file that is locked; None on PostgreSQL, and where files know no such locks."""
    target = make_url(url)
    return f"{target.database}-polling" if target.get_backend_name() == "sqlite" and fcntl is not None else None


def _lock(handle: int, how: int) -> bool:
    """Lock the file, or say that another has it."""
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
