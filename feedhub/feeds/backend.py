"""Answers the web server's questions from the store (`serve.Reader`), and writes the static files."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from feedhub.directory import OutputDirectory, describe
from feedhub.errors import EnvironmentFailed, FeedhubError
from feedhub.feeds import websub_subscriber
from feedhub.feeds.documents import Documents, Made
from feedhub.feeds.query import Editor
from feedhub.health import health_feed, numbers, report
from feedhub.model import OutputFeed, OutputRule, Story, StoryVersion, Tombstone
from feedhub.publish import FORMATS
from feedhub.serve import Document, Health, OutputInfo, token_digest
from feedhub.store import Database, database, output_entries, stories, versions

log = logging.getLogger("feedhub.serve")

#: seconds between two looks for a change: a document is built anew at most so often
RECHECK = 0.5
#: seconds for which a database that did not answer is not asked for a document again
_AWAY = 1.0


class Library:
    """Over the store of one hub; every wait on the database is in a thread."""

    def __init__(
        self,
        store: Database,
        shelf: OutputDirectory,
        clock: Callable[[], datetime],
        *,
        recheck: float = RECHECK,
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._clock = clock
        self._documents = Documents(store, shelf, Editor(shelf), clock)
        self._recheck = recheck
        self._looked = float("-inf")
        self._made: Made | None = None
        #: the last document of each output, for as long as the database is away
        self._last: dict[tuple[str, str], Document] = {}
        self._away = float("-inf")
        self._keeping: asyncio.Task[None] | None = None
        self._outputs = {rule.name: _info(shelf, rule) for rule in shelf.rules}

    def files(self, now: datetime) -> dict[str, bytes]:
        """Every output in every format, by file name, from one consistent view."""
        return self._documents.files(now)

    async def outputs(self) -> Mapping[str, OutputInfo]:
        """All outputs by name, in the order of the configuration."""
        return self._outputs

    async def listed(self) -> Sequence[OutputInfo]:
        """The outputs without a token, and what the front page tells of each."""
        return await asyncio.to_thread(self._listed)

    def _listed(self) -> Sequence[OutputInfo]:
        now = self._clock()
        made = []
        with self._store.read() as connection:
            for rule in self._shelf.rules:
                if rule.token is None:
                    count, updated = output_entries.summary(connection, rule.name, now=now)
                    info = self._outputs[rule.name]
                    made.append(replace(info, stories=count, updated=updated, about=describe(rule)))
        return made

    async def document(self, name: str, suffix: str) -> Document | None:
        """The current version of an output's document; None where there is no such output or format."""
        made = self._fresh()
        if made is not None and (found := made.documents.get((name, suffix))) is not None:
            return found
        last = self._last.get((name, suffix))
        if last is not None and time.monotonic() < self._away:
            return last
        try:
            found = await self._ask(name, suffix, lambda made, rule: self._documents.build(made, rule, suffix))
        except EnvironmentFailed:
            if last is None:
                raise
            # What was true a moment ago serves readers better than an error; ask the database again in a while.
            self._away = time.monotonic() + _AWAY
            return last
        if found is not None:
            self._last[name, suffix] = found
            self._keep()
        return found

    def _keep(self) -> None:
        """Have the store know of new versions, while nobody waits for that."""
        if self._documents.has_unkept and (self._keeping is None or self._keeping.done()):
            self._keeping = asyncio.create_task(self._kept())

    async def flush(self) -> None:
        """Have the store know of every version that was built: before the process ends."""
        if self._keeping is not None:
            await self._keeping
        self._keep()
        if self._keeping is not None:
            await self._keeping

    async def _kept(self) -> None:
        try:
            await asyncio.to_thread(self._documents.keep)
        except FeedhubError as error:
            # kept in memory meanwhile, and tried again with the next version
            log.warning("deltas of the newest versions wait for the database: %s", error)

    async def page(self, name: str, suffix: str, number: int) -> Document | None:
        """A page of an output, 1 being the document itself."""
        if number == 1:
            return await self.document(name, suffix)
        return await self._ask(name, suffix, lambda made, rule: self._documents.page(made, rule, suffix, number))

    async def archived(self, name: str, number: int) -> Document | None:
        """An archived document of an output, in Atom."""
        return await self._ask(name, "atom", lambda made, rule: self._documents.archived(made, rule, number))

    async def lacking(self, name: str, suffix: str, held: Sequence[str]) -> Document | None:
        """The current version with only what is new since one of the versions held."""
        return await self._ask(name, suffix, lambda made, rule: self._documents.lacking(made, rule, suffix, held))

    async def _ask(
        self, name: str, suffix: str, read: Callable[[Made, OutputRule], Document | None]
    ) -> Document | None:
        rule = self._shelf.rule(name)
        if rule is None or suffix not in FORMATS:
            return None
        return await asyncio.to_thread(read, self._fresh() or await self._current(), rule)

    def _fresh(self) -> Made | None:
        """The documents that the last look found current, where that was a moment ago: a look costs ten answers."""
        return self._made if time.monotonic() - self._looked < self._recheck else None

    async def _current(self) -> Made:
        looked = time.monotonic()
        made = await asyncio.to_thread(self._documents.current)
        self._made, self._looked = made, looked
        return made

    async def story(self, key: str) -> Story | None:
        """The story of this key, where an output without a token carries it."""
        return await asyncio.to_thread(self._story, key)

    def _story(self, key: str) -> Story | None:
        public = self._shelf.public
        with self._store.read() as connection:
            row = stories.by_tag(connection, f"tag:{self._shelf.identity}:{key}")
            if row is None or row.state != "live" or row.released > self._clock():
                return None
            if row.body is None or not output_entries.carried(connection, [row.tag], public):
                return None
            known = output_entries.carried(connection, {other.id for other in row.body.related}, public)
            return replace(row.body, related=tuple(other for other in row.body.related if other.id in known))

    async def history(self, key: str) -> Sequence[StoryVersion]:
        """What a story said, the oldest first and its present form last."""
        return await asyncio.to_thread(self._history, key)

    def _history(self, key: str) -> Sequence[StoryVersion]:
        with self._store.read() as connection:
            row = stories.by_tag(connection, f"tag:{self._shelf.identity}:{key}")
            return [] if row is None else versions.versions(connection, row.id)

    async def preview(self, name: str) -> OutputFeed | None:
        """An output's stories."""
        rule = self._shelf.rule(name)
        return None if rule is None else await asyncio.to_thread(self._documents.feed, rule)

    async def tombstone(self, key: str) -> Tombstone | None:
        """What became of a story that was published under this key and is no more."""
        return await asyncio.to_thread(self._tombstone, key)

    def _tombstone(self, key: str) -> Tombstone | None:
        with self._store.read() as connection:
            row = stories.by_tag(connection, f"tag:{self._shelf.identity}:{key}")
            if row is None or row.state not in ("joined", "killed"):
                return None
            # what only a secret output carried had no page
            if not output_entries.carried(connection, [row.tag], self._shelf.public):
                return None
            return stories.tombstone(connection, row)

    async def confirm(self, key: str, said: Mapping[str, str]) -> str | None:
        """The challenge of a hub that asks for a subscription of ours, None for any other."""
        return await asyncio.to_thread(websub_subscriber.confirm, self._store, key, said, self._clock())

    async def told(self, key: str, signature: str, body: bytes) -> bool:
        """Take note that a source has news, where its hub signed that."""
        return await asyncio.to_thread(websub_subscriber.told, self._store, key, signature, body, self._clock())

    async def ready(self) -> Health:
        """Whether the store answers."""
        return await asyncio.to_thread(self._ready)

    def _ready(self) -> Health:
        with self._store.read() as connection:
            return Health(ready=True, report={"change": database.change_number(connection)})

    async def health(self) -> Health:
        """The report, and its numbers."""
        return await asyncio.to_thread(self._report)

    def _report(self) -> Health:
        with self._store.read() as connection:
            told = report(connection, self._shelf, self._clock())
        return Health(ready=True, report=told, numbers=tuple(numbers(told)))

    async def health_feed(self) -> bytes:
        """The troubles of the sources as Atom."""
        return await asyncio.to_thread(self._health_feed)

    def _health_feed(self) -> bytes:
        with self._store.read() as connection:
            return health_feed(connection, self._shelf, self._shelf.names, self._clock())


def _info(shelf: OutputDirectory, rule: OutputRule) -> OutputInfo:
    digest = token_digest(rule.token) if rule.token else None
    return OutputInfo(name=rule.name, title=shelf.heading(rule), token_digest=digest)
