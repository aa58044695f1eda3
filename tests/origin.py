"""A hostile origin: a real HTTP server on loopback that plays a behaviour by path and records every request.

    with Origin() as origin:
        origin.serve("/feed", Reply(200, {"ETag": '"1"'}, b"..."))
        ... origin.url("/feed") ... origin.requests

It also answers as an HTTP proxy (absolute-form targets), so that one origin can be many hosts.
"""

from __future__ import annotations

import asyncio
import gzip
import ssl
import struct
import threading
import zlib
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Self
from urllib.parse import urlsplit

from msgspec import Struct, field

FEED = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>http://site.test/</link>'
    b"<description>d</description><item><guid>1</guid><title>One</title><link>http://site.test/1</link></item>"
    b"</channel></rss>"
)


class Request(Struct, frozen=True, dict=True):
    """What the server saw."""

    method: str
    #: as it stood in the request line: path, or an absolute URL from a client that thinks us a proxy
    target: str
    headers: tuple[tuple[str, str], ...]
    at: float

    def header(self, name: str) -> str | None:
        values = [v for n, v in self.headers if n.lower() == name.lower()]
        return ", ".join(values) if values else None


class Reply(Struct, frozen=True, dict=True):
    """A plain answer; Content-Length is added unless `raw_length` says otherwise."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    #: a lie about the length
    length: int | None = None


Writer = asyncio.StreamWriter
Behaviour = Callable[[Request, Writer], Awaitable[None]]
Play = Reply | Behaviour | Callable[[Request], Reply]


class Origin:
    """The server, in a thread of its own; `serve` may be called at any time."""

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.host = host
        self.requests: list[Request] = []
        self.connections = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self._tls = tls
        self._plays: dict[str, Play] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *error: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._connected, self.host, 0, ssl=self._tls, backlog=1024)

    async def _stop(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    @property
    def place(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def url(self, path: str) -> str:
        return f"{'https' if self._tls else 'http'}://{self.place}{path}"

    def serve(self, path: str, play: Play) -> str:
        """Play this for that path, or for that absolute URL when we are a proxy; returns the URL."""
        self._plays[path] = play
        return path if path.startswith("http") else self.url(path)

    def seen(self, path: str) -> list[Request]:
        return [r for r in self.requests if r.target.split("?")[0] == path]

    async def _connected(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        self.connections += 1
        try:
            while (request := await self._read(reader)) is not None:
                self.requests.append(request)
                self.in_flight += 1
                self.most_in_flight = max(self.most_in_flight, self.in_flight)
                try:
                    await self._play(request, writer)
                finally:
                    self.in_flight -= 1
                if (request.header("Connection") or "").lower() == "close":
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Request | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        lines = head.decode("utf-8", "surrogateescape").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        pairs = tuple((n.strip(), v.strip()) for n, v in (line.split(":", 1) for line in lines[1:] if ":" in line))
        return Request(method, target, pairs, self._loop.time())

    async def _play(self, request: Request, writer: Writer) -> None:
        parts = urlsplit(request.target)
        plain = request.target.split("?")[0]
        play = self._plays.get(plain) or self._plays.get(parts.path) or Reply(404)
        if isinstance(play, Reply):
            await send(writer, play)
            return
        answer = play(request) if play.__code__.co_argcount == 1 else play(request, writer)  # type: ignore
        if isinstance(answer, Reply):
            await send(writer, answer)
        else:
            await answer


async def send(writer: Writer, reply: Reply) -> None:
    """Write a whole answer."""
    headers = {"Content-Length": str(len(reply.body) if reply.length is None else reply.length), **reply.headers}
    if reply.status == 304:
        headers.pop("Content-Length")
    head = f"HTTP/1.1 {reply.status} X\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers.items()) + "\r\n"
    writer.write(head.encode("utf-8", "surrogateescape") + (b"" if reply.status == 304 else reply.body))
    await writer.drain()
    if reply.length is not None and reply.length > len(reply.body):
        writer.close()


# ---------------------------------------------------------------- behaviours


def feed(body: bytes = FEED, **headers: str) -> Reply:
    """A healthy feed."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(200, {"Content-Type": "application/rss+xml", **named}, body)


def conditional(etag: str, body: bytes = FEED, last_modified: str | None = None) -> Callable[[Request], Reply]:
    """A feed that answers 304 to its own validators, compared for equality."""
    headers = {"ETag": etag} | ({"Last-Modified": last_modified} if last_modified else {})

    def play(request: Request) -> Reply:
        same = request.header("If-None-Match") == etag
        return Reply(304, headers) if same else Reply(200, headers, body)

    return play


def redirect(to: str, status: int = 301) -> Reply:
    return Reply(status, {"Location": to})


def gzipped(body: bytes, times: int = 1) -> Reply:
    for _ in range(times):
        body = gzip.compress(body, 9)
    return Reply(200, {"Content-Encoding": "gzip"}, body)


@cache
def bomb(byte: bytes, megabytes: int) -> bytes:
    """So many million times a byte, as one gzip member: its parts are packed once, not each."""
    part = byte * 1_000_000
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 0
    for _ in range(megabytes):
        check = zlib.crc32(part, check)
    end = packer.flush(zlib.Z_FINISH) + struct.pack("<II", check, megabytes * 1_000_000)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + packed * megabytes + end


async def hang(request: Request, writer: Writer) -> None:
    """Accepts the request and never answers."""
    await asyncio.sleep(3600)


async def drip(request: Request, writer: Writer) -> None:
    """A byte at a time, each read well within any read timeout."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def drip_headers(request: Request, writer: Writer) -> None:
    """Headers without end, one line at a time."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-A: b\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def endless(request: Request, writer: Writer) -> None:
    """A body without length or end, as fast as the client reads."""
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        writer.write(b"<!-- -->" * 8192)
        await writer.drain()


async def hang_up(request: Request, writer: Writer) -> None:
    """Closes without a word."""
    writer.close()


async def noise(request: Request, writer: Writer) -> None:
    """Something that is no HTTP."""
    writer.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    await writer.drain()
    writer.close()
