"""What a request's body is framed by (RFC 9112, 7.1): bounded, so that its pieces cost no more than its bytes do."""

from __future__ import annotations

#: bytes of framing that a body may have, and as many again as the body itself has: sizes, extensions, trailers
FRAMING_BYTES = 65_536
#: pieces that a body may come in, and one more for each _PIECE_BYTES of it
_PIECES, _PIECE_BYTES = 4_096, 16


class BodyFraming:
    """Counts one body that is under way."""

    __slots__ = ("_bytes", "_pieces", "_received")

    def __init__(self) -> None:
        self._received = self._bytes = self._pieces = 0

    def receive(self, size: int) -> None:
        """Count bytes that the connection brought."""
        self._received += size

    def take(self, size: int) -> None:
        """Count a piece of the body among them."""
        self._bytes += size
        self._pieces += 1

    @property
    def is_splintered(self) -> bool:
        """Whether the body comes in very many small pieces; asked at each, since one packet holds thousands."""
        return self._pieces > _PIECES + self._bytes // _PIECE_BYTES

    @property
    def is_excessive(self) -> bool:
        """Whether far more frames the body than it has bytes; asked when all that was received is counted."""
        return self._received - 2 * self._bytes > FRAMING_BYTES
