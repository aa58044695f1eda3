"""The keys of many copies, packed: searched as sorted arrays, kept as bytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from feedhub.match.index.packed_keys import KEY_BITS, PackedKeys
from feedhub.match.text.hashing import hash64
from feedhub.match.text.tokens import F64, I64, U16, U64
from feedhub.model import Copy

#: bytes of which the place of the postings is a multiple
_ALIGNED = 8
#: postings that are merged at once, about: each takes forty bytes meanwhile
_AT_ONCE = 1 << 18
#: bytes for what the largest segment says of its copies
_ROOM = 1 << 22
#: upper halves of keys
_HALVES = 1 << 16
#: two keys that differ in the bits alone that are not kept are taken for one
_SHIFT = np.uint64(64 - KEY_BITS)


class Segment(Struct, frozen=True, kw_only=True, eq=False):
    """Copies, one place each in the order in which they came, and their postings in the order of the keys."""

    #: numbers of the copies
    copies: I64
    #: when each was first seen, in seconds since 1970
    seen: F64
    #: digests of their sources, and of their identities: an order that does not depend on when they came
    names: U64
    ranks: U64
    #: how many keys each has, and the least of them
    sizes: U16
    least: U64
    #: the keys and the place of the copy that has each: six bytes a posting
    keys: PackedKeys
    places: U16
    #: those of the copies that older segments hold too, with keys that are no longer theirs
    again: I64

    def __len__(self) -> int:
        return len(self.copies)

    @property
    def since(self) -> float:
        return float(self.seen.min())

    @property
    def until(self) -> float:
        return float(self.seen.max())

    def pack(self) -> bytes:
        """Pack the segment into bytes, about 6 a posting and 25 a copy."""
        upper = self.keys.upper
        columns = (self.copies, self.seen, self.names, self.ranks, self.least, self.sizes, self.again)
        parts = [
            zlib.compress(b"".join(column.tobytes() for column in some), 1)
            for some in (columns, (self.keys.counts(), np.diff(upper, prepend=np.uint16(0))))
        ]
        sizes = [len(self.copies), len(self.keys), len(self.again), len(upper), *map(len, parts)]
        front = b"".join([np.array(sizes, dtype="<u4").tobytes(), *parts])
        # the numbers that follow are read where they stand
        front += bytes(-len(front) % _ALIGNED)
        lower, places = (np.ascontiguousarray(column).data for column in (self.keys.lower, self.places))
        return b"".join([front, lower, places])

    @classmethod
    def unpack(cls, packed: bytes | memoryview) -> Segment:
        """Unpack what `pack` wrote; raises ValueError or zlib.error if it is damaged."""
        copies, postings, again, halves, first, second = np.frombuffer(packed, dtype="<u4", count=6).tolist()
        at = 24 + first
        # room for all of it at once, or it is there twice for a moment
        columns = zlib.decompress(packed[24:at], bufsize=min(42 * copies + 8 * again, _ROOM) + 1)
        counted = zlib.decompress(packed[at : at + second])
        at += second
        at += -at % _ALIGNED
        # views: copies would for a moment take as much again, and of what was packed nine tenths are these
        lower = np.frombuffer(packed, dtype=np.uint32, count=postings, offset=at)
        places = np.frombuffer(packed, dtype=np.uint16, count=postings, offset=at + 4 * postings)
        counts = np.frombuffer(counted, np.uint32, halves)
        upper = np.cumsum(np.frombuffer(counted, np.uint16, halves, 4 * halves), dtype=np.uint16)
        return cls(
            copies=np.frombuffer(columns, np.int64, copies),
            seen=np.frombuffer(columns, np.float64, copies, 8 * copies),
            names=np.frombuffer(columns, np.uint64, copies, 16 * copies),
            ranks=np.frombuffer(columns, np.uint64, copies, 24 * copies),
            least=np.frombuffer(columns, np.uint64, copies, 32 * copies),
            sizes=np.frombuffer(columns, np.uint16, copies, 40 * copies),
            again=np.frombuffer(columns, np.int64, again, 42 * copies),
            keys=PackedKeys.of_counts(upper, counts, lower),
            places=places,
        )


def segment_of(copies: Sequence[tuple[int, Copy]], keys: Sequence[U64], again: Iterable[int] = ()) -> Segment:
    """Make the segment of these copies, each with its number, and of their keys; `again`: those indexed already."""
    keys = [packed_keys(each) for each in keys]
    sizes = np.array([len(each) for each in keys], dtype=np.uint16)
    every = np.concatenate([np.zeros(0, dtype=np.uint64), *keys])
    places = np.repeat(np.arange(len(keys), dtype=np.uint16), sizes)
    order = np.argsort(every, kind="stable")
    return Segment(
        copies=np.array([number for number, _ in copies], dtype=np.int64),
        seen=np.array([copy.first_seen.timestamp() for _, copy in copies]),
        names=np.array([hash64(copy.key.source) for _, copy in copies], dtype=np.uint64),
        ranks=np.array([hash64(f"{copy.key.source}\0{copy.key.guid}") for _, copy in copies], dtype=np.uint64),
        sizes=sizes,
        least=np.array([each[0] if len(each) else 0 for each in keys], dtype=np.uint64),
        keys=PackedKeys.of(every[order]),
        places=places[order],
        again=np.array(sorted(again), dtype=np.int64),
    )


def merged(segments: Sequence[Segment], without: Sequence[NDArray[np.bool_] | None]) -> Segment:
    """Segments as one, the oldest first; each without the copies (by place) that newer ones hold anew."""
    stays = [np.ones(len(s), dtype=bool) if gone is None else ~gone for s, gone in zip(segments, without, strict=True)]
    keys, places = _merged_postings(segments, stays)
    both = list(zip(segments, stays, strict=True))
    return Segment(
        copies=np.concatenate([s.copies[some] for s, some in both]),
        seen=np.concatenate([s.seen[some] for s, some in both]),
        names=np.concatenate([s.names[some] for s, some in both]),
        ranks=np.concatenate([s.ranks[some] for s, some in both]),
        sizes=np.concatenate([s.sizes[some] for s, some in both]),
        least=np.concatenate([s.least[some] for s, some in both]),
        keys=keys,
        places=places,
        # what a newer segment holds anew is for that one to say
        again=np.unique(np.concatenate([s.again[~np.isin(s.again, s.copies[~some])] for s, some in both])),
    )


def _merged_postings(segments: Sequence[Segment], stays: Sequence[NDArray[np.bool_]]) -> tuple[PackedKeys, U16]:
    """Return the postings of copies that stay, a range of keys at a time: of all at once each would take 40 bytes."""
    begins = np.cumsum([0, *(int(np.count_nonzero(some)) for some in stays)]).tolist()
    at = [(begin + np.cumsum(some) - 1).astype(np.uint16) for begin, some in zip(begins, stays, strict=False)]
    postings = sum(len(segment.keys) for segment in segments)
    step = max(1, _HALVES * _AT_ONCE // max(postings, 1))
    # room for all of them: most stay, and pages that are not written to take none
    lower, placed = np.empty(postings, np.uint32), np.empty(postings, np.uint16)
    upper, counts = [np.zeros(0, np.uint16)], [np.zeros(0, np.uint32)]
    total = 0
    for first in range(0, _HALVES, step):
        keys, places = [], []
        for segment, some, here in zip(segments, stays, at, strict=True):
            where, part = segment.keys.part(first, first + step)
            of = segment.places[where]
            staying = some[of]
            keys.append(part[staying])
            places.append(here[of[staying]])
        every = np.concatenate(keys)
        if not len(every):
            continue
        order = np.argsort(every, kind="stable")
        every = every[order]
        new = slice(total, total + len(every))
        # a range has all keys of its upper halves, so none of these comes again
        range_keys = PackedKeys.of(every)
        upper.append(range_keys.upper)
        counts.append(range_keys.counts())
        lower[new], placed[new] = range_keys.lower, np.concatenate(places)[order]
        total = new.stop
    packed = PackedKeys.of_counts(np.concatenate(upper), np.concatenate(counts), lower[:total])
    return packed, placed[:total]


def packed_keys(keys: U64) -> U64:
    """Keys as segments hold them; sorted ones stay sorted."""
    return keys >> _SHIFT
