"""The teasers of stored copies: made once, kept in the store, and for a while by the process that made or read them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from cachetools import LRUCache

from feedhub.match import Teaser, TeaserText, numbers_of, pack_teasers, teasers_of, unpack_teasers
from feedhub.model import Copy
from feedhub.store import Connection, pages, placements, teaser_segments
from feedhub.store.placements import NewerCopy, StoredCopy
from feedhub.structs import replace

#: teasers at hand: those of pairs that are looked at again
_TEASERS = 4_000
#: copies whose texts are in memory at once
_IN_MEMORY = 250
#: teasers in a segment of the store
_PACKED = 2_000


class TeaserMemory:
    """What one process knows of teasers."""

    def __init__(self, readable: Collection[str], most: int) -> None:
        """Take the sources whose pages may be read, and how many of the newest copies a process begins with."""
        self._readable = frozenset(readable)
        self._most = most
        self._teasers: LRUCache[int, Teaser] = LRUCache(_TEASERS)
        #: from the store, packed, until they are asked for: numbers, and the teasers of these
        self._stored: list[tuple[frozenset[int], bytes]] = []

    def load(self, connection: Connection, after: int) -> None:
        """Read what the store has of copies above a number."""
        for packed in teaser_segments.after(connection, after):
            with suppress(ValueError):
                self._stored.append((numbers_of(packed), packed))

    def unload(self) -> None:
        """Let go of what was read and not asked for."""
        self._stored = []

    def _unpacked(self, numbers: Collection[int]) -> dict[int, Teaser]:
        """Return those of the teasers of these copies that were read, out of as few segments as have them."""
        wanted = frozenset(numbers)
        teasers: dict[int, Teaser] = {}
        for known, packed in self._stored:
            if wanted.isdisjoint(known):
                continue
            # one that is damaged is made anew, as what nobody has made
            with suppress(ValueError):
                # what an edited copy says now comes after what it said
                teasers |= {each.number: each for each in unpack_teasers(packed) if each.number in wanted}
        return teasers

    def note(
        self, connection: Connection, at_hand: Mapping[int, StoredCopy], copies: Sequence[NewerCopy]
    ) -> list[Teaser]:
        """Return the teasers of copies; those that the store has not are made and put there."""
        # what an edited copy said is stored until it is settled
        stored = self._unpacked([each.id for each in copies])
        missing = [each.id for each in copies if each.edited or each.id not in stored]
        made: dict[int, Teaser] = {}
        for some in placements.chunks(missing, _IN_MEMORY):
            copies_of = placements.values(connection, [number for number in some if number not in at_hand])
            copies_of |= {number: at_hand[number].copy for number in some if number in at_hand}
            made |= {each.number: each for each in _made(copies_of)}
        self._save(connection, list(made.values()))
        known = [(made.get(each.id) or stored.get(each.id), each.source) for each in copies]
        teasers = [self._as_readable(teaser, source) for teaser, source in known if teaser is not None]
        self._teasers.update({each.number: each for each in teasers[-_TEASERS:]})
        return teasers

    def changed(self, rows: Sequence[StoredCopy]) -> list[StoredCopy]:
        """Return those of the copies that say something else than when their teasers were made."""
        known = [(row, self._teasers.get(row.id)) for row in rows]
        return [row for row, said in known if said is not None and said.digest != pages.teaser_digest(row.copy)]

    def renew(self, connection: Connection, rows: Sequence[StoredCopy]) -> None:
        """Make the teasers of edited copies anew."""
        made = _made({row.id: row.copy for row in rows})
        sources = {row.id: row.copy.key.source for row in rows}
        self._save(connection, made)
        for each in made:
            if each.number in self._teasers:
                self._teasers[each.number] = self._as_readable(each, sources[each.number])

    def _save(self, connection: Connection, made: Sequence[Teaser]) -> None:
        for some in placements.chunks(made, _PACKED):
            last = max(each.number for each in some)
            teaser_segments.add(connection, last, pack_teasers(some), before=last - self._most)

    def of(self, rows: Sequence[StoredCopy]) -> list[Teaser]:
        """Return the teasers of copies that are at hand."""
        known = {row.id: teaser for row in rows if (teaser := self._teasers.get(row.id)) is not None}
        missing = {row.id: row for row in rows if row.id not in known}
        made = {
            each.number: self._as_readable(each, missing[each.number].copy.key.source)
            for each in _made({number: row.copy for number, row in missing.items()})
        }
        self._teasers.update(made)
        return [made.get(row.id) or known[row.id] for row in rows]

    def _as_readable(self, teaser: Teaser, source: str) -> Teaser:
        return teaser if source in self._readable or not teaser.has_page else replace(teaser, has_page=False)


def _made(copies: Mapping[int, Copy]) -> list[Teaser]:
    return teasers_of([_text(number, copy) for number, copy in copies.items()])


def _text(number: int, copy: Copy) -> TeaserText:
    when = copy.published if copy.published is not None and not copy.date_doubtful else copy.first_seen
    return TeaserText(
        number=number,
        title=copy.title[:1000],
        text=copy.text[:20_000],
        outlet=copy.outlet,
        time=when.timestamp(),
        agency=copy.wire.agency,
        readable=copy.url is not None,
        digest=pages.teaser_digest(copy),
    )
