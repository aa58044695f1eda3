"""The pages of articles, for sources that say `fulltext`: one page, from its claim to the copy that it makes whole.

The entries are recorded with the feed's own text first, and in the same transaction their pages are put down to be
read; so whatever dies in between, nothing is lost and nothing is fetched twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from feedhub.clean import Agencies, clean
from feedhub.fetch import Client
from feedhub.ingest.fulltext import filled
from feedhub.model import ArticlePage, Copy, Fetched, FetchFailed, FetchResult, PageRequest, ParseFailed, Source
from feedhub.parse.parser_pool import ParserPool
from feedhub.store import Connection, Database, copies, pages, placements
from feedhub.store.claims import LeaseLost
from feedhub.store.pages import PageClaim

Write = Callable[[Callable[[Connection], None]], Awaitable[None]]

#: from one try to the next; after the last the feed's own text stands
_AGAIN = (timedelta(minutes=15), timedelta(hours=2), timedelta(hours=12))
#: answers that another try would not change
_FINAL = (401, 402, 403, 404, 410, 451)
_ANOTHER = "it does not carry what the feed tells of the article (a log-in or consent page, or another article)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePageReader:
    """Reads claimed pages with the hub's clients; `write` runs a transaction in the hub's writer."""

    sources: Mapping[str, Source]
    client: Client
    parsers: ParserPool
    agencies: Agencies
    store: Database
    write: Write

    async def read(self, claim: PageClaim, now: datetime) -> None:
        """Take one page as far as its copy; what goes wrong is recorded, and the feed's own text stands."""
        source = self.sources.get(claim.source)
        if source is None or not source.fulltext:
            return await self._put_off(claim, None)
        result = await self.client.page(source, claim.wanted.url)
        if isinstance(result, FetchFailed) and result.deferred:
            return await self._put_off(claim, now + (result.freshness.retry_after or _AGAIN[0]))
        if not isinstance(result, Fetched):
            return await self._fail(claim, result, now)
        read = await self.parsers.extract(result)
        if isinstance(read, ParseFailed):
            return await self._fail(claim, FetchFailed(source=claim.source, reason=read.reason), now)
        entry = filled(claim.wanted.entry, read)
        if entry is None:
            return await self._fail(claim, FetchFailed(source=claim.source, reason=_ANOTHER), now)
        made = await asyncio.to_thread(self.clean, source, replace(claim.wanted, entry=entry), now)
        return await self._finish(claim, lambda connection: _write(connection, claim, read, made, now))

    def clean(self, source: Source, wanted: PageRequest, now: datetime) -> Copy:
        """Clean an entry whose feed is known by what was stored with its page request."""
        return clean(
            wanted.entry,
            source=source,
            feed_title=wanted.feed_title,
            feed_language=wanted.feed_language,
            title_suffix=wanted.title_suffix,
            outlet=wanted.outlet,
            first_seen=wanted.first_seen,
            now=now,
            agencies=self.agencies,
        )

    async def _put_off(self, claim: PageClaim, due: datetime | None) -> None:
        await self._finish(claim, lambda c: pages.finish(c, claim, read=None, due_at=due, tries=claim.tries))

    async def _fail(self, claim: PageClaim, why: FetchResult, now: datetime) -> None:
        reason, status = (why.reason, why.status) if isinstance(why, FetchFailed) else ("nothing new", 304)
        last = claim.tries >= len(_AGAIN) or status in _FINAL
        due = None if last else now + _AGAIN[claim.tries]
        kept = "the feed's own text stands" if last else "tried again later"

        def write(connection: Connection) -> None:
            pages.finish(connection, claim, read=None, due_at=due, tries=claim.tries + 1)
            copies.add_remarks(connection, claim.source, [f"page {claim.wanted.url}: {reason}; {kept}"[:1000]], now)

        await self._finish(claim, write)

    async def _finish(self, claim: PageClaim, write: Callable[[Connection], None]) -> None:
        try:
            await self.write(write)
        except LeaseLost:
            # Another worker reads it by now, or the entry was edited meanwhile and its page is read anew.
            return


def _write(connection: Connection, claim: PageClaim, read: ArticlePage, made: Copy, now: datetime) -> None:
    """Write the page together with the copy that it makes whole."""
    pages.finish(connection, claim, read=read, due_at=None)
    stored = next(iter(placements.by_ids(connection, [claim.copy])), None)
    if stored is None or stored.withdrawn:
        return
    after = replace(made, key=stored.copy.key, url_key=stored.copy.url_key)
    if after != stored.copy:
        pages.rewrite(connection, claim.copy, after, now)
