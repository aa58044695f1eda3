"""What takes sources in: the client that asks them, and what reads the documents that came; each made when needed."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING

from feedhub.config import Config
from feedhub.fetch import Client, HostGate, Limits
from feedhub.ingest.host_leases import HostLeases
from feedhub.ingest.poll import Poller
from feedhub.ingest.write_batcher import WriteBatcher
from feedhub.store import Database
from feedhub.store.counts import Tally

if TYPE_CHECKING:
    from feedhub.hub.document_intake import DocumentIntake
    from feedhub.ingest.article_pages import ArticlePageReader
    from feedhub.ingest.document import DocumentReader


class Intake:
    """Takes sources and articles' pages as far as their rows; close it with the hub."""

    def __init__(
        self,
        config: Config,
        store: Database,
        gate: HostGate,
        hosts: HostLeases,
        batcher: WriteBatcher,
        thread: Executor,
        tally: Tally,
    ) -> None:
        self._config, self._store, self._batcher, self._tally = config, store, batcher, tally
        self._thread = thread
        self._client = Client(
            allow=config.fetch.allow,
            proxy=config.fetch.proxy,
            gate=gate,
            contact=config.contact,
            limits=Limits(body=config.fetch.max_body),
        )
        self._made_documents: DocumentIntake | None = None
        self.poller = Poller(
            sources={source.id: source for source in config.sources},
            polling=config.polling,
            client=self._client,
            documents=self._documents,
            batcher=batcher,
            hosts=hosts,
        )

    def load(self) -> None:
        """Make everything now: a daemon's loop would stand still at its first document for as long as that takes."""
        _ = self._document_intake

    @property
    def is_reading(self) -> bool:
        """Whether documents are being read just now, as many as are read at once."""
        return self._made_documents is not None and self._made_documents.documents.is_reading

    @property
    def pages(self) -> ArticlePageReader:
        """Return what reads articles' pages."""
        return self._document_intake.pages

    def _documents(self) -> DocumentReader:
        return self._document_intake.documents

    @property
    def _document_intake(self) -> DocumentIntake:
        # parsers, cleaning and the matcher: a round of nothing but 304s needs none of them
        if self._made_documents is None:
            from feedhub.hub.document_intake import DocumentIntake

            self._made_documents = DocumentIntake(
                self._config, self._store, self._client, self._batcher, self._thread, self._tally
            )
        return self._made_documents

    async def rest(self) -> None:
        """Let go of what only documents that come now would use."""
        if self._made_documents is not None:
            await self._made_documents.rest()

    async def close_client(self) -> None:
        """Close every connection."""
        await self._client.__aexit__(None, None, None)

    async def close(self) -> None:
        """End the parsers."""
        if self._made_documents is not None:
            await self._made_documents.close()
