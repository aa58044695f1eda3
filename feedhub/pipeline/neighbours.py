"""Copies that wait -> the whole neighbourhoods that have to be clustered anew, every pair judged."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from feedhub.match import Furniture, Prepared, judge, learn, prepare
from feedhub.model import Match
from feedhub.pipeline.candidates import Postings
from feedhub.store import Connection, index, placing, words
from feedhub.store.index import Decided
from feedhub.store.placing import Stored
from feedhub.store.words import Word

#: a miss this close to its bar, or with this many shared words, is kept for `explain`
NEAR = 0.15
RELATED_WORDS = 40
#: copies of one source that must show a text before it can be furniture
WITNESSES = 3
#: prepared copies kept in memory between rounds
REMEMBERED = 20_000


class Memory:
    """Prepared copies by number and digest, the most recently used ones."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._held: OrderedDict[tuple[int, bytes], Prepared] = OrderedDict()

    def prepared(self, stored: Stored) -> Prepared:
        """The copy made ready to compare, from memory where possible."""
        name = (stored.id, stored.digest)
        found = self._held.get(name)
        if found is None or found.key != stored.copy.key:
            found = self._held[name] = prepare(stored.copy)
            if len(self._held) > self._size:
                self._held.popitem(last=False)
        else:
            self._held.move_to_end(name)
        return found


class Neighbourhood:
    """One settling: the copies in reach of those that wait, and every verdict between them."""

    def __init__(
        self, connection: Connection, memory: Memory, *, window: timedelta, revision_window: timedelta, now: datetime
    ) -> None:
        self.connection = connection
        self.now = now
        self._memory = memory
        self._window = window
        self._revision_window = revision_window
        self._furniture = Furniture()
        self._sources: set[str] = set()
        self.stored: dict[int, Stored] = {}
        self.items: dict[int, Prepared] = {}
        #: what was decided about the copies in reach, by number
        self.words: dict[int, Word] = {}
        self._verdicts: dict[tuple[int, int], Match] = {}
        self._postings = Postings(connection, self.items, window=window)

    def gather(self, waiting: Sequence[Stored], left: Collection[int] = ()) -> None:
        """Index the waiting copies, learn furniture, judge them against their candidates, and reach their clusters.

        The stories in `left` lost a copy: what remains of them is clustered anew too.
        """
        self._hold(waiting)
        fresh = [row.id for row in waiting if row.id in self.items]
        self._postings.add(fresh)
        index.reindex(self.connection, {number: self._postings.keys[number] for number in fresh})
        dirty = set(fresh)
        if dirty:
            self._postings.read(dirty, self.now)
            dirty |= self._learn(fresh)
            index.forget(self.connection, dirty)
            self._judge(sorted(dirty))
            index.decide(self.connection, self._worth_keeping(self._verdicts), self.now)
        remaining = placing.of_stories(self.connection, left)
        self._hold(remaining)
        self._reach(dirty | {row.id for row in remaining})
        self._mend()

    def verdict(self, left: int, right: int) -> Match:
        """The comparison of two copies, judged once."""
        pair = (left, right) if left < right else (right, left)
        found = self._verdicts.get(pair)
        if found is None:
            found = self._verdicts[pair] = judge(
                self.items[pair[0]],
                self.items[pair[1]],
                self._furniture,
                window=self._window,
                revision_window=self._revision_window,
            )
        return found

    def components(self) -> list[list[int]]:
        """The copies in reach, grouped by merging verdicts; each in the order of its numbers."""
        leader = {number: number for number in self.items}

        def find(number: int) -> int:
            while leader[number] != number:
                leader[number] = leader[leader[number]]
                number = leader[number]
            return number

        linked = [pair for pair, match in self._verdicts.items() if match.merged]
        for word in self.words.values():
            if word.kind == "merge":
                numbers = list(word.copies.values())
                linked += [(numbers[0], number) for number in numbers[1:] if number in leader]
        for left, right in linked:
            if left in leader and right in leader:
                leader[find(left)] = find(right)
        groups: dict[int, list[int]] = {}
        for number in sorted(self.items):
            groups.setdefault(find(number), []).append(number)
        return list(groups.values())

    def _hold(self, rows: Iterable[Stored]) -> None:
        """Have copies at hand; a withdrawn one only where its story was killed, so that its text stays known."""
        for row in rows:
            if not row.withdrawn or row.sealed:
                self.stored[row.id] = row
                self.items[row.id] = self._memory.prepared(row)

    def _fetch(self, numbers: Collection[int]) -> None:
        self._hold(placing.by_ids(self.connection, [n for n in numbers if n not in self.stored]))

    def _learn(self, waiting: Sequence[int]) -> set[int]:
        """Learn what each source repeats; return the copies whose earlier verdicts that may change."""
        affected: set[int] = set()
        by_source: dict[str, list[int]] = {}
        for number in waiting:
            by_source.setdefault(self.stored[number].copy.key.source, []).append(number)
        self._know(sorted(by_source))
        for source, own in sorted(by_source.items()):
            shared = self._postings.of_source(own, source, self.now)
            numbers = {number for where in shared if len(where) >= WITNESSES for number in where}
            self._fetch(numbers)
            lesson = learn([self.items[n] for n in sorted(numbers) if n in self.items])
            fresh = set(lesson.rows()) - set(self._furniture.rows())
            if fresh:
                index.learn(self.connection, fresh)
                self._furniture = self._furniture.merged(lesson)
                affected |= numbers
        return {number for number in affected if number in self.items}

    def _know(self, sources: Collection[str]) -> None:
        """Have the furniture of these sources at hand."""
        unknown = [source for source in sources if source not in self._sources]
        if unknown:
            self._sources.update(unknown)
            rows = index.learned(self.connection, unknown)
            self._furniture = self._furniture.merged(Furniture.from_rows(rows))

    def _judge(self, numbers: Sequence[int]) -> None:
        """Judge copies against their candidates."""
        self._fetch(numbers)
        self._postings.add(numbers)
        self._postings.read(numbers, self.now)
        pages = self._same_pages(numbers)
        chosen = {number: [*self._postings.best(number), *pages.get(number, ())] for number in numbers}
        self._fetch({other for others in chosen.values() for other in others})
        self._know({row.copy.key.source for row in self.stored.values()})
        for number, others in chosen.items():
            for other in dict.fromkeys(others):
                if other in self.items:
                    self.verdict(number, other)

    def _same_pages(self, numbers: Sequence[int]) -> dict[int, list[int]]:
        """For each of these copies the others whose article page is the same."""
        rows = {n: self.stored[n].copy for n in numbers if self.stored[n].copy.url_key}
        if not rows:
            return {}
        seen = [row.first_seen for row in rows.values()]
        pages = index.same_page(
            self.connection,
            {row.url_key for row in rows.values() if row.url_key},
            since=min(seen) - self._window,
            until=max(seen) + self._window,
        )
        return {n: [p for p in pages.get(row.url_key or "", ()) if p != n] for n, row in rows.items()}

    def _reach(self, start: Collection[int]) -> None:
        """Follow merging verdicts and present stories from the waiting copies until nothing new turns up."""
        reached: set[int] = set()
        front = set(start)
        while front:
            reached |= front
            stories = {row.story for n in front if (row := self.stored.get(n)) is not None and row.story is not None}
            together = placing.of_stories(self.connection, stories)
            self._hold(together)
            decided = index.decisions(self.connection, front, merged=True)
            for each in decided:
                self._verdicts.setdefault((each.left, each.right), each.match)
            said = words.naming(self.connection, front)
            self.words |= {word.id: word for word in said}
            linked = {n for each in decided for n in (each.left, each.right)} | {row.id for row in together}
            linked |= {number for word in said for number in word.copies.values()}
            self._fetch(linked)
            front = {n for n in linked if n in self.items} - reached
        self.items = {n: item for n, item in self.items.items() if n in reached}
        self._know({self.stored[n].copy.key.source for n in self.items})

    def _mend(self) -> None:
        """Judge what fell apart only because it was never compared: the fullest of each part of what was one story."""
        parts: dict[int, list[int]] = {}
        for component in self.components():
            fullest: dict[int, int] = {}
            for number in component:
                if (story := self.stored[number].story) is not None:
                    best = fullest.setdefault(story, number)
                    if self.items[number].size > self.items[best].size:
                        fullest[story] = number
            for story, number in fullest.items():
                parts.setdefault(story, []).append(number)
        known = set(self._verdicts)
        for tellers in parts.values():
            for place, left in enumerate(tellers):
                for right in tellers[place + 1 :]:
                    self.verdict(left, right)
        index.decide(self.connection, self._worth_keeping(set(self._verdicts) - known), self.now)

    def _worth_keeping(self, pairs: Collection[tuple[int, int]]) -> list[Decided]:
        return [
            Decided(left=pair[0], right=pair[1], match=match)
            for pair in sorted(pairs)
            if (match := self._verdicts[pair]).merged
            or match.shared_words >= RELATED_WORDS
            or match.threshold - match.score <= NEAR
        ]
