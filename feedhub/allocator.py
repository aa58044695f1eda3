"""What glibc's allocator keeps of the memory that was freed; elsewhere nothing is done."""

from __future__ import annotations

import ctypes
from contextlib import suppress

#: mallopt(3)
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
#: bytes of an allocation that has pages of its own, which go back to the system with it. Left to itself glibc raises
#: this to what was freed last, up to 32 MB: a batch's arrays and documents leave holes of megabytes between what stays
_OWN_PAGES = 512 << 10
#: bytes at the end of the heap from which they are returned at once. With 4 MB a large round gave pages back and took
#: them again 150,000 times for 15,000 entries, 1.5 % of its CPU; what is free is returned between its stages anyway
_TRIM_AT = 32 << 20


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
