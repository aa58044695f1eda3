"""A fetched document of a source -> what it means for the store: parsed, told apart, cleaned; and written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from datetime import datetime
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from feedhub import match, parse, sources
from feedhub.clean import Agencies, clean, clean_title, common_suffix, url_key
from feedhub.ingest import record
from feedhub.ingest.changed_entries import Changeset
from feedhub.ingest.fulltext import filled
from feedhub.ingest.outlet import first_site, outlet_of
from feedhub.ingest.unchanged import PartialFeed, read_changed, write_listing
from feedhub.model import Copy, Entry, Feed, Fetched, Fulltext, PageRequest, ParseFailed, Publisher, Source, SourceState
from feedhub.parse.parser_pool import ParserPool
from feedhub.shortest_first import ShortestFirst
from feedhub.store import Connection, Database, pages
from feedhub.store.copies import NewCopy
from feedhub.store.entry_failures import EntryFailure
from feedhub.structs import replace

T = TypeVar("T")
_Wants = tuple[tuple[str, PageRequest], ...]


class ReadDocument(Struct, frozen=True, kw_only=True):
    """What a poll brought to read, ready to be written; nothing of it where it brought none."""

    feed: Feed | ParseFailed | None = None
    publisher: Publisher | None = None
    changes: Changeset | None = None
    #: entries that share a guid which should name one
    shared_guids: int = 0
    #: pages to be read, by the guids of their entries
    pages_wanted: _Wants = ()
    partial: PartialFeed | None = None
    #: the name with which nearly all of its titles end
    title_suffix: str | None = None

    def with_remark(self, remark: str) -> ReadDocument:
        """Return the document with one more remark."""
        assert self.changes is not None
        return replace(self, changes=replace(self.changes, remarks=(*self.changes.remarks, remark)))

    def write(self, connection: Connection, now: datetime, *, one_by_one: bool = False) -> tuple[EntryFailure, ...]:
        """Write its entries; run in the transaction that also stores the validators vouching for them.

        `one_by_one`: without those that cannot be written. Return the entries that are left out from now on.
        """
        if self.changes is None:
            return ()
        written = record.write(connection, self.changes, now, one_by_one=one_by_one)
        failed = {failure.guid for failure in written.failures}
        wanted = self.pages_wanted
        wanted = tuple(pair for pair in wanted if pair[0] not in failed) if failed else wanted
        pages.request(connection, written.source, wanted, now)
        write_listing(connection, self.partial, written, now)
        return written.failures


class DocumentReader(Struct, frozen=True, kw_only=True):
    """Reads documents with the hub's parsers and store, in its `thread`."""

    parsers: ParserPool
    agencies: Agencies
    store: Database
    thread: Executor
    #: which of the documents that wait for it is read next
    slots: ShortestFirst

    @property
    def is_reading(self) -> bool:
        """Whether another document is being read just now."""
        return self.slots.all_taken

    async def read(self, source: Source, state: SourceState, fetched: Fetched, now: datetime) -> ReadDocument:
        """Read a document; `feed` is a ParseFailed where it is none that can be read."""
        if state.guids_bad:
            return await self._parse_in_pool(source, state, fetched, now)
        for whole in (False, True):
            document = await self._in_thread(fetched, partial(self._read_partial, source, state, fetched, now, whole))
            if document is None:
                return await self._parse_in_pool(source, state, fetched, now)
            if document.changes is not None:
                return document
        raise AssertionError("a whole document has no part that was left out")

    async def _parse_in_pool(self, source: Source, state: SourceState, fetched: Fetched, now: datetime) -> ReadDocument:
        """Read the whole document by way of the parser pool."""
        feed = await self.parsers.parse_fetched(fetched)
        if not isinstance(feed, Feed):
            return ReadDocument(feed=feed)
        return await self._in_thread(fetched, partial(self._read_whole, source, state, fetched, feed, now))

    async def _in_thread(self, fetched: Fetched, work: Callable[[], T]) -> T:
        parts = sum(len(part.body) for part in fetched.parts if isinstance(part, Fetched))
        async with self.slots.slot(len(fetched.body) + parts):
            return await asyncio.get_running_loop().run_in_executor(self.thread, work)

    def _read_whole(
        self, source: Source, state: SourceState, fetched: Fetched, feed: Feed, now: datetime
    ) -> ReadDocument:
        with self.store.read() as connection:
            return self._read(connection, source, state, fetched, feed, None, now)

    def _read_partial(
        self, source: Source, state: SourceState, fetched: Fetched, now: datetime, whole: bool
    ) -> ReadDocument | None:
        """Read in this process only what is not known; None where only the parser pool can."""
        with self.store.read() as connection:
            seen = read_changed(connection, source.id, fetched, whole=whole)
            return None if seen is None else self._read(connection, source, state, fetched, seen.feed, seen, now)

    def _read(
        self,
        connection: Connection,
        source: Source,
        state: SourceState,
        fetched: Fetched,
        feed: Feed,
        seen: PartialFeed | None,
        now: datetime,
    ) -> ReadDocument:
        if fetched.hubs:
            feed = replace(feed, hubs=tuple(dict.fromkeys((*fetched.hubs, *feed.hubs))))
        shared = parse.shared(feed.entries)
        if state.guids_bad or sources.judge_guids(state, feed, shared=shared, moved=0).guids_bad:
            if seen and seen.known:
                return ReadDocument(feed=feed)
            feed, seen = replace(feed, entries=parse.distrusted(feed.entries)), None
        publisher = _publisher(source, state, feed)
        unread = frozenset(seen.known.values()) if seen else frozenset[int]()
        suffix = common_suffix(entry.title.value for entry in feed.entries if entry.title) or state.title_suffix
        reading = self._compared(connection, source, publisher.outlet, feed, suffix, unread, now)
        publishes = source.fulltext is Fulltext.PUBLISH
        wanted = _wanted(source, publisher.outlet, feed, suffix, reading) if reading and publishes else ()
        return ReadDocument(
            feed=feed,
            publisher=publisher,
            changes=reading,
            shared_guids=shared,
            pages_wanted=tuple(wanted),
            partial=seen,
            title_suffix=suffix,
        )

    def _compared(
        self,
        connection: Connection,
        source: Source,
        outlet: str,
        feed: Feed,
        title_suffix: str | None,
        unread: frozenset[int],
        now: datetime,
    ) -> Changeset | None:
        def cleaned(entry: Entry, first_seen: datetime, number: int | None) -> Copy:
            page = (
                pages.read(connection, number) if source.fulltext is Fulltext.PUBLISH and number is not None else None
            )
            copy = clean(
                whole := (page and filled(entry, page)) or entry,
                source=source,
                feed_title=feed.title,
                feed_language=feed.language,
                title_suffix=title_suffix,
                outlet=outlet,
                first_seen=first_seen,
                now=now,
                agencies=self.agencies,
            )
            # by which its page is recognised is the address that the feed gives
            return copy if whole is entry else replace(copy, url_key=url_key(entry.link) if entry.link else None)

        return record.compare(
            connection,
            source,
            feed,
            clean=cleaned,
            url_key=url_key,
            unrelated=match.is_guid_reused,
            now=now,
            unread=unread,
        )


def _wanted(
    source: Source, outlet: str, feed: Feed, title_suffix: str | None, reading: Changeset
) -> Iterator[tuple[str, PageRequest]]:
    """List the pages of entries that are new or changed, by the guids of their entries."""
    fresh: Sequence[NewCopy] = [*reading.new, *(edit.new for edit in reading.edited)]
    for new in fresh:
        if new.entry is None or new.copy.url is None or new.withdrawn or new.excluded:
            continue
        about = PageRequest(
            url=new.copy.url,
            entry=new.entry,
            first_seen=new.copy.first_seen,
            outlet=outlet,
            feed_title=feed.title,
            feed_language=feed.language,
            title_suffix=title_suffix,
        )
        yield new.copy.key.guid, about


def _publisher(source: Source, state: SourceState, feed: Feed) -> Publisher:
    shown = source.url if not source.is_path and (source.public or not _is_private(source.url)) else None
    return Publisher(
        source=source.id,
        name=source.name,
        outlet=outlet_of(source, first_site(state, feed.link)),
        agency=source.agency,
        credit=source.credit,
        id=feed.id,
        title=clean_title(feed.title) if feed.title else None,
        link=feed.link,
        self_link=shown,
        updated=feed.updated,
        authors=tuple(clean_title(author) for author in feed.authors),
        rights=source.rights,
        priority=source.priority,
        trust=source.trust,
    )


def _is_private(url: str) -> bool:
    """Tell whether an address holds user info or a query, which may be a key to it."""
    parts = urlsplit(url)
    return bool(parts.query or parts.username or parts.password)
