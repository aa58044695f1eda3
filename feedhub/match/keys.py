"""Prepared -> the keys by which it is looked up, in memory and in SQL alike."""

from __future__ import annotations

import numpy as np

from feedhub.match.prepare import Prepared, grams_of
from feedhub.match.words import U64, bare, weighty

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
    """The distinct sampled grams of a text and of its headline, sorted (signed: `.view("int64")`)."""
    title = prepared.title
    return _keys(prepared.grams, title.hashes[title.weights > 0.5])


def keys_of(title_codes: U64, body_codes: U64) -> U64:
    """The same from coded headline and body, without preparing the rest."""
    return _keys(grams_of(bare(body_codes)), weighty(title_codes))


def _keys(grams: U64, headline: U64) -> U64:
    rest = grams[DENSE:]
    sampled = rest[(rest & _SAMPLE) == 0]
    if len(sampled) > MOST:
        sampled = np.sort(sampled)[:MOST]
    headline = headline[:_HEADLINE]
    pairs = (headline[:-1] >> np.uint64(3)) ^ (headline[1:] * _SALT)
    found = np.concatenate([grams[:DENSE], sampled, pairs])
    found.sort()
    fresh = np.ones(len(found), dtype=bool)
    np.not_equal(found[1:], found[:-1], out=fresh[1:])
    return found[fresh]
