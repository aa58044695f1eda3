"""Reads a page and tries the feeds that it offers, by the hub's own client and parsers, so that their limits hold."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from urllib.parse import urlsplit

from msgspec import Struct

from feedhub.discovery.feed_offer import FeedOffer, feed_offer
from feedhub.discovery.known_sites import known_feeds, usual_places
from feedhub.fetch import Client, Limits
from feedhub.model import Feed, Fetched, FetchFailed, ParseFailed, Source
from feedhub.parse import html_page
from feedhub.parse.feed_links import feed_links
from feedhub.parse.parser_pool import ParserPool
from feedhub.structs import replace

#: addresses tried for one page, and seconds between two requests to one host while a person waits
_MOST_TRIED, _DELAY = 12, 0.2
#: for each address that is tried
_SECONDS = 12.0


class Discovery(Struct, frozen=True, kw_only=True):
    """What stands behind an address: feeds that answer in the page's order, and why others do not."""

    url: str
    offers: tuple[FeedOffer, ...] = ()
    #: address and reason, a pair for each that was tried in vain
    failures: tuple[tuple[str, str], ...] = ()

    @property
    def reason(self) -> str:
        """Return why nothing is offered, for a person."""
        first = self.failures[0][1] if self.failures else "nothing answers"
        return (
            first
            if len(self.failures) < 2
            else f"{first}; nor is there a feed at {len(self.failures) - 1} other places"
        )


class FeedFinder:
    """Finds feeds; open it with `async with`. `allow` exempts host:port pairs, as `fetch.allow` does."""

    def __init__(
        self,
        *,
        allow: Iterable[str] = (),
        proxy: str | None = None,
        contact: str | None = None,
        max_body: int,
        delay: float = _DELAY,
    ) -> None:
        self._allow = frozenset(allow)
        limits = Limits(body=max_body, total=_SECONDS)
        self._client = Client(allow=self._allow, proxy=proxy, contact=contact, limits=limits, host_delay=delay)
        # what a page names is a stranger's word: no exemption for it
        self._strict = Client(proxy=proxy, contact=contact, limits=limits, host_delay=delay)
        self._parsers = ParserPool(workers=1)

    async def __aenter__(self) -> FeedFinder:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(None, None, None)
        await self._strict.__aexit__(None, None, None)
        await self._parsers.close()

    async def find(self, url: str) -> Discovery:
        """Find the feeds behind an http(s) address: itself, those of a known site, its page's, the usual places'."""
        known = await self._try(url, known_feeds(url))
        if known.offers:
            return known
        fetched = await self._fetch(url, url)
        if isinstance(fetched, FetchFailed):
            return replace(known, failures=((url, fetched.reason), *known.failures))
        feed = await self._parse(fetched)
        if isinstance(feed, Feed):
            return Discovery(url=url, offers=(feed_offer(fetched.moved_to or url, feed),))
        links = feed_links(fetched.body, content_type=fetched.content_type, url=fetched.url)
        named = dict.fromkeys([*fetched.alternates, *(link.url for link in links if link.place != "link")])
        failures = ((url, feed.reason), *known.failures)
        for places in (list(named), [link.url for link in links if link.place == "link"], usual_places(fetched.url)):
            tried = await self._try(url, [each for each in places if each != fetched.url])
            failures += tried.failures
            if tried.offers:
                return replace(tried, failures=failures)
        return Discovery(url=url, failures=failures)

    async def _try(self, asked: str, places: Iterable[str]) -> Discovery:
        """Read the feeds at some places; of two addresses of one document the first counts."""
        offers: list[FeedOffer] = []
        failures: list[tuple[str, str]] = []
        documents: set[str] = set()
        for rank, place in enumerate(list(places)[:_MOST_TRIED]):
            fetched, feed = await self._read(place, asked)
            if isinstance(fetched, Fetched) and not isinstance(feed, Feed):
                # a directory of podcasts answers with the feed's address
                directed = [link.url for link in feed_links(fetched.body, url=fetched.url) if link.place == "script"]
                if directed:
                    place = directed[0]
                    fetched, feed = await self._read(place, asked)
            if isinstance(fetched, FetchFailed) or isinstance(feed, ParseFailed):
                failures.append((place, feed.reason if isinstance(feed, ParseFailed) else ""))
            elif fetched.body_hash not in documents:
                documents.add(fetched.body_hash)
                offers.append(feed_offer(fetched.moved_to or place, feed, rank))
        return Discovery(url=asked, offers=tuple(offers), failures=tuple(failures))

    async def _read(self, url: str, asked: str) -> tuple[Fetched, Feed | ParseFailed] | tuple[FetchFailed, ParseFailed]:
        fetched = await self._fetch(url, asked)
        if isinstance(fetched, FetchFailed):
            return fetched, ParseFailed(reason=fetched.reason)
        return fetched, await self._parse(fetched)

    async def _parse(self, fetched: Fetched) -> Feed | ParseFailed:
        """Read a document; for a page no parser process is started, for which a person would wait."""
        return html_page(fetched.body, fetched.url) or await self._parsers.parse_fetched(fetched)

    async def _fetch(self, url: str, asked: str) -> Fetched | FetchFailed:
        """Fetch an address; only where it is of the host and port that the person named may `allow` exempt it."""
        try:
            own = urlsplit(url).netloc.rpartition("@")[2].lower() == urlsplit(asked).netloc.rpartition("@")[2].lower()
        except ValueError:
            return FetchFailed(source="discovery", reason="no usable URL")
        client = self._client if own else self._strict
        result = await client.fetch(Source(id="discovery", url=url, name="discovery"))
        assert isinstance(result, Fetched | FetchFailed)
        return result
