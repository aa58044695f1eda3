"""What serving costs: requests beside a bare ASGI app with the same bytes on the same server, and a changed document.

    python benchmarks/serving.py            # a table; 0 where every bar is reached, else 1
    python benchmarks/serving.py --large    # with an output of 10,000 stories

Requests: by turns against two servers of the same make, each in a process of its own, so that what else the machine
does falls on both alike; what counts is the ratio of the CPU that a request costs.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import multiprocessing
import resource
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import insert, update

from feedhub.codec import dump
from feedhub.library import Library, Shelf
from feedhub.model import EntryKey, OutputRule, Publisher, Relation, Story, StoryCopy
from feedhub.publish import FORMATS
from feedhub.serve import Settings, create_app, listen, serve
from feedhub.serve.document import GZIP_LEVEL
from feedhub.store import Database, database
from feedhub.store.tables import entered
from feedhub.store.tables import story as table

NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)
IDENTITY = "bench.test,2026"
ROUNDS, REQUESTS = 7, 3_000
#: kind -> status, headers, body
Answers = dict[bytes, tuple[int, list[tuple[bytes, bytes]], bytes]]


def story(number: int, words: int = 120, version: int = 0) -> Story:
    """A story of that many words in three outlets."""
    text = " ".join(f"word{(number * 7919 + k * 104729 + version) % 9973}" for k in range(words))
    copies = tuple(
        StoryCopy(
            key=EntryKey(source=name, guid=str(number)),
            outlet=f"{name}.test",
            name=name.title(),
            title=f"Story {number}",
            url=f"https://{name}.test/{number}",
            published=NOON,
            first_seen=NOON,
            relation=Relation.COPY,
        )
        for name in ("lantern", "quay", "harrow")
    )
    return Story(
        id=f"tag:{IDENTITY}:{number:016x}",
        canonical=copies[0].key,
        title=f"Story {number}, version {version}",
        html="".join(f"<p>{text[start : start + 300]}</p>" for start in range(0, len(text), 300)),
        url=copies[0].url,
        language="en",
        published=NOON,
        updated=NOON,
        released=NOON,
        publisher=Publisher(source="lantern", name="Lantern", outlet="lantern.test", link="https://lantern.test/"),
        copies=copies,
    )


def fill(store: Database, count: int) -> None:
    """So many stories in the output `all`."""
    with store.write() as connection:
        change = database.next_change(connection, NOON)
        for number in range(count):
            made = story(number)
            row = {
                "id": number + 1,
                "tag": made.id,
                "founder_source": made.canonical.source,
                "founder_guid": made.canonical.guid,
                "founded": NOON,
                "state": "live",
                "newest": NOON,
            }
            connection.execute(insert(table).values(**row, **_said(made, change)))
            at = NOON + timedelta(seconds=number)
            connection.execute(insert(entered).values(output="all", story=number + 1, at=at))


def _said(made: Story, change: int) -> dict[str, object]:
    return {"body": dump(made), "changed": change, "released": made.released, "updated": made.updated}


def edit(store: Database, number: int, made: Story) -> None:
    """A story says something else."""
    with store.write() as connection:
        said = _said(made, database.next_change(connection, NOON))
        connection.execute(update(table).where(table.c.id == number).values(**said))


def library(store: Database, limit: int) -> Library:
    shelf = Shelf(
        identity=IDENTITY,
        base_url="http://bench.test",
        rules=(OutputRule(name="all", limit=limit),),
        retention=timedelta(days=30),
    )
    return Library(store, shelf, lambda: NOON + timedelta(days=1))


# ---------------------------------------------------------------- requests


def bare(answers: Answers) -> Callable[..., Any]:
    """An ASGI app that sends the same bytes and does nothing else."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        status, headers, body = answers[dict(scope["headers"])[b"x-kind"]]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def _serving(what: str, folder: str, answers: Answers, pipe: Connection) -> None:
    store = Database.open(f"sqlite:///{folder}/hub.db")
    app = bare(answers) if what == "bare" else create_app(library(store, 100), Settings())

    async def run() -> None:
        listener = listen("127.0.0.1", 0)
        pipe.send(listener.port)
        stop = asyncio.Event()
        asyncio.get_running_loop().add_reader(pipe.fileno(), lambda: _asked(pipe, stop))
        await serve(app, listener, stop)  # type: ignore[arg-type]

    asyncio.run(run())


def _asked(pipe: Connection, stop: asyncio.Event) -> None:
    if pipe.recv() == "stop":
        stop.set()
    else:
        pipe.send(time.process_time())


class Server:
    """A server in a process of its own that tells how much CPU it has used."""

    def __init__(self, what: str, folder: str, answers: Answers) -> None:
        self._pipe, there = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_serving, args=(what, folder, answers, there), daemon=True)
        self._process.start()
        self._address = ("127.0.0.1", self._pipe.recv())

    def cost(self, request: bytes, size: int, count: int = REQUESTS) -> float:
        """Microseconds of CPU a request, over one connection kept alive."""
        with socket.create_connection(self._address, 10) as wire:
            wire.sendall(request)
            whole = _answer(wire)
            assert len(whole) >= size
            before = self._used()
            for _ in range(count):
                wire.sendall(request)
                left = len(whole)
                while left > 0:
                    left -= len(wire.recv(1 << 20))
            return (self._used() - before) / count * 1e6

    def _used(self) -> float:
        self._pipe.send("cpu")
        return float(self._pipe.recv())

    def stop(self) -> None:
        self._pipe.send("stop")
        self._process.join(10)


def _answer(wire: socket.socket) -> bytes:
    """One whole answer, to know how many bytes the next ones have."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += wire.recv(1 << 20)
    head, _, body = data.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    wanted = 0 if b" 304 " in head[:20] else int(fields[b"content-length"])
    while len(body) < wanted:
        body += wire.recv(1 << 20)
    return head + b"\r\n\r\n" + body


def requests() -> bool:
    """The table of requests; whether each kind costs at most twice what the bare app takes."""
    with tempfile.TemporaryDirectory() as folder:
        store = Database.open(f"sqlite:///{folder}/hub.db")
        fill(store, 100)
        found = asyncio.run(library(store, 100).document("all", "atom"))
        store.close()
        assert found is not None
        answers: Answers = {
            b"plain": (200, found.plain.headers, found.plain.body),
            b"gzip": (200, found.coded["gzip"].headers, found.coded["gzip"].body),
            b"304": (304, found.plain.unchanged, b""),
        }
        headers = {"plain": "", "gzip": "Accept-Encoding: gzip\r\n", "304": f"If-None-Match: {found.plain.etag}\r\n"}
        servers = {what: Server(what, folder, answers) for what in ("bare", "feedhub")}
        right = True
        print(f"{'requests':<24}{'bare us':>10}{'feedhub us':>12}{'rate':>8}  (feedhub's over bare, by CPU; bar 0.50)")
        for kind, header in headers.items():
            line = f"GET /feeds/all.atom HTTP/1.1\r\nHost: localhost\r\n{header}X-Kind: {kind}\r\n\r\n".encode()
            costs: dict[str, list[float]] = {what: [] for what in servers}
            for _ in range(ROUNDS):
                for what, server in servers.items():
                    costs[what].append(server.cost(line, len(answers[kind.encode()][2])))
            mine, theirs = (statistics.median(costs[what]) for what in ("feedhub", "bare"))
            ratio = statistics.median(b / f for b, f in zip(costs["bare"], costs["feedhub"], strict=True))
            right = right and ratio >= 0.5
            print(f"{kind:<24}{theirs:>10.0f}{mine:>12.0f}{ratio:>8.2f}")
        for server in servers.values():
            server.stop()
        return right


# ---------------------------------------------------------------- documents


def documents() -> bool:
    """What a document costs with one of 100 stories changed: reading, rendering, joining; then each coding."""
    right = True
    print(f"\n{'one of 100 changed':<24}{'build ms':>10}{'gzip ms':>12}  (CPU; bars 10 and 6)")
    for suffix in FORMATS:
        with tempfile.TemporaryDirectory() as folder:
            store = Database.open(f"sqlite:///{folder}/hub.db")
            fill(store, 100)
            hub = library(store, 100)
            asyncio.run(hub.document("all", suffix))
            builds, codings = [], []
            for turn in range(1, 10):
                edit(store, turn, story(turn - 1, version=turn))
                made = hub._documents.current()
                rule = hub._shelf.rules[0]
                coded = _timed(partial(hub._documents.build, made, rule, suffix))
                body = made.documents["all", suffix].plain.body
                coding = _timed(partial(gzip.compress, body, GZIP_LEVEL, mtime=0))
                builds.append(coded - coding)
                codings.append(coding)
            store.close()
        build, coding = statistics.median(builds), statistics.median(codings)
        right = right and build <= 10 and coding <= 6
        print(f"{suffix:<24}{build:>10.1f}{coding:>12.1f}")
    return right


def _timed(work: Callable[[], object]) -> float:
    """Milliseconds of this process's CPU."""
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1000


def large(count: int = 10_000) -> bool:
    """How much memory an output of that many stories takes, over what its bytes are."""
    with tempfile.TemporaryDirectory() as folder:
        store = Database.open(f"sqlite:///{folder}/hub.db")
        fill(store, count)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        hub = library(store, count)
        print(f"\n{count} stories{'':<10}{'MB':>10}{'peak MB':>12}{'CPU s':>8}")
        for suffix in FORMATS:
            spent = _timed(lambda suffix=suffix: asyncio.run(hub.document("all", suffix))) / 1000  # type: ignore[misc]
            found = asyncio.run(hub.document("all", suffix))
            assert found is not None
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
            print(f"{suffix:<24}{len(found.plain.body) / 1e6:>10.1f}{peak:>12.0f}{spent:>8.1f}")
        store.close()
        return peak < 500


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--large", action="store_true", help="an output of 10,000 stories too")
    asked = parser.parse_args()
    right = [requests(), documents(), *([large()] if asked.large else [])]
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
