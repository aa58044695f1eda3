"""Pairs whose verdict is new or changed -> the groups that they touch, parted into stories anew.

A group is what merging verdicts join. Two items of two groups were never merged by any verdict that still stands, so
only new verdicts can join groups, and only verdicts that fell can part one.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Mapping

import numpy as np

from feedhub.match import U64, Furniture, Prepared, judge
from feedhub.match.cluster.rows import rows_of, stories_of_group
from feedhub.match.text.word_flags import contains
from feedhub.model import MatchWindows, Relation, Verdict
from feedhub.story_index.compared_texts import ComparedTexts
from feedhub.story_index.index_file import NO_ROW, IndexFile, sealed
from feedhub.story_index.packed_stories import (
    Member,
    Members,
    packed_stories,
    packed_verdict,
    unpacked_stories,
    unpacked_verdict,
)
from feedhub.story_index.pair_counts import PairCounts, code_of, codes_of_items
from feedhub.story_index.stored_items import StoredItems


class Verdicts:
    """Verdicts on pairs of items, judged once and kept on disk until furniture changes what they rest on."""

    def __init__(
        self,
        file: IndexFile,
        items: StoredItems,
        furniture: Furniture,
        windows: MatchWindows,
        compared: ComparedTexts,
    ) -> None:
        self._file = file
        self._items = items
        self._windows = windows
        self._compared = compared
        #: pairs with an item from this number on were never judged before
        self.first_new = 0
        #: pairs whose verdicts are on disk, sorted
        codes = [code for (code,) in file.every("SELECT code FROM verdicts ORDER BY code")]
        self.codes: U64 = codes_of_items(codes, len(items))
        self._fresh: dict[int, Verdict] = {}
        self._known: dict[int, Verdict] = {}
        self._furniture = furniture

    def agree(self, a: int, b: int) -> Verdict:
        """Return the verdict on two items; a new one is kept, to be saved."""
        code = code_of(a, b)
        result = self._fresh.get(code) or self._known.get(code)
        if result is None:
            result = self._stored(code) if max(a, b) < self.first_new else None
            if result is not None:
                self._known[code] = result
        if result is None:
            result = self._fresh[code] = self._judge(min(a, b), max(a, b))
            for number in (a, b):
                self._compared.add(number, self._items.get(number).shingles)
        return result

    def look(self, a: int, b: int) -> Verdict:
        """Return the verdict on two items, and keep nothing."""
        return self._stored(code_of(a, b)) or self._judge(min(a, b), max(a, b))

    def _stored(self, code: int) -> Verdict | None:
        rows = self._file.rows("SELECT data FROM verdicts WHERE code = ?", code)
        with self._file.reading():
            return unpacked_verdict(self._file.opened(rows[0][0], code)) if rows else None

    def forget(self, codes: U64) -> None:
        """Drop verdicts that do not stand any more."""
        on_disk = contains(codes, self.codes)
        self._file.delete("verdicts", "code", self.codes[on_disk].tolist())
        self.codes = self.codes[~on_disk]

    def save(self) -> None:
        """Write the new ones with the texts that they rest on, and let go of all."""
        self._compared.save()
        self._file.write(
            "INSERT OR REPLACE INTO verdicts VALUES (?, ?)",
            ((code, sealed(packed_verdict(verdict), code)) for code, verdict in self._fresh.items()),
        )
        self.codes = np.union1d(self.codes, np.array(list(self._fresh), dtype=np.uint64))
        self._fresh.clear()
        self._known.clear()

    def _judge(self, a: int, b: int) -> Verdict:
        with self._items.comparing(a, b):
            return judge(self._items.get(a), self._items.get(b), self._furniture, self._windows)


class Groups:
    """The groups of an index: of each item its group's first number, of each group its stories."""

    def __init__(self, file: IndexFile, items: StoredItems, windows: MatchWindows) -> None:
        self._file = file
        self._items = items
        self._windows = windows
        self._written: set[int] = set()
        self.leader = array("I", range(len(items)))
        for leader, data in file.every("SELECT leader, data FROM stories ORDER BY leader"):
            for number in self._numbers(self._opened(leader, data)):
                if self.leader[number] != number:
                    raise file.damaged(NO_ROW)
                self.leader[number] = leader
        leaders = np.array(self.leader)
        if (leaders[leaders] != leaders).any():
            raise file.damaged(NO_ROW)

    def _opened(self, leader: int, data: bytes) -> list[Members]:
        with self._file.reading():
            return unpacked_stories(self._file.opened(data, leader), leader, len(self._items))

    @staticmethod
    def _numbers(stories: list[Members]) -> Iterator[int]:
        return (member[0] for story in stories for member in story)

    def grow(self) -> None:
        """Have a group of its own for each new item."""
        self.leader.extend(range(len(self.leader), len(self._items)))

    def stories(self, leaders: Collection[int]) -> dict[int, list[Members]]:
        """Return the stories of groups; those of one item have none on record."""
        rows = self._file.rows_of("SELECT leader, data FROM stories WHERE leader IN", list(leaders))
        return {leader: self._opened(leader, data) for leader, data in rows}

    def every(self) -> Iterator[list[Members]]:
        """Return the stories of all groups of more than one item."""
        for leader in sorted({leader for number, leader in enumerate(self.leader) if leader != number}):
            yield from self.stories([leader]).values()

    def regroup(
        self,
        fresh: Collection[tuple[int, int]],
        fallen: Collection[int],
        pairs: PairCounts,
        verdicts: Verdicts,
    ) -> tuple[list[Members], list[Members]]:
        """Join and part groups; return the stories that are no more as they were, and those in their place.

        `fresh`: pairs worth comparing whose verdict is new or may be another; `fallen`: items that may have lost a
        verdict that joined them. Items from `verdicts.first_new` on are new.
        """
        first_new = verdicts.first_new
        touched = {self.leader[item] for pair in fresh for item in pair} | {self.leader[item] for item in fallen}
        touched |= {*range(first_new, len(self.leader))}
        before = self.stories(touched)
        groups = {leader: sorted(self._numbers(before[leader])) if leader in before else [leader] for leader in touched}
        broken = {self.leader[item] for item in fallen}
        leaders: dict[int, int] = {}
        asked: list[tuple[int, int]] = list(fresh)
        for leader, members in groups.items():
            if leader in broken:
                inside = set(members)
                asked += [(a, b) for a in members for b in pairs.beside(a) if a < b and b in inside]
            else:
                leaders.update(dict.fromkeys(members, leader))
        for a, b in asked:
            one, other = _root(leaders, a), _root(leaders, b)
            if one != other and verdicts.agree(a, b).merged:
                leaders[max(one, other)] = min(one, other)
        joined: dict[int, list[int]] = {}
        for members in groups.values():
            for member in members:
                joined.setdefault(_root(leaders, member), []).append(member)
        gone: list[Members] = []
        came: list[Members] = []
        for root, members in joined.items():
            if root in groups and root not in broken and len(members) == len(groups[root]):
                del groups[root]
                if root >= first_new:
                    came.append([alone(root)])
                continue
            came += self._part(sorted(members), verdicts)
        for leader in groups:
            gone += before.get(leader, [[alone(leader)]] if leader < first_new else [])
        self._file.delete("stories", "leader", before.keys() & groups.keys() - self._written)
        self._written.clear()
        return gone, came

    def _part(self, members: list[int], verdicts: Verdicts) -> list[Members]:
        leader = members[0]
        for member in members:
            self.leader[member] = leader
        if len(members) == 1:
            return [[alone(leader)]]
        prepared = {number: self._items.get(number) for number in members}
        stories = _stories(prepared, verdicts, self._windows)
        self._file.write(
            "INSERT OR REPLACE INTO stories VALUES (?, ?)", [(leader, sealed(packed_stories(stories), leader))]
        )
        self._written.add(leader)
        return stories


def alone(number: int) -> Member:
    """Return the one member of a story of its own."""
    return number, True, Relation.FIRST.value, None, None, ""


def _stories(prepared: Mapping[int, Prepared], verdicts: Verdicts, windows: MatchWindows) -> list[Members]:
    numbers = {item.key.guid: number for number, item in prepared.items()}
    sizes = {item.key: item.size for item in prepared.values()}
    return [
        [
            (
                numbers[row.id],
                row.canonical,
                row.relation.value,
                None if row.matched is None else numbers[row.matched],
                row.score,
                row.ground,
            )
            for row in rows_of(places, sizes)
        ]
        for places in stories_of_group(prepared, verdicts.agree, windows)
    ]


def _root(leaders: dict[int, int], number: int) -> int:
    leaders.setdefault(number, number)
    while leaders[number] != number:
        leaders[number] = leaders[leaders[number]]
        number = leaders[number]
    return number
