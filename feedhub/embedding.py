"""`feedhub.Hub`: a hub inside another program, with or without an event loop of its own.

open     configuration -> a hub over its database
poll     sources that are due -> rows that wait
settle   rows that wait -> stories, articles' pages read where they decide
stories  what subscribers would see
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from feedhub.config import Config, load
from feedhub.hub import Hub, SourceReport, changed_stories
from feedhub.hub.whole_round import read_pages, run_all
from feedhub.model import Story
from feedhub.store import story_bodies

#: stories read in one query
_PAGE = 500


class EmbeddedHub:
    """A hub to poll and to read from, in an event loop; `PlainHub` is the same for programs without one.

    One hub may be open over a database in any number of processes. Nothing is polled that is not due, unless
    `everything` is said.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @classmethod
    def open(cls, config: str | Path | Config) -> EmbeddedHub:
        """Open a hub by the path of its configuration; raises ConfigError, and EnvironmentFailed for its database."""
        made = config if isinstance(config, Config) else load(Path(config))
        return cls(Hub.open(made, datetime.now(UTC)))

    async def poll(self, *, everything: bool = False) -> tuple[SourceReport, ...]:
        """Poll the sources that are due, and tell how each did; a source that fails never raises."""
        now = datetime.now(UTC)
        claimed = await self._hub.claim(now, limit=max(len(self._hub.sources), 1), everything=everything)
        limit = asyncio.Semaphore(self._hub.config.polling.concurrency)
        waiting = {claim.source: claim for claim in claimed}

        async def one(source: str) -> SourceReport:
            async with limit:
                claim = waiting.pop(source)
                return await self._hub.poll(claim, now)

        try:
            return tuple(await run_all(one(claim.source) for claim in claimed))
        finally:
            # what was not begun is given back, for this process or another
            if waiting:
                await asyncio.shield(self._hub.release(list(waiting.values())))

    async def settle(self) -> tuple[Story, ...]:
        """Make stories of all that waits; return those that are new or say something else."""
        now = datetime.now(UTC)
        await read_pages(self._hub, now)
        settled = await self._hub.settle(now, wait=True)
        while await read_pages(self._hub, now):
            settled += await self._hub.settle(now, wait=True)
        return changed_stories(settled)

    def stories(self) -> Iterator[Story]:
        """Return every story that there is, the oldest first."""
        with self._hub.store.read() as connection:
            for page in story_bodies.live(connection, page=_PAGE):
                yield from (story for _, story in page)

    async def close(self) -> None:
        """Close the database and the connections."""
        await self._hub.__aexit__(None, None, None)

    async def __aenter__(self) -> EmbeddedHub:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class PlainHub:
    """The same without `async`: each call runs to its end. Open, use and close it in one thread."""

    def __init__(self, config: str | Path | Config) -> None:
        """Open a hub; raises ConfigError and EnvironmentFailed."""
        self._runner = asyncio.Runner()
        try:
            self._hub = self._runner.run(_opened(config))
        except BaseException:
            self._runner.close()
            raise

    @classmethod
    def open(cls, config: str | Path | Config) -> PlainHub:
        """Open a hub by the path of its configuration; raises ConfigError and EnvironmentFailed."""
        return cls(config)

    def poll(self, *, everything: bool = False) -> tuple[SourceReport, ...]:
        """Poll the sources that are due, and tell how each did."""
        return self._runner.run(self._hub.poll(everything=everything))

    def settle(self) -> tuple[Story, ...]:
        """Make stories of all that waits; return those that are new or say something else."""
        return self._runner.run(self._hub.settle())

    def stories(self) -> Iterator[Story]:
        """Return every story that there is, the oldest first."""
        return self._hub.stories()

    def close(self) -> None:
        """Close the database and the connections."""
        try:
            self._runner.run(self._hub.close())
        finally:
            self._runner.close()

    def __enter__(self) -> PlainHub:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


async def _opened(config: str | Path | Config) -> EmbeddedHub:
    return EmbeddedHub.open(config)
