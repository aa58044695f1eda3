"""The hub: its sources, its store and its clients, and the rounds that it runs over them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from feedhub.allocator import return_free_memory
from feedhub.config import Config
from feedhub.errors import EnvironmentFailed
from feedhub.fetch import HostGate
from feedhub.hub import opening
from feedhub.hub.round_report import RoundReport, SettleSummary, summarise_settling
from feedhub.hub.whole_round import run_round
from feedhub.ingest.host_leases import HostLeases
from feedhub.ingest.source_report import SourceReport
from feedhub.ingest.write_batcher import WriteBatcher
from feedhub.model import Fulltext
from feedhub.settle.rules import rules_of
from feedhub.store import Connection, Database, claims, counts, database, pages, retention, settle_queue, stories
from feedhub.store.claims import Claim
from feedhub.store.counts import Tally
from feedhub.store.dialect import clock
from feedhub.store.pages import PageClaim
from feedhub.store.poller_lock import PollerLock

if TYPE_CHECKING:
    from feedhub.hub.intake import Intake
    from feedhub.settle.settle_loop import SettleLoop
    from feedhub.settle.settler import SettleResult

T = TypeVar("T")

log = logging.getLogger("feedhub.hub")

#: a claim outlives the longest fetch, parse and write by far
LEASE = timedelta(minutes=5)
#: claims that are in hand are renewed so often in a lease
RENEWALS = 4
#: articles' pages under way at once
PAGES = 16


class Hub:
    """Polls what is due and settles what came; open it with `async with`."""

    def __init__(self, config: Config, store: Database, identity: str) -> None:
        self.config = config
        self.store = store
        self.identity = identity
        self.sources = {source.id: source for source in config.sources}
        self.rules = rules_of(config, identity)
        self._gate = HostGate(config.polling.per_host, config.polling.host_delay.total_seconds())
        self._presence = PollerLock(config.database)
        # reads documents, writes and settles: Python runs one thread at a time, and two that compute lose a quarter of
        # the CPU to waking each other
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="worker")
        self._tally = Tally()
        #: sources that another process has brought in, and of which the log has been told
        self._unknown: set[str] = set()
        self._wants_pages = any(source.fulltext is not Fulltext.NEVER for source in config.sources)
        self._host_leases = HostLeases(self._gate, self._in_worker, config.polling.host_delay)
        self._gate.share(lambda host: self._host_leases.acquire(host, LEASE))
        self._batcher = WriteBatcher(store, self._worker)
        # made when first needed: a round in which nothing is due pays for neither
        self._made_intake: Intake | None = None
        self._made_settle_loop: SettleLoop | None = None

    @property
    def _intake(self) -> Intake:
        if self._made_intake is None:
            from feedhub.hub.intake import Intake

            self._made_intake = Intake(
                self.config, self.store, self._gate, self._host_leases, self._batcher, self._worker, self._tally
            )
        return self._made_intake

    @property
    def _settle_loop(self) -> SettleLoop:
        if self._made_settle_loop is None:
            from feedhub.settle.settle_loop import SettleLoop
            from feedhub.settle.settler import Settler

            self._made_settle_loop = SettleLoop(Settler(self.rules), self.store, self._worker, self._tally)
        return self._made_settle_loop

    def load(self) -> None:
        """Make all parts that are else made when first needed: for those who poll for long."""
        self._intake.load()
        _ = self._settle_loop

    @classmethod
    def open(cls, config: Config, now: datetime) -> Hub:
        """Open a hub over its database, brought up to date with the configuration; raise EnvironmentFailed."""
        store = Database.open(config.database)

        def prepare(connection: Connection) -> str:
            # a machine whose clock is ahead must not have its sources wait until the others' have caught up
            return opening.prepare(connection, config, min(now, clock(connection)))

        return cls(config, store, store.transact(prepare))

    async def __aenter__(self) -> Hub:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._made_intake is not None:
            await self._made_intake.close_client()
        # What a lost database does not let us give back, it gives away itself when the leases end.
        with suppress(EnvironmentFailed):
            await self.release_idle_hosts()
        if self._made_intake is not None:
            await self._made_intake.close()
        self._batcher.flush()
        self._worker.shutdown(wait=True)
        self._presence.leave()
        self.store.close()
        # jobs and leases refer to the hub and it to them: what is large must not wait until someone looks for cycles
        self._made_intake = self._made_settle_loop = None

    async def round(
        self, now: datetime, *, everything: bool = False, progress: Callable[[SourceReport], None] | None = None
    ) -> RoundReport:
        """Run one round over the sources that are due (`everything`: over all), then settle all that waits."""
        return await run_round(self, now, everything=everything, progress=progress or (lambda report: None))

    async def claim(
        self, now: datetime, *, limit: int, everything: bool = False, each: int | None = None
    ) -> list[Claim]:
        """Take up to `limit` due sources for this process, of one host no more than `each` at a time."""
        asked = asyncio.get_running_loop().time()
        idle, long = self._host_leases.close_idle()
        by = self._host_leases.claimant(each, long)

        def take() -> list[Claim]:
            with self._presence.entering() as alone:
                return self.store.transact(lambda connection: take_as(connection, alone))

        def take_as(connection: Connection, alone: bool) -> list[Claim]:
            if alone:
                claims.void(connection)
                pages.void(connection)
            self._host_leases.release(connection, idle)
            at = clock(connection)
            return claims.claim(connection, now=now, at=at, lease=LEASE, limit=limit, everything=everything, by=by)

        taking = asyncio.get_running_loop().run_in_executor(self._worker, take)
        try:
            taken = await asyncio.shield(taking)
        except asyncio.CancelledError:
            # The thread claims all the same, and nobody else would give it back.
            self._host_leases.add(await taking, asked, LEASE)
            await self.release(await taking)
            raise
        self._host_leases.add(taken, asked, LEASE)
        return await self._known(taken)

    async def _known(self, taken: list[Claim]) -> list[Claim]:
        """Give back what another process, whose configuration is newer, has brought in."""
        unknown = [each for each in taken if each.source not in self.sources]
        if unknown:
            if news := sorted({each.source for each in unknown} - self._unknown):
                self._unknown.update(news)
                log.warning("sources unknown", extra={"number": len(news), "source": news[0]})
            await self.release(unknown)
        return [each for each in taken if each.source in self.sources]

    async def renew(self) -> None:
        """Keep what is in hand from running out; hosts that nothing is left to ask are let go."""
        await self._host_leases.renew(LEASE)

    async def renew_until_done(self) -> None:
        """Do so again and again, until cancelled."""
        while True:
            await asyncio.sleep(LEASE.total_seconds() / RENEWALS or 1)
            # Whoever writes next tells what is wrong with the database.
            with suppress(EnvironmentFailed):
                await self.renew()

    async def poll(self, claimed: Claim, now: datetime) -> SourceReport:
        """Take one claimed source as far as its rows; never raises for what the source did."""
        began = time.perf_counter()
        try:
            report = await self._intake.poller.poll(claimed, now)
            self._tally.add("poll", report.outcome.value, claimed.source)
            self._tally.observe("poll_seconds", time.perf_counter() - began)
            if report.new or report.edited:
                self._settle_loop.fresh_sources.add(claimed.source)
            return report
        finally:
            self._host_leases.discard([claimed.source])

    async def claim_pages(self, now: datetime, *, limit: int = PAGES) -> list[PageClaim]:
        """Take up to `limit` articles' pages that are due; none where no source says `fulltext`."""
        if limit <= 0 or not self._wants_pages:
            return []
        a_source = max(self.config.polling.per_host, 1)

        def take(connection: Connection) -> list[PageClaim]:
            at = clock(connection)
            return pages.claim(
                connection,
                now=now,
                at=at,
                lease=LEASE,
                limit=limit,
                a_source=a_source,
                per_host_hour=self.config.pages.per_host_hour,
            )

        return await self._in_worker(take)

    async def read_page(self, claimed: PageClaim, now: datetime) -> None:
        """Take one article's page as far as its copy; never raises for what the page did."""
        await self._intake.pages.read(claimed, now)
        await self._host_leases.share_pauses(self._gate.take_backoffs())

    async def release_pages(self, claimed: Sequence[PageClaim]) -> None:
        """Give claims back unread."""
        if claimed:
            await self._in_worker(lambda connection: pages.release(connection, claimed))

    async def settle(self, now: datetime, *, wait: bool = False) -> list[SettleResult]:
        """Settle all that waits, a batch a transaction; with `wait` even what another process has in hand."""
        if not await self._has_work():
            return []
        return await self._settle_loop.settle(now, wait=wait)

    @property
    def is_reading(self) -> bool:
        """Whether documents are being read just now, of which more may wait."""
        return self._made_intake is not None and self._made_intake.is_reading

    async def settle_as(
        self,
        summarise: Callable[[SettleResult], T],
        clock: Callable[[], datetime],
        *,
        wait: bool = False,
        gather: bool = False,
    ) -> list[T]:
        """Settle in the same way, each batch at its time; return of each only what `summarise` makes of it, at once.

        `gather`: while documents are being read, a batch that is not full is the last; what they bring waits.
        """
        if not await self._has_work():
            return []
        more_comes = (lambda: self.is_reading) if gather else (lambda: False)
        return await self._settle_loop.settle_as(summarise, clock, wait=wait, more_comes=more_comes)

    async def settle_summarised(self, now: datetime) -> list[SettleSummary]:
        """Settle all that waits, also what another process has in hand; return a summary of each batch."""
        return await self.settle_as(summarise_settling, lambda: now, wait=True)

    async def _has_work(self) -> bool:
        """Whether anything may wait to be settled; a round without news need not load what settles."""
        return self._made_settle_loop is not None or await asyncio.to_thread(self._is_anything_pending)

    async def rest(self) -> None:
        """Let go of memory that only work under way would use; called now and then, it sees whether any is."""
        if self._made_settle_loop is not None:
            await self._made_settle_loop.rest()
        if self._made_intake is not None:
            await self._made_intake.rest()
        await asyncio.to_thread(self.store.release_memory)

    async def forget(self) -> None:
        """Let go of what settling remembers and the database's pages: a round is over."""
        if self._made_settle_loop is not None:
            await self._made_settle_loop.forget()
            # whoever uses the database next tells what is wrong with it
            with suppress(EnvironmentFailed):
                await asyncio.to_thread(self.store.release_memory)
            await asyncio.to_thread(return_free_memory)

    def interrupt(self) -> None:
        """End the settling under way and wait for no lock: nothing is lost, the process is about to end."""
        if self._made_settle_loop is not None:
            self._made_settle_loop.interrupt()
        self.store.stop_waiting()

    async def save_counts(self, now: datetime) -> None:
        """Write what was counted since the last time: polls and their times."""
        counted = self._tally.take()
        if not counted:
            return
        try:
            await self._in_worker(lambda connection: counts.save(connection, counted, now))
        except BaseException:
            self._tally.put_back(counted)
            raise

    async def purge(self, now: datetime) -> retention.PurgeResult:
        """Let go of what is old enough, a batch a transaction, so that others come in between."""
        limits = {"retention": self.config.retention, "window": self.config.match.window}
        stories = copies = 0
        while True:
            part = await self._in_worker(lambda connection: retention.purge(connection, now=now, **limits))
            stories, copies = stories + part.stories, copies + part.copies
            if not part.more:
                return retention.PurgeResult(stories=stories, copies=copies)

    async def release(self, claimed: Sequence[Claim]) -> None:
        """Give claims back unpolled."""
        self._host_leases.discard([each.source for each in claimed])
        await self._in_worker(lambda connection: claims.release(connection, claimed))

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run a transaction of another's among our own."""
        return await self._in_worker(work)

    async def release_idle_hosts(self) -> None:
        """Let go of every host that we are done with."""
        idle, _ = self._host_leases.close_idle()
        if idle:
            await self._in_worker(lambda connection: self._host_leases.release(connection, idle))

    async def _in_worker(self, work: Callable[[Connection], T]) -> T:
        """Run a transaction in the one thread that writes."""

        return await asyncio.get_running_loop().run_in_executor(self._worker, self.store.transact, work)

    def last_change(self) -> datetime | None:
        """Tell when the last change was made that a subscriber could see, by whatever process; None in a new hub."""
        with self.store.read() as connection:
            return database.changed_at(connection)

    def shared_clock(self) -> datetime | None:
        """Return the present instant by the clock of the database's machine; None where only this machine uses it."""
        with self.store.read() as connection:
            return clock(connection) if connection.dialect.name == "postgresql" else None

    def _is_anything_pending(self) -> bool:
        with self.store.read() as connection:
            return settle_queue.is_any_waiting(connection)

    def held_back(self, now: datetime) -> int:
        """Count the stories that wait for their release."""
        with self.store.read() as connection:
            return stories.waiting_for_release(connection, now)
