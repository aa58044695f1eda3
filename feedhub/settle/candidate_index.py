"""What a process holds of the index: which stored copies are worth comparing with those that wait.

The store's segments are the truth. A process keeps those around now in files without names, of which few pages are in
memory between settlings, and looks before every settling which came and went; what it made itself counts once the store
has it, so a transaction that failed leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypedDict

from feedhub.mapped_bytes import MappedBytes
from feedhub.match import Furniture, Lookup, RepeatedGroup, Search, Segment, coded, furniture_keys, keys_of, segment_of
from feedhub.model import Copy
from feedhub.settle.judgement_cache import CODED
from feedhub.store import Connection, database, placements, segments, verdicts
from feedhub.store.segments import SegmentRow

#: copies of a group whose texts are laid side by side to learn from
WITNESSES = 12
#: groups remembered as laid side by side
REMEMBERED = 200_000


class _Extent(TypedDict):
    """What the store knows of a segment beside its bytes."""

    since: datetime
    until: datetime
    copies: int


class CandidateIndex:
    """Segments and furniture in memory; one settling works on it at a time."""

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._lookup = Lookup(window.total_seconds())
        self._rows: list[SegmentRow] = []
        #: of the segments at hand, and of those that were made in the transaction under way: what they lie in
        self._bytes: dict[int, MappedBytes] = {}
        self._made: dict[int, MappedBytes] = {}
        self._regrouped = 0
        self._lessons = 0
        #: hashes of groups' first copies
        self._looked: set[int] = set()
        self._looking: set[int] = set()
        self.furniture = Furniture()
        self._hidden = furniture_keys(self.furniture)

    def refresh(self, connection: Connection, since: datetime, until: datetime) -> None:
        """Load what the store has, as far as copies first seen in this time can be compared with it."""
        self._rows = segments.listing(connection)
        first, last = since - self._window, until + self._window
        near = {row.id: row for row in self._rows if row.since <= last and row.until >= first}
        self._drop([number for number in self._lookup.segments if number not in near])
        for number, row in near.items():
            if number not in self._lookup.segments:
                mapped = self._made.get(number) or _read(connection, number)
                self._lookup.add(number, row.sequence, Segment.unpack(mapped.view), mapped.release)
                self._bytes[number] = mapped
        if self._made.keys() & {row.id for row in self._rows}:
            self._looked = self._looking if len(self._looked) > REMEMBERED else self._looked | self._looking
        self._made, self._looking = {}, set()
        regrouped = database.count(connection, database.REGROUPED)
        if regrouped != self._regrouped:
            self._lookup.forget_stories()
            self._regrouped = regrouped
        self._learn_from(verdicts.furniture_since(connection, after=self._lessons))

    def release(self) -> None:
        """Let go of the memory of what was read of the segments: it is on the disk."""
        for mapped in self._bytes.values():
            mapped.release()

    def _drop(self, numbers: Collection[int]) -> None:
        self._lookup.drop(numbers)
        for number in numbers:
            del self._bytes[number]

    def _learn_from(self, rows: Iterable[verdicts.SourceFurniture]) -> None:
        grams: dict[str, bytes] = {}
        for learned in rows:
            grams[learned.source] = learned.shingles
            self._lessons = max(self._lessons, learned.learned)
        if grams:
            # each row is all that is known of its source: nothing, where a person had it forgotten
            shingles = {**self.furniture.shingles, **Furniture.unpacked(grams).shingles}
            self.furniture = Furniture(shingles={name: known for name, known in shingles.items() if len(known)})
            self._hidden = furniture_keys(self.furniture)

    def search(self, batch: Segment, furniture: Furniture | None = None) -> Search:
        """Look copies up; `furniture`: what is known by now, where that is more than the store had."""
        return Search(self._lookup, batch, self._hidden if furniture is None else furniture_keys(furniture))

    def unindexed(self, copies: Collection[int]) -> set[int]:
        """Return those of the copies that no segment holds."""
        return set(copies) - self._lookup.indexed(copies)

    def keep(self, connection: Connection, batch: Segment) -> None:
        """Store a batch's postings, and merge segments where there are many small ones."""
        self._rows.append(self._store(connection, None, batch.pack(), _extent(batch)))
        loaded = [each for each in self._rows if each.id in self._lookup.segments]
        chosen = segments.worth_merging(loaded, self._window)
        if chosen:
            whole = self._lookup.merged([each.id for each in chosen])
            self.release()
            body, extent = whole.pack(), _extent(whole)
            # its arrays take as much as its bytes, and so does what the database makes of these
            del whole
            segments.drop(connection, [each.id for each in chosen])
            self._store(connection, max(each.sequence for each in chosen), body, extent)

    def _store(self, connection: Connection, sequence: int | None, body: bytes, extent: _Extent) -> SegmentRow:
        row = segments.add(connection, sequence=sequence, body=body, **extent)
        self._made[row.id] = MappedBytes(lambda: [body])
        return row

    def repeated(self, search: Search, sources: Mapping[int, str], now: datetime, anew: bool) -> list[RepeatedGroup]:
        """Find groups of copies of one source that share a text and were not laid side by side before, or `anew`."""
        fresh = []
        for group in search.repeated(sources, now.timestamp()):
            first = hash(group.copies[:WITNESSES])
            if anew or first not in self._looked:
                self._looking.add(first)
                fresh.append(group)
        return fresh


def _read(connection: Connection, number: int) -> MappedBytes:
    return MappedBytes(lambda: segments.parts(connection, number))


def _extent(segment: Segment) -> _Extent:
    since, until = (datetime.fromtimestamp(at, UTC) for at in (segment.since, segment.until))
    return {"since": since, "until": until, "copies": len(segment)}


def index_anew(connection: Connection, copies: Sequence[tuple[int, Copy]]) -> None:
    """Store the postings of copies that no segment holds."""
    if copies:
        keys = [key for part in placements.chunks(copies, CODED) for key in keys_of(coded([copy for _, copy in part]))]
        segment = segment_of(copies, keys)
        segments.add(connection, sequence=None, body=segment.pack(), **_extent(segment))
