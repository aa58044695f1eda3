"""What only Unix has: None, a flag without effect, or the same by other means, where the system is another."""

from __future__ import annotations

import os

try:
    import fcntl
    import resource
except ImportError:
    fcntl = None  # type: ignore[assignment]
    resource = None  # type: ignore[assignment]

__all__ = ["O_CLOEXEC", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK", "fcntl", "read_at", "resource", "write_at"]

O_CLOEXEC: int = getattr(os, "O_CLOEXEC", 0)
O_NOCTTY: int = getattr(os, "O_NOCTTY", 0)
O_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
O_NONBLOCK: int = getattr(os, "O_NONBLOCK", 0)


def _read_at(descriptor: int, size: int, start: int) -> bytes:
    """Read up to so many bytes of a file from a place; what is written next goes to its end."""
    os.lseek(descriptor, start, os.SEEK_SET)
    data = os.read(descriptor, size)
    os.lseek(descriptor, 0, os.SEEK_END)
    return data


def _write_at(descriptor: int, data: bytes, start: int) -> int:
    """Write bytes at a place of a file and return how many; what is written next goes to its end."""
    os.lseek(descriptor, start, os.SEEK_SET)
    written = os.write(descriptor, data)
    os.lseek(descriptor, 0, os.SEEK_END)
    return written


read_at = getattr(os, "pread", _read_at)
write_at = getattr(os, "pwrite", _write_at)
