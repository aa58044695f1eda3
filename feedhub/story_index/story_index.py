"""`feedhub.Index`: items are added, stories are read; the same stories that `dedupe` gives of all items at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any

from feedhub.errors import ItemError, UsageError
from feedhub.frames import Frame, frame_of
from feedhub.item_fields import ItemIds, id_text
from feedhub.items import FIELDS, ErrorPolicy, ItemCleaner
from feedhub.match import DedupeRow, Explanation, explain_pair
from feedhub.match.verdict.judge import is_near_miss
from feedhub.model import Copy, MatchWindows, Relation, Verdict
from feedhub.story_index.index_file import IndexFile
from feedhub.story_index.index_state import IndexState
from feedhub.story_index.index_values import Changes, IndexedItem, ItemPair, ItemStory, StoryChange
from feedhub.story_index.packed_stories import Member, Members
from feedhub.story_index.pair_counts import split
from feedhub.story_index.regrouping import alone
from feedhub.story_index.story_changes import story_changes

_SETTINGS = "SELECT name, value FROM settings WHERE name IN ('window', 'revision')"
#: items of one transaction
BATCH = 10_000


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
        self._is_adding = False
        self._file = IndexFile(path)
        try:
            self._windows = self._kept_windows(window, revision)
            self._load()
        except (ArithmeticError, EOFError, LookupError, TypeError, ValueError) as error:
            # whatever cannot be read is not what was written
            self._file.close()
            raise self._file.damaged() from error
        except BaseException:
            self._file.close()
            raise

    def _kept_windows(self, window: timedelta | None, revision: timedelta | None) -> MatchWindows:
        kept = {name: timedelta(seconds=float(value)) for name, value in self._file.rows(_SETTINGS)}
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
        self._state = IndexState(self._file, self._windows)
        self._state.check_digest()

    # ---------------------------------------------------------------- adding

    def add(self, items: Iterable[Mapping[str, Any]] | Frame, *, errors: ErrorPolicy = "raise") -> Changes:
        """Add items, mappings or a frame as `dedupe` takes them; return what it changed, a StoryChange a story.

        An item whose id is in the index is one that cannot be used: to go on after an interruption, add all again with
        `errors="skip"`. Raises ItemError as `dedupe` does, EnvironmentFailed where the disk refuses, and UsageError
        where what gives the items uses the index meanwhile; the batches of 10,000 that were done by then stay.
        """
        frame = frame_of(items)
        given: Any = items if frame is None else frame.items(("id", *FIELDS))
        changes = Changes()
        with self._alone():
            cleaner = ItemCleaner(errors, self._is_known)
            copies = cleaner.copies(given)
            while True:
                count = len(self._state.items)
                changes += self._add((copy, cleaner.ids.original(copy.key.guid)) for copy in islice(copies, BATCH))
                if len(self._state.items) < count + BATCH:
                    break
                # the file knows them now
                cleaner.ids = ItemIds()
        changes.errors = cleaner.errors
        return changes

    def _add(self, copies: Iterable[tuple[Copy, Any]]) -> list[StoryChange]:
        """Add a batch: it is cleaned and written item by item, so no more of it is in memory than what it touches."""
        self._is_adding = True
        try:
            with self._file.transaction():
                gone, came = self._state.add(copies)
        except BaseException:
            # what is in memory has to be what is on disk
            self._load()
            raise
        finally:
            self._is_adding = False
        changes = story_changes(gone, came, self._state.items.original)
        self._state.items.forget()
        return changes

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one thread at a time do something; raises UsageError in the middle of an add by the same one."""
        with self._lock:
            if self._is_adding:
                raise UsageError("an index cannot be used by what gives it the items of an add")
            yield

    # ---------------------------------------------------------------- reading

    def __len__(self) -> int:
        return len(self._state.items)

    def __contains__(self, item: object) -> bool:
        try:
            name, _ = id_text(item)
        except ItemError:
            return False
        with self._alone():
            return self._is_known(name)

    def _is_known(self, name: str) -> bool:
        return self._state.items.number_of(name) is not None

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
        with self._alone():
            places = {member[0]: (member, story[0][0]) for story in self._merged_stories() for member in story}
            numbers = range(len(self._state.items)) if items is None else [self._number(item) for item in items]
        for number in numbers:
            with self._alone():
                row = self._row(*places.get(number, (alone(number), number)))
            yield row

    def story(self, item: Any) -> ItemStory:
        """Return the story of an item; raises KeyError where no item has the id."""
        with self._alone():
            number = self._number(item)
            stories = self._state.groups.stories([self._state.groups.leader[number]])
            every = [story for group in stories.values() for story in group if number in {m[0] for m in story}]
            members = every[0] if every else [alone(number)]
            rows = tuple(self._row(member, members[0][0]) for member in members)
            return ItemStory(id=rows[0].id, canonical=next(r.id for r in rows if r.canonical), rows=rows)

    def item(self, item: Any) -> IndexedItem:
        """Return an item as it was cleaned; raises KeyError where none has the id."""
        with self._alone():
            number = self._number(item)
            copy = self._state.items.get(number).copy
            source = None if copy.key.source.startswith("\0") else copy.key.source
            return IndexedItem(id=self._state.items.original(number), title=copy.title, text=copy.text, source=source)

    def pairs(self, *, near: bool = False) -> Iterator[ItemPair]:
        """Return every pair that is compared, with its verdict; with `near` those alone that nearly merged."""
        with self._alone():
            codes = self._state.pairs.codes
        for low, high in zip(*(each.tolist() for each in split(codes)), strict=True):
            with self._alone():
                verdict = self._state.verdicts.look(low, high)
                leader = self._state.groups.leader
                counts = not near or (is_near_miss(verdict) and leader[low] != leader[high])
                pair = self._pair(low, high, verdict) if counts else None
            if pair is not None:
                yield pair

    def explain(self, first: Any, second: Any) -> Explanation:
        """Lay out the comparison of two items; raises KeyError where no item has the id."""
        with self._alone():
            numbers = self._number(first), self._number(second)
            with self._state.items.comparing(*numbers):
                one, other = map(self._state.items.get, numbers)
                return explain_pair(one, other, self._state.furniture, self._windows)

    def close(self) -> None:
        """Close the file, so that another process may open it."""
        with self._alone():
            self._file.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _number(self, item: Any) -> int:
        number = self._state.items.number_of(id_text(item)[0])
        if number is None:
            raise KeyError(item)
        return number

    def _merged_stories(self) -> Iterator[Members]:
        """Return the stories of all groups that have more than one item."""
        for stories in self._state.groups.every():
            yield from stories

    def _stories(self) -> Iterator[list[DedupeRow]]:
        with self._alone():
            merged = {min(member[0] for member in story): story for story in self._merged_stories()}
            inside = {member[0] for story in merged.values() for member in story}
            count = len(self._state.items)
        for number in range(count):
            if number in merged or number not in inside:
                members = merged.get(number) or [alone(number)]
                with self._alone():
                    rows = [self._row(member, members[0][0]) for member in members]
                yield rows

    def _row(self, member: Member, first: int) -> DedupeRow:
        number, canonical, relation, matched, score, ground = member
        return DedupeRow(
            id=self._state.items.original(number),
            story=self._state.items.original(first),
            canonical=canonical,
            relation=Relation(relation),
            matched=None if matched is None else self._state.items.original(matched),
            score=score,
            ground=ground,
        )

    def _pair(self, low: int, high: int, verdict: Verdict) -> ItemPair:
        return ItemPair(
            left=self._state.items.original(low),
            right=self._state.items.original(high),
            merged=verdict.merged,
            score=verdict.score,
            threshold=verdict.threshold,
            rules=tuple(veto.partition(":")[0] for veto in verdict.vetoes),
            shared_words=verdict.shared_words,
            ground=verdict.ground,
        )
