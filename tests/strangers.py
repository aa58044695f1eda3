"""Hostile and honest clients and sources, as many as one likes, around one daemon."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from commands import feed, item
from origin import Origin, Reply, Request, Writer, bomb, hang

TAGS = b", ".join(b'"%032x"' % number for number in range(1_500))
JSON = {"Content-Type": "application/json"}
GZIP = {"Content-Encoding": "gzip"}


async def exchange(port: int, request: bytes, patience: float = 20) -> bytes:
    """Send a request and return all that comes back; raise OSError or TimeoutError."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        async with asyncio.timeout(patience):
            return await reader.read()
    finally:
        writer.close()


@dataclass
class Crowd:
    """Clients who do not ask as readers do, until a moment of the monotonic clock."""

    port: int
    until: float

    async def run(self, hostile: int) -> None:
        await asyncio.gather(*(self.hostile(number) for number in range(hostile)))

    async def hostile(self, number: int) -> None:
        chance = random.Random(number)
        ways: tuple[Callable[[], Awaitable[None]], ...] = (
            self.half, self.large, self.posting, self.many_tags, self.long_answers, self.dripping, self.pages
        )  # fmt: skip
        while time.monotonic() < self.until:
            with contextlib.suppress(OSError, TimeoutError):
                await chance.choice(ways)()
            await asyncio.sleep(chance.uniform(1, 4))

    async def half(self) -> None:
        """Begin a head and leave it."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"GET / HTTP/1.1\r\n")
        await asyncio.sleep(5)
        writer.close()

    async def dripping(self) -> None:
        """Send a byte of a head each second."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for byte in b"GET / HTTP/1.1\r\n":
            writer.write(bytes([byte]))
            await asyncio.sleep(1)
        writer.close()

    async def long_answers(self) -> None:
        """Ask for the same document a hundred times in one packet, and read nothing."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"GET /feeds/all.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100)
        await asyncio.sleep(5)
        writer.close()

    async def large(self) -> None:
        await exchange(self.port, b"GET / HTTP/1.1\r\nX: " + b"a" * 500_000)

    async def posting(self) -> None:
        head = b"POST /websub/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999\r\n\r\n"
        await exchange(self.port, head + b"x" * 900_000)

    async def many_tags(self) -> None:
        head = b"GET /feeds/all.atom HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nA-IM: feed\r\nIf-None-Match: "
        await exchange(self.port, head + TAGS + b"\r\n\r\n")

    async def pages(self) -> None:
        for path in (b"/feeds/all.html", b"/feeds/all.atom?page=9", b"/feeds/all.atom?archive=1", b"/story/x"):
            await exchange(self.port, b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path)


def honest_source(number: int) -> Callable[[Request], Reply]:
    """A paper that has one more entry with every tenth request."""
    asked = 0

    def play(request: Request) -> Reply:
        nonlocal asked
        asked += 1
        newest = asked // 10
        items = [
            item(f"{number}-{n}", f"Paper{number} reports event{n}") for n in range(max(0, newest - 4), newest + 1)
        ]
        return Reply(200, JSON, feed(f"paper{number}", *items))

    return play


async def drip(request: Request, writer: Writer) -> None:
    """A head, and a byte each second."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(1)


async def slivers(request: Request, writer: Writer) -> None:
    """A byte a chunk, as fast as they go."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\nx\r\n" * 5_000)
        await writer.drain()


def repeating(request: Request) -> Reply:
    """Long texts that repeat, others each time."""
    number = int(time.monotonic())
    items = [item(f"{number}-{n}", f"Event{n}", f"the ferry {n} ran aground " * 3_000) for n in range(5)]
    return Reply(200, JSON, feed("repeating", *items))


def churning(request: Request) -> Reply:
    """A hundred new entries with every request."""
    number = int(1_000 * time.monotonic())
    items = [item(f"{number}-{n}", f"Churn{number}x{n} of the day", f"text{number}x{n} " * 20) for n in range(100)]
    return Reply(200, JSON, feed("churning", *items))


RSS, END = b"<rss version='2.0'><channel>", b"</channel></rss>"
HOSTILE_SOURCES: dict[str, Reply | Callable[[Request], Reply] | Callable[[Request, Writer], Awaitable[None]]] = {
    "hangs": hang,
    "drips": drip,
    "slivers": slivers,
    "repeats": repeating,
    "churns": churning,
    "bomb": Reply(200, GZIP, bomb(b"\0", 60)),
    "nested": Reply(200, {}, RSS + b"<a>" * 60_000),
    "attributes": Reply(200, {}, b"<rss " + b"".join(b"a%d='b' " % n for n in range(9_000)) + b">"),
    "crooked": Reply(200, {}, RSS + b"<item><title>a</item>" * 20_000),
    "redirects": Reply(302, {"Location": "/redirects"}),
}


def sources(origin: Origin, hostile: int, honest: int) -> str:
    """Serve so many of both, and return the rows that configure them."""
    rows = ""
    kinds = list(HOSTILE_SOURCES.items())
    for number in range(hostile):
        kind, play = kinds[number % len(kinds)]
        origin.serve(f"/hostile{number}", play)
        rows += (
            f'  - {{id: hostile{number}-{kind}, url: "{origin.url(f"/hostile{number}")}", outlet: hostile{number}}}\n'
        )
    for number in range(honest):
        origin.serve(f"/paper{number}", honest_source(number))
        rows += f'  - {{id: paper{number}, url: "{origin.url(f"/paper{number}")}", outlet: paper{number}}}\n'
    return rows
