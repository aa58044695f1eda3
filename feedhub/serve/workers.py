"""Threads for what would hold the event loop, and no more calls waiting for them than can be answered soon."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from feedhub.errors import EnvironmentFailed

P = ParamSpec("P")
T = TypeVar("T")

#: the polls have the event loop's own threads; these may all be busy with what strangers ask for
THREADS, MOST_WAITING = 4, 200


class Overloaded(EnvironmentFailed):
    """More was asked for than can be answered soon."""


class Workers:
    """A few threads of their own; `run` raises Overloaded where too many calls wait for one."""

    def __init__(self, threads: int = THREADS, *, most_waiting: int = MOST_WAITING) -> None:
        self._pool = ThreadPoolExecutor(threads, "feedhub-serve")
        self._most = threads + most_waiting
        self._calls = 0

    async def run(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call in a thread; return or raise as the call does."""
        if self._calls >= self._most:
            raise Overloaded("more requests than can be answered at present")
        self._calls += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: call(*args, **kwargs))
        finally:
            self._calls -= 1
