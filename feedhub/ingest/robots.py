"""robots.txt (RFC 9309) of the sites whose articles' pages are read: kept in the store, asked for once a day."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cachetools import LRUCache
from msgspec import Struct, field
from protego import Protego

from feedhub.model import Fetched, FetchFailed, FetchResult
from feedhub.store import Connection, Database, robots_rules
from feedhub.store.robots_rules import RobotsRules

#: how long rules count, and how long a site without an answer is left alone (RFC 9309, 2.4 and 2.3.1.4)
_KEPT, _UNREACHABLE = timedelta(hours=24), timedelta(hours=1)
#: bytes of files whose rules are remembered, and what a site counts for that has none: whoever names ten thousand hosts
#: with long files shall not fill the memory (parsed, a file takes some ten times its size)
_REMEMBERED, _LEAST = 4_000_000, 400
#: parsing takes a third of a microsecond a byte: longer files are parsed in a thread
_SHORT = 20_000
#: the name that rules may speak to
AGENT = "feedhub"


class RobotsRefusal(Struct, frozen=True, kw_only=True):
    """Why a page may not be asked for."""

    reason: str
    #: when that may be otherwise: the site's rules could not be read; None where the rules themselves forbid it
    until: datetime | None = None


class _Parsed(Struct, frozen=True, kw_only=True):
    stored: RobotsRules
    rules: Protego | None


class Robots(Struct, frozen=True, kw_only=True):
    """Knows what sites ask; what no process has asked today is asked, and written down by `write`."""

    #: where all processes keep it; None: in this one's memory alone
    store: Database | None = None
    write: Callable[[Callable[[Connection], None]], Awaitable[None]] | None = None
    _known: LRUCache[str, _Parsed] = field(
        default_factory=lambda: LRUCache(
            _REMEMBERED, getsizeof=lambda known: max(_LEAST, len(known.stored.rules or ""))
        )
    )
    #: one question at a time to a site
    _asking: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def refusal(
        self, url: str, now: datetime, fetch: Callable[[str], Awaitable[FetchResult]]
    ) -> RobotsRefusal | None:
        """Return why a page may not be asked for; None where it may."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        async with self._asking[site]:
            known = await self._of_site(site, now, fetch)
        if not self._asking[site].locked():
            self._asking.pop(site, None)
        if known.stored.closed is not None:
            return RobotsRefusal(reason=known.stored.closed, until=known.stored.valid_until)
        if known.rules is not None and not known.rules.can_fetch(url, AGENT):
            return RobotsRefusal(reason="robots.txt asks that it be left alone")
        return None

    async def _of_site(self, site: str, now: datetime, fetch: Callable[[str], Awaitable[FetchResult]]) -> _Parsed:
        known = self._known.get(site)
        if known is None or now >= known.stored.valid_until:
            stored = await asyncio.to_thread(self._stored, site, now)
            if stored is None:
                stored = _rules_of(await fetch(f"{site}/robots.txt"), now)
                await self._save(site, stored)
            known = self._known[site] = _Parsed(stored=stored, rules=await _parsed(stored.rules))
        return known

    async def _save(self, site: str, rules: RobotsRules) -> None:
        if self.write is not None:
            await self.write(lambda connection: robots_rules.save(connection, site, rules))

    def _stored(self, site: str, now: datetime) -> RobotsRules | None:
        if self.store is None:
            return None
        with self.store.read() as connection:
            return robots_rules.of_site(connection, site, now)


async def _parsed(rules: str | None) -> Protego | None:
    if rules is None:
        return None
    return Protego.parse(rules) if len(rules) <= _SHORT else await asyncio.to_thread(Protego.parse, rules)


def _size(known: _Parsed) -> int:
    return max(_LEAST, len(known.stored.rules or ""))


def _rules_of(result: FetchResult, now: datetime) -> RobotsRules:
    if isinstance(result, Fetched):
        return RobotsRules(valid_until=now + _KEPT, rules=result.body.decode("utf-8", "replace").replace("\0", ""))
    failed = result if isinstance(result, FetchFailed) else None
    if failed and failed.status is not None and 400 <= failed.status < 500 and failed.status != 429:
        return RobotsRules(valid_until=now + _KEPT)
    wait = max((failed.freshness.retry_after if failed else None) or timedelta(0), _UNREACHABLE)
    reason = failed.reason if failed else "no answer"
    return RobotsRules(valid_until=now + min(wait, _KEPT), closed=f"robots.txt cannot be read: {reason}"[:300])
