"""HTTP/1.1 over one connection: a request out, an answer in, never more of it in memory than a window.

llhttp judges what is proper HTTP (httptools); here stand the limits: of the head, of interim answers, of what may
wait to be read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import httptools

#: the head of an answer, interim ones included
_HEAD_BYTES = 131_072
_HEADER_LINE = 16_384
_MOST_HEADERS = 200
#: what may stand round each byte of the body: some servers send every byte as a chunk of its own, but none a megabyte
_FRAME_BYTES, _SLIVERS = 7, 1_000_000
#: `100 Continue` and its like, before the answer
_MOST_INTERIM = 10
#: what was received and not yet read, before the server has to wait
_WINDOW = 1 << 18


class BadAnswer(Exception):
    """The server does not speak proper HTTP; the text says how."""


class CutOff(Exception):
    """The connection ended before the answer (`begun` false), or in the middle of it."""

    def __init__(self, *, begun: bool) -> None:
        super().__init__(begun)
        self.begun = begun


class Exchange(asyncio.Protocol):
    """One connection, and the answer that is being read from it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        #: no list of the chunks: a server may send a byte in each
        self._received = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._done = True
        self._reset()

    def _reset(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self._received.clear()
        self._fed = self._body = self._interim = self._lines = 0
        self._headed = self._skipping = self._done = self._keeps = self._extra = False
        self._error: Exception | None = None

    # ---------------------------------------------------------------- what callers use

    async def ask(self, request: bytes) -> None:
        """Send a request and wait for the head of its answer; raises BadAnswer or CutOff."""
        self._reset()
        self._parser = httptools.HttpResponseParser(self)
        # what servers on the web really send: folded headers, lines without CR, chunk sizes with a blank behind them
        self._parser.set_dangerous_leniencies(
            lenient_headers=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )
        if self._transport is None or self._transport.is_closing():
            raise CutOff(begun=False)
        self._transport.write(request)
        while not (self._headed or self._error):
            await self._more()
        if self._error and not self._headed:
            raise self._error

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the answer's body as it comes; raise BadAnswer or CutOff."""
        while True:
            if self._received:
                piece = bytes(self._received)
                self._received.clear()
                if self._transport:
                    self._transport.resume_reading()
                yield piece
                continue
            if self._error:
                raise self._error
            if self._done:
                return
            await self._more()

    @property
    def is_reusable(self) -> bool:
        """Whether the answer came and was read whole, and the connection may carry another one."""
        alive = self._transport is not None and not self._transport.is_closing()
        ended = self._done and not self._received
        return alive and ended and self._keeps and not self._extra and not self._error

    def close(self) -> None:
        """Close the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    async def _more(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # ---------------------------------------------------------------- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport (asyncio)."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Feed bytes to the parser (asyncio); fail where they pass a limit."""
        if self._done or self._error:
            self._extra = True
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._extra = self._done = True
        except httptools.HttpParserError as error:
            if self._done:
                self._extra = True
            else:
                self._fail(self._error or BadAnswer(" ".join(str(error).split())))
        self._fed += len(data)
        frames = _FRAME_BYTES * min(self._body, _SLIVERS) + self._body
        if not self._done and self._fed - self._body > _HEAD_BYTES + frames:
            what = "round the body" if self._headed else "of headers"
            self._fail(BadAnswer(f"more than {_HEAD_BYTES // 1024} kB {what}"))
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        """End the answer (asyncio): orderly where the connection's end is its own, else as cut off."""
        self._transport = None
        if not self._done and self._error is None:
            # an end that is the body's own is orderly: a connection that was reset (`error`) ended anywhere
            if self._headed and not self._is_framed() and error is None:
                self._done = True
            else:
                self._error = CutOff(begun=self._headed)
        self._wake()

    def _is_framed(self) -> bool:
        """Whether the head says where the body ends; else the connection's end is its own."""
        return any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in self.headers)

    def _fail(self, error: Exception) -> None:
        self._error = error
        self.close()

    # ---------------------------------------------------------------- what the parser calls

    def on_message_begin(self) -> None:
        """Refuse a second answer (httptools)."""
        if self._done:
            # another answer behind the one that was asked for: nobody may take it for part of this one, or of the next
            self._extra = True
            raise BadAnswer("more than one answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header (httptools); refuse what passes a limit."""
        self._lines += 1
        if self._lines > _MOST_HEADERS:
            self._refuse("too many headers")
        if len(name) + len(value) > _HEADER_LINE:
            self._refuse(f"a header longer than {_HEADER_LINE // 1024} kB")
        if b"\0" in value:
            self._refuse(f"a null in the header {name.decode('latin-1')[:40]}")
        # what stands after the body is of no meaning to us
        if not self._headed:
            self.headers.append((name, value.replace(b"\r\n", b"")))

    def _refuse(self, why: str) -> None:
        self._error = BadAnswer(why)
        raise self._error

    def on_headers_complete(self) -> None:
        """End the head (httptools); interim answers are skipped (RFC 9110, 15.2)."""
        status = self._parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self._interim += 1
            self.headers.clear()
            self._skipping = True
            if self._interim > _MOST_INTERIM:
                self._refuse("interim answers without end")
            return
        self.status = status
        self._headed = True

    def on_body(self, data: bytes) -> None:
        """Buffer a piece of the body (httptools); stop reading where the window is full."""
        self._received += data
        self._body += len(data)
        if len(self._received) > _WINDOW and self._transport is not None:
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """End the answer (httptools)."""
        if self._skipping:
            self._skipping = False
            return
        self._done = True
        self._keeps = self._parser.should_keep_alive()
