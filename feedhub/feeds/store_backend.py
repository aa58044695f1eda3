"""Reads the store for the web server (`serve.Backend`), and renders the static files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from feedhub.directory import OutputDirectory, describe
from feedhub.feeds import websub_subscriber
from feedhub.feeds.current_documents import PATIENCE_SECONDS, RECHECK_SECONDS, CurrentDocuments
from feedhub.feeds.output_documents import OutputDocuments
from feedhub.feeds.output_query import OutputQuery
from feedhub.feeds.page_queries import REST, STALE, PageQueries
from feedhub.health import counters, health_feed, numbers, report
from feedhub.model import OutputRule, Story, StoryVersion, Tombstone
from feedhub.packed_bytes import PackedBytes
from feedhub.serve import (
    MAX_VERSIONS,
    Backend,
    Document,
    HealthStatus,
    OutputInfo,
    SearchPage,
    SourceLine,
    StoryList,
    Workers,
    token_digest,
)
from feedhub.serve.shared_calls import SharedCalls
from feedhub.store import Database, counts, database, output_entries, stories, story_versions
from feedhub.structs import replace

#: how long a page waits for its stories to be grouped anew before it shows them as they were
REGROUP_SECONDS = 0.05


class StoreBackend(Backend):
    """Reads the store of one hub; every wait on the database is in a thread."""

    def __init__(
        self,
        store: Database,
        directory: OutputDirectory,
        clock: Callable[[], datetime],
        *,
        recheck: float = RECHECK_SECONDS,
        patience: float = PATIENCE_SECONDS,
        floor: timedelta = timedelta(0),
    ) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock
        query = OutputQuery(directory)
        self._documents = OutputDocuments(store, directory, query, clock)
        rest, stale = (REST, STALE) if recheck else (0, 0)
        self._pages = PageQueries(store, directory, query, clock, rest=rest, stale=stale)
        #: no source is polled more often, whatever its hub signs
        self._floor = floor
        self._workers = Workers()
        self._shared = SharedCalls(is_on=recheck > 0)
        self._current = CurrentDocuments(
            self._documents,
            directory,
            # what all ask for does not wait behind further pages, searches and stories
            Workers(threads=2),
            self._shared,
            recheck=recheck,
            patience=patience if recheck else None,
        )
        self._outputs = {rule.name: _info(directory, rule) for rule in directory.rules}
        #: outputs whose stories are being grouped anew
        self._grouping: dict[str, asyncio.Task[None]] = {}

    def files(self, now: datetime, *, archives: bool = False) -> Iterator[tuple[str, PackedBytes]]:
        """Render every output in every format, from one consistent view; yield the files' names and bytes."""
        return self._documents.files(now, archives=archives)

    def archive_files(self, is_written: Callable[[str, datetime], bool]) -> Iterator[tuple[str, bytes, datetime]]:
        """Yield the archived documents that are not written yet: file name, bytes, when they changed last."""
        return self._documents.archive_files(is_written)

    async def outputs(self) -> Mapping[str, OutputInfo]:
        """Return all outputs by name, in the order of the configuration."""
        return self._outputs

    async def public_outputs(self) -> Sequence[OutputInfo]:
        """Return the outputs without a token, with what the front page says of each."""
        return await self._shared.call("public outputs", lambda: self._workers.run(self._public_outputs))

    def _public_outputs(self) -> Sequence[OutputInfo]:
        now = self._clock()
        made = []
        with self._store.read() as connection:
            for rule in self._directory.rules:
                if rule.token is None:
                    count, updated = output_entries.summary(connection, rule.name, now=now)
                    info = self._outputs[rule.name]
                    made.append(replace(info, stories=count, updated=updated, about=describe(rule)))
        return made

    async def document(self, name: str, suffix: str) -> Document | None:
        """Return the current version of an output's document; None where there is no such output or format."""
        return await self._current.document(name, suffix)

    async def page(self, name: str, suffix: str, number: int) -> Document | None:
        """Return a page of an output, 1 being the document itself."""
        return await self._current.page(name, suffix, number)

    async def archived(self, name: str, number: int) -> Document | None:
        """Return an archived document of an output, in Atom."""
        return await self._current.archived(name, number)

    async def delta(self, name: str, suffix: str, known: Sequence[str]) -> Document | None:
        """Return the current version with only what is new since one of the versions `known`."""
        return await self._current.delta(name, suffix, known)

    async def flush(self) -> None:
        """Write the manifests of every version that was built: before the process ends."""
        await self._current.flush()

    async def story(self, key: str) -> Story | None:
        """Return the story of this key, if an output without a token carries it."""
        return await self._workers.run(self._story, key)

    def _story(self, key: str) -> Story | None:
        public = self._directory.public
        with self._store.read() as connection:
            row = stories.by_tag(connection, f"tag:{self._directory.identity}:{key}")
            if row is None or row.state != "live" or row.released > self._clock():
                return None
            if row.body is None or not output_entries.carried(connection, [row.tag], public):
                return None
            known = output_entries.carried(connection, {other.id for other in row.body.related}, public)
            return replace(row.body, related=tuple(other for other in row.body.related if other.id in known))

    async def history(self, key: str) -> Sequence[StoryVersion]:
        """Return the versions of a story, the oldest first and its present form last."""
        return await self._workers.run(self._history, key)

    def _history(self, key: str) -> Sequence[StoryVersion]:
        with self._store.read() as connection:
            row = stories.by_tag(connection, f"tag:{self._directory.identity}:{key}")
            return [] if row is None else story_versions.versions(connection, row.id, newest=MAX_VERSIONS)

    async def story_list(self, name: str, page: int) -> StoryList | None:
        """Return a page of an output's stories, those of one event together; None where there is no such page."""
        rule = self._directory.rule(name)
        if rule is None:
            return None
        listed = await self._workers.run(self._pages.stories, rule, page)
        if not self._pages.is_outdated(name):
            return listed
        grouping = self._regrouping(rule)
        await asyncio.wait({grouping}, timeout=REGROUP_SECONDS)
        return await self._workers.run(self._pages.stories, rule, page) if grouping.done() else listed

    def _regrouping(self, rule: OutputRule) -> asyncio.Task[None]:
        """Return the task that groups an output's stories anew, begun where there is none."""
        running = self._grouping.get(rule.name)
        if running is None or running.done():
            work = self._workers.run(self._pages.regroup, rule)
            running = self._grouping[rule.name] = asyncio.create_task(work)
            # who asked may not wait for its end; the next to ask finds the same trouble
            running.add_done_callback(lambda done: done.cancelled() or done.exception())
        return running

    async def search(self, query: str, before: int | None) -> SearchPage:
        """Return what a query finds in outputs without a token."""
        return await self._workers.run(self._pages.search, query, before)

    async def search_feed(self, query: str, suffix: str) -> Document | None:
        """Return what a query finds as a document to subscribe to."""
        return await self._workers.run(self._pages.search_feed, query, suffix)

    async def sources(self) -> Sequence[SourceLine]:
        """Return the sources, in the order of their names."""
        return await self._workers.run(self._pages.sources)

    async def tombstone(self, key: str) -> Tombstone | None:
        """Return what became of a story that was published under this key and is no more."""
        return await self._workers.run(self._tombstone, key)

    def _tombstone(self, key: str) -> Tombstone | None:
        with self._store.read() as connection:
            row = stories.by_tag(connection, f"tag:{self._directory.identity}:{key}")
            if row is None or row.state not in ("joined", "killed"):
                return None
            # what only a secret output carried had no page
            if not output_entries.carried(connection, [row.tag], self._directory.public):
                return None
            return stories.tombstone(connection, row)

    async def verify_subscription(self, key: str, parameters: Mapping[str, str]) -> str | None:
        """Return the challenge of a hub that verifies a subscription of ours, None for any other."""
        return await self._workers.run(
            websub_subscriber.verify_subscription, self._store, key, parameters, self._clock()
        )

    async def receive_notification(self, key: str, signature: str, body: AsyncIterable[bytes]) -> bool:
        """Make a source due whose hub signed that there is news; False where the callback is nobody's."""
        subscription = await self._workers.run(websub_subscriber.find, self._store, key)
        if subscription is None:
            return False
        check = websub_subscriber.SignatureCheck(subscription.secret, signature)
        if check.is_possible:
            async for chunk in body:
                check.update(chunk)
            if check.is_right:
                await self._workers.run(
                    websub_subscriber.accept, self._store, subscription, floor=self._floor, now=self._clock()
                )
        return True

    async def readiness(self) -> HealthStatus:
        """Tell whether the store responds."""
        return await self._workers.run(self._readiness)

    def _readiness(self) -> HealthStatus:
        with self._store.read() as connection:
            return HealthStatus(ready=True, report={"change": database.change_number(connection)})

    async def health(self) -> HealthStatus:
        """Return the health report, and its numbers for a collector."""
        return await self._workers.run(self._report)

    def _report(self) -> HealthStatus:
        with self._store.read() as connection:
            values = report(connection, self._directory, self._clock())
            counted = tuple(counters(counts.totals(connection)))
        return HealthStatus(ready=True, report=values, numbers=(*numbers(values), *counted))

    async def health_feed(self) -> bytes:
        """Render the conditions of the sources as Atom."""
        return await self._workers.run(self._health_feed)

    def _health_feed(self) -> bytes:
        with self._store.read() as connection:
            return health_feed(connection, self._directory, self._directory.names, self._clock())


def _info(directory: OutputDirectory, rule: OutputRule) -> OutputInfo:
    digest = token_digest(rule.token) if rule.token else None
    return OutputInfo(name=rule.name, title=directory.heading(rule), token_digest=digest)
