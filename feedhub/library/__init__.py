"""The stored stories as documents: built when something changed, kept until it changes again.

store -> OutputFeed -> bytes -> Document (validators, gzip), by the hub's change number
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from feedhub import outputs
from feedhub.config import Config
from feedhub.model import OutputFeed, OutputRule, Story, Tombstone
from feedhub.publish import FORMATS, Fragments
from feedhub.serve import Document, Health, OutputInfo, document, token_digest
from feedhub.store import Connection, Database, database, stories

#: an output whose order or caps need more than its newest stories is chosen from at most so many
_CHOICE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What the outputs are and where they are reached."""

    identity: str
    base_url: str
    rules: tuple[OutputRule, ...]
    retention: timedelta
    title: str = "feedhub"

    def rule(self, name: str) -> OutputRule | None:
        return next((rule for rule in self.rules if rule.name == name), None)


def shelf(config: Config, identity: str, base_url: str | None = None) -> Shelf:
    """What a configuration offers, reached at its own address or at `base_url`."""
    return Shelf(
        identity=identity,
        base_url=base_url or config.server.url,
        rules=config.feeds,
        retention=config.retention,
    )


@dataclass(slots=True)
class _Made:
    """The documents of one change number."""

    change: int
    #: when the bytes last changed, the same in every process that serves them
    modified: datetime | None
    #: when a story that is held back now is to appear; then the documents are out of date
    until: datetime | None
    documents: dict[tuple[str, str], Document] = field(default_factory=dict)


class Library:
    """Answers the web server's questions from the store (`serve.Reader`), and writes the static files."""

    def __init__(
        self,
        store: Database,
        shelf: Shelf,
        clock: Callable[[], datetime],
        health: Callable[[Connection], Mapping[str, object]] | None = None,
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._clock = clock
        self._health = health
        self._fragments = Fragments()
        self._made: _Made | None = None
        self._building = asyncio.Lock()

    def feed(self, connection: Connection, rule: OutputRule, now: datetime) -> OutputFeed:
        """An output as it stands, whatever the format."""
        shelf = self._shelf
        simple = rule.order == "entered" and rule.per_outlet is None
        found = stories.items(connection, rule.name, now=now, limit=rule.limit if simple else _CHOICE)
        items = outputs.select(rule, found)
        stones = stories.tombstones(connection, rule.name, since=now - shelf.retention)
        times = [*(item.story.updated for item in items), *(stone.when for stone in stones)]
        born = database.value(connection, "born")
        return OutputFeed(
            name=rule.name,
            id=f"tag:{shelf.identity}:feed/{rule.name}",
            title=rule.title or (shelf.title if rule.name == "all" else f"{shelf.title}: {rule.name}"),
            home_url=f"{shelf.base_url}/",
            feed_url="/".join(part for part in (shelf.base_url, "feeds", rule.token, rule.name) if part),
            updated=max(times, default=datetime.fromisoformat(born) if born else now),
            items=items,
            tombstones=tuple(stones),
            also=rule.also,
        )

    def files(self, now: datetime) -> dict[str, bytes]:
        """Every output in every format, by file name, from one consistent view."""
        made: dict[str, bytes] = {}
        with self._store.read() as connection:
            for rule in self._shelf.rules:
                feed = self.feed(connection, rule, now)
                for kind in FORMATS.values():
                    made[f"{rule.name}.{kind.suffix}"] = kind.render(feed, self._fragments)
        return made

    async def outputs(self) -> Mapping[str, OutputInfo]:
        """All outputs by name, in the order of the configuration."""
        return {
            rule.name: OutputInfo(
                name=rule.name,
                title=rule.title or rule.name,
                token_digest=token_digest(rule.token) if rule.token else None,
            )
            for rule in self._shelf.rules
        }

    async def document(self, name: str, suffix: str) -> Document | None:
        """The current version of an output's document; None where there is no such output or format."""
        rule = self._shelf.rule(name)
        if rule is None or suffix not in FORMATS:
            return None
        made = await asyncio.to_thread(self._current)
        found = made.documents.get((name, suffix))
        if found is None:
            async with self._building:
                found = await asyncio.to_thread(self._build, made, rule, suffix)
        return found

    def _current(self) -> _Made:
        """The documents of the store's present change number; stale ones while the database is away."""
        now = self._clock()
        with self._store.read() as connection:
            change = database.change_number(connection)
            made = self._made
            if made is None or made.change != change or (made.until is not None and made.until <= now):
                times = [database.changed_at(connection), stories.last_release(connection, now)]
                modified = max((time for time in times if time is not None), default=None)
                until = stories.next_release(connection, now)
                made = self._made = _Made(change=change, modified=modified, until=until)
            return made

    def _build(self, made: _Made, rule: OutputRule, suffix: str) -> Document:
        if (rule.name, suffix) not in made.documents:
            with self._store.read() as connection:
                feed = self.feed(connection, rule, self._clock())
            body = FORMATS[suffix].render(feed, self._fragments)
            made.documents[rule.name, suffix] = document(
                body, FORMATS[suffix].media_type, made.modified, private=rule.token is not None
            )
        return made.documents[rule.name, suffix]

    async def story(self, key: str) -> Story | None:
        """The story of this key, where an output without a token carries it."""
        return await asyncio.to_thread(self._story, key)

    def _story(self, key: str) -> Story | None:
        public = {rule.name for rule in self._shelf.rules if rule.token is None}
        with self._store.read() as connection:
            row = stories.by_tag(connection, f"tag:{self._shelf.identity}:{key}")
            if row is None or row.state != "live" or row.released > self._clock():
                return None
            shown = stories.outputs_of(connection, [row.id])[row.id]
            if row.body is None or not public & set(shown):
                return None
            related = tuple(other for other in row.body.related if self._is_public(connection, other.id, public))
            return replace(row.body, related=related)

    def _is_public(self, connection: Connection, tag: str, public: Collection[str]) -> bool:
        row = stories.by_tag(connection, tag)
        return row is not None and bool(set(public) & set(stories.outputs_of(connection, [row.id])[row.id]))

    async def tombstone(self, key: str) -> Tombstone | None:
        """What became of a story that was published under this key and is no more."""
        return await asyncio.to_thread(self._tombstone, key)

    def _tombstone(self, key: str) -> Tombstone | None:
        with self._store.read() as connection:
            row = stories.by_tag(connection, f"tag:{self._shelf.identity}:{key}")
            if row is None or row.state not in ("joined", "killed"):
                return None
            return stories.stone(connection, row)

    async def health(self) -> Health:
        """Whether the store answers, and the report."""
        return await asyncio.to_thread(self._report)

    def _report(self) -> Health:
        with self._store.read() as connection:
            report = self._health(connection) if self._health else {}
            return Health(ready=True, report={"change": database.change_number(connection), **report})
