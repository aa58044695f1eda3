"""Clusters -> rows: each gets its lasting id, its story is composed, and the outputs that take it are entered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feedhub import outputs
from feedhub.match import shares
from feedhub.merge import Assignment, Founder, Member, Standing, assign, compose
from feedhub.model import Copy, Publisher, Relation, Story
from feedhub.pipeline.neighbours import Neighbourhood
from feedhub.pipeline.related import relate
from feedhub.pipeline.rules import Rules
from feedhub.store import Connection, claims, copies, database, stories
from feedhub.store.copies import Placement, Stored
from feedhub.store.stories import StoryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A copy's place in a cluster, and why."""

    copy: int
    relation: Relation
    matched: int | None = None
    score: float | None = None
    ground: str = ""
    #: number of the accepted revision that it tells; the highest is the newest
    revision: int = 0


Cluster = Sequence[Seat]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What placing changed for subscribers."""

    #: (now, before) of each story whose shown form changed
    changed: tuple[tuple[Story, Story | None], ...] = ()
    #: (ended, successor) tags of stories found to be another one
    joined: tuple[tuple[str, str], ...] = ()
    #: tags of stories killed or withdrawn
    killed: tuple[str, ...] = ()


def place(
    connection: Connection,
    rules: Rules,
    near: Neighbourhood,
    waiting: Sequence[Stored],
    clusters: Sequence[Cluster],
    now: datetime,
) -> Placed:
    """Give every cluster its story and write what changed, all under one new change number."""
    work = _Placing(connection, rules, near, now)
    return work.run(waiting, clusters)


@dataclass(slots=True)
class _Placing:
    connection: Connection
    rules: Rules
    near: Neighbourhood
    now: datetime
    change: int = 0
    rows: dict[int, StoryRow] = field(default_factory=dict)
    publishers: dict[str, Publisher] = field(default_factory=dict)

    def run(self, waiting: Sequence[Stored], clusters: Sequence[Cluster]) -> Placed:
        self.change = database.next_change(self.connection, self.now)
        self._load(waiting, clusters)
        given = self._assign(waiting, clusters)
        numbers = [self._number(each) for each in given]
        placed = {seat.copy: number for number, cluster in zip(numbers, clusters, strict=True) for seat in cluster}
        copies.place(
            self.connection,
            [
                Placement(
                    copy=seat.copy,
                    story=placed[seat.copy],
                    relation=seat.relation,
                    matched=seat.matched,
                    score=seat.score,
                    ground=seat.ground,
                )
                for cluster in clusters
                for seat in cluster
            ],
        )
        joined = [pair for each, number in zip(given, numbers, strict=True) for pair in self._join(each, number)]
        changed = [
            self._tell(number, each.tag, cluster)
            for each, number, cluster in zip(given, numbers, clusters, strict=True)
        ]
        killed = self._withdraw(waiting, set(numbers))
        relate(self.connection, numbers, self.change)
        return Placed(
            changed=tuple(pair for pair in changed if pair is not None), joined=tuple(joined), killed=tuple(killed)
        )

    def _load(self, waiting: Sequence[Stored], clusters: Sequence[Cluster]) -> None:
        held = [self.near.stored[seat.copy] for cluster in clusters for seat in cluster]
        numbers = {row.story for row in [*held, *waiting] if row.story is not None}
        founded = stories.founded_by(self.connection, {row.copy.key for row in held})
        self.rows = {row.id: row for row in [*stories.by_ids(self.connection, numbers), *founded]}
        self.publishers = claims.publishers(self.connection, {row.copy.key.source for row in [*held, *waiting]})

    def _assign(self, waiting: Sequence[Stored], clusters: Sequence[Cluster]) -> tuple[Assignment, ...]:
        groups = [
            [Founder(first_seen=copy.first_seen, key=copy.key) for copy in self._copies(cluster)]
            for cluster in clusters
        ]
        current = {row.copy.key: row.story for row in self.near.stored.values() if row.story is not None}
        return assign(
            groups,
            [_standing(row) for row in self.rows.values()],
            current,
            edited={row.copy.key for row in waiting if row.story is not None},
            identity=self.rules.identity,
            taken=lambda tag: stories.by_tag(self.connection, tag) is not None,
        )

    def _number(self, given: Assignment) -> int:
        if given.story is not None:
            return given.story
        return stories.create(
            self.connection, tag=given.tag, founder=given.founder, founded=given.founded, now=self.now
        )

    def _join(self, given: Assignment, number: int) -> list[tuple[str, str]]:
        """Stories found to be this one leave a tombstone and a redirect."""
        pairs = []
        for other in given.joined:
            stories.end(
                self.connection,
                other,
                "joined",
                when=self.now,
                reason="found to be the same story",
                change=self.change,
                successor=number,
            )
            pairs.append((self.rows[other].tag, given.tag))
        return pairs

    def _tell(self, number: int, tag: str, cluster: Cluster) -> tuple[Story, Story | None] | None:
        """Compose a story and write it if its shown form changed; enter it into the outputs that take it."""
        members = [self._member(seat) for seat in cluster]
        row = self.rows.get(number)
        previous = row.body if row is not None and row.state == "live" else None
        story = compose(
            tag,
            members,
            previous=previous,
            now=self.now,
            released=self._released(members, previous),
            shares=shares,
            related=previous.related if previous is not None else (),
        )
        if story == previous:
            return None
        newest = max(member.copy.first_seen for member in members)
        stories.save(self.connection, number, story, newest=newest, change=self.change)
        self._enter(number, story, previous)
        return story, previous

    def _enter(self, number: int, story: Story, previous: Story | None) -> None:
        """Record when the story entered each output that takes it; a material revision enters it again."""
        shown = stories.outputs_of(self.connection, [number])[number]
        again = previous is not None and story.updated != previous.updated
        for rule in self.rules.outputs:
            if (rule.name in shown and again) or (rule.name not in shown and outputs.admits(rule, story)):
                stories.enter(self.connection, rule.name, number, max(self.now, story.released))

    def _member(self, seat: Seat) -> Member:
        copy = self.near.stored[seat.copy].copy
        return Member(
            copy=copy,
            publisher=self.publishers[copy.key.source],
            relation=seat.relation,
            score=seat.score,
            ground=seat.ground,
            revision=seat.revision,
        )

    def _released(self, members: Sequence[Member], previous: Story | None) -> datetime:
        """Now; or, while the credited agency's own copy is awaited, `hold` after the story was first seen."""
        if any(member.publisher.agency for member in members):
            return self.now if previous is None else min(self.now, previous.released)
        if previous is not None:
            return previous.released
        credited = {member.copy.wire.agency for member in members} - {None}
        awaited = credited & self.rules.own_feeds
        first = min(member.copy.first_seen for member in members)
        return max(self.now, first + self.rules.hold) if awaited else self.now

    def _withdraw(self, waiting: Sequence[Stored], alive: Collection[int]) -> list[str]:
        """The agency's own kill ends the story; another outlet's withdraws its copy, and the story if it was alone."""
        ended = []
        for row in waiting:
            if not row.withdrawn:
                continue
            own = self.publishers[row.copy.key.source].agency is not None
            story = self.rows.get(row.story) if row.story is not None else None
            copies.settle_withdrawn(self.connection, row.id)
            if story is None or story.state != "live" or not (own or story.id not in alive):
                continue
            reason = "killed by the agency" if own else "withdrawn by its only outlet"
            stories.end(
                self.connection, story.id, "killed", when=self.now, reason=reason, change=self.change, successor=None
            )
            ended.append(story.tag)
        return ended

    def _copies(self, cluster: Cluster) -> list[Copy]:
        return [self.near.stored[seat.copy].copy for seat in cluster]


def _standing(row: StoryRow) -> Standing:
    return Standing(
        id=row.id,
        tag=row.tag,
        founded=row.founded,
        founder=row.founder,
        canonical=None if row.body is None else row.body.canonical,
        live=row.state == "live",
        revivable=row.state == "joined",
    )
