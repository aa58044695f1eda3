"""One source, from its claim to its rows: fetch, parse, clean, record. Its faults are reports, not errors."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from feedhub import sources
from feedhub.errors import bug_reason
from feedhub.fetch import Client, host_of
from feedhub.ingest.host_leases import HostLeases
from feedhub.ingest.outlet import site_remark, with_site
from feedhub.ingest.source_report import Outcome, SourceReport
from feedhub.ingest.write_batcher import WriteBatcher
from feedhub.model import (
    Feed,
    Fetched,
    FetchFailed,
    FetchResult,
    NotModified,
    ParseFailed,
    Source,
    SourceState,
    Validators,
)
from feedhub.sources import PollingLimits
from feedhub.store import Connection, poll_results, subscriptions
from feedhub.store.claims import Claim, LeaseLost
from feedhub.store.database_errors import is_refusal
from feedhub.store.entry_failures import EntryFailure
from feedhub.store.poll_results import UnchangedPoll
from feedhub.store.subscriptions import HubNotice
from feedhub.structs import replace

if TYPE_CHECKING:
    from feedhub.ingest.changed_entries import Changeset
    from feedhub.ingest.document import DocumentReader, ReadDocument

T = TypeVar("T")
log = logging.getLogger("feedhub.ingest")
#: characters of a guid in the log
_GUID = 200
#: between two looks at a source that stopped
A_DAY = timedelta(days=1)
_BAD_GUIDS = "its guids name nothing (several entries share one, or they change): entries are told apart by their links"


class Poller(Struct, frozen=True, kw_only=True):
    """Polls claimed sources with the hub's clients; `write` runs a transaction in the hub's writer."""

    sources: Mapping[str, Source]
    polling: PollingLimits
    client: Client
    #: gives what reads documents; a round of nothing but 304s never asks for it
    documents: Callable[[], DocumentReader]
    batcher: WriteBatcher
    hosts: HostLeases

    async def poll(self, claim: Claim, now: datetime) -> SourceReport:
        """Take one source as far as its rows."""
        source = self.sources[claim.source]
        state = sources.state_to_poll_with(claim.state, source)
        if not sources.is_due(state, now, everything=True):
            await self._finish(claim, state, _wakes(state, now), None, None, now)
            return SourceReport(source=source.id, outcome=_asleep(state), remark=state.stopped or _until(state))
        result = await self.client.fetch(source, state.validators, body_hash=state.body_hash, url=state.url)
        await self.hosts.share_pauses(self.client.gate.take_backoffs())
        try:
            return await self._take_in(claim, source, state, result, now)
        except Exception as bug:
            if is_refusal(bug):
                raise
            # ours; the source fails with a record, as it does over a document that nobody can read
            log.exception("poll broke", extra={"source": source.id})
            failed = FetchFailed(source=source.id, reason=bug_reason(bug))
        after = sources.state_after(state, failed, source, self.polling, now, _jitter(source.id))
        await self._finish(claim, after, after.due_at or now, failed.reason, None, now)
        return SourceReport(source=source.id, outcome=Outcome.FAILED, remark=failed.reason)

    async def _take_in(
        self, claim: Claim, source: Source, state: SourceState, result: FetchResult, now: datetime
    ) -> SourceReport:
        """Read what was fetched, judge the source by it, and write both."""
        document = None
        if isinstance(result, Fetched):
            document = await self.documents().read(source, state, result, now)
            # its bytes are read: they need not wait until its entries are written
            result = replace(result, body=b"", parts=())
        feed, reading = (None, None) if document is None else (document.feed, document.changes)
        after = sources.state_after(state, result, source, self.polling, now, _jitter(source.id), feed)
        if document is not None and isinstance(feed, Feed) and reading is not None:
            moved = len(reading.reused) + reading.churned
            after = replace(
                with_site(after, feed.link),
                backlog=reading.backlog,
                cleaning_backlog=len(reading.waiting),
                title_suffix=document.title_suffix,
            )
            if reading.backlog or reading.waiting:
                # what waits is read only if the document comes again whole
                after = replace(after, validators=Validators(), body_hash=None)
            if remark := site_remark(state, after):
                document = document.with_remark(remark)
            after = sources.judge_guids(after, feed, shared=document.shared_guids, moved=moved)
            if after.guids_bad and not state.guids_bad:
                document = document.with_remark(_BAD_GUIDS)
        changes = None if document is None else document.changes
        report = _report(source, result, feed, changes, _lost(state, feed, reading, now))
        due = _wakes(after, now) if after.stopped else after.due_at or now
        await self._finish(claim, after, due, report.remark, document, now)
        return report

    async def _finish(
        self,
        claim: Claim,
        state: SourceState,
        due_at: datetime,
        remark: str | None,
        document: ReadDocument | None,
        now: datetime,
    ) -> None:
        """Write entries and the validators that vouch for them in one transaction; nothing if the lease was lost."""
        host = host_of(state.url)
        if (document is None or document.changes is None) and host == claim.host:
            return await self._finish_unread(claim, state, due_at, remark, now)

        failures: tuple[EntryFailure, ...] = ()

        def write(connection: Connection, *, one_by_one: bool = False) -> None:
            nonlocal failures
            feed, changes = (None, None) if document is None else (document.feed, document.changes)
            if isinstance(feed, Feed) and (feed.hubs or claim.hub):
                subscriptions.offered(connection, claim.source, hubs=feed.hubs, topic=feed.self_link, now=now)
            poll_results.finish(
                connection,
                claim,
                state=state,
                due_at=self._due(connection, claim, state, due_at, changes, now),
                publisher=None if document is None else document.publisher,
                remark=remark,
                host=host if host != claim.host else None,
            )
            if document is not None:
                failures = document.write(connection, now, one_by_one=one_by_one)

        try:
            try:
                await self.batcher.write(write, can_wait=document is not None and self.documents().is_reading)
            except LeaseLost:
                raise
            except Exception as error:
                if is_refusal(error):
                    raise
                # one of its entries may be what cannot be written
                await self.batcher.write(partial(write, one_by_one=True))
        except LeaseLost:
            # Another worker polls it by now and will write what it finds.
            return
        for failure in failures:
            about = {"source": claim.source, "entry": failure.guid[:_GUID], "reason": failure.reason}
            log.error("entry left out", extra=about, exc_info=failure.error)

    async def _finish_unread(
        self, claim: Claim, state: SourceState, due_at: datetime, remark: str | None, now: datetime
    ) -> None:
        """Write polls that brought nothing to read; those that end together are written at once."""
        listens = claim.hub and not state.failures and not state.stopped
        unread = UnchangedPoll(claim=claim, state=state, due_at=due_at, remark=remark)
        try:
            await self.batcher.write_all(self._write_unread, (unread, now if listens else None))
        except LeaseLost:
            return

    def _write_unread(
        self, connection: Connection, waiting: Sequence[tuple[UnchangedPoll, datetime | None]]
    ) -> list[tuple[UnchangedPoll, datetime | None]]:
        heard: dict[str, HubNotice] = {}
        if moments := [now for _, now in waiting if now is not None]:
            names = [unread.claim.source for unread, now in waiting if now is not None]
            heard = subscriptions.listening(connection, names, now=max(moments))

        def due(unread: UnchangedPoll, now: datetime | None) -> UnchangedPoll:
            name = unread.claim.source
            if now is None or name not in heard:
                return unread
            return replace(unread, due_at=self._after_hub_notice(name, unread.due_at, now, heard[name]))

        lost = poll_results.finish_all(connection, [due(*each) for each in waiting])
        return [each for each in waiting if each[0].claim.source in lost]

    def _due(
        self,
        connection: Connection,
        claim: Claim,
        state: SourceState,
        due_at: datetime,
        reading: Changeset | None,
        now: datetime,
    ) -> datetime:
        """Tell when the source is due again, a hub that tells us of its news taken into account."""
        if state.failures or state.stopped or not claim.hub:
            return due_at
        before = claim.state.last_success if claim.state else None
        has_news = reading is not None and bool(reading.new or reading.edited)
        notice = subscriptions.listens(connection, claim.source, now=now, polled=before, has_news=has_news)
        return due_at if notice is None else self._after_hub_notice(claim.source, due_at, now, notice)

    def _after_hub_notice(self, name: str, due_at: datetime, now: datetime, notice: HubNotice) -> datetime:
        source, pause = self.sources[name], subscriptions.SHORTEST_PAUSE
        return sources.after_hub_notice(due_at, source, self.polling, now, pause=pause, **notice._asdict())


def _report(
    source: Source,
    result: Fetched | NotModified | FetchFailed,
    feed: Feed | ParseFailed | None,
    reading: Changeset | None,
    lost: str | None,
) -> SourceReport:
    if isinstance(result, NotModified):
        return SourceReport(source=source.id, outcome=Outcome.UNCHANGED)
    if isinstance(result, FetchFailed):
        outcome = Outcome.WAITING if result.deferred else Outcome.FAILED
        return SourceReport(source=source.id, outcome=outcome, remark=result.reason)
    if not isinstance(feed, Feed) or reading is None:
        reason = feed.reason if isinstance(feed, ParseFailed) else "not parsed"
        return SourceReport(source=source.id, outcome=Outcome.FAILED, remark=reason)
    return SourceReport(
        source=source.id,
        outcome=Outcome.READ,
        entries=feed.listed,
        new=len(reading.new),
        edited=len(reading.edited),
        remark="; ".join([lost] if lost else reading.remarks[-3:]) or None,
    )


def _lost(state: SourceState, feed: Feed | ParseFailed | None, reading: Changeset | None, now: datetime) -> str | None:
    if reading is None or not isinstance(feed, Feed):
        return None
    return sources.lost_entries(state, feed, len(reading.present), now)


def _asleep(state: SourceState) -> Outcome:
    return Outcome.STOPPED if state.stopped else Outcome.WAITING


def _wakes(state: SourceState, now: datetime) -> datetime:
    """Tell when to look again at a source that is not to be polled now: it may be reconfigured."""
    return max(state.due_at or now, state.paused_until or now, now + A_DAY if state.stopped else now)


def _until(state: SourceState) -> str | None:
    return None if state.paused_until is None else f"asked to wait until {state.paused_until:%Y-%m-%d %H:%M:%SZ}"


def _jitter(source: str) -> float:
    """Return a source's own place in the spread, 0 to 1, the same in every round."""
    return hashlib.blake2b(source.encode(), digest_size=2).digest()[0] / 255
