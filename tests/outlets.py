"""A real hub over files, as subscribers meet it: settled by the pipeline, kept by the keeper, served on loopback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
from commands import PATIENCE
from hubs import NOON, Newsroom

from feedhub.daemon.search_job import index_stories
from feedhub.directory import output_directory
from feedhub.feeds import OutputMaintenance, StoreBackend
from feedhub.hub import Hub, RoundReport
from feedhub.serve import ServerSettings
from feedhub.serve.app import create_app
from feedhub.serve.server import listen, serve
from feedhub.store import Database

FLOWERS = "aster borage clover daisy erica foxglove gentian heather iris jasmine knapweed lupin mallow nettle".split()
VERBS = "opened closed sold mended painted moved counted flooded".split()


def words(number: int) -> str:
    """A text of its own for a story number: no two share a run of words."""
    picked = [f"{FLOWERS[(number + k * 3) % len(FLOWERS)]}{number * 31 + k}" for k in range(40)]
    return " ".join(picked).capitalize() + f" {VERBS[number % len(VERBS)]}."


def plain_item(number: int, *, minute: int | None = None, **more: Any) -> dict[str, Any]:
    """An unmistakable story as one JSON Feed item."""
    when = NOON + timedelta(minutes=-60 + (number if minute is None else minute))
    return {
        "id": f"item-{number}",
        "url": f"https://paper.example/{number}",
        "title": f"The {FLOWERS[number % len(FLOWERS)]} of {number} {words(number)[:24]}",
        "content_html": f"<p>{words(number)}</p><p>{words(number + 5000)}</p>",
        "date_published": when.isoformat(),
        **more,
    }


class Stand:
    """A newsroom that is served: rounds are told, and what subscribers get is asked over HTTP."""

    def __init__(self, room: Newsroom) -> None:
        self.room = room
        self.now = NOON

    def round(self, hours: float = 0) -> RoundReport:
        """One round with all that follows it."""
        self.now = NOON + timedelta(hours=hours)

        async def run() -> RoundReport:
            async with Hub.open(self.room.config, self.now) as hub:
                report = await hub.round(self.now, everything=True)
                await hub.purge(self.now)
                OutputMaintenance(
                    hub.store, output_directory(self.room.config, hub.identity), hub.sources.values()
                ).run(self.now)
                await index_stories(hub)
                return report

        return asyncio.run(run())

    @contextmanager
    def served(
        self,
        settings: ServerSettings | None = None,
        *,
        recheck: float = 0,
        base: str | None = None,
        floor: timedelta = timedelta(0),
    ) -> Iterator[httpx.Client]:
        """A client of the running server; rounds may be told meanwhile. `base`: where the documents say they are."""
        store = Database.open(self.room.config.database)
        listener = listen("127.0.0.1", 0)
        identity = self.room.config.identity or ""
        directory = output_directory(self.room.config, identity, base or listener.url)
        backend = StoreBackend(store, directory, self.clock, recheck=recheck, floor=floor)
        loop = asyncio.new_event_loop()
        stop = asyncio.Event()
        app = create_app(backend, settings or ServerSettings(), self.clock)

        async def run() -> None:
            await serve(app, listener, stop)
            await backend.flush()

        thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
        thread.start()
        try:
            with httpx.Client(base_url=listener.url, trust_env=False, timeout=PATIENCE) as client:
                yield client
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(10)
            loop.close()
            store.close()

    def clock(self) -> datetime:
        return self.now + timedelta(minutes=1)
