"""The current version of each output's document, for who asks for it now: built once, and never waited for long."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from msgspec import Struct

from feedhub.directory import OutputDirectory
from feedhub.errors import EnvironmentFailed, FeedhubError
from feedhub.feeds.output_documents import DocumentSet, OutputDocuments
from feedhub.model import OutputRule
from feedhub.publish import FORMATS
from feedhub.serve import Document, Workers
from feedhub.serve.shared_calls import SharedCalls

log = logging.getLogger("feedhub.serve")

#: seconds between two checks for a change: a document is built anew at most so often
RECHECK_SECONDS = 0.5
#: seconds that a reader waits for a new version of a document while there is one that is not old: on a busy machine
#: one reader in a hundred waited for seconds
PATIENCE_SECONDS = 0.1
#: seconds since the last version was known to be current, after which every reader waits for the next
_STALE_SECONDS = 10.0
#: seconds for which a database that did not respond is not asked for a document again
_RETRY_SECONDS = 1.0


class _LastDocument(Struct, frozen=True, kw_only=True):
    """A document as it was built last, and when it was known to be current, by the monotonic clock."""

    document: Document
    at: float


class CurrentDocuments:
    """Serves the documents of all outputs from one event loop; what blocks is done in a thread of `workers`."""

    def __init__(
        self,
        documents: OutputDocuments,
        directory: OutputDirectory,
        workers: Workers,
        shared: SharedCalls,
        *,
        recheck: float,
        patience: float | None,
    ) -> None:
        self._documents = documents
        self._directory = directory
        self._workers = workers
        self._shared = shared
        self._recheck = recheck
        #: None: as long as it takes
        self._patience = patience
        self._checked_at = float("-inf")
        self._current_set: DocumentSet | None = None
        #: by output and suffix: served while the next one is built, and for as long as the database is away
        self._last: dict[tuple[str, str], _LastDocument] = {}
        #: the database is not asked before, by the monotonic clock
        self._retry_at = float("-inf")
        self._storing: asyncio.Task[None] | None = None

    async def document(self, name: str, suffix: str) -> Document | None:
        """Return the current version of an output's document; None where there is no such output or format.

        Where it has to be built and that takes long, return the version before, if that was current a moment ago.
        Raise EnvironmentFailed where the database is away and there is no version at all.
        """
        key = (name, suffix)
        fresh = self._fresh()
        if fresh is not None and (built := fresh.main.get(key)) is not None:
            return built
        last = self._last.get(key)
        if last is not None and time.monotonic() < self._retry_at:
            return last.document
        try:
            current = await self._build_or_last(key, last)
        except EnvironmentFailed:
            if last is None:
                raise
            # What was true a moment ago serves readers better than an error; ask the database again in a while.
            self._retry_at = time.monotonic() + _RETRY_SECONDS
            return last.document
        if current is not None:
            self._store_manifests()
        return current

    async def _build_or_last(self, key: tuple[str, str], last: _LastDocument | None) -> Document | None:
        building = self._shared.call(key, lambda: self._build(key))
        if last is None or time.monotonic() - last.at > _STALE_SECONDS:
            return await building
        waiting = asyncio.ensure_future(building)
        done, _ = await asyncio.wait({waiting}, timeout=self._patience)
        if done:
            return waiting.result()
        # nobody may ask for its error any more
        waiting.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        return last.document

    async def _build(self, key: tuple[str, str]) -> Document | None:
        name, suffix = key
        asked_at = time.monotonic()
        built = await self._read(name, suffix, lambda current, rule: self._documents.build(current, rule, suffix))
        if built is not None:
            self._last[key] = _LastDocument(document=built, at=asked_at)
        return built

    async def page(self, name: str, suffix: str, number: int) -> Document | None:
        """Return a page of an output, 1 being the document itself; None where there is none."""
        if number == 1:
            return await self.document(name, suffix)
        return await self._read(name, suffix, lambda current, rule: self._documents.page(current, rule, suffix, number))

    async def archived(self, name: str, number: int) -> Document | None:
        """Return an archived document of an output, in Atom; None where there is none."""
        return await self._read(name, "atom", lambda current, rule: self._documents.archived(current, rule, number))

    async def delta(self, name: str, suffix: str, known: Sequence[str]) -> Document | None:
        """Return the current version with only what is new since one of the versions `known`; None where none is."""
        return await self._read(name, suffix, lambda current, rule: self._documents.delta(current, rule, suffix, known))

    async def _read(
        self, name: str, suffix: str, read: Callable[[DocumentSet, OutputRule], Document | None]
    ) -> Document | None:
        rule = self._directory.rule(name)
        if rule is None or suffix not in FORMATS:
            return None
        return await self._workers.run(read, self._fresh() or await self._current(), rule)

    def _fresh(self) -> DocumentSet | None:
        """Return the documents that the last check found current, if it is recent: a check costs ten responses."""
        return self._current_set if time.monotonic() - self._checked_at < self._recheck else None

    async def _current(self) -> DocumentSet:
        checked_at = time.monotonic()
        current = await self._workers.run(self._documents.current)
        if current is self._current_set:
            # one document's reader had them all checked; another document's readers may not have asked for a while
            for key, built in dict(current.main).items():
                self._last[key] = _LastDocument(document=built, at=checked_at)
        self._current_set, self._checked_at = current, checked_at
        return current

    async def flush(self) -> None:
        """Write the manifests of every version that was built: before the process ends."""
        if self._storing is not None:
            await self._storing
        self._store_manifests()
        if self._storing is not None:
            await self._storing

    def _store_manifests(self) -> None:
        """Start to write the manifests of new versions to the store, in the background."""
        if self._documents.has_unstored_manifests and (self._storing is None or self._storing.done()):
            self._storing = asyncio.create_task(self._write_manifests())

    async def _write_manifests(self) -> None:
        try:
            await asyncio.to_thread(self._documents.store_manifests)
        except FeedhubError as error:
            # they stay in memory, and are tried again with the next version
            log.warning("deltas not stored", extra={"reason": str(error)})
