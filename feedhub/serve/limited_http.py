"""uvicorn's HTTP/1.1 protocol within limits: of a head, of a target, of time, and of connections.

uvicorn limits what runs at once, and how long a connection may be idle between two requests. It limits neither a head,
nor the time for one, nor connections that ask for nothing. Its other protocol (h11) limits heads, but is written in
Python and costs a request several times as much.

head begun --HEAD_SECONDS--> head complete --BODY_SECONDS--> request complete --ANSWER_SECONDS--> answer sent
    '--too large: 431, 414; too late: 408--' '--cut off-------'                '--cut off, unless it is being read--'
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from feedhub.serve.body_framing import BodyFraming
from feedhub.serve.connections import Connections

log = logging.getLogger("feedhub.serve")

#: a request's target, its whole head, and the lines of that
TARGET_BYTES, HEAD_BYTES, HEAD_LINES = 8_192, 65_536, 256
HEAD_SECONDS, BODY_SECONDS, ANSWER_SECONDS = 10.0, 30.0, 60.0
#: a reader who takes at least so many bytes in ANSWER_SECONDS may go on
_SLOWEST = 65_536
#: what still comes after a refusal is read and thrown away, or the client would not see the refusal (RFC 9112, 9.6)
_LINGER_SECONDS, _LINGER_BYTES = 2.0, 262_144
#: the rest of a body of at most so many bytes is read although nobody wants it
_SHORT_BODY = 64 * 1024
#: requests of one connection that wait for the answers before theirs, each 3 kB
_MOST_QUEUED = 64


class LimitedProtocol(HttpToolsProtocol):
    """One connection; `deadline` is the loop's time from which `expire` may end it."""

    server_state: Connections

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.deadline = float("inf")
        self._heading = False
        #: bytes received since the head began, those before it in the same packet too
        self._head_bytes = 0
        #: of the body that is under way
        self._framing: BodyFraming | None = None
        #: why the head is refused, for the end of `data_received`
        self._refusal = HTTPStatus.BAD_REQUEST
        #: bytes thrown away since no more requests are taken; None while they are
        self._discarded: int | None = None
        #: bytes of the answer that were unsent when its time was up
        self._unsent: int | None = None
        #: the request that is being answered; `cycle` is the newest, and others may wait between them (pipelining)
        self._answering: RequestResponseCycle | None = None

    # ---------------------------------------------------------------- what asyncio calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the transport (asyncio); at the limit, in the place of another connection."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)
        if len(self.connections) > self.server_state.limit:
            self.server_state.make_room(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection (asyncio), and the requests that wait behind the one that is being answered."""
        self.server_state.waiting.pop(self, None)
        self._abandon()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed bytes to the parser (asyncio); refuse what it cannot read, and heads past their limits."""
        if self._discarded is not None:
            self._discarded += len(data)
            if self._discarded > _LINGER_BYTES:
                self.transport.abort()
            return
        self._unset_keepalive_if_required()
        self._head_bytes = len(data) + (self._head_bytes if self._heading else 0)
        if self._framing is not None:
            self._framing.receive(len(data))
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # neither websockets nor h2c are spoken: answered as the request that it is, and the last one
            if self.cycle is not None:
                self.cycle.keep_alive = False
        except httptools.HttpParserError:
            if self._has_queued_most():
                self._take_no_more()
            else:
                self.refuse(self._refusal)
            return
        if self._heading and self._head_bytes > HEAD_BYTES:
            no_headers = not self.headers and len(self.url) > TARGET_BYTES
            too_long = HTTPStatus.REQUEST_URI_TOO_LONG if no_headers else HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            self.refuse(too_long)
        elif self._framing is not None and self._framing.is_excessive:
            self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    # ---------------------------------------------------------------- what the parser calls

    def on_message_begin(self) -> None:
        """Begin a head (httptools)."""
        super().on_message_begin()
        self._heading = True
        self.deadline = self.loop.time() + HEAD_SECONDS

    def on_headers_complete(self) -> None:
        """End the head (httptools): the request is under way, or refused."""
        self._heading = False
        if self._has_queued_most():
            self._fail(HTTPStatus.SERVICE_UNAVAILABLE)
        if len(self.url) > TARGET_BYTES:
            self._fail(HTTPStatus.REQUEST_URI_TOO_LONG)
        if len(self.headers) > HEAD_LINES or (self._head_bytes > HEAD_BYTES and self._size() > HEAD_BYTES):
            self._fail(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        self.deadline = self.loop.time() + BODY_SECONDS
        if self.url[:1] != b"/":
            self._take_authority()
        super().on_headers_complete()
        self._framing = BodyFraming()
        # what trails the body is no header of the request, or it could bring another Host (RFC 9110, 6.5.1)
        self.headers = []

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body (httptools)."""
        if self._framing is not None:
            self._framing.take(len(body))
            if self._framing.is_splintered:
                self._fail(HTTPStatus.BAD_REQUEST)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request (httptools): its answer may take its time."""
        self._framing = None
        super().on_message_complete()
        if self.cycle is not None and self.cycle.response_complete:
            # the rest of a body that nobody wanted: it was answered before
            self._wait(ANSWER_SECONDS)
            return
        self.server_state.waiting.pop(self, None)
        self._unsent = None
        self.deadline = self.loop.time() + ANSWER_SECONDS

    def _has_queued_most(self) -> bool:
        return len(self.pipeline) >= _MOST_QUEUED

    def _take_no_more(self) -> None:
        """Close the connection after the requests that wait; the client sends the others again (RFC 9112, 9.3.2)."""
        self.pipeline[0][0].keep_alive = False
        self._discarded = 0
        self.deadline = self.loop.time() + ANSWER_SECONDS

    def _size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _fail(self, status: HTTPStatus) -> None:
        self._refusal = status
        raise ValueError(status.phrase)

    def _take_authority(self) -> None:
        """Put the authority of a target in absolute form in place of the Host header (RFC 9112, 3.2.2)."""
        target = httptools.parse_url(self.url)
        hosts = [value for name, value in self.headers if name == b"host"]
        if target.schema not in (b"http", b"https") or target.userinfo or not target.host or len(hosts) > 1:
            self._fail(HTTPStatus.BAD_REQUEST)
        host = b"[%s]" % target.host if b":" in target.host else target.host
        port = b"" if target.port is None else b":%d" % target.port
        self.headers[:] = [pair for pair in self.headers if pair[0] != b"host"] + [(b"host", host + port)]
        if not target.path:
            # "http://name" asks for "/", "http://name?page=2" for "/?page=2"
            self.url = b"/" if target.query is None else b"/?" + target.query

    # ---------------------------------------------------------------- how a connection ends

    def on_response_complete(self) -> None:
        """Wait for the next request (uvicorn), or end the connection where much of this one is still to come."""
        early = self.cycle.response_complete and self.cycle.more_body and not _is_short(self.cycle.scope["headers"])
        queued = bool(self.pipeline)
        super().on_response_complete()
        if early and not self.transport.is_closing():
            self._linger()
        elif not queued:
            # what was sent has still to be read, and blank lines between two requests are no request
            self._wait(ANSWER_SECONDS)

    def refuse(self, status: HTTPStatus) -> None:
        """Answer in place of the app, and take no more requests."""
        if self.cycle is not None and not self.cycle.response_complete:
            # an answer is under way: ours must not stand in the middle of it
            self.drop()
            return
        log.info("request refused", extra={"status": status})
        body = f"{status.value} {status.phrase}\n".encode()
        lines = [
            b"HTTP/1.1 %d %s" % (status.value, status.phrase.encode()),
            *(b"%s: %s" % pair for pair in self.server_state.default_headers),
            b"content-type: text/plain; charset=utf-8",
            b"content-length: %d" % len(body),
            b"cache-control: no-store",
            b"x-content-type-options: nosniff",
            *([b"retry-after: 5"] if status == HTTPStatus.SERVICE_UNAVAILABLE else []),
            b"connection: close",
        ]
        self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        self._linger()

    def drop(self) -> None:
        """End the connection at once; its place is free from now on."""
        self.connections.discard(self)
        self.server_state.waiting.pop(self, None)
        self._abandon()
        self.transport.abort()

    def expire(self, now: float) -> None:
        """End what is over its time: a head with a reason, all else at once."""
        unsent = self.transport.get_write_buffer_size()
        if self._heading and self._discarded is None:
            self.refuse(HTTPStatus.REQUEST_TIMEOUT)
        elif unsent and (self._unsent is None or self._unsent - unsent >= _SLOWEST):
            self._unsent = unsent
            self.deadline = now + ANSWER_SECONDS
        else:
            self.drop()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Begin to answer a request (uvicorn)."""
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _abandon(self) -> None:
        """Answer nothing more: uvicorn tells the newest request alone that its client is gone."""
        self.pipeline.clear()
        if self._answering is not None:
            self._answering.disconnected = True
            self._answering.message_event.set()

    def _wait(self, seconds: float) -> None:
        self.server_state.waiting[self] = None
        self.deadline = self.loop.time() + seconds

    def _linger(self) -> None:
        self._unset_keepalive_if_required()
        self._discarded = 0
        self._heading = False
        self._wait(_LINGER_SECONDS)
        if self.transport.can_write_eof():
            self.transport.write_eof()


def _is_short(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Tell whether a body is so short that its rest is sooner read than a connection is opened."""
    length = next((value for name, value in headers if name == b"content-length"), b"")
    return length.isdigit() and int(length[:9]) <= _SHORT_BODY
