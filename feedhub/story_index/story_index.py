"""`feedhub.Index`: items are added, stories are read; the same stories that `dedupe` gives of all items at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any

import numpy as np

from feedhub.errors import ItemError, UsageError
from feedhub.frames import Frame, frame_of
from feedhub.item_fields import ItemIds, id_text
from feedhub.items import FIELDS, ErrorPolicy, ItemCleaner, Rows
from feedhub.match import DedupeRow, Explanation, Furniture, explain_pair, hash64
from feedhub.match.cluster.stream import batches, furniture_digests
from feedhub.match.text.overlap import contains
from feedhub.match.text.tokens import I64, U64, Flags
from feedhub.match.verdict.judge import is_near_miss
from feedhub.model import Copy, MatchWindows, Relation, Verdict
from feedhub.story_index.furniture_state import FurnitureState, merged_touched, touched_keys
from feedhub.story_index.index_file import IndexFile
from feedhub.story_index.pair_counts import PairCounts, changed_counts, code_of, split
from feedhub.story_index.posting_blocks import PostingBlocks
from feedhub.story_index.regrouping import Groups, Member, Members, Verdicts, alone
from feedhub.story_index.stored_items import StoredItems, source_totals

_DEFAULT_WINDOWS = MatchWindows()
#: items of one transaction
BATCH = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryChange:
    """What an add changed of one story; ids are as the items have them."""

    #: the id of the item that the story is named after; None where the story is no more
    story: Any
    #: what it was named after before the add; None for a story that began with it
    before: Any
    #: who is in it now and was not; who was in it and is not
    joined: tuple[Any, ...]
    left: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStory:
    """A story of an index: the items that tell it."""

    #: the id of the item that it is named after
    id: Any
    #: the id of the item that speaks for it
    canonical: Any
    #: a row for each item, the one that it is named after first
    rows: tuple[DedupeRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedItem:
    """An item of an index, cleaned."""

    id: Any
    title: str
    text: str
    #: its outlet; None where it has none
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPair:
    """Two items that were compared."""

    left: Any
    right: Any
    merged: bool
    score: float
    threshold: float
    #: the rules that raised the threshold or forbade the merge, by name
    rules: tuple[str, ...]
    shared_words: int
    ground: str


class Changes(Rows[StoryChange]):
    """What an add changed, a `StoryChange` a story; `errors` holds the items that could not be used."""


class Index:
    """Items and their stories, in memory and a temporary file, or in a file that is opened again.

    `Index()` goes with the process. `Index(path)` opens the file or makes it; one process at a time may have it open. A
    batch of items is added whole or not at all, so it is safe to kill. Methods may be called from several threads, one
    runs at a time. An add needs time for its own items and for what they touch, and memory for some 60 bytes an item
    that is in the index, besides what one batch takes.
    """

    def __init__(
        self, path: str | Path | None = None, *, window: timedelta | None = None, revision: timedelta | None = None
    ) -> None:
        """Open an index; `window` and `revision` (of MatchWindows) are fixed when it is made.

        Raises EnvironmentFailed where the file cannot be used, UsageError for other windows than it was made with.
        """
        self._lock = RLock()
        self._file = IndexFile(path)
        try:
            self._windows = self._kept_windows(window, revision)
            self._load()
        except BaseException:
            self._file.close()
            raise

    def _kept_windows(self, window: timedelta | None, revision: timedelta | None) -> MatchWindows:
        kept = {name: timedelta(seconds=float(value)) for name, value in self._file.rows("SELECT * FROM settings")}
        asked = {name: value for name, value in (("window", window), ("revision", revision)) if value is not None}
        if not kept:
            made = MatchWindows(**asked)
            rows = [("window", made.window), ("revision", made.revision)]
            with self._file.transaction():
                self._file.write("INSERT INTO settings VALUES (?, ?)", [(n, str(v.total_seconds())) for n, v in rows])
            return made
        for name, value in asked.items():
            if kept[name] != value:
                raise UsageError(f"{self._file.name}: made with {name} {kept[name]}, not {value}")
        return MatchWindows(**kept)

    def _load(self) -> None:
        self._items = StoredItems(self._file)
        self._postings = PostingBlocks(self._file)
        self._furniture = FurnitureState(self._file)
        self._numbers = {name: number for number, name in enumerate(self._furniture.names)}
        self._pairs = PairCounts(self._file)
        self._groups = Groups(self._file, self._items, self._windows)
        self._verdicts = Verdicts(self._file, self._items, Furniture(shingles=self._furniture.shingles), self._windows)

    # ---------------------------------------------------------------- adding

    def add(self, items: Iterable[Mapping[str, Any]] | Frame, *, errors: ErrorPolicy = "raise") -> Changes:
        """Add items, mappings or a frame as `dedupe` takes them; return what it changed, a StoryChange a story.

        An item whose id is in the index is one that cannot be used: to go on after an interruption, add all again with
        `errors="skip"`. Raises ItemError as `dedupe` does, and EnvironmentFailed where the disk refuses; the batches of
        10,000 that were done by then stay.
        """
        frame = frame_of(items)
        given: Any = items if frame is None else frame.items(("id", *FIELDS))
        changes = Changes()
        with self._lock:
            cleaner = ItemCleaner(errors, self._has)
            copies = cleaner.copies(given)
            while batch := list(islice(copies, BATCH)):
                changes += self._add(batch, [cleaner.ids.original(copy.key.guid) for copy in batch])
                # the file knows them now
                cleaner.ids = ItemIds()
        changes.errors = cleaner.errors
        return changes

    def _add(self, copies: list[Copy], originals: list[Any]) -> list[StoryChange]:
        try:
            with self._file.transaction():
                gone, came = self._add_batch(copies, originals)
        except BaseException:
            # what is in memory has to be what is on disk
            self._load()
            raise
        return self._changes(gone, came)

    def _add_batch(self, copies: list[Copy], originals: list[Any]) -> tuple[list[Members], list[Members]]:
        first = len(self._items)
        keys, items = self._store(copies, originals)
        ranks, source = self._items.as_array("ranks"), self._items.as_array("sources").astype(np.int64)
        order = np.argsort(keys, kind="stable")
        keys, items = keys[order], items[order]
        where = source[items]
        hidden = furniture_digests(Furniture(shingles=self._furniture.shingles))
        names = np.array([hash64(name) for name in self._furniture.names], dtype=np.uint64)
        self._furniture.load(where.tolist())
        # furniture is most of the postings that an add touches, and pairs nothing: it is left where it is
        known = np.unique(keys[~self._furniture.is_quiet(keys, where)])
        quiet = ~contains(known, keys)
        touched = self._furniture.quiet_keys(keys[quiet], items[quiet], where[quiet], ranks)
        old_keys, old_items = self._postings.of(known)
        self._postings.append(keys, items)
        keys, items = np.concatenate([old_keys, keys[~quiet]]), np.concatenate([old_items, items[~quiet]])
        touched = merged_touched(touched, touched_keys(keys, items, first, source, ranks))
        learned = self._furniture.update(touched, source_totals(source), self._items.get)
        if learned:
            more = np.setdiff1d(np.unique(np.concatenate(list(learned.values()))), known)
            more_keys, more_items = self._postings.of(more)
            keys, items = np.concatenate([keys, more_keys]), np.concatenate([items, more_items])
        shows = furniture_digests(Furniture(shingles=self._furniture.shingles))
        marked = keys ^ names[source[items]]
        before = (items < first) & ~contains(hidden, marked)
        after = ~contains(shows, marked)
        codes, net = changed_counts(keys, items, ranks, before, after)
        codes, net = self._recounted(codes, net, first, shows, names, source, ranks)
        new, gone = self._pairs.update(codes, net, self._items.as_array("sizes").astype(np.int64))
        self._groups.grow()
        self._verdicts.first_new = first
        fresh, fallen = self._invalidated(learned, first, source)
        fresh |= set(zip(*(each.tolist() for each in split(new)), strict=True))
        leader = self._groups.leader
        low, high = split(gone)
        fallen |= {a for a, b in zip(low.tolist(), high.tolist(), strict=True) if leader[a] == leader[b]}
        self._verdicts.forget(gone.tolist())
        result = self._groups.regroup(sorted(fresh), fallen, self._pairs, self._verdicts)
        self._verdicts.save()
        self._items.save_columns(first)
        return result

    def _store(self, copies: list[Copy], originals: list[Any]) -> tuple[U64, I64]:
        """Write items; return their postings."""
        unknown = dict.fromkeys(copy.key.source for copy in copies if copy.key.source not in self._numbers)
        self._numbers.update({name: len(self._numbers) + n for n, name in enumerate(unknown)})
        self._furniture.add_sources(list(unknown))
        first, done = len(self._items), 0
        keys: list[U64] = []
        for some in batches(copies):
            numbers = [self._numbers[copy.key.source] for copy in some]
            keys += self._items.add(some, originals[done : done + len(some)], numbers)
            done += len(some)
        sizes = [len(each) for each in keys]
        return np.concatenate(keys), np.repeat(np.arange(first, first + len(keys)), sizes)

    def _recounted(
        self, codes: U64, net: I64, first: int, shows: U64, names: U64, source: I64, ranks: U64
    ) -> tuple[U64, I64]:
        """Count anew what pairs of older items share that share more than they did and were not worth comparing."""
        _, high = split(codes)
        more = (high < first) & self._pairs.unknown(codes)
        # what shares less than before and was not enough is not enough
        rising = more & (net > 0)
        codes_known, net_known = codes[~more], net[~more]
        if not rising.any():
            return codes_known, net_known
        wanted = codes[rising]
        involved = np.unique(np.concatenate(split(wanted)))
        keys = np.unique(np.concatenate(list(self._items.keys(involved.tolist()).values())))
        all_keys, items = self._postings.of(keys)
        counting: Flags = ~contains(shows, all_keys ^ names[source[items]])
        whole, counts = changed_counts(all_keys, items, ranks, np.zeros(len(items), dtype=bool), counting)
        place = np.isin(whole, wanted)
        both = np.concatenate([codes_known, whole[place]])
        order = np.argsort(both)
        return both[order], np.concatenate([net_known, counts[place]])[order]

    def _invalidated(
        self, learned: Mapping[int, U64], first: int, source: I64
    ) -> tuple[set[tuple[int, int]], set[int]]:
        """Drop verdicts that rest on furniture which came or went; return their pairs, and items of their groups."""
        fresh: set[tuple[int, int]] = set()
        fallen: set[int] = set()
        low, high = split(self._pairs.codes)
        for number, grams in learned.items():
            ours = (high < first) & ((source[low] == number) | (source[high] == number))
            pairs = set(zip(low[ours].tolist(), high[ours].tolist(), strict=True))
            pairs |= self._pairs_in_groups({item for pair in pairs for item in pair}, number, source)
            items = sorted({item for pair in pairs for item in pair})
            every = len(grams) == len(self._furniture.shingles.get(self._furniture.names[number], grams[:0])) or (
                self._furniture.names[number] not in self._furniture.shingles
            )
            shown = set(items) if every else self._items.showing(grams, items)
            wrong = {pair for pair in pairs if pair[0] in shown or pair[1] in shown}
            self._verdicts.forget([code_of(*pair) for pair in wrong])
            codes = np.array(sorted(code_of(*pair) for pair in wrong), dtype=np.uint64)
            known = set(codes[~self._pairs.unknown(codes)].tolist()) if len(codes) else set()
            leader = self._groups.leader
            fresh |= {pair for pair in wrong if code_of(*pair) in known}
            fallen |= {a for a, b in wrong if leader[a] == leader[b]}
        return fresh, fallen

    def _pairs_in_groups(self, items: set[int], number: int, source: I64) -> set[tuple[int, int]]:
        """Return all pairs inside the groups of these items that have an item of a source."""
        leaders = {self._groups.leader[item] for item in items}
        result = set()
        for stories in self._groups.stories(leaders).values():
            members = sorted(member[0] for story in stories for member in story)
            mine = [member for member in members if source[member] == number]
            result |= {(min(a, b), max(a, b)) for a in mine for b in members if a != b}
        return result

    # ---------------------------------------------------------------- reading

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, item: object) -> bool:
        try:
            name, _ = id_text(item)
        except ItemError:
            return False
        return self._has(name)

    def _has(self, name: str) -> bool:
        with self._lock:
            return self._items.number_of(name) is not None

    def stories(self) -> Iterator[ItemStory]:
        """Return all stories, in the order in which the first item of each was added."""
        for rows in self._stories():
            speaks = next(row for row in rows if row.canonical)
            yield ItemStory(id=rows[0].id, canonical=speaks.id, rows=tuple(rows))

    def rows(self, items: Iterable[Any] | None = None) -> Iterator[DedupeRow]:
        """Return a row for each of these items, else for all in the order in which they were added, as `dedupe` does.

        Raises KeyError where no item has an id.
        """
        # the lock is held for a row, not for as long as somebody takes to read all
        with self._lock:
            places = {member[0]: (member, story[0][0]) for story in self._merged_stories() for member in story}
            numbers = range(len(self._items)) if items is None else [self._number(item) for item in items]
        for number in numbers:
            with self._lock:
                row = self._row(*places.get(number, (alone(number), number)))
            yield row

    def story(self, item: Any) -> ItemStory:
        """Return the story of an item; raises KeyError where no item has the id."""
        with self._lock:
            number = self._number(item)
            stories = self._groups.stories([self._groups.leader[number]])
            every = [story for group in stories.values() for story in group if number in {m[0] for m in story}]
            members = every[0] if every else [alone(number)]
            rows = tuple(self._row(member, members[0][0]) for member in members)
            return ItemStory(id=rows[0].id, canonical=next(r.id for r in rows if r.canonical), rows=rows)

    def item(self, item: Any) -> IndexedItem:
        """Return an item as it was cleaned; raises KeyError where none has the id."""
        with self._lock:
            number = self._number(item)
            copy = self._items.get(number).copy
            source = None if copy.key.source.startswith("\0") else copy.key.source
            return IndexedItem(id=self._items.original(number), title=copy.title, text=copy.text, source=source)

    def pairs(self, *, near: bool = False) -> Iterator[ItemPair]:
        """Return every pair that is compared, with its verdict; with `near` those alone that nearly merged."""
        with self._lock:
            codes = self._pairs.codes
        for low, high in zip(*(each.tolist() for each in split(codes)), strict=True):
            with self._lock:
                verdict = self._verdicts.look(low, high)
                counts = not near or (is_near_miss(verdict) and self._groups.leader[low] != self._groups.leader[high])
                pair = self._pair(low, high, verdict) if counts else None
            if pair is not None:
                yield pair

    def explain(self, first: Any, second: Any) -> Explanation:
        """Lay out the comparison of two items; raises KeyError where no item has the id."""
        with self._lock:
            one, other = (self._items.get(self._number(each)) for each in (first, second))
            return explain_pair(one, other, Furniture(shingles=self._furniture.shingles), self._windows)

    def close(self) -> None:
        """Close the file, so that another process may open it."""
        with self._lock:
            self._file.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _number(self, item: Any) -> int:
        number = self._items.number_of(id_text(item)[0])
        if number is None:
            raise KeyError(item)
        return number

    def _merged_stories(self) -> Iterator[Members]:
        """Return the stories of all groups that have more than one item."""
        for stories in self._groups.every():
            yield from stories

    def _stories(self) -> Iterator[list[DedupeRow]]:
        with self._lock:
            merged = {min(member[0] for member in story): story for story in self._merged_stories()}
            inside = {member[0] for story in merged.values() for member in story}
            count = len(self._items)
        for number in range(count):
            if number in merged or number not in inside:
                members = merged.get(number) or [alone(number)]
                with self._lock:
                    rows = [self._row(member, members[0][0]) for member in members]
                yield rows

    def _row(self, member: Member, first: int) -> DedupeRow:
        number, canonical, relation, matched, score, ground = member
        return DedupeRow(
            id=self._items.original(number),
            story=self._items.original(first),
            canonical=canonical,
            relation=Relation(relation),
            matched=None if matched is None else self._items.original(matched),
            score=score,
            ground=ground,
        )

    def _pair(self, low: int, high: int, verdict: Verdict) -> ItemPair:
        return ItemPair(
            left=self._items.original(low),
            right=self._items.original(high),
            merged=verdict.merged,
            score=verdict.score,
            threshold=verdict.threshold,
            rules=tuple(veto.partition(":")[0] for veto in verdict.vetoes),
            shared_words=verdict.shared_words,
            ground=verdict.ground,
        )

    def _changes(self, gone: list[Members], came: list[Members]) -> list[StoryChange]:
        """Compare stories as they were with those in their place: each goes on as that which has most of its items."""
        was = {member[0]: number for number, story in enumerate(gone) for member in story}
        claims = sorted(
            (-sum(was.get(m[0]) == number for m in story), number, place)
            for place, story in enumerate(came)
            for number in {was[m[0]] for m in story if m[0] in was}
        )
        goes_on: dict[int, int] = {}
        taken: set[int] = set()
        for _, number, place in claims:
            if number not in taken and place not in goes_on:
                goes_on[place] = number
                taken.add(number)
        changes = [
            self._change(gone[goes_on[place]] if place in goes_on else [], story) for place, story in enumerate(came)
        ]
        changes += [self._change(story, []) for number, story in enumerate(gone) if number not in taken]
        return [change for change in changes if change.joined or change.left or change.story != change.before]

    def _change(self, before: Members, after: Members) -> StoryChange:
        old, new = {member[0] for member in before}, {member[0] for member in after}
        original = self._items.original
        return StoryChange(
            story=original(after[0][0]) if after else None,
            before=original(before[0][0]) if before else None,
            joined=tuple(original(number) for number in sorted(new - old)),
            left=tuple(original(number) for number in sorted(old - new)),
        )
