"""One source, from its claim to its rows: fetch, parse, clean, record. Its faults are reports, not errors."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from feedhub import match, parse, sources
from feedhub.clean import Agencies, clean, url_key
from feedhub.codec import dump, load
from feedhub.fetch import Client, lane
from feedhub.model import Copy, Entry, Feed, Fetched, FetchFailed, NotModified, ParseFailed, Publisher, Source, Wanted
from feedhub.parse.pool import ParserPool
from feedhub.pipeline import record
from feedhub.pipeline.fulltext import filled
from feedhub.pipeline.hosts import Hosts
from feedhub.pipeline.outlet import registrable
from feedhub.pipeline.report import Outcome, SourceReport
from feedhub.pipeline.together import Together
from feedhub.sources import Polling, SourceState
from feedhub.store import Connection, Database, claims, pages, websub
from feedhub.store.claims import Claim, LeaseLost, Unread
from feedhub.store.copies import NewCopy

T = TypeVar("T")
#: between two looks at a source that stopped
A_DAY = timedelta(days=1)
_BAD_GUIDS = "its guids name nothing (several entries share one, or they change): entries are told apart by their links"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """Polls claimed sources with the hub's clients; `write` runs a transaction in the hub's writer."""

    sources: Mapping[str, Source]
    polling: Polling
    client: Client
    parsers: ParserPool
    agencies: Agencies
    store: Database
    together: Together
    hosts: Hosts

    async def poll(self, held: Claim, now: datetime) -> SourceReport:
        """Take one source as far as its rows."""
        source = self.sources[held.source]
        state = sources.current(load(SourceState, held.state) if held.state else None, source)
        if not sources.is_due(state, now, everything=True):
            await self._finish(held, state, _wakes(state, now), None, None)
            return SourceReport(source=source.id, outcome=_asleep(state), remark=state.stopped or _until(state))
        result = await self.client.fetch(source, state.validators, body_hash=state.body_hash, url=state.url)
        await self.hosts.tell(self.client.gate.pauses())
        feed = await self.parsers.parse_fetched(result) if isinstance(result, Fetched) else None
        if isinstance(feed, Feed) and isinstance(result, Fetched) and result.hubs:
            feed = replace(feed, hubs=tuple(dict.fromkeys((*result.hubs, *feed.hubs))))
        shared = 0
        if isinstance(feed, Feed):
            shared = parse.shared(feed.entries)
            if state.guids_bad or sources.judged(state, feed, shared=shared, moved=0).guids_bad:
                feed = replace(feed, entries=parse.distrusted(feed.entries))
        after = sources.after(state, result, source, self.polling, now, _jitter(source.id), feed)
        reading = None
        publisher = None
        wanted: list[tuple[str, Wanted]] = []
        if isinstance(feed, Feed):
            publisher = _publisher(source, feed, result.url if isinstance(result, Fetched) else source.url)
            reading, wanted = await asyncio.to_thread(self._read, source, publisher.outlet, feed, now)
            after = sources.judged(after, feed, shared=shared, moved=len(reading.reused) + reading.churned)
            if after.guids_bad and not state.guids_bad:
                reading = replace(reading, remarks=(*reading.remarks, _BAD_GUIDS))
        report = _report(source, result, feed, reading, _lost(state, feed, reading, now))
        due = _wakes(after, now) if after.stopped else after.due_at or now
        read = feed if isinstance(feed, Feed) else None
        await self._finish(held, after, due, publisher, report.remark, reading, now, read, wanted)
        return report

    def _read(
        self, source: Source, outlet: str, feed: Feed, now: datetime
    ) -> tuple[record.Reading, list[tuple[str, Wanted]]]:
        """What the document means for the store, and which pages are to be read."""

        def cleaned(entry: Entry, first_seen: datetime, number: int | None) -> Copy:
            page = pages.read(connection, number) if source.fulltext and number is not None else None
            copy = clean(
                whole := (page and filled(entry, page)) or entry,
                source=source,
                feed_title=feed.title,
                feed_language=feed.language,
                outlet=outlet,
                first_seen=first_seen,
                now=now,
                agencies=self.agencies,
            )
            # by which its page is recognised is the address that the feed gives
            return copy if whole is entry else replace(copy, url_key=url_key(entry.link) if entry.link else None)

        def wanted(new: NewCopy) -> Iterator[tuple[str, Wanted]]:
            if new.entry is None or new.copy.url is None or new.withdrawn:
                return
            about = Wanted(
                url=new.copy.url,
                entry=new.entry,
                first_seen=new.copy.first_seen,
                outlet=outlet,
                feed_title=feed.title,
                feed_language=feed.language,
            )
            yield new.copy.key.guid, about

        with self.store.read() as connection:
            reading = record.read(
                connection,
                source,
                feed,
                clean=cleaned,
                url_key=url_key,
                unrelated=match.unrelated,
                now=now,
            )
        fresh = [*reading.new, *(edit.new for edit in reading.edited)] if source.fulltext else []
        return reading, [pair for new in fresh for pair in wanted(new)]

    async def _finish(
        self,
        held: Claim,
        state: SourceState,
        due_at: datetime,
        publisher: Publisher | None,
        remark: str | None,
        reading: record.Reading | None = None,
        now: datetime | None = None,
        feed: Feed | None = None,
        wanted: Sequence[tuple[str, Wanted]] = (),
    ) -> None:
        """Entries and the validators that vouch for them in one transaction; nothing if the lease was lost."""
        if feed is None and (lane(state.url) or None) == held.host:
            return await self._finish_unread(held, state, due_at, remark, now)

        def write(connection: Connection) -> None:
            if feed is not None and now is not None:
                websub.offered(connection, held.source, hubs=feed.hubs, topic=feed.self_link, now=now)
            claims.finish(
                connection,
                held,
                state=dump(state),
                due_at=due_at if now is None else self._due(connection, held, state, due_at, reading, now),
                publisher=None if publisher is None else dump(publisher),
                remark=remark,
                host=host if (host := lane(state.url)) != held.host else None,
            )
            if reading is not None and now is not None:
                record.write(connection, reading, now)
                pages.want(connection, held.source, wanted, now)

        try:
            await self.together.write(write)
        except LeaseLost:
            # Another worker polls it by now and will write what it finds.
            return
        return

    async def _finish_unread(
        self, held: Claim, state: SourceState, due_at: datetime, remark: str | None, now: datetime | None
    ) -> None:
        """As `_finish`, for polls that brought nothing to read: those that end together are written at once."""
        listens = now is not None and not state.failures and not state.stopped
        unread = Unread(claim=held, state=dump(state), due_at=due_at, remark=remark)
        try:
            await self.together.write_all(self._write_unread, (unread, now if listens else None))
        except LeaseLost:
            return

    def _write_unread(
        self, connection: Connection, waiting: Sequence[tuple[Unread, datetime | None]]
    ) -> list[tuple[Unread, datetime | None]]:
        told: dict[str, datetime] = {}
        if moments := [now for _, now in waiting if now is not None]:
            names = [unread.claim.source for unread, now in waiting if now is not None]
            told = websub.listening(connection, names, now=max(moments))

        def due(unread: Unread, now: datetime | None) -> Unread:
            name = unread.claim.source
            if now is None or name not in told:
                return unread
            return replace(
                unread, due_at=sources.told_by_hub(unread.due_at, self.sources[name], self.polling, now, told[name])
            )

        lost = claims.finish_all(connection, [due(*each) for each in waiting])
        return [each for each in waiting if each[0].claim.source in lost]

    def _due(
        self,
        connection: Connection,
        held: Claim,
        state: SourceState,
        due_at: datetime,
        reading: record.Reading | None,
        now: datetime,
    ) -> datetime:
        """When the source is due again, a hub that tells us of its news taken into account."""
        if state.failures or state.stopped:
            return due_at
        before = load(SourceState, held.state).last_ok if held.state else None
        found = reading is not None and bool(reading.new or reading.edited)
        until = websub.listens(connection, held.source, now=now, polled=before, found=found)
        if until is None:
            return due_at
        return sources.told_by_hub(due_at, self.sources[held.source], self.polling, now, until)


def _report(
    source: Source,
    result: Fetched | NotModified | FetchFailed,
    feed: Feed | ParseFailed | None,
    reading: record.Reading | None,
    lost: str | None,
) -> SourceReport:
    if isinstance(result, NotModified):
        return SourceReport(source=source.id, outcome=Outcome.UNCHANGED)
    if isinstance(result, FetchFailed):
        outcome = Outcome.WAITING if result.held else Outcome.FAILED
        return SourceReport(source=source.id, outcome=outcome, remark=result.reason)
    if not isinstance(feed, Feed) or reading is None:
        reason = feed.reason if isinstance(feed, ParseFailed) else "not parsed"
        return SourceReport(source=source.id, outcome=Outcome.FAILED, remark=reason)
    return SourceReport(
        source=source.id,
        outcome=Outcome.READ,
        entries=len(feed.entries),
        new=len(reading.new),
        edited=len(reading.edited),
        remark="; ".join([lost] if lost else feed.remarks[:3]) or None,
    )


def _lost(
    state: SourceState, feed: Feed | ParseFailed | None, reading: record.Reading | None, now: datetime
) -> str | None:
    if reading is None or not isinstance(feed, Feed):
        return None
    return sources.lost(state, feed, len(reading.present), now)


def _publisher(source: Source, feed: Feed, url: str) -> Publisher:
    host = registrable(urlsplit(feed.link or "").hostname or urlsplit(url).hostname or "")
    shown = source.url if not source.is_path and (source.public or not _is_private(source.url)) else None
    return Publisher(
        source=source.id,
        name=source.name,
        outlet=source.outlet or host or source.name,
        agency=source.agency,
        id=feed.id,
        title=feed.title,
        link=feed.link,
        self_link=shown,
        updated=feed.updated,
        authors=feed.authors,
        rights=source.rights,
        priority=source.priority,
    )


def _is_private(url: str) -> bool:
    """User info or a query in a polled address may be a key to it."""
    parts = urlsplit(url)
    return bool(parts.query or parts.username or parts.password)


def _asleep(state: SourceState) -> Outcome:
    return Outcome.STOPPED if state.stopped else Outcome.WAITING


def _wakes(state: SourceState, now: datetime) -> datetime:
    """When to look again at a source that is not to be polled now: it may be reconfigured."""
    return max(state.due_at or now, state.held_until or now, now + A_DAY if state.stopped else now)


def _until(state: SourceState) -> str | None:
    return None if state.held_until is None else f"asked to wait until {state.held_until:%Y-%m-%d %H:%M:%SZ}"


def _jitter(source: str) -> float:
    """A source's own place in the spread, the same in every round."""
    return hashlib.blake2b(source.encode(), digest_size=2).digest()[0] / 255
