"""The report of a round: its polls, and the stories that changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from feedhub.ingest.source_report import Outcome, SourceReport
from feedhub.model import EntryKey, Story, StoryCopy
from feedhub.settle.story_events import StoryEvent
from feedhub.structs import replace

if TYPE_CHECKING:
    from feedhub.settle.settler import SettleResult


class ReportedStory(Struct, frozen=True, kw_only=True):
    """What a report tells of a story that changed: a first round changes tens of thousands, and all stay in memory."""

    id: str
    title: str
    is_new: bool
    #: how many copies it has; they themselves are listed where there are several
    number: int
    canonical: EntryKey
    copies: tuple[StoryCopy, ...] = ()
    #: what a correction said that came with the change
    correction: str | None = None
    #: when it last changed materially, before the round and now
    updated_before: datetime | None = None
    updated: datetime


class SettleSummary(Struct, frozen=True, kw_only=True):
    """What is remembered of one settling until its round ends."""

    copies: int
    changed: tuple[ReportedStory, ...]
    joined: tuple[tuple[str, str], ...]
    killed: tuple[str, ...]
    events: tuple[StoryEvent, ...]


class RoundReport(Struct, frozen=True, kw_only=True):
    """What a whole round did."""

    sources: tuple[SourceReport, ...] = ()
    copies: int = 0
    #: each story whose shown form changed, once, in the order of ids
    changed: tuple[ReportedStory, ...] = ()
    joined: tuple[tuple[str, str], ...] = ()
    killed: tuple[str, ...] = ()
    #: all that happened to stories, in the order in which it did
    events: tuple[StoryEvent, ...] = ()
    #: stories that wait for their agency's own copy
    held_back: int = 0

    @property
    def failed(self) -> tuple[SourceReport, ...]:
        """List the polls that failed."""
        return tuple(each for each in self.sources if each.outcome is Outcome.FAILED)

    @property
    def exit_code(self) -> int:
        """0 all well, 3 some sources failed, 4 all that were polled failed."""
        polled = [each for each in self.sources if each.outcome not in (Outcome.WAITING, Outcome.STOPPED)]
        if not self.failed:
            return 0
        return 4 if len(self.failed) == len(polled) else 3


def summarise_settling(result: SettleResult) -> SettleSummary:
    """Return what a report tells of one settling."""
    return SettleSummary(
        copies=result.copies,
        changed=tuple(_changed(now, before) for now, before in result.changed),
        joined=result.joined,
        killed=result.killed,
        events=result.events,
    )


def _changed(now: Story, before: Story | None) -> ReportedStory:
    return ReportedStory(
        id=now.id,
        title=now.title,
        is_new=before is None,
        number=len(now.copies),
        canonical=now.canonical,
        copies=now.copies if len(now.copies) > 1 else (),
        correction=now.correction if before is not None and now.correction != before.correction else None,
        updated_before=None if before is None else before.updated,
        updated=now.updated,
    )


def summarise(sources: Iterable[SourceReport], settled: Iterable[SettleSummary], held_back: int) -> RoundReport:
    """Make one report of several settlings; a story that changed twice stands once, from its first form to its last."""
    parts = list(settled)
    changed: dict[str, ReportedStory] = {}
    for part in parts:
        for each in part.changed:
            changed[each.id] = _both(changed[each.id], each) if each.id in changed else each
    joined = tuple(pair for part in parts for pair in part.joined)
    gone = {tag for tag, _ in joined}
    return RoundReport(
        sources=tuple(sorted(sources, key=lambda each: each.source)),
        copies=sum(part.copies for part in parts),
        changed=tuple(changed[tag] for tag in sorted(changed) if tag not in gone),
        joined=joined,
        killed=tuple(tag for part in parts for tag in part.killed),
        events=tuple(event for part in parts for event in part.events),
        held_back=held_back,
    )


def _both(first: ReportedStory, last: ReportedStory) -> ReportedStory:
    return replace(
        last,
        is_new=first.is_new,
        correction=None if first.is_new else last.correction or first.correction,
        updated_before=first.updated_before,
    )


def changed_stories(settled: Iterable[SettleResult]) -> tuple[Story, ...]:
    """Return each story that settlings changed once, as it is now, in the order of ids."""
    parts = list(settled)
    last = {now.id: now for part in parts for now, _ in part.changed}
    gone = {tag for part in parts for tag, _ in part.joined}
    return tuple(last[tag] for tag in sorted(last) if tag not in gone)
