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
