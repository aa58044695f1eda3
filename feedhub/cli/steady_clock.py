"""The time by which the commands work: the machine's, made steady, or one that a person names."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

from feedhub.errors import UsageError

Clock = Callable[[], datetime]

#: who sets a clock back by more repairs it: what it said before is no guide
_REPAIR = timedelta(days=1)
#: how fast time goes while the machine's clock has to catch up
_SLOWLY = 0.5
#: a difference between two machines' clocks that is smaller makes none to a subscriber
_TOLERATED = timedelta(seconds=2)


def wall_clock() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


class SteadyClock:
    """The present instant, which never goes back: where the clock was set back, time goes slowly until that caught up.

    A story that subscribers have had since a moment ago would not be out yet, and nothing due, for as long. Machines
    that share a database go by its clock: what one of them released two hours ahead the others would hide so long.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._last: datetime | None = None
        self._last_tick = 0.0
        #: from the machine's clock to the one that is followed
        self._ahead = timedelta(0)
        self._follows = False

    def __call__(self) -> datetime:
        """Return the present instant, never earlier than the last one returned."""
        with self._lock:
            now, tick = wall_clock() + self._ahead, time.monotonic()
            if self._last is not None:
                least = self._last + timedelta(seconds=(tick - self._last_tick) * _SLOWLY)
                now = least if now < least < now + _REPAIR else now
            self._last, self._last_tick = now, tick
            return now

    def follow(self, instant: datetime) -> timedelta | None:
        """Go by another clock, which says this instant; return how far it is ahead of ours, if that has changed."""
        ahead = instant - wall_clock()
        ahead = timedelta(0) if abs(ahead) < _TOLERATED else ahead
        with self._lock:
            first, self._follows = not self._follows, True
            if abs(ahead - self._ahead) < _TOLERATED:
                return None
            self._ahead = ahead
            if first:
                # what was said before was for ourselves alone: nobody has seen it
                self._last = None
        return ahead

    def reach(self, instant: datetime | None) -> None:
        """Go on from this instant, which another process has written before us."""
        now = self()
        if instant is not None and now < instant < now + _REPAIR:
            with self._lock:
                self._last, self._last_tick = instant, time.monotonic()


def clock_of(text: str | None) -> Clock:
    """Make a clock that stands at an ISO instant (`--now`), or a steady one; raises UsageError if it is none."""
    if text is None:
        return SteadyClock()
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f'--now: expected an instant such as 2026-03-10T18:00:00Z, got "{text}"') from None
    if instant.tzinfo is None:
        raise UsageError(f'--now: "{text}" names no zone; write 2026-03-10T18:00:00Z')
    try:
        stands = instant.astimezone(UTC)
    except OverflowError:
        raise UsageError(f'--now: "{text}" is beyond the years 1 to 9999') from None
    return lambda: stands


def resume(clock: Clock, last: datetime | None) -> datetime:
    """Set the clock on from the last change, unless a person named the instant; returns the present instant."""
    if isinstance(clock, SteadyClock):
        clock.reach(last)
    return clock()
