"""Slots for work that is done a few at a time: of what waits, the shortest begins next."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count


class ShortestFirst:
    """Give slots to those who wait by the size of their work (shortest job first; Conway, Maxwell and Miller 1967).

    Hundreds of small documents so wait for the few large ones that are under way, not for all that came before them.
    """

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._order = count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    @property
    def all_taken(self) -> bool:
        """Whether who comes now would have to wait."""
        return not self._free

    @asynccontextmanager
    async def slot(self, size: int) -> AsyncIterator[None]:
        """Wait for a slot and have it for the block; `size` is in bytes, or in whatever all who wait are measured."""
        if self._free > 0:
            self._free -= 1
        else:
            await self._wait(size)
        try:
            yield
        finally:
            self._give_back()

    async def _wait(self, size: int) -> None:
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (size, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # it came in the same moment: the next one has it
                self._give_back()
            raise

    def _give_back(self) -> None:
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
