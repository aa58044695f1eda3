"""What many ask for at once is done a single time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar, cast

from cachetools import LRUCache

T = TypeVar("T")

#: results that are remembered, and how old in seconds one may be without being made anew
_MOST_RESULTS, _FRESH = 16, 0.5


class SharedCalls:
    """Calls under way, by what they are for; used by one event loop."""

    def __init__(self, *, is_on: bool = True) -> None:
        self._is_on = is_on
        self._running: dict[Hashable, asyncio.Task[Any]] = {}

    async def call(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what the call under way for `key` returns, begun if there is none; raise as it does.

        A crowd at one document must not take every thread. Who asked first may go away, and the others wait on.
        """
        if not self._is_on:
            return await work()
        return cast(T, await asyncio.shield(self.begin(key, work)))

    def begin(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[Any]:
        """Return the call under way for `key`, begun if there is none."""
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = asyncio.create_task(work())
            running.add_done_callback(lambda done: self._end(key, done))
        return running

    def _end(self, key: Hashable, done: asyncio.Task[Any]) -> None:
        del self._running[key]
        if not done.cancelled():
            # if nobody waits any more, nobody else looks at it
            done.exception()


class RecentResults:
    """Results that go on to be returned for some seconds while they are made anew: a crowd waits for none of them."""

    def __init__(self, calls: SharedCalls, seconds: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._calls = calls
        self._seconds = seconds
        self._monotonic = monotonic
        #: with when they were made
        self._results: LRUCache[Hashable, tuple[float, Any]] = LRUCache(_MOST_RESULTS)

    async def call(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T | None]]) -> T | None:
        """Return what `work` returned less than `seconds` ago, else what it returns now; None is never kept."""

        async def make() -> T | None:
            result = await work()
            if result is None or not self._seconds:
                self._results.pop(key, None)
            else:
                self._results[key] = (self._monotonic(), result)
            return result

        made_at, result = self._results.get(key, (float("-inf"), None))
        age = self._monotonic() - made_at
        if age >= self._seconds:
            return await self._calls.call(key, make)
        if age >= _FRESH:
            self._calls.begin(key, make)
        return cast(T, result)
