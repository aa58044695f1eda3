"""The invented newsroom in three rounds, served by a real hub to real readers: what they had after each."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from commands import PATIENCE
from feedrules import FAULTS
from subscribers import Look, Subscriber

from feedhub.admin import decide
from feedhub.demo import EVENING, MORNING, DemoOrigin, load
from feedhub.demo.play import config
from feedhub.directory import output_directory
from feedhub.feeds import StoreBackend, maintain
from feedhub.hub import Hub
from feedhub.model import OutputRule, Rights, Story, Tombstone
from feedhub.serve import ServerSettings
from feedhub.serve.app import create_app
from feedhub.serve.server import listen, serve
from feedhub.store import Database, copies, stories
from feedhub.structs import replace

OUTPUTS = (
    OutputRule(name="all", limit=500),
    OutputRule(name="covered", min_copies=3),
    OutputRule(name="fair", per_outlet=2, limit=40),
    OutputRule(name="paged", limit=20),
    OutputRule(name="ferries", words=("ferr*", "ferry")),
)
NIGHT = EVENING + timedelta(hours=3)


@dataclass
class Round:
    """What the hub had and what subscribers got after one round."""

    stories: dict[str, Story]
    gone: dict[str, Tombstone]
    #: the truth's name of each story: the story's id, by where its entries are
    true: dict[str, set[str]]
    #: path -> body
    documents: dict[str, bytes] = field(default_factory=dict)
    #: by the reader's name
    looks: dict[str, Look] = field(default_factory=dict)


#: morning, evening, and a night in which one story is killed, one merged and every right lowered
Rounds = tuple[Round, Round, Round]


def play(folder: Path, subscribe: Callable[[str], Mapping[str, Subscriber]]) -> Rounds:
    """All rounds; `subscribe` is told the address of the feed."""
    world = load()
    with DemoOrigin(world) as origin:
        made = replace(config(world, origin, folder), feeds=OUTPUTS)
        listener = listen("127.0.0.1", 0)
        clock = [MORNING]
        with Served(made, listener, clock):
            readers = subscribe(f"{listener.url}/feeds/all.atom")
            done = []
            for part, now in (("morning", MORNING), ("evening", EVENING)):
                origin.part, clock[0] = part, now  # type: ignore[assignment]
                asyncio.run(_round(made, now))
                done.append(_look(made, world.truth, part, listener.url, readers))
            clock[0] = NIGHT
            lowered = tuple(replace(source, rights=Rights.HEADLINE) for source in made.sources)
            asyncio.run(_round(replace(made, sources=lowered), NIGHT))
            _end_two(made)
            last = _look(made, world.truth, "evening", listener.url, readers)
            for reader in readers.values():
                reader.close()
            return done[0], done[1], last


def _end_two(made: Any) -> None:
    """A person kills one story and finds two to be one."""
    store = Database.open(made.database)
    with store.read() as connection:
        killed, one, other = (row.tag for row in stories.live(connection)[:3])
    decide.decide(store, made, lambda c: decide.kill(c, killed, reason="a bad night", now=NIGHT), NIGHT)
    decide.decide(store, made, lambda c: decide.merge(c, one, other, reason=None, now=NIGHT), NIGHT)
    store.close()


async def _round(made: Any, now: datetime) -> None:
    async with Hub.open(made, now) as hub:
        await hub.round(now, everything=True)
        maintain(made, hub.store, hub.identity, now)


def _look(made: Any, truth: Any, part: str, url: str, readers: Mapping[str, Subscriber]) -> Round:
    store = Database.open(made.database)
    with store.read() as connection:
        live = {row.tag: row.body for row in stories.live(connection) if row.body is not None}
        gone = {stone.id: stone for stone in stories.tombstones(connection, "all", since=MORNING)}
        found = copies.tags_by_entry(connection)
    store.close()
    true: dict[str, set[str]] = {}
    for row in truth:
        if (name := getattr(row, part)) is not None:
            true.setdefault(name, set()).add(found[row.source, row.guid])
    seen = Round(stories=live, gone=gone, true=true)
    with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE) as client:
        for rule in OUTPUTS:
            for suffix in FAULTS:
                path = f"/feeds/{rule.name}.{suffix}"
                seen.documents[path] = client.get(path).content
        for query in ("?page=2", "?archive=1"):
            seen.documents[f"/feeds/paged.atom{query}"] = client.get(f"/feeds/paged.atom{query}").content
    seen.looks = {name: reader.look() for name, reader in readers.items()}
    return seen


class Served:
    """The hub's server in a thread, over the rounds' database."""

    def __init__(self, made: Any, listener: Any, clock: list[datetime]) -> None:
        self._store = Database.open(made.database)
        self._backend = StoreBackend(
            self._store, output_directory(made, made.identity, listener.url), lambda: clock[0], recheck=0
        )
        self._loop, self._stop = asyncio.new_event_loop(), asyncio.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._run(listener)), daemon=True)

    async def _run(self, listener: Any) -> None:
        await serve(create_app(self._backend, ServerSettings()), listener, self._stop)
        await self._backend.flush()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._loop.close()
        self._store.close()
