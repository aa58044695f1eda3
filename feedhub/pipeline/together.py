"""What many polls have ready at once, in one transaction: a commit for each 304 costs as much as its request."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from feedhub.store import Connection, Database
from feedhub.store.claims import LeaseLost

Work = Callable[[Connection], None]
_Waiting = tuple[Work, "asyncio.Future[None]"]
_Result = tuple["asyncio.Future[None]", Exception | None]
#: a transaction of so many polls holds up nobody who waits for the database
_MOST = 64


class Together:
    """Writes in the one thread that writes; each work is done when its transaction is committed."""

    def __init__(self, store: Database, thread: Executor) -> None:
        self._store = store
        self._thread = thread
        self._waiting: deque[_Waiting] = deque()

    async def write(self, work: Work) -> None:
        """Run the work in a shared transaction; raises LeaseLost, which a work raises before it writes anything."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append((work, done))
        if len(self._waiting) == 1:
            # one turn of the loop later: whoever is ready by then comes along
            loop.call_soon(self._start, loop)
        await done

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._thread.submit(self._write, loop)

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST))]
        if not batch:
            return
        try:
            results = self._store.transact(lambda connection: [(d, _tried(w, connection)) for w, d in batch])
        except Exception:
            # whose fault it was shows when each is alone
            results = [self._alone(work, done) for work, done in batch]
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._tell, loop, results)

    def _alone(self, work: Work, done: asyncio.Future[None]) -> _Result:
        try:
            self._store.transact(work)
        except Exception as error:
            return done, error
        return done, None

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


def _tried(work: Work, connection: Connection) -> Exception | None:
    try:
        work(connection)
    except LeaseLost as lost:
        return lost
    return None
