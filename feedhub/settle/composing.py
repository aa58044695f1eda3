"""Clusters with their ids -> stories: composed, written where their shown form changed, entered into outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from msgspec import Struct

from feedhub.match import shares
from feedhub.merge import Assignment, Former, Member, compose, in_order, source_furniture
from feedhub.model import Copy, Publisher, Story
from feedhub.outputs import Texts
from feedhub.settle import decision_constraints, history, output_entry
from feedhub.settle.membership import Cluster, Neighbours
from feedhub.settle.rules import SettleRules
from feedhub.settle.source_lines import SourceLines
from feedhub.store import Connection, placements, stories, story_versions
from feedhub.store.stories import NewStory, StoryContent, StoryRow
from feedhub.store.story_versions import NewVersion


class ComposedCluster(Struct, frozen=True, kw_only=True):
    """A cluster with the story that it is."""

    story: int
    assignment: Assignment
    cluster: Cluster


class StoryComposer(Struct, frozen=True, kw_only=True, dict=True):
    """Composes the stories of one settling; `rows` are those that were there before, by number."""

    connection: Connection
    rules: SettleRules
    near: Neighbours
    lines: SourceLines | None
    rows: Mapping[int, StoryRow]
    publishers: Mapping[str, Publisher]
    #: until when stories are held back for the pages of their copies
    awaited: Mapping[int, datetime]
    change: int
    now: datetime
    #: called before each story; what it raises ends the composing
    check: Callable[[], None]

    @cached_property
    def pins(self) -> Mapping[int, tuple[datetime, int]]:
        """Return the copies that a person let speak."""
        return decision_constraints.pinned(self.near.decisions.values())

    def run(self, assigned: Sequence[ComposedCluster]) -> list[tuple[Story, Story | None]]:
        """Compose stories and write those whose shown form changed; enter them into the outputs that take them.

        Return (now, before) of each that changed.
        """
        changed: list[tuple[Story, Story | None]] = []
        contents: list[StoryContent] = []
        new: list[NewStory] = []
        members_of: list[Sequence[Member]] = []
        texts: dict[int, Texts] = {}
        seeks_words = any(rule.words or rule.exclude.words for rule in self.rules.outputs)
        formers = self._formers([each.cluster for each in assigned])
        for each in assigned:
            self.check()
            number, assignment = each.story, each.assignment
            members = in_order(self._members(each.cluster, formers), self.check)
            row = self.rows.get(number)
            previous = row.body if row is not None and row.state == "live" else None
            story = compose(
                assignment.tag,
                members,
                previous=previous and self._as_now(previous),
                now=self.now,
                released=self._released(members, previous, [place.copy for place in each.cluster]),
                shares=shares,
                related=previous.related if previous is not None else (),
                updated=None if row is None else row.updated,
            )
            if story != previous:
                newest = max(member.copy.first_seen for member in members)
                before = None if row is None else row.body
                text, like = self._texts(story, each.cluster)
                content = StoryContent(story=number, body=story, newest=newest, before=before, text=text, like=like)
                contents.append(content)
                if assignment.story is None:
                    new.append(NewStory(founder=assignment.founder, founded=assignment.founded, says=content))
                changed.append((story, previous))
                members_of.append(members)
                if seeks_words:
                    texts[number] = output_entry.texts_of(members)
        self._write(contents, new, changed, members_of)
        numbers = [content.story for content in contents]
        output_entry.enter(
            self.connection,
            self.rules.outputs,
            dict(zip(numbers, changed, strict=True)),
            texts,
            known=stories.outputs_of(self.connection, [number for number in numbers if number in self.rows]),
            now=self.now,
        )
        return changed

    def _texts(self, story: Story, cluster: Cluster) -> tuple[int | None, int | None]:
        """Return the number of the text that a story took from one of its copies: as its own, and as one like it."""
        key = story.provenance.get("html", story.canonical)
        stored = (self.near.stored[place.copy] for place in cluster)
        taken = next((each for each in stored if each.copy.key == key), None)
        if taken is None or taken.text is None:
            return None, None
        return (taken.text if story.html and story.html == taken.copy.html else None), taken.text

    def _write(
        self,
        contents: Sequence[StoryContent],
        new: Sequence[NewStory],
        changed: Sequence[tuple[Story, Story | None]],
        members_of: Sequence[Sequence[Member]],
    ) -> None:
        """Write stories and what they said before."""
        stories.add(self.connection, new, self.change)
        made = {each.says.story for each in new}
        versions: list[NewVersion] = []
        for each, (story, previous), members in zip(contents, changed, members_of, strict=True):
            versions += history.versions_to_keep(
                self.connection, each.story, story, previous, members, self.now, is_new=each.story in made
            )
        story_versions.add(self.connection, versions)
        stories.save(self.connection, [each for each in contents if each.story not in made], self.change)

    def _formers(self, clusters: Sequence[Cluster]) -> dict[int, list[Former]]:
        """Read what the copies of stories with several revisions said before; elsewhere nobody asks."""
        several = [cluster for cluster in clusters if len({place.revision for place in cluster}) > 1]
        versions = placements.earlier_versions(self.connection, [place.copy for some in several for place in some])
        return {number: [Former(copy=copy, until=until) for copy, until in some] for number, some in versions.items()}

    def _members(self, cluster: Cluster, formers: Mapping[int, Sequence[Former]]) -> list[Member]:
        pin = max((self.pins[place.copy] for place in cluster if place.copy in self.pins), default=None)
        return [
            Member(
                copy=(copy := self._published_copy(place.copy)),
                publisher=self.publishers[copy.key.source],
                relation=place.relation,
                score=place.score,
                ground=place.ground,
                revision=place.revision,
                formers=tuple(formers.get(place.copy, ())),
                pinned=pin is not None and self.pins.get(place.copy) == pin,
            )
            for place in cluster
        ]

    def _published_copy(self, number: int) -> Copy:
        """Return what a copy lends to its story: not what its source repeats in every entry."""
        copy = self.near.stored[number].copy
        source = copy.key.source
        if self.lines is None or not self.lines.of(source):
            return copy
        return self.lines.without(self.near.published_item(number), self.near.furniture.of(source))

    def _as_now(self, previous: Story) -> Story:
        """Return a story as published before without what its source is known to repeat by now: that is no news."""
        if self.lines is None:
            return previous
        source = previous.provenance.get("html", previous.canonical).source
        return source_furniture.story_without(previous, self.lines.of(source))

    def _released(self, members: Sequence[Member], previous: Story | None, numbers: Sequence[int]) -> datetime:
        """Tell when a story may appear: at once, or when the page is read that is awaited of one of its copies."""
        soonest = self._soonest(members, previous)
        if previous is not None and previous.released <= self.now:
            return soonest
        awaited = [self.awaited[number] for number in numbers if number in self.awaited]
        return max(soonest, *awaited) if awaited else soonest

    def _soonest(self, members: Sequence[Member], previous: Story | None) -> datetime:
        """Tell when a story may appear: now, or `hold` after it was first seen while its agency's copy is awaited."""
        if any(member.publisher.agency for member in members):
            return self.now if previous is None else min(self.now, previous.released)
        if previous is not None and previous.released <= self.now:
            return previous.released
        credited = {member.copy.wire.agency for member in members} - {None}
        awaited = credited & self.rules.own_feeds
        first = min(member.copy.first_seen for member in members)
        return max(self.now, first + self.rules.hold) if awaited else self.now
