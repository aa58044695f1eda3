"""Copies that wait -> stories: clustered, given their ids, composed, and entered into the outputs that take them.

One settling is one transaction: what it decides is seen whole or not at all, and no id is seen before. Whoever settles
has the turn: copies of one story that two workers read in the same second are clustered by one of them, together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from importlib.metadata import version

from msgspec import Struct

from feedhub.match import forget_numbers, forget_spellings, partition
from feedhub.merge import Constraint, constrain
from feedhub.model import Place, Relation, Story
from feedhub.settle import announcements, decision_constraints, kills
from feedhub.settle.candidate_index import CandidateIndex
from feedhub.settle.interruption import Interruption
from feedhub.settle.judgement_cache import JudgementCache
from feedhub.settle.membership import Cluster
from feedhub.settle.neighbourhood import Neighbourhood
from feedhub.settle.placing import PlacementResult, place_clusters
from feedhub.settle.reading import PageWishes
from feedhub.settle.rules import SettleRules
from feedhub.settle.source_lines import SourceLines
from feedhub.settle.story_events import (
    StoryEvent,
    count_copies,
    count_events,
    count_misses,
    events_of_copy,
    events_of_story,
)
from feedhub.store import Connection, counts, database, locks, placements, settle_queue
from feedhub.store.counts import Tally
from feedhub.store.placements import StoredCopy
from feedhub.structs import replace
from feedhub.text_cache import forget_short

#: copies settled in one transaction
BATCH = 500


class SettleResult(Struct, frozen=True, kw_only=True):
    """What one settling did."""

    copies: int = 0
    #: stories whose shown form changed, with what they were before (None: new)
    changed: tuple[tuple[Story, Story | None], ...] = ()
    #: (ended, successor) tags of stories found to be another one
    joined: tuple[tuple[str, str], ...] = ()
    #: tags of stories killed or withdrawn
    killed: tuple[str, ...] = ()
    #: what happened to stories, in the order in which it did
    events: tuple[StoryEvent, ...] = ()
    #: another process settles just now; what waits may be left to it, or tried again
    locked: bool = False


class Settler:
    """Settles what waits; keeps prepared copies in memory between settlings."""

    def __init__(self, rules: SettleRules) -> None:
        self.rules = rules
        #: of the program: copies at which this one has failed are left aside
        self.version = version("feedhub")
        #: of the batch that is under way, by another thread
        self.interruption = Interruption()
        self._cache = JudgementCache(self.interruption.check)
        self._lines = SourceLines()
        self.index = CandidateIndex(rules.windows.window)
        self.wishes = PageWishes(rules.windows.window, rules.readable, rules.page_wait)
        #: numbers of copies that were judged ahead
        self._judged_ahead: frozenset[int] = frozenset()

    def forget(self) -> None:
        """Forget what only a round's next batches would use: the round is over."""
        self._cache.clear()
        forget_spellings()
        forget_short()

    def judge_ahead(
        self, connection: Connection, sources: Collection[str], now: datetime, *, limit: int = BATCH
    ) -> None:
        """Judge what waits of these sources while another has the turn: it need not be done again once we have it.

        Nothing is written. What is judged counts only if it is still what would be judged then.
        """
        waiting = placements.waiting_of(connection, sources, limit)
        self._neighbourhood(connection, now).judge_ahead(waiting)
        self.index.release()
        self._judged_ahead = frozenset(row.id for row in waiting)

    def settle(
        self,
        connection: Connection,
        now: datetime,
        *,
        limit: int = BATCH,
        only: Collection[int] | None = None,
        share: int = settle_queue.SHARE,
    ) -> SettleResult:
        """Settle up to `limit` waiting copies in one transaction, with `only` of these; `copies` is 0 when none waits.

        `share`: characters of text of which a source has its turn before another has one.

        Raises SettleInterrupted where `interruption` says so.
        """
        if not locks.take(connection, locks.SETTLE, wait=False):
            return SettleResult(locked=True)
        waiting = placements.pending(
            connection, limit, first=self._judged_ahead, only=only, version=self.version, share=share
        )
        self._judged_ahead = frozenset()
        return self._settle_chosen(connection, waiting, now) if waiting else SettleResult()

    def _settle_chosen(self, connection: Connection, waiting: Sequence[StoredCopy], now: datetime) -> SettleResult:
        """Settle these copies; the caller has the lock."""
        change = database.next_change(connection, now)
        killed = kills.apply(connection, waiting, window=self.rules.windows.window, change=change, now=now)
        near = self._neighbourhood(connection, now)
        # A kill ends a story before anything joins it: what waits is read again as it stands then.
        stands = placements.by_ids(connection, [row.id for row in waiting]) if killed.any else waiting
        near.gather(stands, shrunk=killed.shrunk)
        self.index.release()
        decided = decision_constraints.constraints(near.decisions.values(), near.stored)
        clusters = [
            cluster
            for component in near.components()
            for cluster in _clusters(near, component, self.rules.windows.window, decided)
        ]
        awaited = self.wishes.ask(connection, near, [row.id for row in waiting], now)
        members = [[place.copy for place in cluster] for cluster in clusters]
        decision_constraints.record_partings(connection, members, near.stored, decided, near.verdict, now)
        placed = place_clusters(
            connection,
            self.rules,
            near,
            clusters,
            lines=self._lines,
            waiting={row.id for row in waiting},
            shrunk=killed.shrunk,
            ended=killed.ended,
            change=change,
            now=now,
            awaited=awaited,
            check=self.interruption.check,
        )
        events = _events(near, placed, killed.tags)
        self._count(connection, near, placed, events, awaited, now)
        gone = [*killed.tags, *placed.withdrawn, *(ended for ended, _ in placed.joined)]
        announcements.announce(connection, self.rules, placed.changed, gone, events, now)
        return SettleResult(
            copies=len(waiting),
            changed=placed.changed,
            joined=placed.joined,
            killed=(*killed.tags, *placed.withdrawn),
            events=events,
        )

    def _count(
        self,
        connection: Connection,
        near: Neighbourhood,
        placed: PlacementResult,
        events: Sequence[StoryEvent],
        awaited: Mapping[int, datetime],
        now: datetime,
    ) -> None:
        """Count what happened, in the transaction in which it does."""
        tally = Tally()
        count_copies(tally, placed.placed)
        count_events(tally, events)
        count_misses(tally, near.new_misses())
        waiting = {near.stored[number].copy.key for number in awaited if number in near.stored}
        for story, before in placed.changed:
            if before is None and story.released > now:
                is_page = any(copy.key in waiting for copy in story.copies)
                tally.add("held", "page" if is_page else "agency", story.canonical.source)
        counts.save(connection, tally.take(), now)

    def _neighbourhood(self, connection: Connection, now: datetime) -> Neighbourhood:
        if forget_numbers():
            self._cache.clear()
        return Neighbourhood(connection, self._cache, self.index, windows=self.rules.windows, now=now)


def _events(near: Neighbourhood, placed: PlacementResult, killed: Sequence[str]) -> tuple[StoryEvent, ...]:
    """Tell what a settling did, kills first, as it did it."""
    events = [StoryEvent(kind="killed", story=tag, by="agency") for tag in killed]
    for story, before in placed.changed:
        events += events_of_story(story, before)
    for each in placed.placed:
        matched = each.place.matched
        verdict = None if matched is None else near.verdict(each.place.copy, matched)
        other = None if matched is None else str(near.stored[matched].copy.key)
        events += events_of_copy(each, verdict, other)
    for ended, into in placed.joined:
        events.append(StoryEvent(kind="joined", story=ended, into=into, source=placed.joined_by.get(ended)))
    events += [StoryEvent(kind="killed", story=tag, by="outlet") for tag in placed.withdrawn]
    return tuple(events)


def _clusters(
    near: Neighbourhood, component: Sequence[int], window: timedelta, decided: Sequence[Constraint]
) -> list[Cluster]:
    """Part one component of merging verdicts into stories; what a person decided overrules the matcher."""
    parts = _parts(near, component, window)
    if not decided:
        return parts
    aged = sorted(component, key=lambda n: (near.stored[n].copy.first_seen, near.stored[n].copy.key))
    ages = {number: age for age, number in enumerate(aged)}
    ours = [rule for each in decided if (rule := _here(each, ages)).pairs]
    if not ours:
        return parts

    def form(some: Sequence[int]) -> list[list[int]]:
        return [[ages[place.copy] for place in part] for part in _parts(near, [aged[n] for n in some], window)]

    groups = constrain(
        [[ages[place.copy] for place in part] for part in parts],
        ours,
        form=form,
        likeness=lambda a, b: match.score if (match := near.verdict(aged[a], aged[b])).merged else 0.0,
    )
    known = {frozenset(ages[place.copy] for place in part): part for part in parts}
    return [known.get(frozenset(group)) or _united(_parts(near, [aged[n] for n in group], window)) for group in groups]


def _here(each: Constraint, ages: Mapping[int, int]) -> Constraint:
    """Return a decision as far as it concerns the copies of one component."""
    pairs = {(ages[a], ages[b]) for a, b in each.pairs if a in ages and b in ages}
    return Constraint(together=each.together, pairs=frozenset((min(pair), max(pair)) for pair in pairs))


def _parts(near: Neighbourhood, numbers: Sequence[int], window: timedelta) -> list[Cluster]:
    if len(numbers) == 1:
        return [[Place(copy=numbers[0], relation=Relation.FIRST)]]
    keys = {near.stored[number].copy.key: number for number in numbers}
    parts = partition(
        [near.item(number) for number in numbers],
        lambda a, b: near.verdict(keys[a.key], keys[b.key]),
        window=window,
    )
    return [[place.renamed(keys) for place in part] for part in parts]


def _united(parts: Sequence[Cluster]) -> Cluster:
    """Unite parts that a person put together: each keeps its revisions, told apart from the others'."""
    members: list[Place[int]] = []
    for part in parts:
        above = 1 + max((place.revision for place in members), default=-1)
        for place in part:
            place = replace(place, revision=place.revision + above)
            if members and place.relation is Relation.FIRST:
                place = replace(place, relation=Relation.REVISION, matched=members[0].copy, ground="merged by a person")
            members.append(place)
    return members
