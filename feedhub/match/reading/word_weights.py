"""How rare a word is among headlines and teasers: what is shipped speaks at first, what is indexed ever more."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

U32 = NDArray[np.uint32]
F32 = NDArray[np.float32]

#: as many teasers as the shipped table stands for: a hub has heard so many within its first days
_SHIPPED_WEIGHS = 2_000
#: words that are counted, eight bytes each
_MOST_WORDS = 1_000_000
_SHIPPED = Path(__file__).with_name("word_shares.npz")


@cache
def _shipped() -> tuple[U32, F32]:
    """Return the commonest words of eight languages, sorted, and the share of teasers that have each."""
    with np.load(_SHIPPED) as table:
        return table["words"], table["shares"].astype(np.float32)


class WordWeights:
    """Counts in how many teasers each word stands, and weighs words by it."""

    def __init__(self) -> None:
        self._words: U32 = np.zeros(0, dtype=np.uint32)
        self._counts: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self.teasers = 0

    @property
    def nbytes(self) -> int:
        """Return the bytes that the counts take."""
        return self._words.nbytes + self._counts.nbytes

    def learn(self, teasers: list[U32]) -> None:
        """Count the distinct words of each of these teasers."""
        if not teasers:
            return
        words, counts = np.unique(np.concatenate(teasers), return_counts=True)
        # to sort all that are known anew would take many times as long where few teasers come to many
        place = self._words.searchsorted(words)
        known = self._words.take(place, mode="clip") == words if len(self._words) else np.zeros(len(words), dtype=bool)
        self._counts[place[known]] += counts[known].astype(np.int32)
        if not known.all():
            self._words = np.insert(self._words, place[~known], words[~known])
            self._counts = np.insert(self._counts, place[~known], counts[~known])
        self.teasers += len(teasers)
        if len(self._words) > _MOST_WORDS:
            # a word that was heard once weighs what one weighs that never was
            often = self._counts > 1
            self._words, self._counts = self._words[often], self._counts[often]

    def weights(self, words: U32) -> F32:
        """Return the inverse document frequency of each word: 0 for one that all have."""
        total = self.teasers + _SHIPPED_WEIGHS
        heard = _looked_up(self._words, self._counts, words) + _SHIPPED_WEIGHS * _looked_up(*_shipped(), words)
        found: F32 = np.log(total / np.maximum(heard, 1.0)).astype(np.float32)
        return found


def _looked_up(names: U32, values: NDArray[Any], words: U32) -> NDArray[np.float64]:
    if not len(names):
        return np.zeros(len(words))
    place = np.minimum(np.searchsorted(names, words), len(names) - 1)
    return np.where(names[place] == words, values[place], 0).astype(np.float64)
