"""The hub: its sources, its store and its clients, and the rounds that it runs over them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import TypeVar
from uuid import uuid4

from feedhub.clean import Agencies
from feedhub.codec import load
from feedhub.config import Config
from feedhub.fetch import ABOUT, Client
from feedhub.model import Publisher, Source
from feedhub.parse.pool import ParserPool
from feedhub.pipeline import entering
from feedhub.pipeline.pages import PageReader
from feedhub.pipeline.poll import Poller
from feedhub.pipeline.report import RoundReport, SourceReport, summed
from feedhub.pipeline.rules import rules_of
from feedhub.pipeline.settle import Settled, Settler
from feedhub.pipeline.together import Together
from feedhub.sources import SourceState
from feedhub.store import Connection, Database, claims, database, pages, placing, retention, stories, turns
from feedhub.store.claims import Claim
from feedhub.store.dialect import clock
from feedhub.store.pages import PageClaim
from feedhub.store.presence import Presence

T = TypeVar("T")

#: a claim outlives the longest fetch, parse and write by far
LEASE = timedelta(minutes=5)
#: seconds between the starts of the first polls of a round
_STAGGER = 0.002
#: articles' pages under way at once
PAGES = 16
#: how often to look whether another process is done settling
TURN_SECONDS = 0.05


class Hub:
    """Polls what is due and settles what came; open it with `async with`."""

    def __init__(self, config: Config, store: Database, identity: str) -> None:
        self.config = config
        self.store = store
        self.identity = identity
        self.sources = {source.id: source for source in config.sources}
        self.rules = rules_of(config, identity)
        self.settler = Settler(self.rules)
        self._client = Client(
            allow=config.fetch.allow,
            proxy=config.fetch.proxy,
            per_host=config.polling.per_host,
            host_delay=config.polling.host_delay.total_seconds(),
            about=config.server.base_url or ABOUT,
        )
        self._parsers = ParserPool()
        self._presence = Presence(config.database)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._knows_holds = False
        self._wants_pages = any(source.fulltext for source in config.sources)
        credited = {name for source in config.sources for name in (source.agency, source.credit) if name}
        self._together = Together(store, self._writer)
        self._poller = Poller(
            sources=self.sources,
            polling=config.polling,
            client=self._client,
            parsers=self._parsers,
            agencies=Agencies.known(sorted(credited)),
            store=store,
            write=self._together.write,
        )
        self._pages = PageReader(
            sources=self.sources,
            client=self._client,
            parsers=self._parsers,
            agencies=self._poller.agencies,
            store=store,
            write=self._together.write,
        )

    @classmethod
    def open(cls, config: Config, now: datetime) -> Hub:
        """A hub over its database, brought up to date with the configuration; raises EnvironmentFailed."""
        store = Database.open(config.database)

        def prepare(connection: Connection) -> str:
            turns.prepare(connection)
            identity = _identity(connection, config, now)
            claims.configure(connection, [source.id for source in config.sources], now)
            _reconsider(connection, config.sources)
            entering.reconsider(connection, config.feeds, now)
            return identity

        return cls(config, store, store.transact(prepare))

    async def __aenter__(self) -> Hub:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(None, None, None)
        await self._parsers.close()
        self._writer.shutdown(wait=True)
        self._presence.leave()
        self.store.close()

    async def round(
        self, now: datetime, *, everything: bool = False, progress: Callable[[SourceReport], None] | None = None
    ) -> RoundReport:
        """One round over the sources that are due (`everything`: over all), then settle all that waits."""
        held = await self.claim(now, limit=max(len(self.sources), 1), everything=everything)
        reports = await self._poll_all(held, now, progress or (lambda report: None))
        await self._read_pages(now)
        settled = await self.settle(now, wait=True)
        waiting = await asyncio.to_thread(self._held, now)
        return summed(reports, settled, waiting)

    async def claim(self, now: datetime, *, limit: int, everything: bool = False) -> list[Claim]:
        """Take up to `limit` due sources for this process."""

        def take() -> list[Claim]:
            with self._presence.entering() as alone, self.store.write() as connection:
                if alone:
                    claims.void(connection)
                    pages.void(connection)
                at = clock(connection)
                return claims.claim(connection, now=now, at=at, lease=LEASE, limit=limit, everything=everything)

        if not self._knows_holds:
            await self._obey_holds(now)
        taking = asyncio.get_running_loop().run_in_executor(self._writer, take)
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            # The thread claims all the same, and nobody else would give it back.
            await self.release(await taking)
            raise

    async def poll(self, held: Claim, now: datetime) -> SourceReport:
        """Take one claimed source as far as its rows; never raises for what the source did."""
        return await self._poller.poll(held, now)

    async def claim_pages(self, now: datetime, *, limit: int = PAGES) -> list[PageClaim]:
        """Take up to `limit` articles' pages that are due; none where no source says `fulltext`."""
        if limit <= 0 or not self._wants_pages:
            return []
        a_source = max(self.config.polling.per_host, 1)

        def take(connection: Connection) -> list[PageClaim]:
            at = clock(connection)
            return pages.claim(connection, now=now, at=at, lease=LEASE, limit=limit, a_source=a_source)

        return await self._in_writer(take)

    async def read_page(self, held: PageClaim, now: datetime) -> None:
        """Take one article's page as far as its copy; never raises for what the page did."""
        await self._pages.read(held, now)

    async def release_pages(self, held: Sequence[PageClaim]) -> None:
        """Give claims back unread."""
        if held:
            await self._in_writer(lambda connection: pages.release(connection, held))

    async def settle(self, now: datetime, *, wait: bool = False) -> list[Settled]:
        """Settle all that waits, a batch a transaction; with `wait` even what another process has in hand."""
        done: list[Settled] = []
        while True:
            part = await self._in_writer(lambda connection: self.settler.settle(connection, now))
            if part.elsewhere and wait:
                await asyncio.sleep(TURN_SECONDS)
                continue
            if part.copies or part.elsewhere:
                done.append(part)
            if not part.copies:
                return done

    async def purge(self, now: datetime) -> retention.Purged:
        """Let go of what is old enough."""
        return await self._in_writer(
            lambda connection: retention.purge(
                connection, now=now, retention=self.config.retention, window=self.config.match.window
            )
        )

    async def release(self, held: Sequence[Claim]) -> None:
        """Give claims back unpolled."""
        await self._in_writer(lambda connection: claims.release(connection, held))

    async def _obey_holds(self, now: datetime) -> None:
        """Hosts that told an earlier process to wait are left alone by this one too, whichever source is asked for."""
        self._knows_holds = True

        def known() -> list[SourceState]:
            with self.store.read() as connection:
                rows = claims.sources(connection)
            return [load(SourceState, row.state) for row in rows if row.configured and "held_until" in row.state]

        for state in await asyncio.to_thread(known):
            if state.held_until is not None and state.held_until > now and state.url.startswith("http"):
                self._client.hold(state.url, (state.held_until - now).total_seconds())

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run a transaction of another's among our own."""
        return await self._in_writer(work)

    async def _poll_all(
        self, held: Sequence[Claim], now: datetime, progress: Callable[[SourceReport], None]
    ) -> list[SourceReport]:
        done: dict[str, SourceReport] = {}
        waiting = iter(held)

        async def some(number: int) -> None:
            # one after the other: two hundred first requests in one turn of the loop would hold it up
            await asyncio.sleep(number * _STAGGER)
            for claim in waiting:
                report = await self.poll(claim, now)
                done[claim.source] = report
                progress(report)

        try:
            async with asyncio.TaskGroup() as group:
                # so many at once, not a task a source: thousands that start in one turn would stall the loop
                for number in range(min(self.config.polling.concurrency, len(held))):
                    group.create_task(some(number))
        except BaseExceptionGroup as error:
            raise _first(error) from None
        finally:
            left = [claim for claim in held if claim.source not in done]
            if left:
                await asyncio.shield(self.release(left))
        return list(done.values())

    async def _read_pages(self, now: datetime) -> None:
        """Every page that is due, some at a time."""
        while held := await self.claim_pages(now):
            try:
                await asyncio.gather(*(self.read_page(each, now) for each in held))
            finally:
                await asyncio.shield(self.release_pages(held))

    async def _in_writer(self, work: Callable[[Connection], T]) -> T:
        """Run a transaction in the one thread that writes."""

        return await asyncio.get_running_loop().run_in_executor(self._writer, self.store.transact, work)

    def _held(self, now: datetime) -> int:
        with self.store.read() as connection:
            return stories.held(connection, now)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _identity(connection: Connection, config: Config, now: datetime) -> str:
    """The authority and date of all ids: configured, or minted once and kept."""
    kept = database.value(connection, "identity")
    identity = config.identity or kept or f"{uuid4().hex[:12]}.feedhub.invalid,{now:%Y-%m-%d}"
    if kept != identity:
        database.keep(connection, "identity", identity)
    if database.value(connection, "born") is None:
        database.keep(connection, "born", now.isoformat())
    return identity


def _reconsider(connection: Connection, sources: Sequence[Source]) -> None:
    """Where the configuration changed what may be shown of a source, have its copies settled anew."""
    publishers = claims.publishers(connection, [source.id for source in sources])
    for source in sources:
        known = publishers.get(source.id)
        if known is None:
            continue
        wanted = configured(known, source)
        if wanted != known:
            claims.publish_as(connection, source.id, wanted)
            placing.wait_again(connection, source.id)


def configured(publisher: Publisher, source: Source) -> Publisher:
    """A publisher with what the configuration decides about it."""
    return replace(
        publisher,
        name=source.name,
        outlet=source.outlet or publisher.outlet,
        agency=source.agency,
        rights=source.rights,
        priority=source.priority,
    )
