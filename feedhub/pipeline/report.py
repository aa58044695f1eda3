"""What a round did, as values that the shells print."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from feedhub.model import Story
from feedhub.pipeline.settle import Settled


class Outcome(StrEnum):
    """How polling one source ended."""

    READ = "read"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What one poll of one source did."""

    source: str
    outcome: Outcome
    #: entries in the document, and how many of them were new or edited
    entries: int = 0
    new: int = 0
    edited: int = 0
    #: why it failed, stopped or waits; or what had to be repaired
    remark: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundReport:
    """What a whole round did."""

    sources: tuple[SourceReport, ...] = ()
    copies: int = 0
    #: (now, before) of each story whose shown form changed, once, in the order of ids
    changed: tuple[tuple[Story, Story | None], ...] = ()
    joined: tuple[tuple[str, str], ...] = ()
    killed: tuple[str, ...] = ()
    #: stories that wait for their agency's own copy
    held: int = 0

    @property
    def failed(self) -> tuple[SourceReport, ...]:
        return tuple(each for each in self.sources if each.outcome is Outcome.FAILED)

    @property
    def exit_code(self) -> int:
        """0 all well, 3 some sources failed, 4 all that were polled failed."""
        polled = [each for each in self.sources if each.outcome not in (Outcome.WAITING, Outcome.STOPPED)]
        if not self.failed:
            return 0
        return 4 if len(self.failed) == len(polled) else 3


def broken(source: str, bug: Exception) -> SourceReport:
    """What is told of a source over which feedhub itself failed."""
    remark = f"feedhub broke over it ({type(bug).__name__}): a bug, please report it"
    return SourceReport(source=source, outcome=Outcome.FAILED, remark=remark)


def summed(sources: Iterable[SourceReport], settled: Iterable[Settled], held: int) -> RoundReport:
    """One report of several settlings; a story that changed twice is told once, from its first form to its last."""
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
        held=held,
    )
