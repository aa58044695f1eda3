"""A long run of bytes that comes in pieces and is read in pieces: in memory it lies compressed, never whole."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: so many bytes are compressed at once; what is no longer than that lies in memory as it came
BLOCK = 1_000_000
#: 24 MB of Atom take 0.06 s for 5 MB
_LEVEL = 1


class PackedBytes:
    """Bytes in their order, as pieces of any length; any thread may read them once nobody adds to them."""

    def __init__(self, pieces: Iterable[bytes] = ()) -> None:
        self._blocks: list[tuple[bytes, bool]] = []
        self._last: list[bytes] = []
        self._last_size = 0
        self._size = 0
        for piece in pieces:
            self.add(piece)

    def add(self, piece: bytes) -> None:
        """Append a piece."""
        self._last.append(piece)
        self._last_size += len(piece)
        self._size += len(piece)
        if self._last_size > BLOCK:
            self._blocks.append((zstd.compress(b"".join(self._last), _LEVEL), True))
            self._last, self._last_size = [], 0

    def between(self, head: bytes, tail: bytes) -> PackedBytes:
        """Return the same bytes with a head in front and a tail behind; what lies compressed is shared."""
        made = PackedBytes()
        made._blocks = [(head, False), *self._blocks] if self._blocks else []
        made._last = [*self._last, tail] if self._blocks else [head, *self._last, tail]
        made._last_size = sum(map(len, made._last))
        made._size = self._size + len(head) + len(tail)
        return made

    def __len__(self) -> int:
        """Return how many bytes they are, uncompressed."""
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes in pieces of `BLOCK` or so."""
        for block, is_packed in self._blocks:
            yield zstd.decompress(block) if is_packed else block
        if self._last:
            yield b"".join(self._last)

    @property
    def memory(self) -> int:
        """Return how many bytes of memory they take."""
        return self._last_size + sum(len(block) for block, _ in self._blocks)

    def joined(self) -> bytes:
        """Return them whole."""
        return b"".join(self)
