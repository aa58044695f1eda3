"""Keys of many items -> the pairs worth comparing."""

from __future__ import annotations

import numpy as np

from feedhub.match.words import I64, U64

#: items with which one posting of a key is paired: the next ones in a fixed order, so that a key which everything
#: shares costs no more than a rare one
NEIGHBOURS = 8
#: keys that a pair must share, and their share of the shorter item's keys
SHARED, SHARED_PART = 2, 0.05


def pairs_of(keys: U64, items: I64, ranks: I64) -> U64:
    """Postings (key, item, its rank) -> a code `lesser << 32 | greater` for each key that two near postings share."""
    order = np.lexsort((ranks, keys))
    keys, items = keys[order], items[order]
    found = []
    for step in range(1, NEIGHBOURS + 1):
        same = np.flatnonzero(keys[step:] == keys[:-step])
        if not len(same):
            break
        one, other = items[same], items[same + step]
        lesser, greater = np.minimum(one, other).astype(np.uint64), np.maximum(one, other).astype(np.uint64)
        found.append((lesser << np.uint64(32)) | greater)
    return np.concatenate(found) if found else np.zeros(0, dtype=np.uint64)


def worth_comparing(codes: U64, counts: I64) -> tuple[I64, I64]:
    """Codes of all shared keys and the number of keys of each item -> the pairs that share enough, as two arrays."""
    pairs, shared = np.unique(codes, return_counts=True)
    left, right = (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
    fewest = np.minimum(counts[left], counts[right])
    enough = shared >= np.maximum(SHARED, SHARED_PART * fewest)
    return left[enough], right[enough]
