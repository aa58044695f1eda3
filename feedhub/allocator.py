"""What glibc's allocator keeps of freed memory, and a start leaves of libraries; nothing is done on other systems."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: mallopt(3)
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
#: bytes of an allocation that has pages of its own, which go back to the system with it. Left to itself glibc raises
#: this to what was freed last, up to 32 MB: a batch's arrays and documents leave holes of megabytes between what stays
_OWN_PAGES = 512 << 10
#: bytes at the end of the heap from which they are returned
_TRIM_AT = 4 << 20
#: madvise(2)
_MADV_DONTNEED = 4
#: proc_pid_maps(5): begin, end, permissions, offset and inode of a mapping; `smaps` adds what of it is in memory
_MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) (\S+) \S+ (\d+)")
_Mapping = tuple[int, int, str, str, str]
_MAPS, _SMAPS, _STATM = Path("/proc/self/maps"), Path("/proc/self/smaps"), Path("/proc/self/statm")
#: bytes of files that have come into memory since the last look, from which on another look is worth its 15 ms
_WORTH_A_LOOK = 8 << 20


def limit_free_memory() -> None:
    """Have large allocations end with their pages, and all threads allocate from the same two arenas.

    Each thread would keep what it once needed in an arena of its own.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, 2)
        mallopt(_M_MMAP_THRESHOLD, _OWN_PAGES)
        mallopt(_M_TRIM_THRESHOLD, _TRIM_AT)


def return_free_memory() -> None:
    """Return to the system what is free between what is in use (`malloc_trim`); some milliseconds a hundred MB."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


class LibraryPages:
    """The pages of libraries and programs that lie in memory as their files have them."""

    def __init__(self) -> None:
        """Note which mappings there are; of these alone `release` gives pages back."""
        self._left = 0
        self._noted: frozenset[_Mapping] = frozenset()
        with suppress(OSError):
            self._noted = frozenset(_mappings(_MAPS.read_text("latin-1")))

    def release(self) -> None:
        """Give back what only a start has read, some 20 MB; what is run again is mapped again, 64 kB a microsecond.

        The system has these pages in its cache whoever maps them; they count for a process as long as it does.
        """
        with suppress(OSError, AttributeError):
            if _bytes_of_files() - self._left < _WORTH_A_LOOK:
                return
            madvise = ctypes.CDLL(None).madvise
            madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
            unchanged = frozenset(_mappings(_SMAPS.read_text("latin-1")))
            # a library that another thread loads just now may be relocated before we have looked through all
            for begin, end, *_ in unchanged & self._noted:
                madvise(begin, end - begin, _MADV_DONTNEED)
            self._noted, self._left = unchanged, _bytes_of_files()


def _bytes_of_files() -> int:
    return int(_STATM.read_text().split()[2]) * os.sysconf("SC_PAGE_SIZE")


def _mappings(maps: str) -> Iterator[_Mapping]:
    """Yield the mappings of files that nobody may write to, of `smaps` those of which each page is the file's.

    What the loader has relocated, and protects from then on, is other than in the file, and would be lost.
    """
    mapping: _Mapping | None = None
    for line in maps.splitlines():
        if found := _MAPPING.match(line):
            if mapping is not None:
                yield mapping
            begin, end, permissions, offset, inode = found.groups()
            is_of_file = inode != "0" and "w" not in permissions
            mapping = (int(begin, 16), int(end, 16), permissions, offset, inode) if is_of_file else None
        elif line.startswith(("Anonymous:", "Swap:")) and line.split()[1] != "0":
            mapping = None
    if mapping is not None:
        yield mapping
