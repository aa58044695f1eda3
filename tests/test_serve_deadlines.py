"""Bodies that do not come and answers that nobody takes are given their time, here seconds, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from starlette.types import Receive, Scope, Send

from feedhub.serve import limited_http
from feedhub.serve.server import listen, serve

T = TypeVar("T")
LARGE = 30_000_000


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_SECONDS", "BODY_SECONDS", "ANSWER_SECONDS"):
        monkeypatch.setattr(limited_http, name, 1.0)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Read all that is sent, then answer with very much."""
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass
    headers = [(b"content-length", b"%d" % LARGE)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"x" * LARGE})


def talking(talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[T]]) -> T:
    """What a client makes of a server that really runs."""

    async def run() -> T:
        listener, stop = listen("127.0.0.1", 0), asyncio.Event()
        server = asyncio.create_task(serve(app, listener, stop))
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port, limit=1 << 16)
        try:
            async with asyncio.timeout(20):
                return await talk(reader, writer)
        finally:
            writer.close()
            stop.set()
            await server

    return asyncio.run(run())


POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"


async def rest(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""


def test_a_body_that_does_not_come_ends_its_connection() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(POST + b"x")
        return await rest(reader)

    assert talking(talk) == b""


def test_a_connection_that_says_nothing_ends() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        return await rest(reader)

    assert talking(talk) == b""


def test_blank_lines_between_two_requests_are_no_request() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        try:
            while not reader.at_eof():
                writer.write(b"\r\n")
                await writer.drain()
                await asyncio.sleep(0.1)
        except ConnectionError:
            return True
        return True

    assert talking(talk)


def test_an_answer_that_nobody_takes_ends() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await asyncio.sleep(5)
        return len(await rest(reader))

    assert talking(talk) < LARGE


def test_a_slow_reader_who_goes_on_gets_all() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        size = 0
        while data := await reader.read(1 << 16):
            size += len(data)
            await asyncio.sleep(0.01)
        return size

    assert talking(talk) > LARGE


CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
BARREN = {
    "trailers in lines": (b"0\r\n", b"X: " + b"a" * 1_000 + b"\r\n"),
    "a trailer without an end": (b"0\r\nX: ", b"a" * 1_000),
    "a trailer's name": (b"0\r\n", b"a" * 1_000),
    "an extension of a chunk": (b"5;x=", b"a" * 1_000),
    "zeros before a chunk's length": (b"5\r\nhello\r\n", b"0" * 1_000),
}


@pytest.mark.parametrize(("begin", "more"), BARREN.values(), ids=BARREN)
def test_what_is_no_byte_of_a_body_is_bounded_as_a_head_is(begin: bytes, more: bytes) -> None:
    """Trailers were kept as headers, as many as came in the time of a body."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        writer.write(CHUNKED + begin)
        for number in range(5_000):
            try:
                writer.write(more)
                await writer.drain()
                await asyncio.sleep(0)
            except ConnectionError:
                return number
        return 5_000

    assert talking(talk) < 5_000


@pytest.mark.parametrize(
    "body",
    [
        b"1;extension=of-a-chunk\r\na\r\n" * 3_000 + b"0\r\n\r\n",
        b"5\r\nhello\r\n0\r\nX: y\r\nHost: evil.test\r\n\r\n",
        b"30d40\r\n" + b"a" * 200_000 + b"\r\n0\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    ],
    ids=["many short chunks", "a few trailers", "a long chunk, and trailers"],
)
def test_a_body_in_chunks_with_a_few_trailers_is_taken(body: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(CHUNKED + body)
        return await reader.readline()

    assert talking(talk) == b"HTTP/1.1 200 OK\r\n"
