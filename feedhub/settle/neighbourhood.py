"""Copies that wait -> the whole neighbourhoods that have to be clustered anew, every pair judged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cached_property

from feedhub.match import (
    Furniture,
    Prepared,
    Search,
    Segment,
    hash64,
    judge,
    keys_of,
    learn_groups,
    segment_of,
)
from feedhub.model import MatchWindows, Verdict
from feedhub.settle.candidate_index import WITNESSES, CandidateIndex
from feedhub.settle.judgement_cache import JudgementCache
from feedhub.store import Connection, decisions, page_texts, placements, verdicts
from feedhub.store.decisions import Decision
from feedhub.store.placements import StoredCopy
from feedhub.store.verdicts import StoredVerdict
from feedhub.structs import replace

#: a miss this close to its bar, or with this many shared words, is kept for `explain`
NEAR = 0.15
RELATED_WORDS = 40


class Neighbourhood:
    """One settling: the copies in reach of those that wait, and every verdict between them."""

    def __init__(
        self,
        connection: Connection,
        memory: JudgementCache,
        index: CandidateIndex,
        *,
        windows: MatchWindows,
        now: datetime,
    ) -> None:
        self.connection = connection
        self.now = now
        self._cache = memory
        self._index = index
        self._windows = windows
        self._furniture = index.furniture
        self.stored: dict[int, StoredCopy] = {}
        #: numbers of the copies in reach
        self.reached: set[int] = set()
        #: what was decided about the copies in reach, by number
        self.decisions: dict[int, Decision] = {}
        self._verdicts: dict[tuple[int, int], Verdict] = {}
        self._items: dict[int, Prepared] = {}
        #: copies as their pages tell them, for comparing alone, and when each page was read
        self._by_page: dict[int, StoredCopy] = {}
        self._read_at: dict[int, datetime] = {}
        #: never settled before: nothing is known of them but what is found now
        self._new: set[int] = set()

    def gather(self, waiting: Sequence[StoredCopy], shrunk: Collection[int] = ()) -> None:
        """Index the waiting copies, learn furniture, judge them against their candidates, and reach their clusters.

        The stories in `shrunk` lost a copy: what remains of them is clustered anew too.
        """
        fresh = self._await(waiting)
        start = set(fresh)
        if fresh:
            start |= self._compare(fresh)
        remaining = placements.of_stories(self.connection, shrunk)
        self._add(remaining)
        self._reach(start | {row.id for row in remaining})
        self._mend()

    def judge_ahead(self, waiting: Sequence[StoredCopy]) -> None:
        """Judge waiting copies against their candidates as they are by now, for the memory; nothing is written."""
        fresh = self._await(waiting)
        if fresh:
            self._judge(fresh, self._look_up(fresh)[1])

    def _await(self, waiting: Sequence[StoredCopy]) -> list[int]:
        self._add(waiting)
        fresh = sorted(row.id for row in waiting if row.id in self.stored)
        self._new = {number for number in fresh if self.stored[number].story is None}
        return fresh

    def _look_up(self, fresh: Sequence[int]) -> tuple[Segment, Search]:
        """Return the keys of waiting copies, and what shares them, by the index as the store has it now."""
        seen = [self.stored[number].copy.first_seen for number in fresh]
        self._index.refresh(self.connection, min(*seen, self.now), max(*seen, self.now))
        self._furniture = self._index.furniture
        batch = self._batch(fresh, set(fresh) - self._new)
        return batch, self._index.search(batch)

    def _compare(self, fresh: Sequence[int]) -> set[int]:
        """Compare waiting copies with what is there; return those whose earlier verdicts have changed with it."""
        batch, search = self._look_up(fresh)
        affected = self._learn(fresh, search) - set(fresh)
        if self._furniture is not self._index.furniture:
            search = self._index.search(batch, self._furniture)
        self._judge(fresh, search)
        if affected:
            again = sorted(affected)
            self._judge(again, self._index.search(self._batch(again, again), self._furniture))
        verdicts.drop(self.connection, {*fresh, *affected} - self._new)
        verdicts.save(self.connection, self._worth_keeping(self._verdicts), self.now)
        self._keep(fresh, batch)
        return affected

    def _batch(self, numbers: Sequence[int], known: Collection[int]) -> Segment:
        """Return the keys of these copies; `known`: those that were settled before, and may be indexed."""
        rows = [self._compared(number) for number in numbers]
        return segment_of([(row.id, row.copy) for row in rows], keys_of(self._cache.coded(rows)), known)

    def _keep(self, fresh: Sequence[int], batch: Segment) -> None:
        """Index those of the waiting copies that are not, or were edited."""
        settled = [number for number in fresh if number not in self._new]
        edited = {number for number in settled if self.stored[number].edited or number in self._by_page}
        lost = self._index.unindexed(set(settled) - edited)
        stays = [n for n in fresh if n in self._new or n in edited or n in lost]
        if stays:
            whole = len(stays) == len(fresh)
            self._index.keep(self.connection, batch if whole else self._batch(stays, edited | lost))

    @property
    def furniture(self) -> Furniture:
        """Return what the sources are known to repeat."""
        return self._furniture

    def item(self, number: int) -> Prepared:
        """Return a copy made ready to compare."""
        item = self._items.get(number)
        if item is None:
            item = self._items[number] = replace(
                self._cache.prepared(self._compared(number)), listed_until=self.stored[number].listed_until
            )
        return item

    def words(self, number: int) -> int:
        """Return how many words, and marks among them, the text of a copy has as its feed gave it."""
        ((_, body),) = self._cache.coded([self.stored[number]])
        return len(body)

    def published_item(self, number: int) -> Prepared:
        """Return a copy made ready by what its feed gave alone: what pages say is never published."""
        return self._cache.prepared(self.stored[number]) if number in self._by_page else self.item(number)

    def _compared(self, number: int) -> StoredCopy:
        """Return a copy as it is compared: with the text of its page where that was read in order to decide."""
        return self._by_page.get(number) or self.stored[number]

    def is_alone(self, number: int) -> bool:
        """Tell whether a copy was never settled before and shares too little with any other to be related."""
        return number in self._new and number not in self._nearly_matched

    @cached_property
    def _nearly_matched(self) -> set[int]:
        return {
            number
            for pair, match in self._verdicts.items()
            if match.shared_words >= RELATED_WORDS and not match.merged
            for number in pair
        }

    def verdict(self, left: int, right: int) -> Verdict:
        """Return the verdict on two copies, judged once."""
        pair = (left, right) if left < right else (right, left)
        verdict = self._verdicts.get(pair)
        if verdict is None:
            one, other = self._compared(pair[0]), self._compared(pair[1])
            furniture = self._furniture.of(one.copy.key.source, other.copy.key.source)
            verdict = self._verdicts[pair] = self._cache.verdict(one, other, furniture, lambda: self._judged(*pair))
        return verdict

    def _judged(self, left: int, right: int) -> Verdict:
        verdict = judge(self.item(left), self.item(right), self._furniture, self._windows)
        read = [self._read_at[number] for number in (left, right) if number in self._read_at]
        return page_texts.with_pages(verdict, read)

    def components(self) -> list[list[int]]:
        """Group the copies in reach by merging verdicts; each group in the order of its numbers."""
        leader = {number: number for number in self.reached}

        def find(number: int) -> int:
            while leader[number] != number:
                leader[number] = leader[leader[number]]
                number = leader[number]
            return number

        linked = [pair for pair, match in self._verdicts.items() if match.merged]
        for word in self.decisions.values():
            if word.kind == "merge":
                numbers = list(word.copies.values())
                linked += [(numbers[0], number) for number in numbers[1:] if number in leader]
        for left, right in linked:
            if left in leader and right in leader:
                leader[find(left)] = find(right)
        groups: dict[int, list[int]] = {}
        for number in sorted(self.reached):
            groups.setdefault(find(number), []).append(number)
        return list(groups.values())

    def _add(self, rows: Iterable[StoredCopy]) -> None:
        """Add copies; a withdrawn one only where its story was killed, so that its text stays known."""
        fresh = [row for row in rows if not row.withdrawn or row.killed_by]
        self.stored |= {row.id: row for row in fresh}
        for number, text in page_texts.of_copies(self.connection, {row.id: row.copy for row in fresh}).items():
            row = self.stored[number]
            content = hash((row.content, text.article.paragraphs, text.article.wire, text.article.origin))
            self._by_page[number] = replace(row, copy=text.article.compared(row.copy), content=content)
            self._read_at[number] = text.read_at

    def _fetch(self, numbers: Collection[int]) -> None:
        self._add(placements.by_ids(self.connection, [n for n in numbers if n not in self.stored]))

    def _learn(self, waiting: Sequence[int], search: Search) -> set[int]:
        """Learn what each source repeats; return the copies whose earlier verdicts that may change."""
        sources = {hash64(source): source for source in {self.stored[n].copy.key.source for n in waiting}}
        edited = any(self.stored[number].edited for number in waiting)
        groups = self._index.repeated(search, sources, self.now, edited)
        self._fetch({number for group in groups for number in group.copies[:WITNESSES]})
        by_source: dict[str, list[list[Prepared]]] = {}
        for group in groups:
            first = [self.item(n) for n in group.copies[:WITNESSES] if n in self.stored]
            by_source.setdefault(group.source, []).append(first)
        learned = learn_groups(by_source)
        if not learned.beyond(self._furniture):
            return set()
        self._furniture = self._furniture.merged(learned)
        packed = self._furniture.packed()
        verdicts.save_furniture(self.connection, {source: packed[source] for source in learned.shingles})
        affected = {n for group in groups if group.source in learned.shingles for n in group.copies}
        self._fetch(affected)
        return {number for number in affected if number in self.stored}

    def _judge(self, numbers: Sequence[int], search: Search) -> None:
        """Judge copies against their candidates."""
        candidates = search.candidates(lambda copies: verdicts.stories_of(self.connection, copies))
        pages = self._same_pages(numbers)
        chosen = {number: [*candidates.get(number, ()), *pages.get(number, ())] for number in numbers}
        self._fetch({other for others in chosen.values() for other in others})
        for number, others in chosen.items():
            for other in dict.fromkeys(others):
                if other in self.stored:
                    self.verdict(number, other)

    def _same_pages(self, numbers: Sequence[int]) -> dict[int, list[int]]:
        """Find for each of these copies the others whose article page is the same."""
        rows = {n: self.stored[n].copy for n in numbers if self.stored[n].copy.url_key}
        if not rows:
            return {}
        seen = [row.first_seen for row in rows.values()]
        pages = verdicts.same_page(
            self.connection,
            {row.url_key for row in rows.values() if row.url_key},
            since=min(seen) - self._windows.window,
            until=max(seen) + self._windows.window,
        )
        return {n: [p for p in pages.get(row.url_key or "", ()) if p != n] for n, row in rows.items()}

    def _reach(self, start: Collection[int]) -> None:
        """Follow merging verdicts and present stories from the waiting copies until nothing new turns up."""
        near: dict[int, set[int]] = {}
        for (left, right), match in self._verdicts.items():
            if match.merged:
                near.setdefault(left, set()).add(right)
                near.setdefault(right, set()).add(left)
        front = set(start)
        while front:
            self.reached |= front
            stories = {row.story for n in front if (row := self.stored.get(n)) is not None and row.story is not None}
            together = placements.of_stories(self.connection, stories)
            self._add(together)
            decided = verdicts.of_copies(self.connection, front - self._new, merged=True)
            for each in decided:
                self._verdicts.setdefault((each.left, each.right), each.match)
            in_force = decisions.in_force_for(self.connection, front)
            self.decisions |= {decision.id: decision for decision in in_force}
            linked = {n for each in decided for n in (each.left, each.right)} | {row.id for row in together}
            linked |= {number for decision in in_force for number in decision.copies.values()}
            linked |= {other for number in front for other in near.get(number, ())}
            self._fetch(linked)
            front = {n for n in linked if n in self.stored} - self.reached

    def _mend(self) -> None:
        """Judge what fell apart only because it was never compared: the fullest of each part of what was one story."""
        parts: dict[int, list[int]] = {}
        for component in self.components():
            of_story: dict[int, list[int]] = {}
            for number in component:
                if (story := self.stored[number].story) is not None:
                    of_story.setdefault(story, []).append(number)
            for story, numbers in of_story.items():
                parts.setdefault(story, []).append(numbers[0] if len(numbers) == 1 else self._fullest(numbers))
        known = set(self._verdicts)
        for representatives in parts.values():
            for place, left in enumerate(representatives):
                for right in representatives[place + 1 :]:
                    self.verdict(left, right)
        verdicts.save(self.connection, self._worth_keeping(set(self._verdicts) - known), self.now)

    def _fullest(self, numbers: Sequence[int]) -> int:
        return max(numbers, key=lambda number: (self.item(number).size, -number))

    def new_misses(self) -> list[tuple[str, Verdict]]:
        """Return the near misses of copies that were never settled before, each with the newer copy's source."""
        kept = self._worth_keeping([pair for pair in self._verdicts if not self._new.isdisjoint(pair)])
        return [(self.stored[row.right].copy.key.source, row.match) for row in kept if not row.match.merged]

    def _worth_keeping(self, pairs: Collection[tuple[int, int]]) -> list[StoredVerdict]:
        return [
            StoredVerdict(left=pair[0], right=pair[1], match=match)
            for pair in sorted(pairs)
            if (match := self._verdicts[pair]).merged
            or match.shared_words >= RELATED_WORDS
            or match.threshold - match.score <= NEAR
        ]
