"""What an index knows of its items, and what a batch of new ones changes of it.

The order of the steps is that of the package's drawing: postings, furniture, pairs, verdicts, groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from feedhub.match import Furniture, hash64
from feedhub.match.cluster.stream import UNSOURCED, batches, furniture_digests, is_unsourced
from feedhub.match.index.candidates import counted
from feedhub.match.text.tokens import I64, U64, Flags
from feedhub.match.text.word_flags import contains
from feedhub.model import Copy, MatchWindows
from feedhub.story_index.compared_texts import ComparedTexts
from feedhub.story_index.furniture_state import FurnitureState, LearnedChange
from feedhub.story_index.index_file import NO_ROW, IndexFile
from feedhub.story_index.invalidation import outdated
from feedhub.story_index.packed_stories import Members
from feedhub.story_index.pair_counts import PairCounts, changed_counts, split
from feedhub.story_index.posting_blocks import PostingBlocks, Postings
from feedhub.story_index.regrouping import Groups, Verdicts
from feedhub.story_index.repeated_keys import merged_touched, touched_keys
from feedhub.story_index.stored_items import StoredItems, source_totals


class IndexState:
    """The parts of an index as its file has them, changed by one batch after the other."""

    def __init__(self, file: IndexFile, windows: MatchWindows) -> None:
        self.windows = windows
        self.items = StoredItems(file)
        self._postings = PostingBlocks(file, self.items)
        self._furniture = FurnitureState(file, self.items)
        if len(self.items) and np.array(self.items.sources).max() >= len(self._furniture.names):
            raise file.damaged(NO_ROW)
        self._numbers = {name: number for number, name in enumerate(self._furniture.names)}
        self.furniture = Furniture(shingles=self._furniture.shingles)
        self.pairs = PairCounts(file, self.items)
        self.groups = Groups(file, self.items, windows)
        self._file = file
        self._compared = ComparedTexts(file, self.items)
        self.verdicts = Verdicts(file, self.items, self.furniture, windows, self._compared)

    def check_digest(self) -> None:
        """Raise EnvironmentFailed unless all rows that are read at the opening are what was written last."""
        written = self._file.rows("SELECT value FROM settings WHERE name = 'digest'")
        if [(self._digest(),)] != written and (written or len(self.items)):
            raise self._file.damaged()

    def add(self, copies: Iterable[tuple[Copy, Any]]) -> tuple[list[Members], list[Members]]:
        """Add copies, each with its item's id as it came, inside a transaction of the file; they are written as they
        come. Return the stories that are no more, as they were, and those in their place.
        """
        first = len(self.items)
        keys, items = self._store(copies)
        if not len(self.items) > first:
            return [], []
        ranks, source = self.items.as_array("ranks"), self.items.as_array("sources").astype(np.int64)
        names = np.array([hash64(name) for name in self._furniture.names], dtype=np.uint64)
        hidden = furniture_digests(self.furniture)
        keys, items, learned = self._learn(keys, items, first, source, ranks)
        shows = furniture_digests(self.furniture)
        marked = keys ^ names[source[items]]
        before = (items < first) & ~contains(hidden, marked)
        after = ~contains(shows, marked)
        del marked
        codes, net = changed_counts(keys, items, ranks, before, after)
        del keys, items, before, after
        codes, net = self._recounted(codes, net, first, shows, names, source, ranks)
        new, gone = self.pairs.update(codes, net, self.items.as_array("sizes").astype(np.int64))
        self.groups.grow()
        self.verdicts.first_new = first
        result = self._regroup(new, gone, learned, source)
        self.verdicts.save()
        self.items.save_columns(first)
        self.save_digest()
        return result

    def save_digest(self) -> None:
        """Note what all rows that are read at the opening come to, inside a transaction of the file."""
        self._file.write("INSERT OR REPLACE INTO settings VALUES ('digest', ?)", [(self._digest(),)])

    def _digest(self) -> str:
        parts = (
            *(self.windows.window, self.windows.revision, len(self.items), self._furniture.names),
            *(self._postings.digest(), self._compared.digest(), self.pairs.digest()),
            *(hash64(self.verdicts.codes.tobytes()), hash64(self.groups.leader.tobytes())),
        )
        return f"{hash64(repr(parts)):016x}"

    def _store(self, copies: Iterable[tuple[Copy, Any]]) -> Postings:
        """Write items; return their postings in the order of the keys."""
        first = len(self.items)
        keys: list[U64] = []
        sizes: list[int] = []
        ids: list[Any] = []

        def noting_ids() -> Iterator[Copy]:
            for copy, original in copies:
                ids.append(original)
                yield copy

        for some in batches(noting_ids()):
            named = [UNSOURCED if is_unsourced(copy.key.source) else copy.key.source for copy in some]
            unknown = [name for name in dict.fromkeys(named) if name not in self._numbers]
            self._numbers.update({name: len(self._numbers) + n for n, name in enumerate(unknown)})
            self._furniture.add_sources(unknown)
            made = list(self.items.add(some, ids, [self._numbers[name] for name in named]))
            ids.clear()
            keys.append(np.concatenate(made))
            sizes += map(len, made)
        every = np.concatenate(keys) if keys else np.zeros(0, dtype=np.uint64)
        items = np.repeat(np.arange(first, first + len(sizes)), sizes)
        order = np.argsort(every)
        return every[order], items[order]

    def _learn(
        self, keys: U64, items: I64, first: int, source: I64, ranks: U64
    ) -> tuple[U64, I64, dict[int, LearnedChange]]:
        """Append the postings of new items and learn furniture from them.

        Return all postings of the keys that may pair other items than before, and what furniture came or went, by
        source.
        """
        where = source[items]
        self._furniture.load(where)
        # furniture is most of the postings that an add touches, and pairs nothing: it is left where it is
        quiet = _of_all_equal(keys, self._furniture.is_quiet(keys, where))
        known = _distinct(keys[~quiet])
        touched = self._furniture.count_quiet(keys[quiet], items[quiet], where[quiet], ranks)
        old_keys, old_items = self._postings.of(known)
        self._postings.append(keys, items)
        keys, items = np.concatenate([old_keys, keys[~quiet]]), np.concatenate([old_items, items[~quiet]])
        # a key that one item alone has pairs nothing and is repeated by nobody; most keys of a new text are such
        often = counted(keys) > 1
        keys, items = keys[often], items[often]
        del old_keys, old_items, where, often
        touched = merged_touched(touched, touched_keys(keys, items, first, source, ranks))
        learned = self._furniture.update(touched, source_totals(source), self.items)
        if learned:
            more = np.setdiff1d(np.unique(np.concatenate([change.shingles for change in learned.values()])), known)
            more_keys, more_items = self._postings.of(more)
            keys, items = np.concatenate([keys, more_keys]), np.concatenate([items, more_items])
        return keys, items, learned

    def _recounted(
        self, codes: U64, net: I64, first: int, shows: U64, names: U64, source: I64, ranks: U64
    ) -> tuple[U64, I64]:
        """Count anew what pairs of older items share that share more than they did and were not worth comparing."""
        _, high = split(codes)
        more = (high < first) & self.pairs.unknown(codes)
        # what shares less than before and was not enough is not enough
        rising = more & (net > 0)
        codes_known, net_known = codes[~more], net[~more]
        if not rising.any():
            return codes_known, net_known
        wanted = codes[rising]
        involved = np.unique(np.concatenate(split(wanted)))
        keys = np.unique(np.concatenate(list(self.items.keys(involved.tolist()).values())))
        all_keys, items = self._postings.of(keys)
        counting: Flags = ~contains(shows, all_keys ^ names[source[items]])
        whole, counts = changed_counts(all_keys, items, ranks, np.zeros(len(items), dtype=bool), counting)
        place = np.isin(whole, wanted)
        both = np.concatenate([codes_known, whole[place]])
        order = np.argsort(both)
        return both[order], np.concatenate([net_known, counts[place]])[order]

    def _regroup(
        self, new: U64, gone: U64, learned: Mapping[int, LearnedChange], source: I64
    ) -> tuple[list[Members], list[Members]]:
        """Judge pairs that came, and those that rest on furniture which came or went; part their groups anew."""
        # a pair worth comparing that has no verdict is inside a group that others join
        wrong = outdated(learned, self.verdicts.codes, source, self._compared)
        lost = np.union1d(gone, wrong)
        self.verdicts.forget(lost)
        fresh = np.union1d(new, wrong[~self.pairs.unknown(wrong)])
        leader = self.groups.leader
        fallen = {a for a, b in _as_pairs(lost) if leader[a] == leader[b]}
        return self.groups.regroup(_as_pairs(fresh), fallen, self.pairs, self.verdicts)


def _distinct(keys: U64) -> U64:
    """Return the distinct ones of sorted keys."""
    result: U64 = keys[np.diff(keys, prepend=~keys[:1]) != 0]
    return result


def _of_all_equal(keys: U64, flags: Flags) -> Flags:
    """Return of each of these keys, which are sorted, whether the flags of all that are equal to it are set."""
    if not len(keys):
        return flags
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    result: Flags = np.repeat(np.logical_and.reduceat(flags, starts), np.diff(np.append(starts, len(keys))))
    return result


def _as_pairs(codes: U64) -> list[tuple[int, int]]:
    low, high = split(codes)
    return list(zip(low.tolist(), high.tolist(), strict=True))
