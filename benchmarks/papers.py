"""A local server for the benchmarks: one port, as many loopback hosts as wanted, each a feed of its own.

`python benchmarks/papers.py ENTRIES KILOBYTES [WIRE]` prints its port and serves until it is killed.
/answers tells how many requests for feeds were answered. /control/NAME=NUMBER sets: round (feeds move on by three
entries in each), every (only each so-manieth feed moves), hang (each so-manieth never answers). With WIRE one entry in
so many is an agency's text, which four neighbours run in almost the same words, and an article has what articles have:
longer words, a picture, links, the paper's own lines below.
"""

from __future__ import annotations

import asyncio
import random
import sys
from functools import lru_cache
from html import escape

NEW = 3
#: so many papers run each agency story
RUN_BY = 4
_SYLLABLES = [consonant + vowel for consonant in "bcdfglmnprstv" for vowel in "aeiou"]
_CHANCE = random.Random(7)
#: made once: a document whose words were put together anew would cost more than what is measured, and come too late
_WORDS = ["".join(_CHANCE.choices(_SYLLABLES, k=_CHANCE.choice((1, 2, 2, 3)))) for _ in range(20_000)]
_LONG_WORDS = ["".join(_CHANCE.choices(_SYLLABLES, k=_CHANCE.choice((1, 2, 3, 3, 4)))) for _ in range(20_000)]


class Newsroom:
    """What every host serves, by what was set."""

    def __init__(self, entries: int, kilobytes: int, wire: int = 0) -> None:
        self.entries = entries
        self.wire = wire
        self.size = kilobytes * 1000 // entries
        self.answers = 0
        self.set = {"round": 0, "every": 1, "hang": 0}

    def version(self, host: int) -> int:
        moves = self.set["round"]
        return moves if host % self.set["every"] == 0 else 0

    def document(self, host: int, version: int) -> bytes:
        newest = self.entries + NEW * version
        items = "".join(
            entry(host, number, self.size, self.wire) for number in range(newest - 1, newest - 1 - self.entries, -1)
        )
        return (
            f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/'
            f'content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Paper {host}</title>'
            f"<link>http://paper-{host}.example/</link><description>d</description>{items}</channel></rss>"
        ).encode()


@lru_cache(4096)
def entry(host: int, number: int, size: int, wire: int = 0) -> str:
    """One item: a text of its own or an agency's, in paragraphs of escaped HTML."""
    chance = random.Random(host * 100_003 + number)
    if wire and number % wire == 0:
        words = random.Random(f"wire {host // RUN_BY} {number}").choices(_LONG_WORDS, k=size // 6)
        words[chance.randrange(len(words) // 2, len(words))] = chance.choice(_LONG_WORDS)
    else:
        words = chance.choices(_LONG_WORDS if wire else _WORDS, k=size // 6)
    blocks = [" ".join(words[at : at + 60]).capitalize() + "." for at in range(0, len(words), 60)]
    text = "".join(f"&lt;p&gt;{block}&lt;/p&gt;" for block in blocks)
    if wire:
        text = _as_article(host, number, text)
    title = " ".join(words[3:11]).capitalize()
    day, hour = 1 + number // 24 % 28, number % 24
    return (
        f"<item><title>{title}</title><link>http://paper-{host}.example/{number}</link>"
        f'<guid isPermaLink="false">{host}-{number}</guid><pubDate>{day:02} Jun 2026 {hour:02}:00:00 GMT</pubDate>'
        f"<dc:creator>Ann {host}</dc:creator><category>World</category><description>{blocks[0]}</description>"
        f"<content:encoded>{text}</content:encoded></item>"
    )


def _as_article(host: int, number: int, text: str) -> str:
    site = f"http://paper-{host}.example"
    picture = f'<figure><img src="{site}/{number}.jpg" alt="A view" width="800" height="450"></figure>'
    link = f'<p class="more">Read more: <a href="{site}/{number - 1}">{_LONG_WORDS[number]} and the rest</a></p>'
    below = f"<hr><p><em>Subscribe to the newsletter of Paper {host} for more stories like this.</em></p>"
    topic = f' <a href="{site}/topic">topic</a> '
    return f"{escape(picture)}{text.replace(' ', escape(topic), 1)}{escape(link + below)}"


class Connection(asyncio.Protocol):
    """Answers GETs, one after the other."""

    def __init__(self, room: Newsroom) -> None:
        self.room = room
        self.head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # thousands of loopback addresses cannot be bound one by one; whoever asks from elsewhere gets nothing
        if not transport.get_extra_info("peername")[0].startswith("127."):
            transport.abort()  # type: ignore[attr-defined]
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.head += data
        while b"\r\n\r\n" in self.head:
            request, _, self.head = self.head.partition(b"\r\n\r\n")
            self.answer(request)

    def answer(self, request: bytes) -> None:
        path = request.split(b" ", 2)[1].decode()
        if path == "/answers":
            return self.send(b"200 X", b"%d" % self.room.answers)
        if path.startswith("/control/"):
            name, value = path.removeprefix("/control/").split("=")
            self.room.set[name] = int(value)
            return self.send(b"204 X", b"")
        host = int(path.removeprefix("/feed"))
        hang = self.room.set["hang"]
        if hang and host % hang == 0:
            return
        self.room.answers += 1
        version = self.room.version(host)
        etag = b'ETag: "%d"\r\n' % version
        if b'"%d"' % version in request:
            return self.send(b"304 X", b"", etag)
        self.send(b"200 X", self.room.document(host, version), etag + b"Content-Type: application/rss+xml\r\n")

    def send(self, status: bytes, body: bytes, headers: bytes = b"") -> None:
        length = b"" if status.startswith(b"304") else b"Content-Length: %d\r\n" % len(body)
        self.transport.write(b"HTTP/1.1 " + status + b"\r\n" + headers + length + b"\r\n" + body)  # type: ignore


async def serve(entries: int, kilobytes: int, wire: int = 0) -> None:
    room = Newsroom(entries, kilobytes, wire)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(room), "0.0.0.0", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:])))
