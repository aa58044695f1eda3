"""One process among those that settle: it waits for its turn, and judges ahead meanwhile."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from datetime import datetime

from feedhub.pipeline.settle import Settled, Settler
from feedhub.store import Database

#: how often to look whether another process is done settling
TURN_SECONDS = 0.05


class Turn:
    """Settles in the one thread that writes."""

    def __init__(self, settler: Settler, store: Database, thread: Executor) -> None:
        self._settler = settler
        self._store = store
        self._thread = thread
        #: sources that brought news here since we had the turn last
        self.news: set[str] = set()

    async def settle(self, now: datetime, *, wait: bool) -> list[Settled]:
        """Settle all that waits, a batch a transaction; with `wait` even what another process has in hand."""
        done: list[Settled] = []
        loop = asyncio.get_running_loop()
        while True:
            part = await loop.run_in_executor(self._thread, self._settle, now)
            if not part.elsewhere:
                self.news.clear()
            elif self.news:
                news, self.news = self.news, set()
                await loop.run_in_executor(self._thread, self._foresee, news, now)
            elif wait:
                await asyncio.sleep(TURN_SECONDS)
            if part.elsewhere and wait:
                continue
            if part.copies or part.elsewhere:
                done.append(part)
            if not part.copies:
                return done

    def _settle(self, now: datetime) -> Settled:
        return self._store.transact(lambda connection: self._settler.settle(connection, now))

    def _foresee(self, sources: set[str], now: datetime) -> None:
        with self._store.read() as connection:
            self._settler.foresee(connection, sources, now)
