"""Records of a few numbers each on disk, read back by place: what is looked at seldom takes no memory an item."""

from __future__ import annotations

import tempfile
from struct import Struct
from types import TracebackType
from typing import IO, Any

from feedhub.unix import read_at, write_at

#: bytes written at once
_BLOCK = 1 << 20


class RecordFile:
    """Records of one layout (of `struct`) by place, in a temporary file; what was never written is all zeros."""

    def __init__(self, layout: str) -> None:
        self._record = Struct(layout)
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="feedhub-", buffering=_BLOCK)  # noqa: SIM115 (see close)
        self._nothing = self._record.unpack(bytes(self._record.size))
        self._count = self._flushed = 0

    def __len__(self) -> int:
        return self._count

    def append(self, *values: Any) -> None:
        """Write the next record."""
        self._file.write(self._record.pack(*values))
        self._count += 1

    def write(self, place: int, *values: Any) -> None:
        """Write the record of any place; records that are written so are not appended to."""
        write_at(self._file.fileno(), self._record.pack(*values), place * self._record.size)

    def get(self, place: int) -> tuple[Any, ...]:
        """Return the record of a place."""
        if self._flushed < self._count:
            self._file.flush()
            self._flushed = self._count
        data = read_at(self._file.fileno(), self._record.size, place * self._record.size)
        return self._record.unpack(data) if data else self._nothing

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()

    def __enter__(self) -> RecordFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
