"""What glibc's allocator keeps of the memory that was freed; elsewhere nothing is done."""

from __future__ import annotations

import ctypes
from contextlib import suppress

#: mallopt(3)
_M_ARENA_MAX = -8


def share_arenas() -> None:
    """Have all threads allocate from the same two arenas; each would keep what it once needed in its own."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def return_free_memory() -> None:
    """Return to the system what is free between what is in use (`malloc_trim`); some milliseconds a hundred MB."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
