"""Clusters -> rows: each gets its lasting id, its copies their places; stories are composed, joined and ended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field

from feedhub.merge import Assignment, Founder, Standing, assign, mint
from feedhub.model import Publisher, Story
from feedhub.settle.composing import ComposedCluster, StoryComposer
from feedhub.settle.membership import Cluster, Neighbours
from feedhub.settle.related import relate
from feedhub.settle.rules import SettleRules
from feedhub.settle.source_lines import SourceLines
from feedhub.settle.story_events import PlacedCopy
from feedhub.store import Connection, database, placements, publishers, stories
from feedhub.store.placements import Placement, StoredCopy
from feedhub.store.stories import StoryRow


class PlacementResult(Struct, frozen=True, kw_only=True):
    """What placing changed for subscribers."""

    #: (now, before) of each story whose shown form changed
    changed: tuple[tuple[Story, Story | None], ...] = ()
    #: (ended, successor) tags of stories found to be another one
    joined: tuple[tuple[str, str], ...] = ()
    #: tags of stories that their only outlet withdrew
    withdrawn: tuple[str, ...] = ()
    #: the copies whose places were written
    placed: tuple[PlacedCopy, ...] = ()
    #: sources that showed ended stories to be others, by the ids of those
    joined_by: Mapping[str, str] = field(default_factory=dict)


def place_clusters(
    connection: Connection,
    rules: SettleRules,
    near: Neighbours,
    clusters: Sequence[Cluster],
    *,
    lines: SourceLines | None = None,
    waiting: Collection[int],
    shrunk: Collection[int],
    ended: Collection[int],
    change: int,
    now: datetime,
    awaited: Mapping[int, datetime] | None = None,
    check: Callable[[], None] = lambda: None,
) -> PlacementResult:
    """Give every cluster its story and write what changed; stories in `shrunk` lost a copy, those in `ended` are over.

    `awaited`: until when the stories of these copies are held back for a page. `check` is called before each story, and
    may raise to end the placing.
    """
    return _Placing(connection, rules, near, lines, waiting, change, now, awaited or {}, check).run(
        clusters, shrunk, ended
    )


class _Placing(Struct):
    connection: Connection
    rules: SettleRules
    near: Neighbours
    lines: SourceLines | None
    waiting: Collection[int]
    change: int
    now: datetime
    #: until when stories are held back for the pages of their copies
    awaited: Mapping[int, datetime]
    check: Callable[[], None]
    rows: dict[int, StoryRow] = field(default_factory=dict)
    publishers: dict[str, Publisher] = field(default_factory=dict)
    placed: list[PlacedCopy] = field(default_factory=list)
    joined_by: dict[str, str] = field(default_factory=dict)

    def run(self, clusters: Sequence[Cluster], shrunk: Collection[int], ended: Collection[int]) -> PlacementResult:
        self._load(clusters, shrunk)
        sealed = self._sealed(clusters)
        assignments = self._assign(clusters, sealed)
        numbers = self._numbers(assignments)
        joined_to = {other: number for each, number in zip(assignments, numbers, strict=True) for other in each.joined}
        assigned = [
            (number, each, cluster)
            for n, (each, number, cluster) in enumerate(zip(assignments, numbers, clusters, strict=True))
            if n not in sealed
        ]
        composer = StoryComposer(
            connection=self.connection,
            rules=self.rules,
            near=self.near,
            lines=self.lines,
            rows=self.rows,
            publishers=self.publishers,
            awaited=self.awaited,
            change=self.change,
            now=self.now,
            check=self.check,
        )
        changed = composer.run(
            [ComposedCluster(story=number, assignment=each, cluster=some) for number, each, some in assigned]
        )
        self._write_memberships(clusters, numbers, joined_to, [each.tag for each in assignments])
        joined = [self._join(other, number, assignments, clusters) for other, number in joined_to.items()]
        withdrawn = [self._withdraw(number) for number in sorted(shrunk) if number not in numbers]
        touched = {number for number, _, cluster in assigned if not self._is_alone(number, cluster)}
        touched |= {*ended, *joined_to, *shrunk}
        relate(self.connection, touched, self.change)
        return PlacementResult(
            changed=tuple(changed),
            joined=tuple(joined),
            withdrawn=tuple(tag for tag in withdrawn if tag is not None),
            placed=tuple(self.placed),
            joined_by=self.joined_by,
        )

    def _is_alone(self, number: int, cluster: Cluster) -> bool:
        """Tell whether a story is new and nothing is related to it."""
        return number not in self.rows and all(self.near.is_alone(place.copy) for place in cluster)

    def _load(self, clusters: Sequence[Cluster], shrunk: Collection[int]) -> None:
        rows = self._stored(clusters)
        numbers = {number for row in rows for number in (row.story, row.published_story) if number is not None} | set(
            shrunk
        )
        founded = stories.founded_by(self.connection, {row.copy.key for row in rows})
        self.rows = {row.id: row for row in [*stories.by_ids(self.connection, numbers), *founded]}
        self.publishers = publishers.by_source(self.connection, {row.copy.key.source for row in rows})
        if self.lines is not None:
            self.lines.add(self.connection, rows)
            for source in self.publishers:
                self.lines.record(self.connection, source, self.now)

    def _stored(self, clusters: Sequence[Cluster]) -> list[StoredCopy]:
        return [self.near.stored[place.copy] for cluster in clusters for place in cluster]

    def _sealed(self, clusters: Sequence[Cluster]) -> dict[int, int]:
        """Find the clusters that hold a copy of a killed story: by place, the oldest such story."""
        oldest = {}
        for number, cluster in enumerate(clusters):
            killed = {row.story for row in self._stored([cluster]) if row.killed_by and row.story is not None}
            if killed:
                oldest[number] = min(killed, key=lambda story: self.rows[story].age)
        return oldest

    def _assign(self, clusters: Sequence[Cluster], sealed: dict[int, int]) -> tuple[Assignment, ...]:
        stored = self.near.stored
        groups = [
            [Founder(first_seen=(copy := stored[place.copy].copy).first_seen, key=copy.key) for place in cluster]
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

    def _numbers(self, assignments: Sequence[Assignment]) -> list[int]:
        """Return the number of each cluster's story; new ones get theirs."""
        made = iter(stories.reserve_ids(self.connection, sum(each.story is None for each in assignments)))
        return [each.story if each.story is not None else next(made) for each in assignments]

    def _write_memberships(
        self, clusters: Sequence[Cluster], numbers: Sequence[int], joined_to: dict[int, int], tags: Sequence[str]
    ) -> None:
        """Write in which story every copy stands, where that changes; a copy of a killed story stays in it."""
        rows = []
        moved = False
        for number, tag, cluster in zip(numbers, tags, clusters, strict=True):
            for place in cluster:
                stored = self.near.stored[place.copy]
                story = stored.story if stored.killed_by and stored.story is not None else number
                home = stored.story if stored.story in joined_to else stored.published_story
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
                    left = stored.story if stored.story != story and stored.story not in joined_to else None
                    former = self.rows[left].tag if left in self.rows else None
                    self.placed.append(PlacedCopy(stored=stored, place=place, tag=tag, former=former))
                moved = moved or (stored.story is not None and stored.story != story)
        placements.place(self.connection, rows, self.waiting)
        if moved:
            database.count_up(self.connection, database.REGROUPED)

    def _joined_by(self, other: int, assignments: Sequence[Assignment], clusters: Sequence[Cluster]) -> str | None:
        """Return the source whose newest copy, or newest edit, brought a story together with another."""
        (cluster,) = (some for each, some in zip(assignments, clusters, strict=True) if other in each.joined)
        rows = [self.near.stored[place.copy] for place in cluster if place.copy in self.waiting]
        brought = [row.copy for row in rows if row.edited or row.story is None]
        return max(brought, key=lambda copy: (copy.first_seen, copy.key)).key.source if brought else None

    def _join(
        self, other: int, number: int, assignments: Sequence[Assignment], clusters: Sequence[Cluster]
    ) -> tuple[str, str]:
        """End a story found to be another: it leaves a tombstone and a redirect."""
        by = self._joined_by(other, assignments, clusters)
        if by is not None:
            self.joined_by[self.rows[other].tag] = by
        stories.end(
            self.connection,
            other,
            "joined",
            when=self.now,
            reason="found to be the same story",
            change=self.change,
            successor=number,
            joined_by=by,
        )
        return self.rows[other].tag, next(each.tag for each in assignments if other in each.joined)

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
