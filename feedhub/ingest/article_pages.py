"""The pages of articles, for sources that say `fulltext`: one page, from its claim to the copy that it makes whole.

The entries are recorded with the feed's own text first, and in the same transaction their pages are put down to be
read; so whatever dies in between, nothing is lost and nothing is fetched twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from feedhub.clean import Agencies, clean
from feedhub.fetch import Client
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
from feedhub.store import Connection, Database, copies, pages, placements
from feedhub.store.claims import LeaseLost
from feedhub.store.counts import Tally
from feedhub.store.pages import PageClaim

Write = Callable[[Callable[[Connection], None]], Awaitable[None]]

#: from one try to the next; after the last the feed's own text stands
_AGAIN = (timedelta(minutes=15), timedelta(hours=2), timedelta(hours=12))
#: answers that another try would not change
#: a wall: none of its host's pages is asked for meanwhile
_WALLS = (401, 402, 403, 451)
_REST, _BUSY = timedelta(days=1), timedelta(minutes=10)
#: so many pages refused and none read are no accident
_REFUSALS = 3
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
    robots: Robots = field(default_factory=Robots)
    tally: Tally = field(default_factory=Tally)

    async def read(self, claim: PageClaim, now: datetime) -> None:
        """Take one page as far as its copy; what goes wrong is recorded, and the feed's own text stands."""
        source = self.sources.get(claim.source)
        decides = claim.purpose == pages.DECIDE
        if source is None or source.fulltext is not (Fulltext.DECIDE if decides else Fulltext.PUBLISH):
            return await self._put_off(claim, None)
        if decides and (refusal := await self._robots(source).refusal(claim.wanted.url, now)):
            return await self._refuse(claim, refusal, now)
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
        self.tally.add("page", "read", claim.source)
        made = await asyncio.to_thread(self.clean, source, replace(claim.wanted, entry=entry), now)
        if decides:
            return await self._finish(claim, lambda connection: _keep_text(connection, claim, made))
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

    def _robots(self, source: Source) -> Robots:
        """Return the rules of hosts, asked for as the pages themselves are."""
        if self.robots.fetch is None:
            self.robots.fetch = lambda url: self.client.page(source, url)
        return self.robots

    async def _refuse(self, claim: PageClaim, reason: str, now: datetime, *, rest: timedelta | None = None) -> None:
        """Give a page up that was to decide; its copy is settled by its own words, and the host may rest."""
        self.tally.add("page", "refused", claim.source)

        def write(connection: Connection) -> None:
            pages.finish(connection, claim, read=None, due_at=None, tries=claim.tries + 1, refusal=reason[:200])
            placements.mark_pending(connection, [claim.copy])
            host = urlsplit(claim.wanted.url).hostname or ""
            remark = f"page {claim.wanted.url}: {reason}; what it could decide stays undecided"
            if rest is not None or _only_refuses(connection, host):
                pages.pause_host(connection, host, now + (rest or _REST))
                remark = (
                    f"pages of {host}: {reason}; none is asked for until {now + (rest or _REST):%Y-%m-%d %H:%M} UTC"
                )
            copies.add_remarks(connection, claim.source, [remark[:1000]], now)

        await self._finish(claim, write)

    async def _put_off(self, claim: PageClaim, due: datetime | None) -> None:
        await self._finish(claim, lambda c: pages.finish(c, claim, read=None, due_at=due, tries=claim.tries))

    async def _fail(self, claim: PageClaim, why: FetchResult, now: datetime) -> None:
        reason, status = (why.reason, why.status) if isinstance(why, FetchFailed) else ("nothing new", 304)
        if claim.purpose == pages.DECIDE:
            return await self._fail_to_decide(claim, reason, status, why, now)
        last = claim.tries >= len(_AGAIN) or status in _FINAL
        if last:
            self.tally.add("page", "refused", claim.source)
        due = None if last else now + _AGAIN[claim.tries]
        kept = "the feed's own text stands" if last else "tried again later"
        pause = why.freshness.retry_after if isinstance(why, FetchFailed) else None

        def write(connection: Connection) -> None:
            if status == 429 or pause is not None:
                pages.pause_host(connection, urlsplit(claim.wanted.url).hostname or "", now + (pause or _BUSY))
            pages.finish(connection, claim, read=None, due_at=due, tries=claim.tries + 1)
            copies.add_remarks(connection, claim.source, [f"page {claim.wanted.url}: {reason}; {kept}"[:1000]], now)

        await self._finish(claim, write)

    async def _fail_to_decide(
        self, claim: PageClaim, reason: str, status: int | None, why: FetchResult, now: datetime
    ) -> None:
        """Give a page up: its story waits for minutes only; a host that wants to be asked for none rests."""
        asked = why.freshness.retry_after if isinstance(why, FetchFailed) else None
        if status in _WALLS:
            return await self._refuse(claim, reason, now, rest=_REST)
        if status == 429 or asked is not None:
            return await self._refuse(claim, reason, now, rest=asked or _BUSY)
        await self._refuse(claim, reason, now)

    async def _finish(self, claim: PageClaim, write: Callable[[Connection], None]) -> None:
        try:
            await self.write(write)
        except LeaseLost:
            # Another worker reads it by now, or the entry was edited meanwhile and its page is read anew.
            return


def _only_refuses(connection: Connection, host: str) -> bool:
    """Tell whether a host has refused several pages and shown none: a wall, a consent page, one error for all."""
    found = next((each for each in pages.by_host(connection) if each.host == host), None)
    return found is not None and found.refused >= _REFUSALS and not found.read


def _keep_text(connection: Connection, claim: PageClaim, made: Copy) -> None:
    """Keep what was read in order to decide, and have its copy settled anew."""
    pages.finish(connection, claim, read=None, due_at=None, paragraphs=made.paragraphs)
    placements.mark_pending(connection, [claim.copy])


def _write(connection: Connection, claim: PageClaim, read: ArticlePage, made: Copy, now: datetime) -> None:
    """Write the page together with the copy that it makes whole."""
    pages.finish(connection, claim, read=read, due_at=None)
    stored = next(iter(placements.by_ids(connection, [claim.copy])), None)
    if stored is None or stored.withdrawn:
        return
    after = replace(made, key=stored.copy.key, url_key=stored.copy.url_key)
    if after != stored.copy:
        pages.rewrite(connection, claim.copy, after, now)
