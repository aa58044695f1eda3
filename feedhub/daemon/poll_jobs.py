"""Polling as periodic jobs: one tick claims what is due; polls run beside it; what came is settled soon after.

Never one job a source: the source's row is the queue, so that due times survive restarts and many processes share them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING

from feedhub.daemon.scheduler import PeriodicJob
from feedhub.errors import EnvironmentFailed
from feedhub.hub import Hub
from feedhub.hub.hub import LEASE, PAGES, RENEWALS
from feedhub.ingest import Outcome, SourceReport
from feedhub.store.claims import Claim
from feedhub.store.pages import PageClaim
from feedhub.structured_log import structlog

if TYPE_CHECKING:
    from feedhub.settle.settler import SettleResult

log = structlog.get_logger("feedhub")

TICK_SECONDS = 1
#: how soon after a poll its copies are settled: a changed story is served within a second, in a burst within three
SETTLE_SECONDS = 0.5
#: for how many of those looks copies may wait for the others of a burst: each settling composes stories anew that have
#: a copy more, and a first round settled document by document takes a fifth more CPU
_GATHER = 4
PURGE_SECONDS = 3_600
#: polls are counted in memory until then
COUNT_SECONDS = 10
#: a source whose poll could not be stored is free again after so long, or after its floor: sooner than its lease ends,
#: not so soon that it is asked again and again while the disk is full
AGAIN_SECONDS = 60
#: so many looks for something to settle are left out while we read nothing: a worker that died may have left something
_IDLE = 20


class PollJobs:
    """Polls, settles and purges a hub; `stop` gives open polls up and returns their claims."""

    def __init__(self, hub: Hub, clock: Callable[[], datetime]) -> None:
        self._hub = hub
        self._clock = clock
        self._polls: dict[asyncio.Task[None], Claim] = {}
        self._pages: dict[asyncio.Task[None], PageClaim] = {}
        #: claims whose polls could not be stored, and when to give them back by the loop's clock
        self._unstored: list[tuple[float, Claim]] = []
        #: held while claims become polls: a stop must not fall between them
        self._ticking = asyncio.Lock()
        self._stopping = False
        self._draining = False
        self._waiting = True
        self._idle = 0
        polling = hub.config.polling
        #: of one host only what it can take until the next look: the others are not to wait behind it
        self._each = polling.per_host + 1 + ceil(TICK_SECONDS / max(polling.host_delay.total_seconds(), 0.01))

    @property
    def jobs(self) -> tuple[PeriodicJob, ...]:
        """List the jobs with their paces."""
        return (
            PeriodicJob(name="claim", seconds=TICK_SECONDS, work=self._tick, at_start=True),
            PeriodicJob(name="renewal", seconds=LEASE.total_seconds() / RENEWALS, work=self._hub.renew),
            PeriodicJob(name="settle", seconds=SETTLE_SECONDS, work=self._settle),
            PeriodicJob(name="purge", seconds=PURGE_SECONDS, work=self._purge),
            PeriodicJob(name="count", seconds=COUNT_SECONDS, work=self._count),
        )

    def wake(self) -> None:
        """Settle soon: another hub of this process may have left something."""
        self._waiting = True

    async def drain(self) -> None:
        """Claim nothing any more and let the open polls end; what they brought waits to be settled by another."""
        async with self._ticking:
            self._draining = True
        while tasks := [*self._polls, *self._pages]:
            await asyncio.wait(tasks)

    async def stop(self) -> None:
        """Give up open polls and return their claims; what waits is settled by the next start."""
        self._stopping = True
        self._hub.interrupt()
        async with self._ticking:
            claims, unread = (
                [*self._polls.values(), *(claim for _, claim in self._unstored)],
                list(self._pages.values()),
            )
            for task in [*self._polls, *self._pages]:
                task.cancel()
            await asyncio.gather(*self._polls, *self._pages, return_exceptions=True)
        try:
            await self._hub.release(claims)
            await self._hub.release_pages(unread)
            await self._count()
        except EnvironmentFailed as error:
            log.error("stop failed", reason=str(error))

    async def _tick(self) -> None:
        async with self._ticking:
            if not self._stopping and not self._draining:
                await self._claim()
                await self._claim_pages()

    async def _claim_pages(self) -> None:
        for claim in await self._hub.claim_pages(self._clock(), limit=PAGES - len(self._pages)):
            task = asyncio.create_task(self._read_page(claim), name=f"page {claim.wanted.url}")
            self._pages[task] = claim
            task.add_done_callback(self._pages.pop)

    async def _read_page(self, claim: PageClaim) -> None:
        try:
            await self._hub.read_page(claim, self._clock())
        except EnvironmentFailed as error:
            log.error("page not stored", source=claim.source, reason=str(error))
        except Exception:
            log.exception("page broke", source=claim.source)
        self._waiting = True

    async def _claim(self) -> None:
        polling = self._hub.config.polling
        free = max(polling.concurrency - len(self._polls), 0)
        await self._give_back()
        for claim in await self._hub.claim(self._clock(), limit=free, each=self._each):
            task = asyncio.create_task(self._poll(claim), name=f"poll {claim.source}")
            self._polls[task] = claim
            task.add_done_callback(self._polls.pop)

    async def _give_back(self) -> None:
        now = asyncio.get_running_loop().time()
        over = [claim for when, claim in self._unstored if when <= now]
        if over:
            await self._hub.release(over)
            self._unstored = [each for each in self._unstored if each[1] not in over]

    async def _poll(self, claim: Claim) -> None:
        try:
            report = await self._hub.poll(claim, self._clock())
        except EnvironmentFailed as error:
            log.error("poll not stored", source=claim.source, reason=str(error))
            wait = min(self._hub.config.polling.floor.total_seconds(), AGAIN_SECONDS)
            self._unstored.append((asyncio.get_running_loop().time() + wait, claim))
            return
        except Exception:
            log.exception("poll broke", source=claim.source)
            return
        self._waiting = self._waiting or bool(report.new or report.edited)
        _tell(report)

    async def _settle(self) -> None:
        self._idle += 1
        if not self._waiting and self._idle < _IDLE:
            return
        if self._hub.is_reading and self._idle < _GATHER:
            return
        self._waiting, self._idle = False, 0
        try:
            unfinished = await self._hub.settle_as(_tell_events, self._clock, gather=True)
            self._waiting = self._waiting or any(unfinished)
        except EnvironmentFailed:
            self._waiting = True
            raise

    async def _count(self) -> None:
        await self._hub.save_counts(self._clock())

    async def _purge(self) -> None:
        gone = await self._hub.purge(self._clock())
        if gone.stories or gone.copies:
            log.info("purged", stories=gone.stories, copies=gone.copies)


def _tell_events(part: SettleResult) -> bool:
    """Log what a batch did, and remember nothing of it but whether more may wait."""
    for event in part.events:
        log.info(event.kind, **event.fields())
    return part.locked or bool(part.copies)


def _tell(report: SourceReport) -> None:
    facts = {"source": report.source, "entries": report.entries, "new": report.new, "edited": report.edited}
    if report.outcome is Outcome.FAILED:
        log.warning("source failed", source=report.source, reason=report.remark)
    elif report.outcome is Outcome.STOPPED:
        log.warning("source stopped", source=report.source, reason=report.remark)
    elif report.outcome is Outcome.READ:
        log.info("source read", **facts, **({"remark": report.remark} if report.remark else {}))
    else:
        log.debug("source unchanged", source=report.source)
