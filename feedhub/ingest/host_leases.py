"""The hosts that this process has to itself just now: got with claims and by redirects, let go when done with.

claim -> terms -> the client's lanes, open until the lease ends -> nothing left to ask -> let go
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta
from functools import partial
from typing import Protocol, TypeVar
from uuid import uuid4

from feedhub.fetch import HostGate, LeasedElsewhere
from feedhub.store import Connection, claims, hosts
from feedhub.store.claims import Claim, Claimant
from feedhub.store.dialect import clock

#: a host of many sources is let go after so long: others may be redirected to it
_SHARE_SECONDS = 60.0
#: how long a redirect waits for a host that another process has, how often it looks, and when the poll is tried again
_PATIENCE_SECONDS, _LOOK_SECONDS, _AGAIN_SECONDS = 20.0, 0.5, 60.0


T = TypeVar("T")


class Write(Protocol):
    """Runs a transaction in the hub's writer."""

    def __call__(self, work: Callable[[Connection], T], /) -> Awaitable[T]:
        """Run `work` and return what it returns."""


class HostLeases:
    """What this process has in hand of each host, and until when."""

    def __init__(self, gate: HostGate, write: Write, delay: timedelta) -> None:
        self.name = uuid4().hex
        self._gate = gate
        self._write = write
        self._delay = delay
        #: source -> its host, while we have it claimed
        self._claimed: dict[str, str | None] = {}
        #: host -> since when it is ours
        self._held_since: dict[str, float] = {}

    def claimant(self, each: int | None, without: Collection[str]) -> Claimant:
        """Return what to claim as, with no more of a host than `each`."""
        count = Counter(host for host in self._claimed.values() if host is not None)
        crowded = {host for host in count if each is not None and count[host] >= each}
        long = {host for host, since in self._held_since.items() if _now() - since > _SHARE_SECONDS} if each else set()
        return Claimant(name=self.name, each=each, full=frozenset(crowded | long | set(without)))

    def add(self, taken: Sequence[Claim], asked: float, lease: timedelta) -> None:
        """Add claimed sources and their hosts; `asked` is when the claim was begun, by the loop's clock."""
        for claim in taken:
            self._claimed[claim.source] = claim.host
            if claim.host is not None:
                self._open(claim.host, claim.terms, asked, lease)

    def discard(self, sources: Collection[str]) -> None:
        """Drop sources that are no longer claimed."""
        for source in sources:
            self._claimed.pop(source, None)

    def close_idle(self) -> tuple[list[str], list[str]]:
        """Close the hosts that no claimed source needs; return them, and those of them that others may want first."""
        wanted = set(self._claimed.values())
        idle = [host for host in self._held_since if host not in wanted and not self._gate.busy(host)]
        long = [host for host in idle if _now() - self._held_since[host] > _SHARE_SECONDS]
        for host in idle:
            del self._held_since[host]
            self._gate.shut(host)
        return idle, long

    def release(self, connection: Connection, idle: Collection[str]) -> None:
        """Write down that these hosts are free."""
        if idle:
            hosts.release(connection, idle, owner=self.name, at=clock(connection), rest=self._delay)

    async def renew(self, lease: timedelta) -> None:
        """Renew all leases for another whole lease, and release what is needed no more."""
        asked = _now()
        idle, _ = self.close_idle()
        claimed = list(self._claimed)
        # Not all that the store has under our name: one that it could not be told of is free when its lease ends.
        ours = list(self._held_since)

        def write(connection: Connection) -> list[str]:
            self.release(connection, idle)
            at = clock(connection)
            claims.renew(connection, claimed, at=at, lease=lease)
            return hosts.renew(connection, ours, owner=self.name, at=at, lease=lease)

        for host in await self._write(write):
            if host in self._held_since:
                self._gate.open(host, until=asked + lease.total_seconds())

    async def acquire(self, host: str, lease: timedelta) -> None:
        """Have a host that a redirect leads to, or whose lease ran out; raises Elsewhere while another has it."""
        for _ in range(int(_PATIENCE_SECONDS / _LOOK_SECONDS)):
            asked = _now()
            terms = await self._write(partial(_visit, host, self.name, lease))
            if terms is not None:
                self._open(host, terms, asked, lease)
                return
            await asyncio.sleep(_LOOK_SECONDS)
        raise LeasedElsewhere(_AGAIN_SECONDS)

    async def share_pauses(self, pauses: Collection[tuple[str, float]]) -> None:
        """Have other processes obey what hosts have told us: to be left alone for so many seconds."""
        for host, seconds in pauses:
            await self._write(partial(_hold, host, timedelta(seconds=seconds)))

    def _open(self, host: str, terms: hosts.HostTerms, asked: float, lease: timedelta) -> None:
        self._held_since.setdefault(host, asked)
        self._gate.open(host, until=asked + lease.total_seconds(), rest=terms.rest.total_seconds())
        if terms.pause:
            self._gate.block(host, terms.pause.total_seconds())


def _visit(host: str, owner: str, lease: timedelta, connection: Connection) -> hosts.HostTerms | None:
    return hosts.visit(connection, host, owner=owner, at=clock(connection), lease=lease)


def _hold(host: str, pause: timedelta, connection: Connection) -> None:
    hosts.pause(connection, host, clock(connection) + pause)


def _now() -> float:
    return asyncio.get_running_loop().time()
