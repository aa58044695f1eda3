"""Prepared -> the keys by which it is looked up, in memory and in SQL alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from feedhub.match.text.hashing import HASH
from feedhub.match.text.prepare import SHINGLE, Prepared, shingles_of
from feedhub.match.text.tokens import CHAR, I64, KIND, QUOTE, U64, Flags, bare
from feedhub.match.text.tokens import weighty as weighty_of

#: grams from the beginning that all become keys
DENSE = 44
#: of the rest one in so many, chosen by hash, so that two texts choose the same ones
EVERY = 8
#: sampled keys of one text; a huge one is sampled more thinly
MOST = 400
#: headline words that are paired
_HEADLINE = 10
_SAMPLE = np.uint64((EVERY - 1) << 40)
_SALT = np.uint64(0x5851F42D4C957F2D)


def keys(prepared: Prepared) -> U64:
    """Return the distinct sampled grams of a text and of its headline, sorted (signed: `.view("int64")`)."""
    title = prepared.title
    return _keys(prepared.shingles, title.hashes[title.weighty])


def keys_of(coded: Sequence[tuple[U64, U64]]) -> list[U64]:
    """Coded headlines and bodies -> the keys of each, without preparing the rest; all at once."""
    titles, bodies = _Many.of([title for title, _ in coded]), _Many.of([body for _, body in coded])
    grams = shingles_of(bodies.hashes)
    item, place = bodies.item[: len(grams)], bodies.place[: len(grams)]
    whole = place + SHINGLE <= bodies.counts[item]
    dense, sampled = place < DENSE, (grams & _SAMPLE) == 0
    chosen = (whole & (dense | sampled)).nonzero()[0]
    weighty = (titles.codes & np.uint64(16) != 0).nonzero()[0]
    of = titles.item[weighty]
    firsts = np.arange(len(of)) - np.searchsorted(of, of)
    near = (of[1:] == of[:-1]) & (firsts[1:] < _HEADLINE)
    keys = np.concatenate([grams[chosen], _pairs(titles.hashes[weighty])[near]])
    fresh, ends = _distinct(keys, np.concatenate([item[chosen], of[1:][near]]), len(coded))
    crowded = np.bincount(item[whole & ~dense & sampled], minlength=len(coded)) > MOST
    alone = titles.spaceless | bodies.spaceless | (bodies.counts < SHINGLE) | crowded
    return [
        _keys(shingles_of(bare(body)), weighty_of(title)) if by_itself else result
        for (title, body), by_itself, result in zip(coded, alone.tolist(), np.split(fresh, ends[:-1]), strict=True)
    ]


class _Many(Struct, frozen=True):
    """The words of several coded texts in one, marks left out."""

    codes: U64
    hashes: U64
    #: of each word the number of its text, and its place in it
    item: I64
    place: I64
    #: of each text how many words it has, and whether it has characters of a script without spaces
    counts: I64
    spaceless: Flags

    @classmethod
    def of(cls, coded: Sequence[U64]) -> _Many:
        codes = np.concatenate(coded)
        item = np.repeat(np.arange(len(coded)), [len(each) for each in coded])
        kinds = codes.astype(np.uint8) & np.uint8(KIND)
        spaceless = np.zeros(len(coded), dtype=bool)
        spaceless[item[kinds == CHAR]] = True
        is_word = (kinds < QUOTE).nonzero()[0]
        codes, item = codes[is_word], item[is_word]
        counts = np.bincount(item, minlength=len(coded))
        place = np.arange(len(item)) - np.repeat(np.cumsum(counts) - counts, counts)
        return cls(codes, codes & HASH, item, place, counts, spaceless)


def _distinct(keys: U64, item: I64, total: int) -> tuple[U64, I64]:
    """Keys and whose they are -> the distinct ones of each item, sorted, in the order of the items, and their ends."""
    order = np.argsort(keys)
    order = order[np.argsort(item[order].astype(np.uint16), kind="stable")]
    keys, item = keys[order], item[order]
    fresh = np.ones(len(keys), dtype=bool)
    fresh[1:] = (keys[1:] != keys[:-1]) | (item[1:] != item[:-1])
    return keys[fresh], np.cumsum(np.bincount(item[fresh], minlength=total))


def _keys(grams: U64, headline: U64) -> U64:
    rest = grams[DENSE:]
    sampled = rest[(rest & _SAMPLE) == 0]
    if len(sampled) > MOST:
        sampled = np.sort(sampled)[:MOST]
    result = np.concatenate([grams[:DENSE], sampled, _pairs(headline[:_HEADLINE])])
    result.sort()
    fresh = np.ones(len(result), dtype=bool)
    np.not_equal(result[1:], result[:-1], out=fresh[1:])
    return result[fresh]


def _pairs(headline: U64) -> U64:
    """Each two words of a headline that follow one another."""
    pairs: U64 = (headline[:-1] >> np.uint64(3)) ^ (headline[1:] * _SALT)
    return pairs
