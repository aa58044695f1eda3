"""The connections of a server: how many there may be, and when each of them ends."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Protocol, cast

from uvicorn.server import ServerState

from feedhub.unix import resource

_SWEEP_SECONDS = 1.0
_MOST_CONNECTIONS, _LEAST_CONNECTIONS = 2_000, 16


class LimitedConnection(Protocol):
    """A connection that knows its time; `deadline` is the loop's time from which `expire` may end it."""

    deadline: float

    def expire(self, now: float) -> None:
        """End what is over its time."""

    def refuse(self, status: HTTPStatus) -> None:
        """Answer in place of the app, and take no more requests."""

    def drop(self) -> None:
        """End the connection at once."""


class Connections(ServerState):
    """The connections of one server: how many there may be, and which of them ask for nothing at present."""

    def __init__(self, limit: int | None = None) -> None:
        super().__init__()
        self.limit = connection_limit() if limit is None else limit
        #: those without a complete request, the longest-waiting first
        self.waiting: dict[LimitedConnection, None] = {}

    async def sweep(self) -> None:
        """End what is over its time, once a second, for good: a timer for each request would cost more than it."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = loop.time()
            # uvicorn adds them, each made by the one protocol that the server has
            for connection in cast("list[LimitedConnection]", list(self.connections)):
                if connection.deadline < now:
                    connection.expire(now)

    def make_room(self, newcomer: LimitedConnection) -> None:
        """Give the place of the connection that has waited longest to a new one, or none where all are busy."""
        oldest = next(iter(self.waiting))
        if oldest is newcomer:
            newcomer.refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            oldest.drop()


def connection_limit() -> int:
    """Return how many connections a server may have: half of the open-file limit, so that polling has the rest."""
    if resource is None:
        return _MOST_CONNECTIONS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    half = _MOST_CONNECTIONS if files == resource.RLIM_INFINITY else files // 2
    return max(_LEAST_CONNECTIONS, min(half, _MOST_CONNECTIONS))
