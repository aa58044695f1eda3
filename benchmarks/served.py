"""What the serving benchmark stands on: a store full of stories, a backend, servers that tell what CPU they use."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import insert, update

from feedhub.codec import dump
from feedhub.directory import OutputDirectory
from feedhub.feeds import StoreBackend
from feedhub.feeds.current_documents import RECHECK_SECONDS
from feedhub.model import EntryKey, OutputRule, Publisher, Relation, Story, StoryCopy
from feedhub.serve import ServerSettings
from feedhub.serve.app import create_app
from feedhub.serve.server import listen, serve
from feedhub.store import Database, database
from feedhub.store.tables import output_entry
from feedhub.store.tables import story as table

NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)
IDENTITY = "bench.test,2026"
REQUESTS = 3_000
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
            connection.execute(
                insert(output_entry).values(output="all", story=number + 1, entered_at=at, archived=False)
            )


def _said(made: Story, change: int) -> dict[str, object]:
    return {"body": dump(made), "change": change, "released": made.released, "updated": made.updated}


def edit(store: Database, number: int, made: Story) -> None:
    """A story says something else."""
    with store.write() as connection:
        said = _said(made, database.next_change(connection, NOON))
        connection.execute(update(table).where(table.c.id == number).values(**said))


def backend(store: Database, limit: int, *, always: bool = True) -> StoreBackend:
    """Over an output of at most so many; `always`: it looks for changes at every question, not now and then."""
    directory = OutputDirectory(
        identity=IDENTITY,
        base_url="http://bench.test",
        rules=(OutputRule(name="all", limit=limit),),
        retention=timedelta(days=30),
    )
    clock = partial(datetime.__add__, NOON, timedelta(days=1))
    return StoreBackend(store, directory, clock, recheck=0.0 if always else RECHECK_SECONDS)


def bare(answers: Answers) -> Callable[..., Any]:
    """An ASGI app that sends the same bytes and does nothing else."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        status, headers, body = answers[dict(scope["headers"])[b"x-kind"]]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def _serving(what: str, folder: str, answers: Answers, pipe: Connection) -> None:
    store = Database.open(f"sqlite:///{folder}/hub.db")
    app = bare(answers) if what == "bare" else create_app(backend(store, 100, always=False), ServerSettings())

    async def run() -> None:
        listener = listen("127.0.0.1", 0)
        pipe.send(listener.port)
        stop = asyncio.Event()
        asyncio.get_running_loop().add_reader(pipe.fileno(), lambda: _asked(pipe, stop))
        await serve(app, listener, stop)

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
        with socket.socket() as wire:
            # room for a whole answer: a writer that has to wait costs more, and how often it does is chance
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * size + (1 << 16))
            wire.settimeout(10)
            wire.connect(self._address)
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


def cpu_ms(work: Callable[[], object]) -> float:
    """Milliseconds of this process's CPU."""
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1000
