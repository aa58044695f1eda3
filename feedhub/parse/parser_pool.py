"""Parsing where it is safe: small well-formed documents here, everything else in processes that can be killed."""

from __future__ import annotations

import logging
from types import TracebackType

from feedhub.errors import bug_reason
from feedhub.model import ArticlePage, Feed, Fetched, FetchFailed, ParseFailed
from feedhub.parse import combine, is_json, is_small, parse, parse_fast
from feedhub.parse.worker_pool import WorkerPool

log = logging.getLogger("feedhub.parse")
#: characters of an address in the log
_URL = 300
#: json is linear: so many bytes take a few milliseconds at worst, less than the way to a worker and back
_JSON_HERE = 65_536


class ParserPool:
    """Runs `parse` and `extract` in a few worker processes, started when first needed; open it with `async with`."""

    def __init__(self, *, workers: int = 2, deadline: float = 10.0, memory: int = 768_000_000) -> None:
        self._feeds = WorkerPool("feed", workers=workers, deadline=deadline, memory=memory)
        self._pages = WorkerPool("page", workers=1, deadline=deadline, memory=memory)

    async def __aenter__(self) -> ParserPool:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End every worker at once: they hold nothing."""
        await self._feeds.close()
        await self._pages.close()

    async def end_idle(self, seconds: float) -> None:
        """End the workers that had nothing to do for so long: of 30 to 70 MB each, and .5 to .8 s of CPU to start."""
        await self._feeds.end_idle(seconds)
        await self._pages.end_idle(seconds)

    async def parse_fetched(self, fetched: Fetched) -> Feed | ParseFailed:
        """Parse a fetched document into a Feed; the files of a folder into one."""
        if not fetched.parts:
            return await self.parse(fetched.body, content_type=fetched.content_type, url=fetched.url)
        read = [(part.url, await self.parse_fetched(part)) for part in fetched.parts if isinstance(part, Fetched)]
        failed = [("", ParseFailed(reason=part.reason)) for part in fetched.parts if isinstance(part, FetchFailed)]
        return combine([*read, *failed])

    async def parse(self, body: bytes, *, content_type: str | None = None, url: str = "") -> Feed | ParseFailed:
        """Parse as the stage does, within the deadline and the memory limit; a fault of ours is a ParseFailed, too."""
        try:
            if len(body) <= _JSON_HERE and is_json(body, content_type):
                return parse(body, content_type=content_type, url=url)
            if is_small(body, content_type) and (feed := parse_fast(body, content_type=content_type, url=url)):
                return feed
        except MemoryError:
            raise
        except Exception as bug:
            log.exception("parser broke", extra={"document": url[:_URL]})
            return ParseFailed(reason=bug_reason(bug))
        result: Feed | ParseFailed = await self._feeds.run(body, content_type, url)
        return result

    async def extract(self, fetched: Fetched) -> ArticlePage | ParseFailed:
        """Extract the article of a fetched page, within the deadline and the memory limit."""
        result: ArticlePage | ParseFailed = await self._pages.run(fetched.body, fetched.content_type, fetched.url)
        return result
