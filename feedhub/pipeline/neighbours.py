"""Copies that wait -> the whole neighbourhoods that have to be clustered anew, every pair judged."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from feedhub.match import Furniture, Prepared, judge, keys, learn, prepare
from feedhub.model import Match
from feedhub.store import Connection, copies, index
from feedhub.store.copies import Stored
from feedhub.store.index import Decided, Posting

#: a key that copies in more stories than this share tells nothing
COMMON = 64
#: stories compared with one copy, the best first, and copies tried in each
STORIES = 12
COPIES = 3
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
        self._verdicts: dict[tuple[int, int], Match] = {}

    def gather(self, waiting: Sequence[Stored], left: Collection[int] = ()) -> None:
        """Index the waiting copies, learn furniture, judge them against their candidates, and reach their clusters.

        The stories in `left` lost a copy: what remains of them is clustered anew too.
        """
        self._hold(waiting)
        found = {row.id: [int(key) for key in keys(self.items[row.id]).view("int64")] for row in waiting}
        index.reindex(self.connection, found)
        dirty = {row.id for row in waiting} | self._learn(waiting, found)
        index.forget(self.connection, dirty)
        self._fetch(dirty)
        for number in sorted(dirty):
            row = self.stored[number]
            look = found.get(number) or [int(key) for key in keys(self.items[number]).view("int64")]
            self._judge_candidates(row, look)
        index.decide(self.connection, self._worth_keeping(), self.now)
        remaining = copies.of_stories(self.connection, left)
        self._hold(remaining)
        self._reach(dirty | {row.id for row in remaining})

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

        for (left, right), match in self._verdicts.items():
            if match.merged and left in leader and right in leader:
                leader[find(left)] = find(right)
        groups: dict[int, list[int]] = {}
        for number in sorted(self.items):
            groups.setdefault(find(number), []).append(number)
        return list(groups.values())

    def _hold(self, rows: Iterable[Stored]) -> None:
        for row in rows:
            if not row.withdrawn:
                self.stored[row.id] = row
                self.items[row.id] = self._memory.prepared(row)

    def _fetch(self, numbers: Collection[int]) -> None:
        self._hold(copies.by_ids(self.connection, [n for n in numbers if n not in self.stored]))

    def _learn(self, waiting: Sequence[Stored], found: Mapping[int, Sequence[int]]) -> set[int]:
        """Learn what each source repeats; return the copies whose earlier verdicts that may change."""
        since, until = self.now - self._window, self.now + self._window
        affected: set[int] = set()
        sources = sorted({row.copy.key.source for row in waiting})
        self._know(sources)
        for source in sources:
            wanted = {key for row in waiting if row.copy.key.source == source for key in found.get(row.id, ())}
            postings = index.postings(self.connection, wanted, since=since, until=until, source=source)
            numbers = {p.copy for where in postings.values() if len(where) >= WITNESSES for p in where}
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

    def _judge_candidates(self, row: Stored, look: Sequence[int]) -> None:
        since, until = row.copy.first_seen - self._window, row.copy.first_seen + self._window
        chosen = _best(index.postings(self.connection, look, since=since, until=until), row.id)
        if row.copy.url_key:
            pages = index.same_page(self.connection, [row.copy.url_key], since=since, until=until)
            chosen += [number for where in pages.values() for number in where if number != row.id]
        self._fetch(chosen)
        self._know({self.stored[number].copy.key.source for number in chosen if number in self.stored})
        for number in dict.fromkeys(chosen):
            if number in self.items:
                self.verdict(row.id, number)

    def _reach(self, start: Collection[int]) -> None:
        """Follow merging verdicts and present stories from the waiting copies until nothing new turns up."""
        reached: set[int] = set()
        front = set(start)
        while front:
            reached |= front
            stories = {row.story for n in front if (row := self.stored.get(n)) is not None and row.story is not None}
            together = copies.of_stories(self.connection, stories)
            self._hold(together)
            decided = index.decisions(self.connection, front, merged=True)
            for each in decided:
                self._verdicts.setdefault((each.left, each.right), each.match)
            linked = {n for each in decided for n in (each.left, each.right)} | {row.id for row in together}
            self._fetch(linked)
            front = {n for n in linked if n in self.items} - reached
        self.items = {n: item for n, item in self.items.items() if n in reached}
        self._know({self.stored[n].copy.key.source for n in self.items})

    def _worth_keeping(self) -> list[Decided]:
        return [
            Decided(left=left, right=right, match=match)
            for (left, right), match in sorted(self._verdicts.items())
            if match.merged or match.shared_words >= RELATED_WORDS or match.threshold - match.score <= NEAR
        ]


def _best(postings: Mapping[int, Sequence[Posting]], own: int) -> list[int]:
    """The copies to compare with: of the stories that share the most uncommon keys, those that share the most."""
    votes: Counter[int] = Counter()
    story: dict[int, int] = {}
    for where in postings.values():
        others = [p for p in where if p.copy != own]
        if len({p.story or -p.copy for p in others}) > COMMON:
            continue
        for posting in others:
            votes[posting.copy] += 1
            story[posting.copy] = posting.story or -posting.copy
    chosen: dict[int, list[int]] = {}
    for number, _ in sorted(votes.items(), key=lambda item: (-item[1], item[0])):
        tried = chosen.setdefault(story[number], [])
        if len(tried) < COPIES and len(chosen) <= STORIES:
            tried.append(number)
    return [number for tried in chosen.values() for number in tried]
