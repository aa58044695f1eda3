"""Which processes poll over one SQLite file: nobody need wait for the leases of those that died.

A lease ends after minutes; the lock beside the database ends with its process, whatever ended that.
Workers over PostgreSQL are on many machines: there the leases run out.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url

from feedhub.store.engine import environment


class Presence:
    """A process's place among those that poll."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._path = _path(url)
        self._handle: int | None = None

    @contextmanager
    def entering(self) -> Iterator[bool]:
        """Take the place where we have none yet; True if nobody else has one, so that no claim's holder lives.

        Others enter after the block. No transaction may be open before it: they would wait for each other.
        """
        if self._path is None or self._handle is not None:
            yield False
            return
        with environment(self._url):
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            yield _is_alone(self._handle)
            fcntl.flock(self._handle, fcntl.LOCK_SH)
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        """Give the place up."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def is_polled(url: str) -> bool:
    """Whether a process polls over this file now; False where that cannot be told."""
    path = _path(url)
    try:
        handle = os.open(path or "", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False


def _path(url: str) -> str | None:
    """The file that is locked; None on PostgreSQL."""
    target = make_url(url)
    return f"{target.database}-polling" if target.get_backend_name() == "sqlite" else None


def _is_alone(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(handle, fcntl.LOCK_SH)
        return False
    return True
