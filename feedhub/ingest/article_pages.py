"""The pages of articles: one page, from its claim to the copy that it makes whole, or to the text that decides.

The entries are recorded with the feed's own text first, and in the same transaction their pages are put down to be
read; so whatever dies in between, nothing is lost and nothing is fetched twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from msgspec import Struct, field

from feedhub.clean import Agencies, clean
from feedhub.fetch import Client
from feedhub.ingest import deciding_pages
from feedhub.ingest.fulltext import filled
from feedhub.ingest.robots import Robots
from feedhub.model import (
    ArticlePage,
    Copy,
    Fetched,
    FetchFailed,
    FetchResult,
    Fulltext,
    PageRequest,
    ParseFailed,
    Source,
)
from feedhub.parse.parser_pool import ParserPool
from feedhub.store import Connection, Database, pages, placements, remarks
from feedhub.store.claims import LeaseLost
from feedhub.store.counts import Tally
from feedhub.store.database_errors import is_refusal
from feedhub.store.pages import PageClaim
from feedhub.structs import replace

Write = Callable[[Callable[[Connection], None]], Awaitable[None]]

#: from one try to the next; after the last the feed's own text stands
_AGAIN = (timedelta(minutes=15), timedelta(hours=2), timedelta(hours=12))
#: answers that another try would not change
_FINAL = (401, 402, 403, 404, 410, 451)
_BUSY = timedelta(minutes=10)
log = logging.getLogger("feedhub.ingest")
#: characters of an address in the log, and of what was raised in a remark
_URL = 200
_ANOTHER = "it does not carry what the feed tells of the article (a log-in or consent page, or another article)"


class ArticlePageReader(Struct, frozen=True, kw_only=True):
    """Reads claimed pages with the hub's clients; `write` runs a transaction in the hub's writer."""

    sources: Mapping[str, Source]
    client: Client
    parsers: ParserPool
    agencies: Agencies
    store: Database
    write: Write
    robots: Robots
    tally: Tally = field(default_factory=Tally)

    async def read(self, claim: PageClaim, now: datetime) -> None:
        """Take one page as far as its copy; what goes wrong is recorded, and the feed's own text stands.

        A page at which the program fails is given up: it must not keep others from being read.
        """
        try:
            await self._read(claim, now)
        except Exception as bug:
            if is_refusal(bug):
                raise
            log.exception("page broke", extra={"source": claim.source, "page": claim.wanted.url[:_URL]})
            reason = f"reading it failed ({type(bug).__name__}: {bug})"[:_URL]
            if claim.purpose == pages.DECIDE:
                return await self._give_up(claim, reason, now)
            await self._fail(claim, FetchFailed(source=claim.source, reason=reason), now, is_last=True)

    async def _read(self, claim: PageClaim, now: datetime) -> None:
        source = self.sources.get(claim.source)
        decides = claim.purpose == pages.DECIDE
        if source is None or source.fulltext is not (Fulltext.DECIDE if decides else Fulltext.PUBLISH):
            return await self._put_off(claim, None)
        if decides:
            asked = await self.robots.refusal(claim.wanted.url, now, lambda url: self.client.robots(source, url))
            if asked is not None and asked.until is not None:
                return await self._fail(claim, FetchFailed(source=claim.source, reason=asked.reason), now)
            if asked is not None:
                return await self._give_up(claim, asked.reason, now)
        result = await self.client.page(source, claim.wanted.url)
        if isinstance(result, FetchFailed) and result.deferred:
            return await self._put_off(claim, now + (result.freshness.retry_after or _AGAIN[0]))
        if not isinstance(result, Fetched):
            return await self._fail(claim, result, now)
        await self._read_fetched(claim, source, result, now)

    async def _read_fetched(self, claim: PageClaim, source: Source, fetched: Fetched, now: datetime) -> None:
        decides = claim.purpose == pages.DECIDE
        if decides and deciding_pages.is_home(fetched.url, claim.wanted.url):
            return await self._give_up(claim, "it leads to the front page", now)
        read = await self.parsers.extract(fetched)
        entry = None if isinstance(read, ParseFailed) else filled(claim.wanted.entry, read)
        if isinstance(read, ParseFailed) or entry is None:
            reason = read.reason if isinstance(read, ParseFailed) else _ANOTHER
            if decides:
                return await self._give_up(claim, reason, now)
            return await self._fail(claim, FetchFailed(source=claim.source, reason=reason), now)
        self.tally.add("page", "read", claim.source)
        made = await asyncio.to_thread(self.clean, source, replace(claim.wanted, entry=entry), now)
        if decides:
            article = deciding_pages.article(read, made, self.agencies)
            return await self._finish(claim, lambda connection: deciding_pages.keep(connection, claim, article, now))
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

    async def _give_up(self, claim: PageClaim, reason: str, now: datetime, *, rest: timedelta | None = None) -> None:
        """Give a page up that was to decide; its copy is settled by its own words, and the host may rest."""
        self.tally.add("page", "refused", claim.source)
        await self._finish(claim, lambda connection: deciding_pages.give_up(connection, claim, reason, now, rest=rest))

    async def _put_off(self, claim: PageClaim, due: datetime | None) -> None:
        await self._finish(claim, lambda c: pages.finish(c, claim, read=None, due_at=due, tries=claim.tries))

    async def _fail(self, claim: PageClaim, why: FetchResult, now: datetime, *, is_last: bool = False) -> None:
        """Try a page again later; after the last try, and where another would change nothing, give it up."""
        reason, status = (why.reason, why.status) if isinstance(why, FetchFailed) else ("nothing new", 304)
        decides = claim.purpose == pages.DECIDE
        if decides and status in deciding_pages.WALLS:
            return await self._give_up(claim, reason, now, rest=deciding_pages.REST)
        again = deciding_pages.AGAIN if decides else _AGAIN
        last = is_last or claim.tries >= len(again) or status in _FINAL
        if decides and last:
            return await self._give_up(claim, reason, now)
        if last:
            self.tally.add("page", "refused", claim.source)
        pause = why.freshness.retry_after if isinstance(why, FetchFailed) else None
        due = None if last else now + max(again[claim.tries], pause or timedelta(0))
        kept = "the feed's own text stands" if last else "tried again later"

        def write(connection: Connection) -> None:
            if status == 429 or pause is not None:
                pages.pause_host(connection, urlsplit(claim.wanted.url).hostname or "", now + (pause or _BUSY))
            pages.finish(connection, claim, read=None, due_at=due, tries=claim.tries + 1)
            if decides:
                # its story waits no longer
                placements.mark_pending(connection, [claim.copy])
            remarks.add(connection, claim.source, [f"page {claim.wanted.url}: {reason}; {kept}"[:1000]], now)

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
