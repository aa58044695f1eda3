"""The driver of periodic jobs: one table of them, each at its own pace, one run of each at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from msgspec import Struct

from feedhub.errors import EnvironmentFailed, FeedhubError
from feedhub.structured_log import structlog

log = structlog.get_logger("feedhub")

#: how often the machine's clock is looked at, and how far it must have gone back to be told
_CLOCK_SECONDS = 1.0


class PeriodicJob(Struct, frozen=True, kw_only=True):
    """What the daemon does again and again."""

    name: str
    seconds: float
    work: Callable[[], Awaitable[None]]
    #: also as soon as the scheduler starts
    at_start: bool = False


class Scheduler:
    """Runs periodic jobs in the running event loop; one that fails is logged and runs again at its next time."""

    def __init__(self, jobs: Iterable[PeriodicJob], on_refused: Callable[[str], Awaitable[None]] | None = None) -> None:
        self._jobs = tuple(jobs)
        #: hears what the machine refused to a job
        self._on_refused = on_refused
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._running: set[asyncio.Task[Any]] = set()
        self._stopping = False
        self._clock_watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to run the jobs."""
        # A late run is still wanted, once; APScheduler would drop it after a second.
        options = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        for job in self._jobs:
            first = {"next_run_time": datetime.now(UTC)} if job.at_start else {}
            self._scheduler.add_job(self._run, "interval", args=[job], seconds=job.seconds, **first, **options)
        self._scheduler.start()
        self._clock_watch = asyncio.create_task(self._watch_clock())

    def pause(self) -> None:
        """Start no job any more; those that run go on."""
        self._stopping = True
        self._scheduler.pause()
        if self._clock_watch is not None:
            self._clock_watch.cancel()

    async def stop(self, *, grace: float = 0.0) -> None:
        """Start no job any more; give those that run so many seconds to end, then give them up."""
        self.pause()
        if self._running:
            await asyncio.wait(self._running, timeout=grace)
        self._scheduler.shutdown(wait=False)

    async def _run(self, job: PeriodicJob) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            await job.work()
        except asyncio.CancelledError:
            # APScheduler gives its jobs up when it stops, and would log that as their failure.
            if not self._stopping:
                raise
        except FeedhubError as error:
            log.error(f"{job.name} failed", reason=str(error))
            if self._on_refused is not None and isinstance(error, EnvironmentFailed):
                await self._on_refused(str(error))
        except Exception:
            log.exception(f"{job.name} broke")

    async def _watch_clock(self) -> None:
        """Where the machine's clock is set back, wake the jobs, which wait for an instant of the clock as it was."""
        loop = asyncio.get_running_loop()
        ahead = time.time() - loop.time()
        while True:
            await asyncio.sleep(_CLOCK_SECONDS)
            before, ahead = ahead, time.time() - loop.time()
            if ahead < before - _CLOCK_SECONDS:
                log.warning("clock set back", seconds=round(before - ahead))
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))
