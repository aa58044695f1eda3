"""A newsroom run by real processes that are killed, frozen and cut off, and a look at what they leave."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import random
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing import forkserver
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import forked_parsers
import structlog
from hubs import NOON, Newsroom, item
from msgspec import Struct, field
from sqlalchemy import Engine, Pool, event, text

from feedhub.admin.verify import problems
from feedhub.config import Config
from feedhub.daemon import PollJobs, Scheduler, poll_jobs
from feedhub.directory import output_directory
from feedhub.feeds import OutputMaintenance, StoreBackend
from feedhub.hub import Hub, hub
from feedhub.model import ArticlePage, Feed, Fetched, ParseFailed
from feedhub.parse.parser_pool import ParserPool
from feedhub.store import Database, copies, locks, transfer
from feedhub.store import engine as store_engine

#: children are forked from a process that has everything imported: a start takes a tenth of a second
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["faults", "psycopg", "alembic.command", "uvloop", "warmed_forkserver"])

forked_parsers.use()

#: how often a worker takes what others have in hand
ROBBERIES = 5
WORDS = (
    "harbour ferry council bridge winter engine market school doctor orchard station railway bakery garden window "
    "captain teacher painter miner sailor farmer lantern whistle ribbon barrel basket kettle saddle hammer needle "
    "opened closed repaired painted borrowed counted measured delayed promised refused carried gathered launched "
    "northern southern wooden copper silver narrow crowded silent early rainy distant broken hidden famous empty"
).split()


def prose(number: int, length: int = 120) -> list[str]:
    """A text of its own for a number, in paragraphs."""
    chance = random.Random(number)
    sentences = [" ".join(chance.choices(WORDS, k=15)).capitalize() + f" near {number}." for _ in range(length // 15)]
    return [" ".join(sentences[n : n + 3]) for n in range(0, len(sentences), 3)]


def story_item(source: str, number: int, *, edited: bool = False) -> dict[str, Any]:
    """One paper's copy of a story: its own headline, the text of all."""
    chance = random.Random(f"{source} {number}")
    headline = " ".join(chance.choices(WORDS, k=6)).capitalize()
    told = prose(number)
    if edited:
        told = [*told, f"The council later added that {number + 7} people had come to the {chance.choice(WORDS)}."]
    return item(f"{source}-{number}", headline, *told, url=f"https://{source}.example/{number}")


def papers(room: Newsroom, names: list[str], stories: int) -> None:
    """Every paper runs every story."""
    for name in names:
        room.source(name)
        room.serve(name, *(story_item(name, number) for number in range(stories)))


class Fault(Struct, frozen=True, kw_only=True, dict=True):
    """What befalls a process, and when."""

    #: killed before its statement of this number
    statement: int | None = None
    #: killed after so many seconds of work
    seconds: float | None = None
    #: frozen while it polls its source of this number, until somebody thaws it
    frozen: int | None = None
    #: frozen while it reads its article page of this number
    frozen_page: int | None = None
    #: frozen within a transaction, before its statement of this number
    frozen_within: int | None = None
    #: a SQLite file that may not have more pages than this
    pages: int | None = None

    def arm(self) -> None:
        """Have it happen in this process."""
        if self.seconds is not None:
            threading.Timer(self.seconds, die).start()
        if self.statement is not None:
            _at(self.statement, die, "before_cursor_execute", "commit")
        if self.frozen is not None:
            _while_polling(self.frozen)
        if self.frozen_page is not None:
            _while_reading(self.frozen_page, Transactions())
        if self.frozen_within is not None:
            _at(self.frozen_within, freeze, "before_cursor_execute")
        if self.pages is not None:
            limit = f"PRAGMA max_page_count = {self.pages}"
            event.listen(Engine, "begin", lambda connection: connection.connection.cursor().execute(limit))


def _at(number: int, what: Callable[[], None], *names: str) -> None:
    """Have something happen once, at the event of this number."""
    left = iter(range(number + 1))

    def count(*_: Any) -> None:
        if next(left, None) == number:
            what()

    for name in names:
        event.listen(Engine, name, count)


def _while_polling(number: int) -> None:
    left = iter(range(number + 1))
    parse = ParserPool.parse_fetched

    async def slowly(pool: ParserPool, fetched: Fetched) -> Feed | ParseFailed:
        if next(left, None) == number:
            freeze()
        return await parse(pool, fetched)

    ParserPool.parse_fetched = slowly  # type: ignore[method-assign, assignment]


class Transactions:
    """The connections to SQLite in use in this process: from before a transaction begins until it has ended."""

    def __init__(self) -> None:
        self._open = 0
        self._changed = threading.Condition()
        # not by the events of transactions: that of a commit comes before it
        event.listen(Pool, "checkout", lambda connection, *_: self._count(connection, 1))
        event.listen(Pool, "checkin", lambda connection, *_: self._count(connection, -1))

    def _count(self, connection: object, more: int) -> None:
        if isinstance(connection, sqlite3.Connection):
            with self._changed:
                self._open += more
                self._changed.notify()

    def freeze_between(self) -> None:
        """Freeze while none of them is open: no other process can take SQLite's lock from one that lives."""
        with self._changed:
            self._changed.wait_for(lambda: not self._open)
            freeze()


def _while_reading(number: int, transactions: Transactions) -> None:
    left = iter(range(number + 1))
    extract = ParserPool.extract

    async def slowly(pool: ParserPool, fetched: Fetched) -> ArticlePage | ParseFailed:
        if next(left, None) == number:
            transactions.freeze_between()
        return await extract(pool, fetched)

    ParserPool.extract = slowly  # type: ignore[method-assign, assignment]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def freeze() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def is_frozen(process: multiprocessing.process.BaseProcess) -> bool:
    """Whether the process was stopped and not continued."""
    try:
        return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except FileNotFoundError:
        return False


def whole_round(config: Config, now: datetime, fault: Fault) -> None:
    """One round and all that follows it, as `feedhub once` does."""
    # The dead leave leases; what waits for their end is another test's.
    hub.LEASE = timedelta(0)
    if fault.frozen_within is not None or fault.frozen_page is not None:
        store_engine.IDLE_SECONDS = 1.0

    async def run() -> None:
        async with Hub.open(config, now) as opened:
            fault.arm()
            await opened.round(now, everything=True)
            await opened.purge(now)
            OutputMaintenance(opened.store, output_directory(config, opened.identity), opened.sources.values()).run(now)

    asyncio.run(run())


def open_only(url: str, fault: Fault) -> None:
    """Bring a database's tables up to date, and nothing else."""
    fault.arm()
    Database.open(url).close()


def move_only(origin: str, target: str, fault: Fault) -> None:
    """Move a hub from one database to another."""
    fault.arm()
    transfer.move(origin, target)


def freeze_while_rows_come(url: str, patience: float) -> None:
    """Have the turn, and freeze while the server has more rows for us than the network holds."""
    with _driver_that_settles(url, patience) as driver:
        for _ in driver.cursor().stream("SELECT repeat('row ', 250) FROM generate_series(1, 100000)"):
            freeze()


def freeze_while_rows_go(url: str, patience: float) -> None:
    """Have the turn, and freeze while the server waits for the rest of the rows that we send."""
    with _driver_that_settles(url, patience) as driver, driver.pipeline() as pipeline, driver.cursor() as cursor:
        cursor.execute("SELECT 1")
        pipeline._conn.pgconn.send_flush_request()
        pipeline._conn.pgconn.flush()
        freeze()


@contextmanager
def _driver_that_settles(url: str, patience: float) -> Iterator[Any]:
    """The driver's connection of a transaction that has the turn to settle."""
    store_engine.IDLE_SECONDS = patience
    store = Database.open(url)
    with store.write() as connection:
        assert locks.take(connection, locks.SETTLE)
        yield connection.connection.driver_connection


def worker(config: Config, crowd: Barrier, now: datetime, lease: float = 300) -> None:
    """Claim, poll and settle until nothing is due: a daemon without its clock. With a lease of 0 all take from all,
    a few times each: for ever, and nobody who reads for longer than the others claim would come to an end.

    The whole crowd has its first claims before anybody polls; statements are slow: what could come between, does.
    """
    hub.LEASE = timedelta(seconds=lease)
    chance = random.Random(os.getpid())
    event.listen(Engine, "before_cursor_execute", lambda *_: time.sleep(chance.random() * 0.02))

    async def run() -> None:
        async with Hub.open(config, now) as opened:
            held = await opened.claim(now, limit=1)
            await asyncio.to_thread(crowd.wait)
            for again in count(1):
                for claim in held:
                    await opened.poll(claim, now)
                await opened.settle(now)
                if again == ROBBERIES:
                    hub.LEASE = timedelta(minutes=5)
                held = await opened.claim(now, limit=1)
                if not held:
                    break
            await opened.settle(now, wait=True)

    asyncio.run(run())


def daemon(config: Config, lease: float) -> None:
    """Poll as `feedhub worker` does, until SIGTERM; leases last so many seconds."""
    hub.LEASE = poll_jobs.LEASE = timedelta(seconds=lease)  # type: ignore[attr-defined]
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

    async def run() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        async with Hub.open(config, datetime.now(UTC)) as opened:
            polling = PollJobs(opened, lambda: datetime.now(UTC))
            scheduler = Scheduler(polling.jobs)
            scheduler.start()
            await stop.wait()
            scheduler.pause()
            await polling.stop()
            await scheduler.stop()

    asyncio.run(run())


def child(work: Callable[..., None], *arguments: Any) -> multiprocessing.process.BaseProcess:
    """Start it in a process of its own."""
    # The server of forks imports before it is told where from; the environment is all it has by then.
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    try:
        forkserver.ensure_running()
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before
    process = processes.Process(target=work, args=arguments)
    process.start()
    return process


class Seen(Struct, frozen=True, dict=True):
    """What a hub's database holds, as far as subscribers and operators care."""

    files: dict[str, bytes] = field(default_factory=dict)
    #: entry -> the story that it is in
    entries: dict[tuple[str, str], str] = field(default_factory=dict)
    joined: int = 0
    waiting: int = 0
    problems: list[str] = field(default_factory=list)


def see(config: Config, now: datetime = NOON) -> Seen:
    """Look at a hub's database."""
    store = Database.open(config.database)
    try:
        with store.read() as connection:
            entries = copies.tags_by_entry(connection)
            joined = connection.execute(text("SELECT count(*) FROM story WHERE state = 'joined'")).scalar_one()
            wrong = transfer.damage(connection) + problems(connection)
            waiting = connection.execute(text("SELECT count(*) FROM copy WHERE pending")).scalar_one()
        library = StoreBackend(
            store, output_directory(config, config.identity or "", "http://hub.example"), lambda: now
        )
        return Seen({name: body.joined() for name, body in library.files(now)}, entries, joined, waiting, wrong)
    finally:
        store.close()


def stories_of(entries: dict[tuple[str, str], str]) -> set[frozenset[tuple[str, str]]]:
    """The entries, grouped by story."""
    groups: dict[str, set[tuple[str, str]]] = {}
    for entry, tag in entries.items():
        groups.setdefault(tag, set()).add(entry)
    return {frozenset(members) for members in groups.values()}


def newsroom(folder: Path, names: list[str], stories: int) -> Newsroom:
    """A newsroom whose papers run the same stories."""
    folder.mkdir(exist_ok=True)
    room = Newsroom(folder)
    papers(room, names, stories)
    return room
