"""Postings -> of each source the keys that new items touch: how many of its items have them, and the first of these."""

from __future__ import annotations

import numpy as np

from feedhub.match.index.candidates import counted
from feedhub.match.index.learned_furniture import MOST_ITEMS, WITNESSES
from feedhub.match.text.tokens import I64, U64
from feedhub.match.text.word_flags import contains

U32 = np.dtype("<u4")
#: fills up groups of fewer items
NOBODY = 0xFFFFFFFF
_MIX = np.uint64(0x9E3779B97F4A7C15)
#: of each key its first items by rank, a row of `MOST_ITEMS`
FirstItems = np.ndarray[tuple[int, int], np.dtype[np.uint32]]
#: keys of one source, how many of its items have each, and the first of them
Touched = tuple[U64, I64, FirstItems]
NOTHING: Touched = (
    np.zeros(0, dtype=np.uint64),
    np.zeros(0, dtype=np.int64),
    np.zeros((0, MOST_ITEMS), dtype=U32),
)


def touched_keys(keys: U64, items: I64, new: int, source: I64, ranks: U64) -> dict[int, Touched]:
    """Return, by source, keys of new items (from number `new` on) that three of its items have.

    `keys` and `items` are all postings of the keys.
    """
    often = counted(keys) >= WITNESSES
    keys, items = keys[often], items[often]
    where = source[items]
    marked = keys ^ (where.astype(np.uint64) + np.uint64(1)) * _MIX
    counts_in = contains(np.sort(marked[items >= new]), marked)
    keys, items, where = keys[counts_in], items[counts_in], where[counts_in]
    once = np.ones(len(keys), dtype=np.int64)
    return first_items(where, keys, items, once, ranks=ranks, least=WITNESSES)


def merged_touched(one: dict[int, Touched], other: dict[int, Touched]) -> dict[int, Touched]:
    """Return both, which have no key of a source in common."""
    result = dict(one)
    for number, more in other.items():
        had = one.get(number, NOTHING)
        keys = np.concatenate([had[0], more[0]])
        order = np.argsort(keys)
        counts, first = np.concatenate([had[1], more[1]]), np.concatenate([had[2], more[2]])
        result[number] = keys[order], counts[order], first[order]
    return result


def first_items(where: I64, keys: U64, items: I64, weights: I64, *, ranks: U64, least: int = 0) -> dict[int, Touched]:
    """Return, by source, its distinct keys, sorted, the sum of the weights of each, and its first items by rank.

    Keys of a smaller sum than `least` are left out.
    """
    order = np.lexsort((ranks[items], keys, where))
    where, keys, items = where[order], keys[order], items[order]
    if not len(keys):
        return {}
    starts = np.flatnonzero(np.concatenate([[True], (keys[1:] != keys[:-1]) | (where[1:] != where[:-1])]))
    sizes = np.diff(np.append(starts, len(keys)))
    sums = np.add.reduceat(weights[order], starts)
    enough = sums >= least
    starts, sizes, sums = starts[enough], sizes[enough], sums[enough]
    first = np.full((len(starts), MOST_ITEMS), NOBODY, dtype=U32)
    for column in range(MOST_ITEMS):
        has = sizes > column
        first[has, column] = items[starts[has] + column]
    names = where[starts]
    edges = np.flatnonzero(np.diff(names, prepend=-1))
    parts = (np.split(each, edges[1:]) for each in (keys[starts], sums, first))
    return dict(zip(names[edges].tolist(), zip(*parts, strict=True), strict=False))
