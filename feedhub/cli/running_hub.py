"""A hub at work under one configuration: what polls, what keeps the outputs, what serves; another may take its place.

The one that takes over stands beside the other until that has ended its polls, as two workers over one database would:
claims, leases and locks keep them apart, so that no poll is lost and no host is asked twice.
"""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress
from typing import Self

import feedhub
from feedhub.allocator import return_free_memory
from feedhub.cli.steady_clock import Clock, SteadyClock, resume
from feedhub.config import Config
from feedhub.daemon import DeliveryJobs, OutputJobs, PeriodicJob, PollJobs, Scheduler
from feedhub.daemon.search_job import SEARCH_SECONDS, index_stories
from feedhub.directory import output_directory
from feedhub.feeds import StoreBackend
from feedhub.fetch import Poster
from feedhub.hub import Hub
from feedhub.serve import ServerSettings
from feedhub.serve.app import App, RequestCounts, create_app
from feedhub.structured_log import structlog

log = structlog.get_logger("feedhub")

#: how long the jobs under way may take once the hub is to end
GRACE_SECONDS = 3
#: how often a hub that is being replaced lets go of the hosts that it has nothing more to ask
_RELEASE_SECONDS = 0.5
#: how often the machine's clock is compared with the database's
_CLOCK_SECONDS = 60
#: how long a page of stories may be shown as it was while it is made anew; browsers are told to keep it for longer
_PAGE_SECONDS = 5.0
#: how often a hub may let go of what settling remembers, cycles are looked for, which stops all threads for tens of
#: milliseconds, and what the allocator keeps of freed memory is returned: a fifth of all
_MEMORY_SECONDS = 60


async def follow_shared_clock(hub: Hub, clock: Clock) -> None:
    """Have a steady clock go by the database's, where several machines may use that; say so where they differ."""
    if isinstance(clock, SteadyClock) and (shared := await asyncio.to_thread(hub.shared_clock)) is not None:
        ahead = clock.follow(shared)
        if ahead is not None:
            log.warning("clocks differ", database_ahead_seconds=round(ahead.total_seconds()))


async def _tidy_memory(hub: Hub) -> None:
    await hub.rest()
    # the collector's own last generation waits for a quarter of all objects that there ever were: 87,000 in cycles
    await asyncio.to_thread(gc.collect)
    await asyncio.to_thread(return_free_memory)


class RunningHub:
    """Everything that one configuration gives rise to; `start` begins the jobs, `drain` or `stop` ends them."""

    def __init__(
        self, config: Config, hub: Hub, clock: SteadyClock, *, own_url: str | None, polls: bool, indexes: bool
    ) -> None:
        self.config = config
        self.hub = hub
        self._polls = polls
        self.base_url = config.server.base_url or own_url or config.server.url
        directory = output_directory(config, hub.identity, self.base_url)
        self._poster = Poster(proxy=config.fetch.proxy, contact=config.contact)
        self.polling = PollJobs(hub, clock)
        self._outputs = OutputJobs(config, hub.store, directory, self._poster.post, clock)
        # who runs the hub names these addresses, so they may be on this machine where `fetch.allow` says so
        self._messenger = Poster(proxy=config.fetch.proxy, contact=config.contact, allow=config.fetch.allow)
        self._deliveries = DeliveryJobs(config, hub.store, directory, self._messenger.send, clock)
        jobs = [*self.polling.jobs, *self._outputs.jobs, *self._deliveries.jobs] if polls else []
        if indexes:
            jobs.append(PeriodicJob(name="search", seconds=SEARCH_SECONDS, work=lambda: index_stories(hub)))
        jobs += [
            PeriodicJob(name="clock", seconds=_CLOCK_SECONDS, work=lambda: follow_shared_clock(hub, clock)),
            PeriodicJob(name="memory", seconds=_MEMORY_SECONDS, work=lambda: _tidy_memory(hub)),
        ]
        self._scheduler = Scheduler(jobs, self._deliveries.database_failed)
        self._backend = StoreBackend(hub.store, directory, clock, floor=config.polling.floor)
        self._clock = clock

    @classmethod
    async def open(cls, config: Config, clock: SteadyClock, *, own_url: str | None, polls: bool, indexes: bool) -> Self:
        """Open the hub over its database; raise EnvironmentFailed, or UsageError where `notify` cannot be served."""
        hub = await asyncio.to_thread(Hub.open, config, clock())
        await follow_shared_clock(hub, clock)
        try:
            resume(clock, await asyncio.to_thread(hub.last_change))
            if polls:
                hub.load()
            return cls(config, hub, clock, own_url=own_url, polls=polls, indexes=indexes)
        except BaseException:
            await hub.__aexit__(None, None, None)
            raise

    def app(self, counts: RequestCounts) -> App:
        """Make the app that serves the outputs; `counts` go on from one configuration to the next."""
        server = self.config.server
        settings = ServerSettings(
            base_url=server.base_url,
            host=server.host,
            hosts=server.hosts,
            admin_token=server.admin_token,
            version=feedhub.__version__,
            title=self.config.title,
            index=server.index,
        )
        return create_app(self._backend, settings, counts=counts, page_seconds=_PAGE_SECONDS)

    async def start(self) -> None:
        """Begin to poll and to keep the outputs, where this process does so."""
        await self._poster.__aenter__()
        await self._messenger.__aenter__()
        self._scheduler.start()
        if self._polls:
            log.info("polling", sources=len(self.config.sources))

    def pause(self) -> None:
        """Begin nothing any more; what is under way goes on."""
        self._scheduler.pause()

    async def drain(self) -> None:
        """End the polls under way, however long they take, then all else: another hub has taken over."""
        self.pause()
        ending = asyncio.create_task(self.polling.drain())
        try:
            while not ending.done():
                with suppress(Exception):
                    await self.hub.release_idle_hosts()
                await asyncio.wait({ending}, timeout=_RELEASE_SECONDS)
            await ending
        finally:
            ending.cancel()
            await self.stop()

    async def stop(self) -> None:
        """Give up what is under way and close everything."""
        self.pause()
        ends = (self._scheduler.stop(grace=GRACE_SECONDS), self.polling.stop(), self._backend.flush())
        await asyncio.gather(*ends, return_exceptions=True)
        await self._deliveries.stop()
        await self._poster.__aexit__(None, None, None)
        await self._messenger.__aexit__(None, None, None)
        await self.hub.__aexit__(None, None, None)
