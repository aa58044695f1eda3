"""One process among those that settle: it waits for its turn, and judges ahead meanwhile."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TypeVar

from feedhub.allocator import return_free_memory
from feedhub.errors import EnvironmentFailed
from feedhub.model import Story
from feedhub.settle.interruption import SettleInterrupted
from feedhub.settle.isolation import settle_isolated
from feedhub.settle.settler import BATCH, Settler, SettleResult
from feedhub.store import Connection, Database, locks
from feedhub.store.counts import Tally
from feedhub.store.database_errors import is_damaged_row
from feedhub.store.settle_queue import ROUND_SHARE, SHARE
from feedhub.structs import replace

#: how often to look whether another process is done settling
RETRY_SECONDS = 0.05

#: a statement whose rows nobody takes for so long is a frozen process's
FROZEN_SECONDS = 60.0
#: batches after which what the allocator keeps of freed memory is returned
TRIM_EVERY = 4

S = TypeVar("S")
T = TypeVar("T")

log = logging.getLogger("feedhub.settle")


def _end_frozen(connection: Connection) -> bool:
    return locks.end_frozen(connection, locks.SETTLE, FROZEN_SECONDS)


class SettleLoop:
    """Settles in the one thread that writes."""

    def __init__(self, settler: Settler, store: Database, thread: Executor, tally: Tally | None = None) -> None:
        self._settler = settler
        self._tally = tally or Tally()
        self._store = store
        self._thread = thread
        #: sources that brought news here since we had the turn last
        self.fresh_sources: set[str] = set()
        self._ending = False
        #: something was settled since `rest` was called last; it is remembered what that was
        self._has_settled = self._remembers = False
        #: since when another has had the lock at every look, by the monotonic clock
        self._locked_since: float | None = None

    def interrupt(self) -> None:
        """End the batch under way and settle nothing any more: the process is about to end, and what waits waits on."""
        self._ending = True
        self._settler.interruption.interrupt()

    async def settle(self, now: datetime, *, wait: bool) -> list[SettleResult]:
        """Settle all that waits, a batch a transaction; with `wait` even what another process has in hand."""
        return await self.settle_as(_without_texts, lambda: now, wait=wait)

    async def settle_as(
        self,
        summarise: Callable[[SettleResult], S],
        clock: Callable[[], datetime],
        *,
        wait: bool,
        more_comes: Callable[[], bool] = lambda: False,
    ) -> list[S]:
        """Do the same, and return of each batch only what `summarise` makes of it: there may be hundreds.

        Each happens when the clock says: a settling may take minutes, and others note what they change meanwhile.
        Where `more_comes`, a batch that is not full is the last: there would be one for each document that is read.
        """
        done: list[S] = []
        batches = 0
        # who waits for all does not wait for one source's
        share = ROUND_SHARE if wait else SHARE
        if not self._ending:
            # what interrupted an earlier settling that was cancelled does not concern this one
            self._settler.interruption.clear()
        while True:
            now = clock()
            if bool(self.fresh_sources) and await self._run(self._store.is_write_locked):
                await self._judge_ahead(now)
            part = await self._settle_batch(clock, share)
            if part.copies:
                batches += 1
                if batches % TRIM_EVERY == 0:
                    await self._run(return_free_memory)
            await self._watch_lock(part.locked)
            if not part.locked:
                self.fresh_sources.clear()
            elif self.fresh_sources:
                await self._judge_ahead(now)
            elif wait:
                await asyncio.sleep(RETRY_SECONDS)
            if part.locked and wait:
                continue
            if part.copies or part.locked:
                done.append(summarise(part))
            if not part.copies or (part.copies < BATCH and more_comes()):
                if batches >= TRIM_EVERY:
                    await self._run(self._forget)
                return done

    async def _settle_batch(self, clock: Callable[[], datetime], share: int) -> SettleResult:
        """Settle a batch, and count how long that took."""
        began = time.perf_counter()
        part = await self._run(partial(self._settle, clock, share))
        if part.copies:
            self._has_settled = self._remembers = True
            self._tally.observe("settle_seconds", time.perf_counter() - began)
        return part

    async def rest(self) -> None:
        """Let go of what the next settlings would use, where there was none since the last call."""
        if self._remembers and not self._has_settled:
            await self._run(self._forget)
        self._has_settled = False

    async def forget(self) -> None:
        """Let go of what is remembered for the next settlings."""
        await self._run(self._settler.forget)

    def _forget(self) -> None:
        """Let go of what a large round needed."""
        self._remembers = False
        self._settler.forget()
        gc.collect()
        return_free_memory()

    def _settle(self, clock: Callable[[], datetime], share: int) -> SettleResult:
        try:
            # at the time at which others can no longer write
            return self._store.transact(lambda connection: self._settler.settle(connection, clock(), share=share))
        except SettleInterrupted:
            return SettleResult()
        except MemoryError:
            raise
        except Exception as bug:
            if isinstance(bug, EnvironmentFailed) and not is_damaged_row(bug):
                raise
            # one copy's fault must not cost the others their settling
            with suppress(SettleInterrupted):
                return settle_isolated(self._settler, self._store, clock(), bug)
            return SettleResult()

    async def _watch_lock(self, locked: bool) -> None:
        """Where another has the lock for very long, see whether it is frozen: or nothing would be settled any more."""
        now = time.monotonic()
        if not locked:
            self._locked_since = None
        elif self._locked_since is None:
            self._locked_since = now
        elif now - self._locked_since > FROZEN_SECONDS:
            self._locked_since = now
            if await self._run(lambda: self._store.transact(_end_frozen)):
                log.warning("a process that was frozen while it settled has lost its turn; nothing of it was written")

    async def _judge_ahead(self, now: datetime) -> None:
        news, self.fresh_sources = self.fresh_sources, set()

        def look() -> None:
            try:
                with suppress(SettleInterrupted), self._store.read() as connection:
                    self._settler.judge_ahead(connection, news, now)
            except (EnvironmentFailed, MemoryError):
                raise
            except Exception:
                # whichever copy it is, settling meets it too, and sets it aside
                log.debug("judging ahead broke", exc_info=True)

        await self._run(look)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except asyncio.CancelledError:
            # the thread would go on, and whoever waits for it with it
            self._settler.interruption.interrupt()
            raise


def _without_texts(result: SettleResult) -> SettleResult:
    """Return a result whose stories hold no text: a first settling changes tens of thousands."""
    return replace(result, changed=tuple((_light(now), before and _light(before)) for now, before in result.changed))


def _light(story: Story) -> Story:
    return replace(story, html=None, summary=None, media=(), related=(), provenance={})
