"""What a job that is spread over many machines calls: the steps of `match_stream`, each over the part that it is given.

The job brings together what has to meet (keys, pairs, components); what is decided is decided here, by the functions
that decide it in a stream, so that the stories are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from math import inf

import numpy as np
from msgspec import Struct, field

from feedhub.match.cluster.partition import partition
from feedhub.match.cluster.rows import DedupeRow, rows_of
from feedhub.match.cluster.stream import batches, furniture_digests, repeated
from feedhub.match.index.candidates import SHARED, SHARED_PART, counted, pairs_of
from feedhub.match.index.keys import keys_of
from feedhub.match.index.learned_furniture import COMMON, WITNESSES, Furniture, learn_postings
from feedhub.match.text.hashing import hash64
from feedhub.match.text.prepare import Prepared, assemble, coded, published
from feedhub.match.text.tokens import F64, I64, U64
from feedhub.match.text.word_flags import contains
from feedhub.match.verdict.judge import judge
from feedhub.model import Copy, EntryKey, MatchWindows, Verdict

__all__ = ["SHARED", "SHARED_PART", "WITNESSES", "furniture_digests", "published"]

_HALF = 1 << 63
#: of a posting's mark the lower bits, which say how many keys its item has; the upper ones are its source's number
_SIZE = 16


def rank(key: EntryKey) -> int:
    """Return the place of an item in the fixed order that everything is taken in, as a signed 64-bit number."""
    return hash64(f"{key.source}\0{key.guid}") - _HALF


def prepared(copies: Iterable[Copy]) -> Iterator[Prepared]:
    """Prepare copies as in a stream, where only published dates are known."""
    for some in batches(copies):
        for copy, code in zip(some, coded(some), strict=True):
            yield assemble(copy, *code, seen=None, published=published(copy))


def sampled(copies: Iterable[Copy]) -> list[I64]:
    """Return the keys of each copy as signed 64-bit numbers."""
    return [result.view(np.int64) for some in batches(copies) for result in keys_of(coded(some))]


# ---------------------------------------------------------------- postings


class Sources(Struct, frozen=True, kw_only=True):
    """The sources that have enough items to have furniture, numbered from 1; number 0 are all the others."""

    names: Sequence[str] = ("",)
    numbers: Mapping[str, int] = field(default_factory=dict)

    #: of each number the digest of its name, and how many items have to show a key before it is looked at
    digests: U64 = field(default_factory=lambda: np.zeros(1, dtype=np.uint64))
    least: F64 = field(default_factory=lambda: np.array([inf]))

    @classmethod
    def counted(cls, totals: Iterable[tuple[str, int]]) -> Sources:
        """From the number of items of each source."""
        enough = sorted((source, total) for source, total in totals if total >= WITNESSES)
        names = ["", *(source for source, _ in enough)]
        return cls(
            names=names,
            numbers={name: number for number, name in enumerate(names) if number},
            digests=np.array([0, *(hash64(source) for source, _ in enough)], dtype=np.uint64),
            least=np.array([inf, *(max(WITNESSES, COMMON * total) for _, total in enough)]),
        )


class Postings(Struct, frozen=True, kw_only=True):
    """Keys, as signed numbers, each with the rank of an item that has it and with that item's mark."""

    keys: I64
    ranks: I64
    marks: I64

    @classmethod
    def of(cls, keys: I64, sizes: I64, ranks: I64, sources: Iterable[str], known: Sources) -> Postings:
        """Of items: their keys one after the other, how many each has, its rank and its source."""
        numbers = np.array([known.numbers.get(source, 0) for source in sources], dtype=np.int64)
        marks = numbers << _SIZE | sizes
        return cls(keys=keys, ranks=np.repeat(ranks, sizes), marks=np.repeat(marks, sizes))


def repeats(postings: Postings, known: Sources) -> Iterator[tuple[str, I64, I64]]:
    """Return what enough items of a source have among all postings of some keys: its name, keys, first items' ranks."""
    numbers = np.arange(len(postings.keys))
    where = postings.marks >> _SIZE
    for source, keys, ranks in repeated(postings.keys.view(np.uint64), numbers, where, postings.ranks, known.least):
        yield known.names[source], keys.view(np.int64), ranks


def meetings(postings: Postings, known: Sources, hidden: U64) -> tuple[I64, I64, I64]:
    """All postings of some keys -> pairs (lower rank, higher rank, the fewest keys of either), once for each key."""
    keys, ranks, marks = postings.keys.view(np.uint64), postings.ranks, postings.marks
    counting = counted(keys) > 1
    if len(hidden):
        where = marks >> _SIZE
        counting &= (where == 0) | ~contains(hidden, keys ^ known.digests[where])
    keys, ranks, sizes = keys[counting], ranks[counting], marks[counting] & ((1 << _SIZE) - 1)
    codes = pairs_of(keys, np.arange(len(keys)), ranks)
    one, other = (codes >> np.uint64(32)).astype(np.int64), (codes & np.uint64(0xFFFFFFFF)).astype(np.int64)
    left, right = np.minimum(ranks[one], ranks[other]), np.maximum(ranks[one], ranks[other])
    return left, right, np.minimum(sizes[one], sizes[other])


# ---------------------------------------------------------------- furniture


def furniture_of_source(postings: Collection[tuple[int, int]], item: Callable[[int], Prepared]) -> list[int]:
    """Return the furniture of one source from (key, rank of an item) of the keys that it repeats, as signed numbers."""
    table = np.array(list(postings), dtype=np.int64).reshape(-1, 2)
    result: list[int] = learn_postings(table[:, 0].view(np.uint64), table[:, 1], item).view(np.int64).tolist()
    return result


def furniture(rows: Iterable[tuple[str, int]]) -> Furniture:
    """Rows (source, gram as a signed number) as the table that comparisons take."""
    result: dict[str, list[int]] = {}
    for source, gram in rows:
        result.setdefault(source, []).append(gram)
    return Furniture(shingles={s: np.unique(np.array(g, dtype=np.int64).view(np.uint64)) for s, g in result.items()})


# ---------------------------------------------------------------- stories


def stories(
    items: Iterable[Prepared], furniture: Furniture, windows: MatchWindows
) -> list[list[tuple[DedupeRow, int]]]:
    """Map the copies of one component -> its stories: of each copy its row and the number of its revision."""
    known: dict[tuple[EntryKey, EntryKey], Verdict] = {}

    def agree(a: Prepared, b: Prepared) -> Verdict:
        result = known.get((a.key, b.key))
        if result is None:
            result = known[a.key, b.key] = judge(a, b, furniture, windows)
        return result

    together = list(items)
    sizes = {item.key: item.size for item in together}
    return [
        [(row, place.revision) for row, place in zip(rows_of(places, sizes), places, strict=True)]
        for places in partition(together, agree, window=windows.window)
    ]
