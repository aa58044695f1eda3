"""One process among those that settle: it waits for its turn, and judges ahead meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from typing import TypeVar

from feedhub.settle.settler import Settler, SettleResult
from feedhub.store import Database

#: how often to look whether another process is done settling
RETRY_SECONDS = 0.05

T = TypeVar("T")


class SettleLoop:
    """Settles in the one thread that writes."""

    def __init__(self, settler: Settler, store: Database, thread: Executor) -> None:
        self._settler = settler
        self._store = store
        self._thread = thread
        #: sources that brought news here since we had the turn last
        self.fresh_sources: set[str] = set()

    async def settle(self, now: datetime, *, wait: bool) -> list[SettleResult]:
        """Settle all that waits, a batch a transaction; with `wait` even what another process has in hand."""
        done: list[SettleResult] = []
        while True:
            if bool(self.fresh_sources) and await self._run(self._store.is_write_locked):
                await self._judge_ahead(now)
            part = await self._run(lambda: self._settle(now))
            if not part.locked:
                self.fresh_sources.clear()
            elif self.fresh_sources:
                await self._judge_ahead(now)
            elif wait:
                await asyncio.sleep(RETRY_SECONDS)
            if part.locked and wait:
                continue
            if part.copies or part.locked:
                done.append(part)
            if not part.copies:
                return done

    def _settle(self, now: datetime) -> SettleResult:
        return self._store.transact(lambda connection: self._settler.settle(connection, now))

    async def _judge_ahead(self, now: datetime) -> None:
        news, self.fresh_sources = self.fresh_sources, set()

        def look() -> None:
            with self._store.read() as connection:
                self._settler.judge_ahead(connection, news, now)

        await self._run(look)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
