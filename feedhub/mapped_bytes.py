"""Bytes that lie in a file without a name and are read by pages: in memory are those that are looked at."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import chain

#: where the first part has fewer bytes all of them are not worth a file
_LEAST = 1 << 18
#: where what lies there is on a disk, as SQLite looks for a place of its own temporary files
_ON_DISK = "/var/tmp"


class MappedBytes:
    """Bytes as a read-only buffer; `release` lets go of the pages that were read, which the system keeps while it can.

    Few bytes, and all where no file can be written or mapped, lie in memory.
    """

    def __init__(self, read: Callable[[], Iterable[bytes]]) -> None:
        """Take what yields the bytes part by part; it is called again where they cannot be written to a file."""
        parts = iter(read())
        begins = next(parts, b"")
        is_worth_a_file = len(begins) >= _LEAST
        self._map = _mapped(chain((begins,), parts)) if is_worth_a_file else None
        #: whoever has it may use it for as long as it likes
        self.view = memoryview(self._map or b"".join(read() if is_worth_a_file else (begins, *parts)))

    def release(self) -> None:
        """Give back the memory of pages that were read: whoever reads them again has the system look for them."""
        if self._map is not None:
            with suppress(OSError, AttributeError, ValueError):
                self._map.madvise(mmap.MADV_DONTNEED)


def _mapped(parts: Iterable[bytes]) -> mmap.mmap | None:
    on_disk = _ON_DISK if "TMPDIR" not in os.environ and os.access(_ON_DISK, os.W_OK | os.X_OK) else None
    with suppress(OSError, AttributeError), tempfile.TemporaryFile(dir=on_disk) as file:
        size = 0
        for part in parts:
            # a page that has no room on the disk would end the process that reads it
            os.posix_fallocate(file.fileno(), size, len(part))
            size += file.write(part)
        file.flush()
        return mmap.mmap(file.fileno(), size, prot=mmap.PROT_READ)
    return None
