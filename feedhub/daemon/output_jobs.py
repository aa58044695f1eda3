"""What a daemon does for its outputs beside polling: keeping them in order, telling hubs, listening to hubs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from feedhub.config import Config
from feedhub.directory import OutputDirectory
from feedhub.errors import FeedhubError
from feedhub.feeds.maintenance import Keeper
from feedhub.feeds.websub_publisher import Publisher
from feedhub.feeds.websub_subscriber import Post, subscribe
from feedhub.store import Database

log = logging.getLogger("feedhub.outputs")

TEND_SECONDS = 0.5
#: how often hubs are looked after, and the sources' health
SUBSCRIBE_SECONDS = 60.0
WATCH_SECONDS = 300.0


class Chores:
    """All of them, each at its own pace; one that fails is tried again at its next turn."""

    def __init__(
        self, config: Config, store: Database, shelf: OutputDirectory, post: Post, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._clock = clock
        self._post = post
        self._keeper = Keeper(store, shelf, config.sources)
        self._publisher = Publisher(store, shelf, post)
        #: hubs can only reach a callback whose address was configured
        self._callback = config.server.base_url

    async def run(self, stop: asyncio.Event) -> None:
        """Do them until `stop` is set."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._every(TEND_SECONDS, self.tend, stop))
            group.create_task(self._every(SUBSCRIBE_SECONDS, self.subscribe, stop))
            group.create_task(self._every(WATCH_SECONDS, self.watch, stop))

    async def tend(self) -> None:
        """Keep the outputs in order, then tell the hubs what changed."""
        await asyncio.to_thread(self._keeper.tend, self._clock())
        await self._publisher.ping(self._clock())

    async def subscribe(self) -> None:
        """Ask the hubs that are due."""
        if self._callback:
            await subscribe(self._store, self._post, self._callback, self._clock())

    async def watch(self) -> None:
        """See how the sources do."""
        await asyncio.to_thread(self._keeper.watch, self._clock())

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await work()
            except FeedhubError as error:
                log.error("%s failed: %s", work.__name__, error)
            except Exception:
                log.exception("%s broke", work.__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), seconds)
