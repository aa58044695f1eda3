"""What a job that is spread over many machines calls: the steps of `match_stream`, each over the part that it is given.

The job brings together what has to meet (keys, pairs, components); what is decided is decided here, by the functions
that decide it in a stream, so that the stories are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta

import numpy as np
import xxhash

from feedhub.match.candidates import NEIGHBOURS, SHARED, SHARED_PART
from feedhub.match.furniture import COMMON, MOST_ITEMS, WITNESSES, Furniture, learn_postings
from feedhub.match.judge import judge
from feedhub.match.keys import keys
from feedhub.match.partition import partition
from feedhub.match.prepare import Prepared, assemble, coded, published
from feedhub.match.stories import Row, rows_of
from feedhub.model import Copy, EntryKey, Match

__all__ = ["COMMON", "MOST_ITEMS", "NEIGHBOURS", "SHARED", "SHARED_PART", "WITNESSES"]

_HALF = 1 << 63


def rank(key: EntryKey) -> int:
    """The place of an item in the fixed order that everything is taken in, as a signed 64-bit number."""
    return xxhash.xxh3_64_intdigest(f"{key.source}\0{key.guid}".encode("utf-8", "surrogatepass")) - _HALF


def prepared(copy: Copy) -> Prepared:
    """A copy made ready as in a stream, where only published dates are known."""
    return assemble(copy, *coded([copy])[0], seen=None, published=published(copy))


def sampled(item: Prepared) -> list[int]:
    """The keys of an item as signed 64-bit numbers."""
    found: list[int] = keys(item).view(np.int64).tolist()
    return found


def lessons(postings: Collection[tuple[int, int]], item: Callable[[int], Prepared]) -> list[int]:
    """The furniture of one source from (key, rank of an item) of the keys that it repeats; grams as signed numbers."""
    table = np.array(list(postings), dtype=np.int64).reshape(-1, 2)
    found: list[int] = learn_postings(table[:, 0].view(np.uint64), table[:, 1], item).view(np.int64).tolist()
    return found


def furniture(rows: Iterable[tuple[str, int]]) -> Furniture:
    """Rows (source, gram as a signed number) as the table that comparisons take."""
    found: dict[str, list[int]] = {}
    for source, gram in rows:
        found.setdefault(source, []).append(gram)
    return Furniture(grams={s: np.unique(np.array(g, dtype=np.int64).view(np.uint64)) for s, g in found.items()})


def stories(
    items: Iterable[Prepared], furniture: Furniture, *, window: timedelta, revision_window: timedelta
) -> list[list[tuple[Row, int]]]:
    """The copies of one component -> its stories: of each copy its row and the number of its revision."""
    known: dict[tuple[EntryKey, EntryKey], Match] = {}

    def agree(a: Prepared, b: Prepared) -> Match:
        found = known.get((a.key, b.key))
        if found is None:
            found = known[a.key, b.key] = judge(a, b, furniture, window=window, revision_window=revision_window)
        return found

    return [
        [(row, place.revision) for row, place in zip(rows_of(places), places, strict=True)]
        for places in partition(items, agree, window=window)
    ]
