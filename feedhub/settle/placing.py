"""Clusters -> rows: each gets its lasting id, its story is composed, and the outputs that take it are entered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feedhub.match import shares
from feedhub.merge import (
    Assignment,
    Former,
    Founder,
    Member,
    Standing,
    assign,
    compose,
    in_order,
    mint,
    source_furniture,
)
from feedhub.model import Copy, Publisher, Story
from feedhub.outputs import Texts
from feedhub.settle import decision_constraints, history, output_entry
from feedhub.settle.membership import Cluster, Neighbours
from feedhub.settle.related import relate
from feedhub.settle.rules import SettleRules
from feedhub.settle.source_lines import SourceLines
from feedhub.store import Connection, database, placements, publishers, stories
from feedhub.store.placements import Placement, StoredCopy
from feedhub.store.stories import NewStory, StoryContent, StoryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementResult:
    """What placing changed for subscribers."""

    #: (now, before) of each story whose shown form changed
    changed: tuple[tuple[Story, Story | None], ...] = ()
    #: (ended, successor) tags of stories found to be another one
    joined: tuple[tuple[str, str], ...] = ()
    #: tags of stories that their only outlet withdrew
    withdrawn: tuple[str, ...] = ()


def place_clusters(
    connection: Connection,
    rules: SettleRules,
    near: Neighbours,
    clusters: Sequence[Cluster],
    *,
    lines: SourceLines | None = None,
    waiting: Collection[int],
    left: Collection[int],
    ended: Collection[int],
    change: int,
    now: datetime,
    awaited: Mapping[int, datetime] | None = None,
) -> PlacementResult:
    """Give every cluster its story and write what changed; stories in `left` lost a copy, those in `ended` are over.

    `awaited`: until when the stories of these copies are held back for a page.
    """
    return _Placing(connection, rules, near, lines, waiting, change, now, awaited or {}).run(clusters, left, ended)


@dataclass(slots=True)
class _Placing:
    connection: Connection
    rules: SettleRules
    near: Neighbours
    lines: SourceLines | None
    waiting: Collection[int]
    change: int
    now: datetime
    #: until when stories are held back for the pages of their copies
    awaited: Mapping[int, datetime]
    rows: dict[int, StoryRow] = field(default_factory=dict)
    publishers: dict[str, Publisher] = field(default_factory=dict)
    pins: dict[int, tuple[datetime, int]] = field(default_factory=dict)

    def run(self, clusters: Sequence[Cluster], left: Collection[int], ended: Collection[int]) -> PlacementResult:
        self._load(clusters, left)
        sealed = self._sealed(clusters)
        given = self._assign(clusters, sealed)
        numbers = self._numbers(given)
        gone = {other: number for each, number in zip(given, numbers, strict=True) for other in each.joined}
        assigned = [
            (number, each, cluster)
            for n, (each, number, cluster) in enumerate(zip(given, numbers, clusters, strict=True))
            if n not in sealed
        ]
        changed = self._compose(assigned)
        self._write_memberships(clusters, numbers, gone)
        joined = [self._join(other, number, given, clusters) for other, number in gone.items()]
        withdrawn = [self._withdraw(number) for number in sorted(left) if number not in numbers]
        touched = {number for number, _, cluster in assigned if not self._is_alone(number, cluster)}
        touched |= {*ended, *gone, *left}
        relate(self.connection, touched, self.change)
        return PlacementResult(
            changed=tuple(changed), joined=tuple(joined), withdrawn=tuple(tag for tag in withdrawn if tag is not None)
        )

    def _is_alone(self, number: int, cluster: Cluster) -> bool:
        """Tell whether a story is new and nothing is related to it."""
        return number not in self.rows and all(self.near.is_alone(place.copy) for place in cluster)

    def _load(self, clusters: Sequence[Cluster], left: Collection[int]) -> None:
        held = self._stored(clusters)
        numbers = {number for row in held for number in (row.story, row.published_story) if number is not None} | set(
            left
        )
        founded = stories.founded_by(self.connection, {row.copy.key for row in held})
        self.rows = {row.id: row for row in [*stories.by_ids(self.connection, numbers), *founded]}
        self.publishers = publishers.by_source(self.connection, {row.copy.key.source for row in held})
        if self.lines is not None:
            self.lines.add(self.connection, held)
            for source in self.publishers:
                self.lines.record(self.connection, source, self.now)
        self.pins = decision_constraints.pinned(self.near.decisions.values())

    def _stored(self, clusters: Sequence[Cluster]) -> list[StoredCopy]:
        return [self.near.stored[place.copy] for cluster in clusters for place in cluster]

    def _sealed(self, clusters: Sequence[Cluster]) -> dict[int, int]:
        """Find the clusters that hold a copy of a killed story: by place, the oldest such story."""
        found = {}
        for number, cluster in enumerate(clusters):
            killed = {row.story for row in self._stored([cluster]) if row.killed_by and row.story is not None}
            if killed:
                found[number] = min(killed, key=lambda story: self.rows[story].age)
        return found

    def _assign(self, clusters: Sequence[Cluster], sealed: dict[int, int]) -> tuple[Assignment, ...]:
        held = self.near.stored
        groups = [
            [Founder(first_seen=(copy := held[place.copy].copy).first_seen, key=copy.key) for place in cluster]
            for cluster in clusters
        ]
        rows = self._stored(clusters)
        tags = {mint(self.rules.identity, row.copy.key) for row in rows if row.story is None}
        taken = {row.tag for row in self.rows.values()} | stories.existing_tags(self.connection, tags)
        return assign(
            groups,
            [_standing(row) for row in self.rows.values()],
            {row.copy.key: row.story for row in rows if row.story is not None},
            edited={row.copy.key for row in rows if row.edited},
            homes={row.copy.key: row.published_story for row in rows if row.published_story is not None},
            sealed=sealed,
            identity=self.rules.identity,
            taken=lambda tag: tag in taken or (tag not in tags and bool(stories.existing_tags(self.connection, [tag]))),
        )

    def _numbers(self, given: Sequence[Assignment]) -> list[int]:
        """Return the number of each cluster's story; new ones get theirs."""
        made = iter(stories.reserve_ids(self.connection, sum(each.story is None for each in given)))
        return [each.story if each.story is not None else next(made) for each in given]

    def _write_memberships(self, clusters: Sequence[Cluster], numbers: Sequence[int], gone: dict[int, int]) -> None:
        """Write in which story every copy stands, where that changes; a copy of a killed story stays in it."""
        rows = []
        moved = False
        for number, cluster in zip(numbers, clusters, strict=True):
            for place in cluster:
                stored = self.near.stored[place.copy]
                story = stored.story if stored.killed_by and stored.story is not None else number
                home = stored.story if stored.story in gone else stored.published_story
                put = Placement(
                    copy=place.copy,
                    story=story,
                    relation=place.relation,
                    matched=place.matched,
                    score=place.score,
                    ground=place.ground,
                    published_story=None if home == story else home,
                )
                if place.copy in self.waiting or put != stored.placement:
                    rows.append(put)
                moved = moved or (stored.story is not None and stored.story != story)
        placements.place(self.connection, rows, self.waiting)
        if moved:
            database.count_up(self.connection, database.REGROUPED)

    def _joined_by(self, other: int, given: Sequence[Assignment], clusters: Sequence[Cluster]) -> str | None:
        """Return the source whose newest copy, or newest edit, brought a story together with another."""
        (cluster,) = (some for each, some in zip(given, clusters, strict=True) if other in each.joined)
        rows = [self.near.stored[place.copy] for place in cluster if place.copy in self.waiting]
        brought = [row.copy for row in rows if row.edited or row.story is None]
        return max(brought, key=lambda copy: (copy.first_seen, copy.key)).key.source if brought else None

    def _join(
        self, other: int, number: int, given: Sequence[Assignment], clusters: Sequence[Cluster]
    ) -> tuple[str, str]:
        """End a story found to be another: it leaves a tombstone and a redirect."""
        stories.end(
            self.connection,
            other,
            "joined",
            when=self.now,
            reason="found to be the same story",
            change=self.change,
            successor=number,
            joined_by=self._joined_by(other, given, clusters),
        )
        return self.rows[other].tag, next(each.tag for each in given if other in each.joined)

    def _compose(self, assigned: Sequence[tuple[int, Assignment, Cluster]]) -> list[tuple[Story, Story | None]]:
        """Compose stories and write those whose shown form changed; enter them into the outputs that take them."""
        changed: list[tuple[Story, Story | None]] = []
        contents: list[StoryContent] = []
        new: list[NewStory] = []
        tellers: list[Sequence[Member]] = []
        texts: dict[int, Texts] = {}
        seeks_words = any(rule.words or rule.exclude.words for rule in self.rules.outputs)
        formers = self._formers([cluster for _, _, cluster in assigned])
        for number, given, cluster in assigned:
            members = in_order(self._members(cluster, formers))
            row = self.rows.get(number)
            previous = row.body if row is not None and row.state == "live" else None
            story = compose(
                given.tag,
                members,
                previous=previous and self._as_now(previous),
                now=self.now,
                released=self._released(members, previous, [place.copy for place in cluster]),
                shares=shares,
                related=previous.related if previous is not None else (),
                updated=None if row is None else row.updated,
            )
            if story != previous:
                says = StoryContent(story=number, body=story, newest=max(member.copy.first_seen for member in members))
                contents.append(says)
                if given.story is None:
                    new.append(NewStory(founder=given.founder, founded=given.founded, says=says))
                changed.append((story, previous))
                tellers.append(members)
                if seeks_words:
                    texts[number] = output_entry.texts_of(members)
        self._write(contents, new, changed, tellers)
        numbers = [each.story for each in contents]
        output_entry.enter(
            self.connection,
            self.rules.outputs,
            dict(zip(numbers, changed, strict=True)),
            texts,
            known=stories.outputs_of(self.connection, [number for number in numbers if number in self.rows]),
            now=self.now,
        )
        return changed

    def _write(
        self,
        contents: Sequence[StoryContent],
        new: Sequence[NewStory],
        changed: Sequence[tuple[Story, Story | None]],
        tellers: Sequence[Sequence[Member]],
    ) -> None:
        stories.add(self.connection, new, self.change)
        for each, (story, previous), members in zip(contents, changed, tellers, strict=True):
            history.keep(self.connection, each.story, story, previous, members, self.now)
        made = {each.says.story for each in new}
        stories.save(self.connection, [each for each in contents if each.story not in made], self.change)

    def _formers(self, clusters: Sequence[Cluster]) -> dict[int, list[Former]]:
        """Read what the copies of stories with several revisions said before; elsewhere nobody asks."""
        several = [cluster for cluster in clusters if len({place.revision for place in cluster}) > 1]
        found = placements.earlier_versions(self.connection, [place.copy for cluster in several for place in cluster])
        return {
            number: [Former(copy=copy, until=until) for copy, until in contents] for number, contents in found.items()
        }

    def _members(self, cluster: Cluster, formers: dict[int, list[Former]]) -> list[Member]:
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

    def _withdraw(self, number: int) -> str | None:
        """End a story whose only outlet withdrew it; later copies of its text are not concerned."""
        row = self.rows[number]
        if row.state != "live":
            return None
        reason = "withdrawn by its only outlet"
        stories.end(self.connection, number, "killed", when=self.now, reason=reason, change=self.change)
        return row.tag


def _standing(row: StoryRow) -> Standing:
    return Standing(
        id=row.id,
        tag=row.tag,
        founded=row.founded,
        founder=row.founder,
        canonical=None if row.body is None else row.body.canonical,
        live=row.state == "live",
        revivable=row.state == "joined" or (row.state == "killed" and row.killed_by is None),
    )
