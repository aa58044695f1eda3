"""What reads documents and articles' pages: the parsers and their processes, the agencies."""

from __future__ import annotations

from concurrent.futures import Executor

from feedhub.clean import Agencies
from feedhub.config import Config
from feedhub.fetch import Client
from feedhub.ingest.article_pages import ArticlePageReader
from feedhub.ingest.document import DocumentReader
from feedhub.ingest.robots import Robots
from feedhub.ingest.write_batcher import WriteBatcher
from feedhub.parse.parser_pool import ParserPool
from feedhub.shortest_first import ShortestFirst
from feedhub.store import Database
from feedhub.store.counts import Tally

#: how long a parser's process may have nothing to do: sources are polled every few minutes, and most need none
_IDLE_SECONDS = 300.0


class DocumentIntake:
    """Reads documents and pages; close it with the hub."""

    def __init__(
        self, config: Config, store: Database, client: Client, batcher: WriteBatcher, thread: Executor, tally: Tally
    ) -> None:
        self._parsers = ParserPool()
        credited = {name for source in config.sources for name in (source.agency, source.credit) if name}
        agencies = Agencies.known(sorted(credited))
        self.documents = DocumentReader(
            parsers=self._parsers,
            agencies=agencies,
            store=store,
            thread=thread,
            # one at a time: what else waits for the thread comes between two documents
            slots=ShortestFirst(1),
        )
        self.pages = ArticlePageReader(
            sources={source.id: source for source in config.sources},
            client=client,
            parsers=self._parsers,
            agencies=agencies,
            store=store,
            write=batcher.write,
            robots=Robots(store=store, write=batcher.write),
            tally=tally,
        )

    async def rest(self) -> None:
        """End the parsers' processes that had nothing to do for a while."""
        await self._parsers.end_idle(_IDLE_SECONDS)

    async def close(self) -> None:
        """End the parsers."""
        await self._parsers.close()
