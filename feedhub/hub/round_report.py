"""The report of a round: its polls, and the stories that changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedhub.ingest.source_report import Outcome, SourceReport
from feedhub.model import Story

if TYPE_CHECKING:
    from feedhub.settle.settler import SettleResult
    from feedhub.settle.story_events import StoryEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundReport:
    """What a whole round did."""

    sources: tuple[SourceReport, ...] = ()
    copies: int = 0
    #: (now, before) of each story whose shown form changed, once, in the order of ids
    changed: tuple[tuple[Story, Story | None], ...] = ()
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


def summarise(sources: Iterable[SourceReport], settled: Iterable[SettleResult], held_back: int) -> RoundReport:
    """Make one report of several settlings; a story that changed twice stands once, from its first form to its last."""
    parts = list(settled)
    first: dict[str, Story | None] = {}
    last: dict[str, Story] = {}
    for part in parts:
        for now, before in part.changed:
            first.setdefault(now.id, before)
            last[now.id] = now
    joined = tuple(pair for part in parts for pair in part.joined)
    gone = {tag for tag, _ in joined}
    return RoundReport(
        sources=tuple(sorted(sources, key=lambda each: each.source)),
        copies=sum(part.copies for part in parts),
        changed=tuple((last[tag], first[tag]) for tag in sorted(last) if tag not in gone),
        joined=joined,
        killed=tuple(tag for part in parts for tag in part.killed),
        events=tuple(event for part in parts for event in part.events),
        held_back=held_back,
    )
