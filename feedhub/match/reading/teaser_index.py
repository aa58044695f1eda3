"""Teasers by their rarest words -> the pairs that may tell one story and are not decided by their words.

Each teaser is kept with its sixteen weightiest words, ten bytes each. A batch is looked up at once: of every word the
newest teasers that have it. What is found adds up to the cosine of two weighted word vectors (tf-idf); on judged
pairs names, numbers and nearness in time, weighed extra, changed nothing that the rarity of a word had not said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from feedhub.match.reading.teaser import Teaser
from feedhub.match.reading.word_weights import F32, U32, WordWeights
from feedhub.match.text.tokens import I64
from feedhub.structs import replace

#: words of a teaser by which it is found
TERMS = 16
#: the newest teasers of a word that are looked at
SAMPLE = 64
#: cosine from which a pair is open, and from which headline and teaser are one text already, so that a page could add
#: nothing; what it is spent on comes in the order of promise, so pairs are opened that promise little (lknews, headline
#: and 40 words: 89 of 92 true pairs of two outlets are reached with .15, 79 with .3)
OPEN, DECIDED = 0.15, 0.97
#: the same where one outlet has both, and what such a pair promises beside others: an outlet seldom tells one story
#: twice, and has many that are alike (lknews: 25 of 26 true pairs have .44 and more, of the others one of six)
OPEN_IN_OUTLET, PROMISE_IN_OUTLET = 0.42, 0.7
#: of a teaser's pairs the best that are opened: true copies lie among its three nearest; two that are each other's
#: nearest promise more than their cosine says (odu: true pairs of .25 and .3 are found so, for 2 % of the pages)
NEAREST, MUTUAL = 3, 1.25
_LOW = 0xFFFFFFFF
#: teasers that are looked up at once
_AT_ONCE = 2048
#: ... of which the pairs are summed at once: those of two thousand would take 75 MB, of five hundred 15
_SUMMED = 128
#: pairs are sorted into at most so many buckets (a power of two) by the high bits of a product (Knuth, 6.4)
_BUCKETS, _ODD = 21, np.uint64(0x9E3779B97F4A7C15)


class OpenPair(Struct, frozen=True, kw_only=True):
    """Two teasers, by their numbers, that may tell one story: their pages could say."""

    left: int
    right: int
    #: what it promises, up to 1
    score: float


class _Rows(Struct, eq=False):
    """What is kept of each teaser beside its words, a place a teaser: 21 bytes."""

    number: U32
    #: the low half of their hashes
    outlet: U32
    agency: U32
    time: NDArray[np.float64]
    has_page: NDArray[np.bool_]


class TeaserIndex:
    """Teasers of the last window, growing by batches."""

    def __init__(self, window: float) -> None:
        """Take the window in seconds."""
        self.window = window
        self.weights = WordWeights()
        self._rows = _rows_of([])
        self._word: U32 = np.zeros(0, dtype=np.uint32)
        self._row: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self._weight: NDArray[np.float16] = np.zeros(0, dtype=np.float16)

    def __len__(self) -> int:
        return len(self._rows.number)

    @property
    def nbytes(self) -> int:
        """Return the bytes that all of it takes, the counts of words among them."""
        rows = [getattr(self._rows, name).nbytes for name in _Rows.__struct_fields__]
        return int(sum(rows) + self._word.nbytes + self._row.nbytes + self._weight.nbytes + self.weights.nbytes)

    def add(self, teasers: Sequence[Teaser]) -> list[OpenPair]:
        """Index teasers; return the pairs that they open with each other and with those before, best first."""
        self.weights.learn([each.words for each in teasers])
        return self.nearest(self.candidates(teasers))

    def candidates(self, teasers: Sequence[Teaser]) -> list[OpenPair]:
        """Index teasers whose words are counted already; return all pairs near enough, for `nearest` to choose from."""
        found: list[OpenPair] = []
        for start in range(0, len(teasers), _AT_ONCE):
            found += self._add(teasers[start : start + _AT_ONCE])
        return found

    def nearest(self, pairs: Sequence[OpenPair]) -> list[OpenPair]:
        """Return the pairs that are open: promising, and among the nearest of at least one of their sides."""
        rank: Counter[int] = Counter()
        found = []
        for pair in sorted(pairs, key=_order):
            rank.update((pair.left, pair.right))
            places = rank[pair.left], rank[pair.right]
            promise = pair.score * MUTUAL if places == (1, 1) else pair.score
            if min(places) <= NEAREST and promise >= OPEN:
                found.append(replace(pair, score=min(1.0, promise)))
        return sorted(found, key=_order)

    def drop_before(self, time: float) -> None:
        """Let go of teasers whose window is over."""
        self._keep(~(self._rows.time < time))

    def discard(self, numbers: Collection[int]) -> None:
        """Let go of teasers that say something else by now."""
        self._keep(~np.isin(self._rows.number, np.array(sorted(numbers), dtype=np.uint32)))

    def _keep(self, keep: NDArray[np.bool_]) -> None:
        if keep.all():
            return
        place = np.cumsum(keep, dtype=np.int32) - 1
        chosen = keep[self._row]
        self._word, self._weight = self._word[chosen], self._weight[chosen]
        self._row = place[self._row[chosen]].astype(np.int32)
        self._rows = _Rows(*(getattr(self._rows, name)[keep] for name in _Rows.__struct_fields__))

    def _add(self, teasers: Sequence[Teaser]) -> list[OpenPair]:
        if not teasers:
            return []
        first = len(self)
        words, rows, weights = self._terms(teasers, first)
        order = np.argsort(words, kind="stable")
        words, rows, weights = words[order], rows[order], weights[order]
        at = np.searchsorted(self._word, words, side="right")
        self._word = np.insert(self._word, at, words)
        self._row = np.insert(self._row, at, rows)
        self._weight = np.insert(self._weight, at, weights.astype(np.float16))
        before, more = self._rows, _rows_of(teasers)
        self._rows = _Rows(*(np.concatenate([getattr(before, n), getattr(more, n)]) for n in _Rows.__struct_fields__))
        found: list[OpenPair] = []
        for start in range(first, len(self), _SUMMED):
            some = (rows >= start) & (rows < start + _SUMMED)
            found += self._pairs(words[some], rows[some], weights[some])
        return found

    def _terms(self, teasers: Sequence[Teaser], first: int) -> tuple[U32, NDArray[np.int32], F32]:
        """Return the weightiest words of each teaser, its vector scaled to length one."""
        sizes = np.array([len(each.words) for each in teasers])
        rows = np.repeat(np.arange(len(teasers), dtype=np.int32), sizes)
        words = np.concatenate([each.words for each in teasers])
        distinct, place = np.unique(words, return_inverse=True)
        worth = np.concatenate([each.counts for each in teasers]) * self.weights.weights(distinct)[place]
        lengths = np.sqrt(np.bincount(rows, weights=worth * worth, minlength=len(teasers)))
        worth = (worth / np.maximum(lengths, 1e-6)[rows]).astype(np.float32)
        top = heaviest(worth, sizes)
        return words[top], rows[top] + np.int32(first), worth[top]

    def _pairs(self, words: U32, rows: NDArray[np.int32], weights: F32) -> list[OpenPair]:
        """Return the open pairs of a batch that is in the index already."""
        begin, end = (np.searchsorted(self._word, words, side=side) for side in ("left", "right"))
        begin = np.maximum(begin, end - SAMPLE)
        counts = end - begin
        place = np.arange(int(counts.sum())) + np.repeat(begin - np.cumsum(counts) + counts, counts)
        left, right = np.repeat(rows, counts), self._row[place]
        has_page = self._rows.has_page
        # each pair once: an older teaser stands on the right; and none of two that have no page between them
        older = np.flatnonzero((right < left) & (has_page[left] | has_page[right]))
        place, left, right = place[older], left[older].astype(np.int64), right[older]
        product = np.repeat(weights, counts)[older] * self._weight[place].astype(np.float32)
        # a little less than what is asked of them: their sums are rounded
        sums = _summed(left * len(self) + right, product, 0.999 * OPEN / MUTUAL)
        found = self._permitted(sums[0] // len(self), sums[0] % len(self), sums[1])
        number = self._rows.number
        return [
            OpenPair(left=min(a, b), right=max(a, b), score=round(score, 4))
            for a, b, score in zip(number[found[0]].tolist(), number[found[1]].tolist(), found[2].tolist(), strict=True)
        ]

    def _permitted(self, left: I64, right: I64, score: F32) -> tuple[I64, I64, F32]:
        """Leave out what facts speak against, and what needs no page."""
        rows = self._rows
        near = (MUTUAL * score >= OPEN) & (score < DECIDED)
        left, right, score = left[near], right[near], score[near]
        fits = (rows.outlet[left] != rows.outlet[right]) | (score >= OPEN_IN_OUTLET)
        fits &= ~(np.abs(rows.time[left] - rows.time[right]) > self.window)
        named = (rows.agency[left] != 0) & (rows.agency[right] != 0)
        fits &= ~(named & (rows.agency[left] != rows.agency[right]))
        left, right, score = left[fits], right[fits], score[fits]
        promise = np.where(rows.outlet[left] == rows.outlet[right], PROMISE_IN_OUTLET * score, score)
        return left, right, promise.astype(np.float32)


def _order(pair: OpenPair) -> tuple[float, int, int]:
    return -pair.score, pair.left, pair.right


def _rows_of(teasers: Sequence[Teaser]) -> _Rows:
    return _Rows(
        np.array([each.number for each in teasers], dtype=np.uint32),
        np.array([each.outlet & _LOW for each in teasers], dtype=np.uint32),
        np.array([each.agency & _LOW for each in teasers], dtype=np.uint32),
        np.array([np.nan if each.time is None else each.time for each in teasers], dtype=np.float64),
        np.array([each.has_page for each in teasers], dtype=bool),
    )


def heaviest(worth: F32, sizes: I64) -> I64:
    """Return the places of the `TERMS` greatest values of each run, greatest first, of equals the earlier first."""
    rows = np.repeat(np.arange(len(sizes)), sizes)
    column = np.arange(len(worth)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    table = np.full((len(sizes), max(TERMS, int(sizes.max()))), -np.inf, dtype=np.float32)
    table[rows, column] = worth
    # to sort a quarter of them, of which a few are too many, takes a third of the time
    least = np.partition(table, -TERMS, axis=1)[:, -TERMS]
    may = np.flatnonzero(worth >= least[rows])
    order = may[np.lexsort((-worth[may], rows[may]))]
    counts = np.bincount(rows[may], minlength=len(sizes))
    place = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    return order[place < TERMS]


def _summed(keys: I64, values: F32, least: float) -> tuple[I64, F32]:
    """Sum values by key, as far as they may come to `least`."""
    if not len(keys):
        return keys, values
    # a sum over keys that share a bucket is no less than that over one of them; to sort all costs four times as much
    bits = min(_BUCKETS, len(keys).bit_length() + 1)
    bucket = ((keys.astype(np.uint64) * _ODD) >> np.uint64(64 - bits)).astype(np.intp)
    may = (np.bincount(bucket, weights=values, minlength=1 << bits) >= least)[bucket]
    keys, values = keys[may], values[may]
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], values[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)])
    found: F32 = np.add.reduceat(values, starts).astype(np.float32) if len(keys) else values
    return keys[starts], found
