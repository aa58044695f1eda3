"""Response bodies read to the end, but never past the caps: of received bytes, of inflated ones, and of their ratio."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable

#: below this a high ratio is only a repetitive feed
_RATIO_FROM = 1_000_000
_MAX_RATIO = 100
_STEP = 1_000_000
_GZIP = b"\x1f\x8b"
#: with these a feed begins, and nothing that is packed but by chance (one stream in ten thousand)
_PLAIN_HEADS = frozenset({b"<?", b"<r", b"<f", b"<!", b'{"', b"{\n", b"{ ", b"\xef\xbb"})
#: what a Content-Encoding may name (IANA, HTTP Content Coding Registry, and the one of browsers); every other word
#: ("none", "utf-8", "binary") comes from a server that means another header, and says nothing
_CODINGS = frozenset("aes128gcm br compress dcb dcz deflate exi gzip pack200-gzip x-compress x-gzip zstd sdch".split())
#: a member without a byte in it costs as much as one that has some
_MOST_MEMBERS = 1_000


class BadBody(Exception):
    """The body cannot be had; the text says why, for a person."""


async def read_body(chunks: AsyncIterable[bytes], encoding: str | None, cap: int, *, cut: bool = False) -> bytes:
    """Return the decoded bytes of a response; raise BadBody when a cap (bytes) is passed or the coding is broken.

    With `cut`, what is longer than the cap is read so far and no further.
    """
    received, started = 0, False
    head = b""
    sink: _Plain | _Gzip = _Plain(cap)
    async for chunk in chunks:
        received += len(chunk)
        if received > cap and not cut:
            raise BadBody(_too_large(cap))
        if not started:
            head += chunk
            if len(head) < 2:
                continue
            sink, chunk, started = _sink(head, encoding, cap), head, True
        try:
            sink.feed(chunk, received)
        except BadBody:
            if not cut or len(sink.body) <= cap:
                raise
        if cut and len(sink.body) > cap:
            return bytes(sink.body[:cap])
    if not started:
        sink.feed(head, received)
    return sink.close()


class _Plain:
    def __init__(self, cap: int) -> None:
        # no list of the chunks: a server may send two bytes in each
        self.body = bytearray()

    def feed(self, chunk: bytes, received: int) -> None:
        self.body += chunk

    def close(self) -> bytes:
        return bytes(self.body)


class _Gzip:
    """Inflates in bounded steps: one read of 64 kB can hold 67 MB."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._members = 0
        self.body = bytearray()
        self._member = zlib.decompressobj(47)
        #: what may be half of a member's first two bytes
        self._half = b""
        self._ended = False

    def feed(self, chunk: bytes, received: int) -> None:
        chunk, self._half = self._half + chunk, b""
        while chunk and not self._ended:
            if self._member.eof:
                if chunk == _GZIP[:1]:
                    self._half = chunk
                    return
                if not chunk.startswith(_GZIP):
                    # padding, or what else stands behind the last member
                    self._ended = True
                    return
                self._members += 1
                if self._members > _MOST_MEMBERS:
                    raise BadBody(f"more than {_MOST_MEMBERS} gzip members: refused as a bomb")
                self._member = zlib.decompressobj(47)
            self._take(self._inflate(chunk), received)
            chunk = self._member.unconsumed_tail or self._member.unused_data

    def _inflate(self, chunk: bytes) -> bytes:
        try:
            return self._member.decompress(chunk, _STEP)
        except zlib.error as error:
            raise BadBody("the gzip body is damaged") from error

    def _take(self, piece: bytes, received: int) -> None:
        self.body += piece
        size = len(self.body)
        if size > self._cap:
            raise BadBody(_too_large(self._cap))
        if size > _RATIO_FROM and size > _MAX_RATIO * received:
            raise BadBody(f"the body inflates more than {_MAX_RATIO} times: refused as a bomb")

    def close(self) -> bytes:
        if not self._member.eof:
            raise BadBody("the gzip body is cut off")
        return bytes(self.body)


def _sink(head: bytes, encoding: str | None, cap: int) -> _Plain | _Gzip:
    """Choose the decoder by the first bytes: servers send `.gz` files undeclared, and plain text declared as packed."""
    codings = [coding for name in (encoding or "").split(",") if (coding := name.strip().lower())]
    applied = [coding for coding in codings if coding in _CODINGS]
    coding = applied[0] if applied else ""
    if head[:2] in _PLAIN_HEADS:
        return _Plain(cap)
    if len(applied) > 1 or coding not in ("", "gzip", "x-gzip", "deflate"):
        raise BadBody(f"Content-Encoding {', '.join(codings)[:40]!r}, although only gzip was asked for")
    zlib_head = coding == "deflate" and head[0] & 0x0F == 8 and (head[0] << 8 | head[1]) % 31 == 0
    return _Gzip(cap) if head.startswith(_GZIP) or zlib_head else _Plain(cap)


def _too_large(cap: int) -> str:
    return f"too large: more than {cap / 1e6:g} MB"
