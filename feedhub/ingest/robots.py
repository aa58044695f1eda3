"""robots.txt (RFC 9309) of the hosts whose articles' pages are read, kept for a day."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cachetools import LRUCache
from protego import Protego

from feedhub.model import Fetched, FetchFailed, FetchResult

#: how long rules count, and how long a host without an answer is left alone (RFC 9309, 2.4 and 2.3.1.4)
_KEPT, _UNREACHABLE = timedelta(hours=24), timedelta(hours=1)
#: as much of a file is read (RFC 9309, 2.5 asks for 500 kB at least)
_MOST = 512_000
#: bytes of files whose rules are remembered, and what a host counts for that has none: whoever names ten thousand hosts
#: with long files shall not fill the memory (parsed, a file takes some ten times its size)
_REMEMBERED, _LEAST = 4_000_000, 400
#: parsing takes a third of a microsecond a byte: longer files are parsed in a thread
_SHORT = 20_000
#: the name that rules may speak to
AGENT = "feedhub"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    until: datetime
    #: None: everything is allowed; a text: nothing is, for that reason
    parsed: Protego | None = None
    closed: str | None = None
    #: of the file
    size: int = _LEAST


@dataclass(slots=True)
class Robots:
    """Asks hosts for their rules by `fetch`, once a day each."""

    #: set by whoever has a client
    fetch: Callable[[str], Awaitable[FetchResult]] | None = None
    _rules: LRUCache[str, _Rules] = field(
        default_factory=lambda: LRUCache(_REMEMBERED, getsizeof=lambda rules: rules.size)
    )

    async def refusal(self, url: str, now: datetime) -> str | None:
        """Return why a page may not be asked for; None where it may."""
        parts = urlsplit(url)
        home = f"{parts.scheme}://{parts.netloc}"
        rules = self._rules.get(home)
        if rules is None or now >= rules.until:
            assert self.fetch is not None
            result = await self.fetch(f"{home}/robots.txt")
            if isinstance(result, Fetched) and len(result.body) > _SHORT:
                rules = await asyncio.to_thread(_rules_of, result, now)
            else:
                rules = _rules_of(result, now)
            self._rules[home] = rules
        if rules.closed is not None:
            return rules.closed
        if rules.parsed is not None and not rules.parsed.can_fetch(url, AGENT):
            return "robots.txt asks that it be left alone"
        return None


def _rules_of(result: FetchResult, now: datetime) -> _Rules:
    if isinstance(result, Fetched):
        text = result.body[:_MOST].decode("utf-8", "replace")
        return _Rules(until=now + _KEPT, parsed=Protego.parse(text), size=max(len(text), _LEAST))
    status = result.status if isinstance(result, FetchFailed) else None
    if status is not None and 400 <= status < 500 and status != 429:
        return _Rules(until=now + _KEPT)
    reason = result.reason if isinstance(result, FetchFailed) else "no answer"
    return _Rules(until=now + _UNREACHABLE, closed=f"robots.txt cannot be read: {reason}")
