"""Files that hold secrets or are half written: for their owner alone, under names that nobody can have taken before.

Whoever may write to a folder may put a link where a program is about to write (CWE-59, CWE-377), and a umask is the
caller's: so a file is created here, never opened where it may be, and its mode is set rather than left to the umask.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
from contextlib import suppress
from glob import escape
from pathlib import Path

from feedhub.unix import O_CLOEXEC, O_NOFOLLOW

_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | O_NOFOLLOW | O_CLOEXEC
#: nobody writes a file for so long: whoever began it was killed
STALE_SECONDS = 3_600


def create_private(path: Path) -> None:
    """Create an empty file of mode 0600; raises FileExistsError where anything has that name, a link too."""
    handle = os.open(path, _CREATE, 0o600)
    try:
        if hasattr(os, "fchmod"):
            os.fchmod(handle, 0o600)
    finally:
        os.close(handle)


def create_part(path: Path) -> Path:
    """Create the file in which `path` is written before it takes its place: beside it, hidden, private."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    create_private(part)
    return part


def publish_part(part: Path, path: Path) -> None:
    """Put a part in its place, with the mode of what it replaces, or of any new file where it replaces nothing."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        umask = os.umask(0o077)
        os.umask(umask)
        mode = 0o666 & ~umask
    part.chmod(mode)
    part.replace(path)


def write_private(path: Path, body: bytes) -> None:
    """Write a file of mode 0600 in one step, whatever mode a file of that name had; raises OSError."""
    part = create_part(path)
    try:
        part.write_bytes(body)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


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
