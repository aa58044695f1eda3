"""Manners towards one host: few requests at a time, spaced, and none while it has asked us to wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

#: idle lanes are swept out each time that so many have gathered
_SWEEP = 4096


class Held(Exception):
    """The host has told us to wait; `seconds` are left."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(slots=True)
class Lane:
    """The state of one host."""

    slots: asyncio.Semaphore
    next_at: float = 0.0
    held_until: float = 0.0
    #: requests in flight and waiting
    users: int = field(default=0)


class Gate:
    """Lets `per_host` requests at a time through to each host, their starts `delay` seconds apart."""

    def __init__(self, per_host: int, delay: float) -> None:
        self._per_host = per_host
        self._delay = delay
        self._lanes: dict[str, Lane] = {}

    def hold(self, host: str, seconds: float) -> None:
        """Send nothing to the host for so long; a longer hold stays."""
        lane = self._lane(host)
        lane.held_until = max(lane.held_until, _now() + seconds)

    @asynccontextmanager
    async def lane(self, host: str) -> AsyncIterator[Lane]:
        """Wait for our turn with the host; raises Held if it wants none."""
        lane = self._lane(host)
        lane.users += 1
        try:
            _refuse_if_held(lane)
            async with lane.slots:
                await self._space(lane)
                _refuse_if_held(lane)
                yield lane
        finally:
            lane.users -= 1

    async def _space(self, lane: Lane) -> None:
        start = max(_now(), lane.next_at)
        lane.next_at = start + self._delay
        wait = start - _now()
        if wait > 0:
            await asyncio.sleep(wait)

    def _lane(self, host: str) -> Lane:
        lane = self._lanes.get(host)
        if lane is None:
            if len(self._lanes) % _SWEEP == _SWEEP - 1:
                self._sweep()
            lane = self._lanes[host] = Lane(asyncio.Semaphore(self._per_host))
        return lane

    def _sweep(self) -> None:
        now = _now()
        busy = {h: lane for h, lane in self._lanes.items() if lane.users or max(lane.next_at, lane.held_until) > now}
        self._lanes = busy


def _refuse_if_held(lane: Lane) -> None:
    left = lane.held_until - _now()
    if left > 0:
        raise Held(left)


def _now() -> float:
    return asyncio.get_running_loop().time()
