"""What strangers send, fuzzed by coverage: `python tests/fuzz_targets.py TARGET [CORPUS] [-max_total_time=600]`.

heads    requests, through the server's protocol and the whole app over a database with a story
answers  what a source's server sends, through the client, over a real connection on loopback
feeds    documents, through every reader, the codec of the parser processes, and cleaning
pages    articles' pages, through their reader and cleaning; and as robots.txt

A finding is an exception; libFuzzer writes the input that raised it. `pytest -m fuzz` runs all four.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["feedhub"]):
    import uvicorn
    from commands import item
    from fuzz_seeds import seeds, words
    from hubs import NOON, Newsroom
    from test_hostile_feeds import acts

    from feedhub.clean import Agencies, clean
    from feedhub.directory import output_directory
    from feedhub.feeds import StoreBackend
    from feedhub.fetch import Client, Limits
    from feedhub.ingest.robots import Robots
    from feedhub.model import ArticlePage, Entry, Feed, Fetched, FetchResult, Markup, Source, Validators
    from feedhub.parse import parse
    from feedhub.parse.page import extract
    from feedhub.parse.worker_frames import read_result, result_frame
    from feedhub.serve import ServerSettings
    from feedhub.serve.app import create_app
    from feedhub.serve.connections import Connections
    from feedhub.serve.limited_http import LimitedProtocol
    from feedhub.store import Database

#: what one answer may inflate to
_CAP = 100_000
_AGENCIES = Agencies.known()
_KINDS = (None, "application/rss+xml", "text/html", "application/feed+json", "text/xml; charset=iso-8859-1")
_LOOP = asyncio.new_event_loop()
_BROKEN: list[dict[str, Any]] = []
_LOOP.set_exception_handler(lambda loop, context: _BROKEN.append(context))


class _Memory(asyncio.Transport):
    """A transport into memory."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 80), "socket": None})
        self.sent = bytearray()
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += data

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        pass

    def pause_reading(self) -> None:
        pass

    resume_reading = pause_reading

    def get_write_buffer_size(self) -> int:
        return 0

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        raise AssertionError("no protocol but HTTP is spoken")


def _server() -> uvicorn.Config:
    """The app over a database with a few stories."""
    room = Newsroom(Path(tempfile.mkdtemp(prefix="feedhub-fuzz-")))
    room.source("paper")
    room.serve("paper", *[item(str(number), f"Ferry{number} aground off the cape") for number in range(3)])
    room.round()
    directory = output_directory(room.config, "test.example,2026", "http://localhost")
    backend = StoreBackend(Database.open(room.config.database), directory, lambda: NOON)
    app = create_app(backend, ServerSettings(), lambda: NOON)
    config = uvicorn.Config(app, http=LimitedProtocol, lifespan="off", ws="none", log_config=None, access_log=False)
    config.load()
    return config


def _heads() -> Callable[[bytes], None]:
    config = _server()

    async def exchange(data: bytes) -> bytes:
        connection = LimitedProtocol(config, Connections(limit=8), {}, _LOOP)
        line = _Memory()
        connection.connection_made(line)
        # the first byte says where a packet ends
        at, rest = (data[0] * len(data) // 255, data[1:]) if data else (0, b"")
        for packet in (rest[:at], rest[at:]):
            if packet and not line.closed:
                connection.data_received(packet)
        async with asyncio.timeout(10):
            # a request that is not whole is not answered before its deadline
            while (cycle := connection.cycle) and not (cycle.response_complete or cycle.more_body or line.closed):
                await asyncio.sleep(0)
        connection.connection_lost(None)
        await asyncio.sleep(0)
        return bytes(line.sent)

    def run(data: bytes) -> None:
        sent = _LOOP.run_until_complete(exchange(data))
        _raise_broken()
        assert not sent or sent.startswith(b"HTTP/1.1 "), sent[:100]
        assert b"HTTP/1.1 500" not in sent, sent[:500]

    return run


def _raise_broken() -> None:
    if _BROKEN:
        context = _BROKEN.pop()
        _BROKEN.clear()
        raise context.get("exception") or AssertionError(context["message"])


def _answers() -> Callable[[bytes], None]:
    answer = b""

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = _LOOP.run_until_complete(asyncio.start_server(play, "127.0.0.1", 0))
    place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    source = Source(id="s", name="S", url=f"http://{place}/feed")

    async def fetch() -> FetchResult:
        # no redirect is followed: it might lead off this machine
        limits = Limits(total=5, redirects=0, body=_CAP)
        async with Client(allow=[place], host_delay=0, limits=limits) as client:
            return await client.fetch(source)

    def run(data: bytes) -> None:
        nonlocal answer
        # what the corpus does not find by itself
        answer = data if data[:1] == b"H" else b"HTTP/1.1 200 OK\r\n" + data
        result = _LOOP.run_until_complete(fetch())
        _raise_broken()
        body = getattr(result, "body", b"")
        assert len(body) <= _CAP
        assert len(repr(result)) < 20 * _CAP

    return run


def _copied(entry: Entry) -> None:
    """Clean an entry, and find nothing in it that acts."""
    source = Source(id="s", name="S", url="https://paper.test/feed")
    made = clean(
        entry,
        source=source,
        feed_title="Paper",
        feed_language="en",
        outlet="paper",
        first_seen=NOON,
        now=NOON,
        agencies=_AGENCIES,
    )
    # an address that was changed until it is no pixel's any more is a picture's
    wrong = [each for each in acts(made.html) if each != "a tracker"] if made.html else []
    assert not wrong, made.html[:500]
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in made.title), made.title


def _feeds() -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        kind = _KINDS[data[0] % len(_KINDS)] if data else None
        result = parse(data[1:], content_type=kind, url="https://paper.test/feed")
        assert read_result(result_frame(result, retire=False)) == (result, False)
        if isinstance(result, Feed):
            for entry in result.entries[:5]:
                _copied(entry)

    return run


def _pages() -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        page = extract(data, content_type="text/html", url="https://paper.test/article")
        assert read_result(result_frame(page, retire=False)) == (page, False)
        if isinstance(page, ArticlePage):
            _copied(Entry(guid="g", content=Markup(value=page.html)))
        _LOOP.run_until_complete(_ask_robots(data))

    return run


async def _ask_robots(body: bytes) -> None:
    """Take the bytes for a robots.txt."""
    url = "https://paper.test/robots.txt"
    fetched = Fetched(source="s", url=url, body=body, validators=Validators(), body_hash="")

    async def fetch(url: str) -> FetchResult:
        return fetched

    robots, began = Robots(), time.process_time()
    await robots.refusal("https://paper.test/" + "a" * 200, NOON, fetch)
    assert time.process_time() - began < 1


TARGETS: dict[str, Callable[[], Callable[[bytes], None]]] = {
    "heads": _heads,
    "answers": _answers,
    "feeds": _feeds,
    "pages": _pages,
}


def main() -> None:
    """Fuzz a target until libFuzzer's limits, beginning from its seeds."""
    target, *options = sys.argv[1:]
    folder = Path(tempfile.mkdtemp(prefix="feedhub-seeds-"))
    for number, seed in enumerate(seeds(target)):
        (folder / f"seed{number}").write_bytes(seed)
    named = ["".join(f"\\x{byte:02x}" for byte in word) for word in words(target)]
    dictionary = folder.with_suffix(".dict")
    dictionary.write_text("".join(f'"{word}"\n' for word in named if word))
    places = [each for each in options if not each.startswith("-")] or [tempfile.mkdtemp(prefix="feedhub-corpus-")]
    flags = [each for each in options if each.startswith("-")]
    # a parser process has ten seconds for a document
    flags = ["-timeout=10", "-max_len=30000", f"-dict={dictionary}", *flags]
    atheris.Setup([sys.argv[0], *flags, *places, str(folder)], TARGETS[target]())
    atheris.Fuzz()


if __name__ == "__main__":
    main()
