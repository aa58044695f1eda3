"""What takes sources in: the client, the parsers, and the readers of documents and pages; made when one is due."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from feedhub.clean import Agencies
from feedhub.config import Config
from feedhub.fetch import Client, HostGate, Limits
from feedhub.ingest.article_pages import ArticlePageReader
from feedhub.ingest.document import DocumentReader
from feedhub.ingest.host_leases import HostLeases
from feedhub.ingest.poll import Poller
from feedhub.ingest.write_batcher import WriteBatcher
from feedhub.parse.parser_pool import ParserPool
from feedhub.store import Database
from feedhub.store.counts import Tally

#: documents read at once: more threads are no quicker, and the event loop waits for its turn behind each
READERS = 2


class Intake:
    """Takes sources and articles' pages as far as their rows; close it with the hub."""

    def __init__(
        self,
        config: Config,
        store: Database,
        gate: HostGate,
        hosts: HostLeases,
        batcher: WriteBatcher,
        tally: Tally,
    ) -> None:
        sources = {source.id: source for source in config.sources}
        self._client = Client(
            allow=config.fetch.allow,
            proxy=config.fetch.proxy,
            gate=gate,
            contact=config.contact,
            limits=Limits(body=config.fetch.max_body),
        )
        self._parsers = ParserPool()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        credited = {name for source in config.sources for name in (source.agency, source.credit) if name}
        agencies = Agencies.known(sorted(credited))
        self.poller = Poller(
            sources=sources,
            polling=config.polling,
            client=self._client,
            documents=DocumentReader(parsers=self._parsers, agencies=agencies, store=store, readers=self._readers),
            batcher=batcher,
            hosts=hosts,
        )
        self.pages = ArticlePageReader(
            sources=sources,
            client=self._client,
            parsers=self._parsers,
            agencies=agencies,
            store=store,
            write=batcher.write,
            tally=tally,
        )

    async def close_client(self) -> None:
        """Close every connection."""
        await self._client.__aexit__(None, None, None)

    async def close(self) -> None:
        """End the parsers and the threads that read."""
        await self._parsers.close()
        self._readers.shutdown(wait=True)
