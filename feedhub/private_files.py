"""Files that hold secrets or are half written: for their owner alone, under names that nobody can have taken before.

Whoever may write to a folder may put a link where a program is about to write (CWE-59, CWE-377), and a umask is the
caller's: so a file is created here, never opened where it may be, and its mode is set rather than left to the umask.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import time
from contextlib import suppress
from glob import escape
from pathlib import Path
from typing import IO

from feedhub.unix import O_CLOEXEC, O_NOFOLLOW

_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | O_NOFOLLOW | O_CLOEXEC
#: nobody writes a file for so long: whoever began it was killed
STALE_SECONDS = 3_600
#: as many as Linux follows
_MOST_LINKS = 40


def create_private(path: Path) -> None:
    """Create an empty file of mode 0600; raises FileExistsError where anything has that name, a link too."""
    os.close(_created(path))


def _created(path: Path) -> int:
    """Create an empty file of mode 0600; return its handle."""
    handle = os.open(path, _CREATE, 0o600)
    if hasattr(os, "fchmod"):
        os.fchmod(handle, 0o600)
    return handle


class Part:
    """A file of mode 0600 that is written before it takes its place: beside it, under a hidden name of its own.

    Whoever may write to the folder may put a link under that name at any moment, so all that is done to the file is
    done by its handle, never by its name (CWE-367).
    """

    def __init__(self, path: Path) -> None:
        """Create the part of the file `path`; raises OSError."""
        self.path = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
        self._place = path
        self.file: IO[bytes] = os.fdopen(_created(self.path), "w+b")
        self._status = os.fstat(self.file.fileno())

    def finish(self) -> None:
        """Have all that was written on the disk, and close the file: many parts may wait to be published."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()

    def publish(self, *, mode: int | None = None, modified_ns: int | None = None) -> None:
        """Put the part in its place; raises OSError, also where another file has taken its name.

        Without `mode` it gets what the file that it replaces may be read and written by, or any new file. With
        `modified_ns` (nanoseconds since 1970) it says that it was written then.
        """
        if not self.file.closed:
            self.file.flush()
        there = self.path.lstat()
        # a link may have been given the very number of the file that was removed
        if not (stat.S_ISREG(there.st_mode) and os.path.samestat(there, self._status)):
            raise _taken()
        handle = os.open(self.path, os.O_RDWR | O_NOFOLLOW | O_CLOEXEC)
        try:
            if not os.path.samestat(os.fstat(handle), self._status):
                raise _taken()
            if hasattr(os, "fchmod"):
                os.fchmod(handle, _mode_at(self._place) if mode is None else mode)
            if modified_ns is not None:
                by_handle = os.utime in os.supports_fd
                os.utime(handle if by_handle else self.path, ns=(modified_ns, modified_ns))
        finally:
            os.close(handle)
        self.file.close()
        self.path.replace(self._place)

    def discard(self) -> None:
        """Close the file, and remove it where it did not take its place."""
        with suppress(OSError):
            self.file.close()
        self.path.unlink(missing_ok=True)


def _taken() -> OSError:
    return OSError(errno.ESTALE, "another process put a file under the name of the half-written one")


def _mode_at(path: Path) -> int:
    """Return the mode of a file that others may read: of the one that is there, never of what a link leads to.

    Of its bits only those that let read and write are taken: no file of ours runs.
    """
    with suppress(FileNotFoundError):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode):
            return stat.S_IMODE(status.st_mode) & 0o666
    umask = os.umask(0o077)
    os.umask(umask)
    return 0o666 & ~umask


def write_private(path: Path, body: bytes) -> None:
    """Write a file of mode 0600 in one step, whatever mode a file of that name had; raises OSError."""
    part = Part(path)
    try:
        part.file.write(body)
        part.publish(mode=0o600)
    finally:
        part.discard()


def follow_own_links(path: Path) -> Path:
    """Return the file that a name leads to through links; raises PermissionError at a link that a stranger put there.

    A stranger's is what belongs neither to us, nor to root, nor to the owner of its folder: so does Linux judge links
    in /tmp (`fs.protected_symlinks`), but only for programs that open them by their names.
    """
    trusted = {0, os.geteuid()} if hasattr(os, "geteuid") else None
    for _ in range(_MOST_LINKS):
        status = path.lstat() if path.is_symlink() else None
        if status is None:
            return path
        if trusted is not None and status.st_uid not in trusted | {path.parent.stat().st_uid}:
            raise PermissionError(errno.EPERM, f"{path} is a link that another user made; name the file itself")
        path = path.parent / path.readlink()
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def sweep_parts(path: Path) -> None:
    """Remove what processes that were killed had begun to write for this path."""
    ours = re.compile(re.escape(f".{path.name}.") + r"[0-9a-f]+\.part(?:-wal|-shm|-journal)?")
    for part in path.parent.glob(f".{escape(path.name)}.*.part*"):
        with suppress(OSError):
            if ours.fullmatch(part.name) and time.time() - part.lstat().st_mtime > STALE_SECONDS:
                part.unlink()


def is_exposed(path: Path) -> bool:
    """Whether others than its owner may read or write a file; False where there is none."""
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:
        return False
