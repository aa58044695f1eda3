"""What a daemon does for its outputs beside polling: keeping them in order, telling hubs, listening to hubs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from feedhub.config import Config
from feedhub.daemon.scheduler import PeriodicJob
from feedhub.directory import OutputDirectory
from feedhub.feeds.output_maintenance import OutputMaintenance, watched_targets
from feedhub.feeds.websub_publisher import WebSubPublisher
from feedhub.feeds.websub_subscriber import PostForm, subscribe
from feedhub.store import Database
from feedhub.structured_log import structlog

log = structlog.get_logger("feedhub")

MAINTENANCE_SECONDS = 0.5
#: how often hubs are looked after, and the sources' health
SUBSCRIBE_SECONDS = 60.0
WATCH_SECONDS = 300.0


class OutputJobs:
    """Maintains the outputs of a hub, tells WebSub hubs what changed, asks for subscriptions, watches the sources."""

    def __init__(
        self, config: Config, store: Database, directory: OutputDirectory, post: PostForm, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._clock = clock
        self._post = post
        self._maintenance = OutputMaintenance(store, directory, config.sources, watched_targets(config))
        self._publisher = WebSubPublisher(store, directory, post, _give_up)
        #: hubs can only reach a callback whose address was configured
        self._callback = config.server.base_url

    @property
    def jobs(self) -> tuple[PeriodicJob, ...]:
        """List the jobs with their paces."""
        return (
            PeriodicJob(name="maintenance", seconds=MAINTENANCE_SECONDS, work=self.maintain, at_start=True),
            PeriodicJob(name="subscription", seconds=SUBSCRIBE_SECONDS, work=self.subscribe, at_start=True),
            PeriodicJob(name="watch", seconds=WATCH_SECONDS, work=self.watch, at_start=True),
        )

    async def maintain(self) -> None:
        """Keep the outputs in order, then tell the hubs what changed."""
        await asyncio.to_thread(self._maintenance.run, self._clock())
        await self._publisher.ping(self._clock())

    async def subscribe(self) -> None:
        """Ask the hubs that are due."""
        if self._callback:
            await subscribe(self._store, self._post, self._callback, self._clock())

    async def watch(self) -> None:
        """Begin and end the conditions of the sources."""
        await asyncio.to_thread(self._maintenance.check_sources, self._clock())


def _give_up(hub: str, topic: str, reason: str) -> None:
    log.warning("ping given up", hub=hub, topic=topic, reason=reason)
