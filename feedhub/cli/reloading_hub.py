"""The hub at work in this process, under a configuration that another may replace while it serves and polls."""

from __future__ import annotations

import asyncio
import gc
from functools import partial
from pathlib import Path

from msgspec import Struct

from feedhub.cli.reload import Signatures, differences, is_same, signatures, with_fixed_settings
from feedhub.cli.running_hub import RunningHub
from feedhub.cli.steady_clock import SteadyClock
from feedhub.config import Config, load
from feedhub.serve.app import ReplaceableApp, RequestCounts
from feedhub.structured_log import structlog

log = structlog.get_logger("feedhub")

#: bytes that remain in cycles of a replaced hub, and of each of its sources
_OF_HUB, _OF_SOURCE = 250_000, 1_000
#: bytes of remains from which on they are looked for. To look through what is frozen writes to every page of it, and so
#: ends what two processes share: as much
_REMAINS = 15_000_000


class Replacement(Struct, frozen=True, kw_only=True):
    """A configuration that is to replace the running one."""

    config: Config
    #: settings that changed and that only a restart can change
    fixed: tuple[str, ...]
    #: how many sources and feeds came, went or are other
    differences: dict[str, int]
    #: whether it means what the running one means
    is_same: bool


class ReloadingHub:
    """The hub at work, and those that it has replaced and that end their polls."""

    #: what serves the hub at work, whichever that is
    app: ReplaceableApp

    def __init__(self, path: Path, read: Signatures, *, own_url: str | None, polls: bool, indexes: bool) -> None:
        """Make the hub; `indexes`: this process takes stories into the search index, whether it polls or not."""
        self._path = path
        #: the configuration's files before they were read last
        self.read = read
        self._own_url = own_url
        self._polls = polls
        self._indexes = indexes
        self._clock = SteadyClock()
        self._counts = RequestCounts()
        self._ending: set[asyncio.Task[None]] = set()
        #: bytes that replaced hubs have left
        self._remains = 0

    @property
    def config(self) -> Config:
        """Return the configuration that is at work."""
        return self._hub.config

    @property
    def base_url(self) -> str:
        """Return the address below which everything is served."""
        return self._hub.base_url

    async def open(self, config: Config) -> None:
        """Open the hub; raise what `RunningHub.open` raises."""
        self._hub = await self._open(config)
        self.app = ReplaceableApp(self._hub.app(self._counts))
        # what lives as long as the process need not be looked through by every collection: with 10,000 sources that
        # stops the event loop for 150 ms each time
        _freeze()

    async def start(self) -> None:
        """Begin to poll and to keep the outputs, where this process does so."""
        await self._hub.start()

    async def read_again(self) -> Replacement:
        """Read the configuration's files again; raise ConfigError where they have mistakes."""
        running = self._hub.config
        self.read = await asyncio.to_thread(signatures, running.files)
        new, fixed = with_fixed_settings(await asyncio.to_thread(load, self._path), running)
        same = is_same(new, running)
        return Replacement(config=new, fixed=fixed, differences=differences(new, running), is_same=same)

    async def replace(self, replacement: Replacement) -> None:
        """Have the hub under another configuration take over; the running one ends its polls."""
        if replacement.is_same:
            # the files that it was read from may be others
            self._hub.config = replacement.config
            return
        running, new = self._hub, await self._open(replacement.config)
        self._hub = new
        self.app.app = new.app(self._counts)
        running.pause()
        await new.start()
        ending = asyncio.create_task(running.drain())
        self._ending.add(ending)
        ending.add_done_callback(partial(self._ended, running))

    def pause(self) -> None:
        """Begin nothing any more; what is under way goes on."""
        self._hub.pause()
        for task in self._ending:
            task.cancel()

    async def stop(self) -> None:
        """Give up what is under way and close everything."""
        self.pause()
        await asyncio.gather(self._hub.stop(), *self._ending, return_exceptions=True)

    async def _open(self, config: Config) -> RunningHub:
        return await RunningHub.open(
            config, self._clock, own_url=self._own_url, polls=self._polls, indexes=self._indexes
        )

    def _ended(self, ended: RunningHub, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        self._hub.polling.wake()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("reload failed", reason=str(error))
        self._remains += _OF_HUB + _OF_SOURCE * len(ended.config.sources)
        if self._remains > _REMAINS:
            self._remains = 0
            gc.unfreeze()
        _freeze()


def _freeze() -> None:
    gc.collect()
    gc.freeze()
