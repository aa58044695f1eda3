"""What one settling did to stories, an event each: for the log, the counts, and who wants to be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from feedhub.model import Place, Relation, Story, Verdict
from feedhub.store.counts import Tally
from feedhub.store.placements import StoredCopy

EventKind = Literal["story", "merged", "joined", "parted", "revised", "disputed", "killed"]
#: how the ground of a merge ends that articles' pages decided
_BY_PAGES = "decided on the pages"


class StoryEvent(Struct, frozen=True, kw_only=True):
    """Something that happened to a story; what does not apply is None."""

    kind: EventKind
    #: the story's id
    story: str
    #: the id of the story that it became part of, or that an entry went to
    into: str | None = None
    #: the entry, by its source and guid
    source: str | None = None
    entry: str | None = None
    #: the entry that it was matched with
    matched: str | None = None
    relation: str | None = None
    method: str | None = None
    score: float | None = None
    ground: str | None = None
    agency: str | None = None
    title: str | None = None
    revision: str | None = None
    #: who killed it: agency | outlet
    by: str | None = None

    def fields(self) -> dict[str, object]:
        """Return what applies, by name."""
        names = [name for name in self.__struct_fields__ if name != "kind"]
        return {name: value for name in names if (value := getattr(self, name)) is not None}


class PlacedCopy(Struct, frozen=True, kw_only=True):
    """A copy as it stood before, and its place now."""

    stored: StoredCopy
    place: Place[int]
    #: the id of its story
    tag: str
    #: the id of the story in which it stood before, where that is another and goes on
    former: str | None = None

    @property
    def is_new(self) -> bool:
        """Tell whether the copy never stood in a story."""
        return self.stored.story is None and not self.stored.edited

    @property
    def is_merge(self) -> bool:
        """Tell whether it was the first of its story, or elsewhere, or nowhere, and now is a copy of another."""
        before = self.stored.placement
        is_elsewhere = before is None or before.relation is Relation.FIRST or self.former is not None
        return self.place.relation is not Relation.FIRST and is_elsewhere


def events_of_copy(placed: PlacedCopy, verdict: Verdict | None, matched: str | None) -> Iterator[StoryEvent]:
    """Yield what happened to a copy: it left a story, it joined one."""
    copy, place = placed.stored.copy, placed.place
    if placed.former is not None:
        yield StoryEvent(
            kind="parted",
            story=placed.former,
            into=placed.tag,
            source=copy.key.source,
            entry=copy.key.guid,
            ground=place.ground or None,
        )
    if placed.is_merge:
        yield StoryEvent(
            kind="merged",
            story=placed.tag,
            source=copy.key.source,
            entry=copy.key.guid,
            matched=matched,
            relation=place.relation.value,
            method="person" if verdict is None or not verdict.merged else verdict.method,
            score=None if place.score is None else round(place.score, 3),
            ground=place.ground,
            agency=copy.wire.agency,
        )


def events_of_story(now: Story, before: Story | None) -> Iterator[StoryEvent]:
    """Yield what happened to what a story says: it is new, says something else, or a source says otherwise."""
    source = now.canonical.source
    if before is None:
        yield StoryEvent(kind="story", story=now.id, source=source, agency=now.agency, title=now.title)
    elif now.updated != before.updated:
        yield StoryEvent(
            kind="revised", story=now.id, source=source, title=now.title, revision=now.revision, ground=now.correction
        )
    known = {dispute.key for dispute in before.disputes} if before is not None else set()
    for dispute in now.disputes:
        if dispute.key not in known:
            facts = "; ".join(f"{ours} / {theirs}" for ours, theirs in dispute.facts)
            yield StoryEvent(
                kind="disputed", story=now.id, source=dispute.key.source, title=now.title, ground=facts or None
            )


def count_events(tally: Tally, events: Sequence[StoryEvent]) -> None:
    """Count what happened to stories."""
    kinds = {"joined": "join", "parted": "part", "revised": "revision", "disputed": "dispute", "killed": "kill"}
    for event in events:
        source = event.source or ""
        if event.kind in kinds:
            tally.add(kinds[event.kind], source=source)
        elif event.kind == "merged":
            tally.add("merge", f"{event.relation} {event.method}", source)
            if event.agency:
                tally.add("agency_merge", event.agency)
            if _BY_PAGES in (event.ground or ""):
                tally.add("page_decision", source=source)


def count_copies(tally: Tally, placed: Sequence[PlacedCopy]) -> None:
    """Count the entries that were not known before."""
    for each in placed:
        if each.is_new:
            tally.add("entry", source=each.stored.copy.key.source)
            if agency := each.stored.copy.wire.agency:
                tally.add("agency", agency)


def count_misses(tally: Tally, misses: Sequence[tuple[str, Verdict]]) -> None:
    """Count pairs that nearly were one story, each by the source of its newer copy."""
    for source, verdict in misses:
        tally.add("near_miss", verdict.method, source)
        for veto in verdict.vetoes:
            tally.add("veto", veto.partition(":")[0])
