"""What each source repeats in its last entries, remembered between settlings; none of it is published."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from cachetools import LRUCache

from feedhub.match import Prepared, Shingles, learned_lines
from feedhub.merge import source_furniture
from feedhub.model import Copy
from feedhub.sized_cache import SizedCache
from feedhub.store import Connection, placements, remarks
from feedhub.store.placements import StoredCopy

#: sources whose last entries are remembered
REMEMBERED = 2_000
#: lines of a source that a record names
NAMED, LONGEST = 5, 60

#: of a longer entry the first and the last lines are compared, as many of either: furniture stands round a text
MOST_LINES = 1_000
#: characters of what a source may be said to repeat; the shortest lines first
REPEATED_CHARACTERS = 65_536
#: characters of a headline that tell it from others
_HEADLINE = 500
#: bytes of the last entries of all sources; those that were met longest ago are read again when they are met again
_ENTRIES_BYTES, _RECORDED_BYTES = 16_000_000, 16_000_000

#: of so many entries that none repeats, one has to be read to know that
_TELLING = 4

#: number, a hash of the headline, and one of each line; None for one that was not read
_Entries = deque[tuple[int, int, "array[int] | None"]]
#: how many lines stand for none: an entry was not read
_UNREAD = -1
#: stands for the headline of an entry that was not read and is not at hand
_UNTITLED = 0


def _packed(entries: _Entries) -> array[int]:
    """Pack the entries of a source into one array: of each number, headline, how many lines, and these."""
    packed = array("q")
    for number, title, lines in entries:
        packed.extend((number, title, _UNREAD if lines is None else len(lines)))
        packed.extend(lines or ())
    return packed


def _unpacked(packed: array[int]) -> _Entries:
    entries: _Entries = deque(maxlen=source_furniture.LATEST)
    at = 0
    while at < len(packed):
        number, title, count = packed[at : at + 3]
        at += 3
        entries.append((number, title, None if count == _UNREAD else packed[at : at + count]))
        at += max(count, 0)
    return entries


def _packed_size(packed: array[int]) -> int:
    return 300 + packed.itemsize * len(packed)


def _known(entries: _Entries) -> tuple[list[tuple[int, array[int]]], int]:
    """Return the entries of which the lines are known, by headline, and how many others there are.

    Of several under one headline the last counts. Those without a headline were never read, and came before all others.
    """
    by_title = {title: lines for _, title, lines in entries if title != _UNTITLED}
    known = [(title, lines) for title, lines in by_title.items() if lines is not None]
    untitled = sum(title == _UNTITLED for _, title, _ in entries)
    return known, len(by_title) - len(known) + untitled


def _title(row: StoredCopy) -> int:
    """Return a hash of a headline, never what stands for none."""
    return hash(source_furniture.line_key(row.copy.title[:_HEADLINE])) or 1


def _note(entries: _Entries, rows: Iterable[StoredCopy], asked: Collection[int]) -> dict[int, str]:
    """Note what entries of a source say; return their lines. What was asked for and is gone leaves."""
    by_number = {row.id: row for row in rows}
    texts: dict[int, str] = {}
    before = [each for each in entries if each[0] in by_number or each[0] not in asked]
    entries.clear()
    for each in before:
        row = by_number.get(each[0])
        if row is not None:
            lines = _by_hash(_lines_of(row.copy))
            texts |= lines
            each = row.id, _title(row), array("q", lines)
        entries.append(each)
    return texts


def _in_order(rows: Iterable[StoredCopy]) -> list[StoredCopy]:
    return sorted(rows, key=lambda row: row.id)


def _lines_size(lines: frozenset[str]) -> int:
    return 200 + sum(100 + 4 * len(line) for line in lines)


class SourceLines:
    """The lines of the last entries of each source."""

    def __init__(self) -> None:
        self._entries: SizedCache[str, array[int]] = SizedCache(_ENTRIES_BYTES, _packed_size)
        # no stranger's lines may take the place of another's: each source has its share
        self._repeated: LRUCache[str, frozenset[str]] = LRUCache(REMEMBERED)
        self._recorded: SizedCache[str, frozenset[str]] = SizedCache(_RECORDED_BYTES, _lines_size)

    def add(self, connection: Connection, rows: Iterable[StoredCopy]) -> None:
        """Take note of copies; the earlier ones of a source that is met for the first time are read."""
        by_source: dict[str, list[StoredCopy]] = {}
        for row in rows:
            by_source.setdefault(row.copy.key.source, []).append(row)
        for source, new in by_source.items():
            packed = self._entries.get(source)
            if packed is not None:
                entries = _unpacked(packed)
                known = {number for number, _, _ in entries}
                entries.extend((row.id, _title(row), None) for row in _in_order(new) if row.id not in known)
            else:
                latest = placements.latest_ids(connection, source, source_furniture.LATEST)
                numbers = sorted({*latest, *(row.id for row in new)})
                entries = deque(((number, _UNTITLED, None) for number in numbers), maxlen=source_furniture.LATEST)
            texts = _by_hash(self.of(source))
            repeated = self._repeated_in(connection, entries, {row.id: row for row in new}, texts)
            self._entries[source] = _packed(entries)
            if not repeated <= texts.keys():
                # a line of earlier entries, which counts now that others have left
                for row in placements.latest(connection, source, source_furniture.LATEST):
                    texts |= _by_hash(_lines_of(row.copy))
            self._repeated[source] = _shortest(texts[each] for each in repeated if each in texts)

    def _repeated_in(
        self, connection: Connection, entries: _Entries, at_hand: Mapping[int, StoredCopy], texts: dict[int, str]
    ) -> frozenset[int]:
        """Return the lines that entries repeat; they are looked at as far as it depends on them, the newest first.

        Of forty entries that repeat nothing a dozen are enough to know. Those that are not `at_hand` are read.
        """
        for most in (len(entries) // _TELLING + 2, len(entries)):
            unread = [number for number, _, lines in entries if lines is None]
            if not unread or not source_furniture.may_repeat(*_known(entries)):
                break
            if (needed := most - (len(entries) - len(unread))) > 0:
                chosen = unread[-needed:]
                rows = placements.by_ids(connection, [number for number in chosen if number not in at_hand])
                texts |= _note(entries, [*rows, *(at_hand[n] for n in chosen if n in at_hand)], chosen)
        unread_now = any(lines is None for _, _, lines in entries)
        return frozenset() if unread_now else source_furniture.repeated(_known(entries)[0])

    def of(self, source: str) -> frozenset[str]:
        """Return the lines that nearly all of a source's last entries have."""
        return self._repeated.get(source, frozenset())

    def without(self, item: Prepared, furniture: tuple[Shingles, ...]) -> Copy:
        """Return a copy without what its source repeats; `furniture`: what the matcher has learned of that source."""
        lines = self.of(item.key.source)
        if not lines:
            return item.copy

        def sure() -> frozenset[str]:
            return frozenset(map(source_furniture.line_key, learned_lines(item, furniture)))

        return source_furniture.without(item.copy, lines, sure)

    def record(self, connection: Connection, source: str, now: datetime) -> None:
        """Write down which lines of a source are left out of what is published, once."""
        lines = self.of(source)
        if new := lines - self._recorded.get(source, frozenset()):
            self._recorded[source] = lines
            named = ", ".join(f'"{line[:LONGEST]}"' for line in sorted(new)[:NAMED])
            more = f" and {len(new) - NAMED} more" if len(new) > NAMED else ""
            note = f"left out of what is published, since nearly every entry repeats it: {named}{more}"
            remarks.add(connection, source, [note], now)


def _lines_of(copy: Copy) -> Iterable[str]:
    """Return the lines of a copy as they are compared, each once; of very many those at either end."""
    lines = list(dict.fromkeys(map(source_furniture.line_key, copy.paragraphs)))
    return lines if len(lines) <= MOST_LINES else lines[: MOST_LINES // 2] + lines[-(MOST_LINES // 2) :]


def _shortest(lines: Iterable[str]) -> frozenset[str]:
    """Return so many of the lines, the shortest first, as a source may be said to repeat."""
    chosen, room = [], REPEATED_CHARACTERS
    for line in sorted(lines, key=lambda line: (len(line), line)):
        room -= len(line)
        if room < 0:
            break
        chosen.append(line)
    return frozenset(chosen)


def _by_hash(lines: Iterable[str]) -> dict[int, str]:
    return {hash(line): line for line in lines}
