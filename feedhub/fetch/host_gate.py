"""Manners towards one host: few requests at a time, spaced, and none while it has asked us to wait.

Where many processes poll, one at a time leases a host: its lane is open while the lease lasts, and asked for otherwise.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from msgspec import Struct, field

#: idle lanes are swept out each time that so many have gathered
_SWEEP = 4096
#: a host must be leased for the longest time that one request may take, in seconds
_MARGIN = 30.0
#: how often a lease is had anew before a request that waits for its turn; one shorter than the wait is never enough
_REGAINED = 3


class HostBackoff(Exception):
    """No request may go to the host; after `seconds` it may be tried again."""

    why = "the host told us to wait"

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class LeasedElsewhere(HostBackoff):
    """Another process leases this host."""

    why = "another worker asks this host just now"


class HostLane(Struct):
    """The state of one host."""

    slots: asyncio.Semaphore
    next_at: float = 0.0
    blocked_until: float = 0.0
    #: until when this process leases the host, where hosts are shared with other processes
    leased_until: float = 0.0
    #: requests in flight and waiting
    users: int = field(default=0)

    @property
    def idle_after(self) -> float:
        """Return the moment from which the lane is as good as a new one, by the loop's clock."""
        return max(self.next_at, self.blocked_until, self.leased_until)


class HostGate:
    """Lets `per_host` requests at a time through to each host, `delay` seconds apart.

    A request starts `delay` after the last one started, and after the last answer began: what a connection took to
    be made is no part of the pause that the host sees.
    """

    def __init__(self, per_host: int, delay: float) -> None:
        self._per_host = per_host
        self._delay = delay
        self._lanes: dict[str, HostLane] = {}
        self._backoffs: dict[str, float] = {}
        self._ask: Callable[[str], Awaitable[None]] | None = None

    def share(self, ask: Callable[[str], Awaitable[None]]) -> None:
        """Send requests only to hosts that this process leases; `ask` opens one, or raises LeasedElsewhere."""
        self._ask = ask

    def open(self, host: str, *, until: float, rest: float = 0.0) -> None:
        """Open a host's lane until then (the loop's clock); its next request starts in `rest` seconds or later."""
        lane = self._lane(host)
        lane.leased_until = until
        lane.next_at = max(lane.next_at, _now() + min(rest, self._delay))

    def shut(self, host: str) -> None:
        """Close a host's lane: its lease is given up."""
        self._lane(host).leased_until = 0.0

    def busy(self, host: str) -> bool:
        """Whether requests to a host are in flight or wait for their turn."""
        return host in self._lanes and self._lanes[host].users > 0

    def block(self, host: str, seconds: float) -> None:
        """Send nothing to the host for so many seconds; a longer block stays."""
        lane = self._lane(host)
        lane.blocked_until = max(lane.blocked_until, _now() + seconds)

    def back_off(self, host: str, seconds: float) -> None:
        """Leave a host alone for so many seconds, as it has just asked, and remember that for `take_backoffs`."""
        self.block(host, seconds)
        self._backoffs[host] = seconds

    def take_backoffs(self) -> list[tuple[str, float]]:
        """Return what hosts asked for since the last call, as (host, seconds)."""
        backoffs, self._backoffs = self._backoffs, {}
        return list(backoffs.items())

    @asynccontextmanager
    async def lane(self, host: str) -> AsyncIterator[HostLane]:
        """Wait until a request to the host may start; raise HostBackoff where it wants none."""
        lane = self._lane(host)
        lane.users += 1
        try:
            _refuse_if_blocked(lane)
            async with lane.slots:
                await self._lease(host, lane, _MARGIN)
                await self._space(lane)
                # A process may be frozen while it waits; whoever had the host meanwhile may have asked it just now.
                for _ in range(_REGAINED):
                    if not await self._lease(host, lane, 0.0):
                        break
                    await self._space(lane)
                _refuse_if_blocked(lane)
                yield lane
        finally:
            lane.users -= 1

    async def _lease(self, host: str, lane: HostLane, margin: float) -> bool:
        """Have the host for `margin` seconds or longer; return whether it had to be asked for."""
        if self._ask is None or lane.leased_until >= _now() + margin:
            return False
        await self._ask(host)
        return True

    async def _space(self, lane: HostLane) -> None:
        while (wait := lane.next_at - _now()) > 0:
            await asyncio.sleep(wait)
        self.rest(lane)

    def rest(self, lane: HostLane) -> None:
        """Let no request to the lane's host start before its delay has passed from now on."""
        lane.next_at = max(lane.next_at, _now() + self._delay)

    def _lane(self, host: str) -> HostLane:
        lane = self._lanes.get(host)
        if lane is None:
            if len(self._lanes) % _SWEEP == _SWEEP - 1:
                self._sweep()
            lane = self._lanes[host] = HostLane(asyncio.Semaphore(self._per_host))
        return lane

    def _sweep(self) -> None:
        now = _now()
        busy = {h: lane for h, lane in self._lanes.items() if lane.users or lane.idle_after > now}
        self._lanes = busy


def _refuse_if_blocked(lane: HostLane) -> None:
    remaining = lane.blocked_until - _now()
    if remaining > 0:
        raise HostBackoff(remaining)


def _now() -> float:
    return asyncio.get_running_loop().time()
