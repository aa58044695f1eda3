"""What many polls have ready at once, in one transaction: a commit for each 304 costs as much as its request."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from typing import Any

from feedhub.store import Connection, Database
from feedhub.store.claims import LeaseLost

Work = Callable[[Connection], None]
#: writes many values of one kind at once and returns those for whose source the lease was lost
WorkForAll = Callable[[Connection, Sequence[Any]], Collection[Any]]
_Waiting = tuple[Work, "asyncio.Future[None]"] | tuple[WorkForAll, "asyncio.Future[None]", Any]
_Result = tuple["asyncio.Future[None]", Exception | None]
#: a transaction of so many polls holds up nobody who waits for the database
_MOST = 64
#: works that can wait are written once there are so many, or after so many seconds: pages that all of them change are
#: written once
_GATHERED, _GATHERING_SECONDS = 8, 0.2


class WriteBatcher:
    """Writes in the one thread that writes; each work is done when its transaction is committed."""

    def __init__(self, store: Database, thread: Executor) -> None:
        self._store = store
        self._thread = thread
        self._waiting: deque[_Waiting] = deque()
        #: until when others may come along
        self._gathering: asyncio.TimerHandle | None = None

    async def write(self, work: Work, *, can_wait: bool = False) -> None:
        """Run the work in a shared transaction; raises LeaseLost, which a work raises before it writes anything.

        `can_wait`: others like it will follow at once, and the thread has something else to do.
        """
        await self._wait((work, self._done()), can_wait=can_wait)

    async def write_all(self, work: WorkForAll, value: object) -> None:
        """Run the work once for this value and all others that wait for it; raises LeaseLost."""
        await self._wait((work, self._done(), value))

    def flush(self) -> None:
        """Begin to write what still waits for others: none will come any more."""
        if self._gathering is not None:
            self._start(asyncio.get_running_loop())

    def _done(self) -> asyncio.Future[None]:
        return asyncio.get_running_loop().create_future()

    async def _wait(self, one: _Waiting, *, can_wait: bool = False) -> None:
        loop = asyncio.get_running_loop()
        self._waiting.append(one)
        if not can_wait or len(self._waiting) >= _GATHERED:
            if len(self._waiting) == 1 or self._gathering is not None:
                self._stop_gathering()
                # one turn of the loop later: whoever is ready by then comes along
                loop.call_soon(self._start, loop)
        elif len(self._waiting) == 1:
            self._gathering = loop.call_later(_GATHERING_SECONDS, self._start, loop)
        await one[1]

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._stop_gathering()
        self._thread.submit(self._write, loop)

    def _stop_gathering(self) -> None:
        if self._gathering is not None:
            self._gathering.cancel()
            self._gathering = None

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST))]
        if not batch:
            return
        try:
            results = self._store.transact(lambda connection: _all(connection, batch))
        except Exception:
            # whose fault it was shows when each is alone
            results = [self._alone(each) for each in batch]
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._tell, loop, results)

    def _alone(self, each: _Waiting) -> _Result:
        try:
            return self._store.transact(lambda connection: _all(connection, [each]))[0]
        except Exception as error:
            return each[1], error

    def _tell(self, loop: asyncio.AbstractEventLoop, results: list[Any]) -> None:
        for done, error in results:
            if done.done():
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)
        if self._waiting:
            self._start(loop)


def _all(connection: Connection, batch: Sequence[_Waiting]) -> list[_Result]:
    """Run a batch: first the values that are written together, then the works one by one; return how each ended."""
    alike: defaultdict[WorkForAll, list[tuple[Any, asyncio.Future[None]]]] = defaultdict(list)
    for each in batch:
        if len(each) == 3:
            alike[each[0]].append((each[2], each[1]))
    results: list[_Result] = []
    for work, values in alike.items():
        lost = work(connection, [value for value, _ in values])
        results += [(done, LeaseLost() if value in lost else None) for value, done in values]
    return results + [(each[1], _tried(each[0], connection)) for each in batch if len(each) == 2]


def _tried(work: Work, connection: Connection) -> Exception | None:
    try:
        work(connection)
    except LeaseLost as lost:
        return lost
    return None
