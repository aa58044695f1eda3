"""What many ask for at once is done a single time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar, cast

T = TypeVar("T")


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
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = asyncio.create_task(work())
            running.add_done_callback(lambda done: self._end(key, done))
        return cast(T, await asyncio.shield(running))

    def _end(self, key: Hashable, done: asyncio.Task[Any]) -> None:
        del self._running[key]
        if not done.cancelled():
            # if nobody waits any more, nobody else looks at it
            done.exception()
