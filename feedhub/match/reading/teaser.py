"""Copy -> the telling words of its headline and of the beginning of its text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from feedhub.match.reading.word_weights import F32, U32, WordWeights
from feedhub.match.text.hashing import HASH, hash64
from feedhub.match.text.tokens import U64, beginnings, codes_of, decoded, has_characters, weights_of

#: words of a text that a feed would give as its teaser
TEASER_WORDS = 80
#: a text of so many words decides by itself, and its page is not asked for
ENOUGH_WORDS = 120
#: a word of the headline counts twice
_HEADLINE = 2.0
#: what two teasers share by weight that may tell one story
_ALIKE = 0.25
#: words below this weight class (`to`, `is`) tell nothing
_SHORT_WORD = 0.2


class Teaser(Struct, frozen=True, kw_only=True, eq=False):
    """What is compared of a headline and its teaser."""

    number: int
    #: hash of the outlet
    outlet: int
    #: seconds since 1970, None where no date is known
    time: float | None
    #: hash of the agency that it credits, 0 for none
    agency: int
    #: its distinct words, sorted, and how much each counts here
    words: U32
    counts: F32
    #: it is short, and has a page that may be read
    has_page: bool
    #: stands for all that its copy says, for whoever made it so
    digest: int = 0


class TeaserText(Struct, frozen=True, kw_only=True):
    """What a teaser is made of."""

    number: int
    title: str
    text: str
    outlet: str
    #: seconds since 1970, None where no date is known
    time: float | None
    agency: str | None
    #: it has a page that may be read, should its text be short
    readable: bool
    #: stands for all that its copy says
    digest: int = 0


def teasers_of(texts: Sequence[TeaserText]) -> list[Teaser]:
    """Make teasers of many texts at once: of one, nearly all of the cost is set-up."""
    if not texts:
        return []
    titles = codes_of([each.title for each in texts])
    bodies = beginnings([each.text for each in texts], ENOUGH_WORDS)
    return [
        Teaser(
            number=each.number,
            outlet=hash64(each.outlet),
            time=each.time,
            agency=hash64(each.agency) if each.agency else 0,
            words=words,
            counts=counts,
            has_page=each.readable and len(body) < ENOUGH_WORDS,
            digest=each.digest,
        )
        for each, body, (words, counts) in zip(texts, bodies, _all_counted(titles, bodies), strict=True)
    ]


def _all_counted(titles: Sequence[U64], bodies: Sequence[U64]) -> list[tuple[U32, F32]]:
    """Return what `_counted` does of each pair of a title and a body."""
    heads = [body[:TEASER_WORDS] for body in bodies]
    parts = [part for pair in zip(titles, heads, strict=True) for part in pair]
    coded = np.concatenate([np.zeros(0, dtype=np.uint64), *parts])
    if has_characters(coded):
        return [_counted(title, body) for title, body in zip(titles, bodies, strict=True)]
    part = np.repeat(np.arange(len(parts)), [len(each) for each in parts])
    weights, is_word = weights_of(coded)
    telling = is_word & (weights > _SHORT_WORD)
    owner, values = part[telling] >> 1, np.where(part[telling] & 1, 1.0, _HEADLINE)
    hashes = short_hash(coded[telling] & HASH).astype(np.uint64)
    keys, place = np.unique(owner.astype(np.uint64) << np.uint64(32) | hashes, return_inverse=True)
    counts = (1.0 + np.log(np.maximum(np.bincount(place, weights=values, minlength=len(keys)), 1.0))).astype(np.float32)
    ends = np.searchsorted(keys >> np.uint64(32), np.arange(1, len(titles), dtype=np.uint64))
    split = zip(np.split(keys.astype(np.uint32), ends), np.split(counts, ends), strict=True)
    # copied: one that is remembered would hold the words of all that were made with it
    return [(words.copy(), count.copy()) for words, count in split]


def teaser_of(
    number: int, title: U64, body: U64, *, outlet: str, time: float | None, agency: str | None, has_page: bool
) -> Teaser:
    """Make a teaser of a headline and a body as they are coded (`text.tokens.codes`)."""
    words, counts = _counted(title, body)
    return Teaser(
        number=number,
        outlet=hash64(outlet),
        time=time,
        agency=hash64(agency) if agency else 0,
        words=words,
        counts=counts,
        has_page=has_page,
    )


def _counted(title: U64, body: U64) -> tuple[U32, F32]:
    heads, texts = decoded(title), decoded(body[:TEASER_WORDS])
    hashes = np.concatenate([heads.hashes, texts.hashes])
    values = np.concatenate([np.full(len(heads), _HEADLINE), np.ones(len(texts))])
    telling = np.concatenate([heads.weights, texts.weights]) > _SHORT_WORD
    words, place = np.unique(short_hash(hashes[telling]), return_inverse=True)
    counts = 1.0 + np.log(np.maximum(np.bincount(place, weights=values[telling], minlength=len(words)), 1.0))
    return words, counts.astype(np.float32)


def short_hash(hashes: U64) -> U32:
    """Cut words' hashes to four bytes, which an index of teasers has room for."""
    cut: U32 = (hashes >> np.uint64(32)).astype(np.uint32)
    return cut


def supports(text: U64, teaser: Teaser, weights: WordWeights) -> float:
    """Return which share of a teaser's words, by weight, stands in a text coded whole: 1.0 for all of them."""
    if not len(teaser.words):
        return 0.0
    worth = teaser.counts * weights.weights(teaser.words)
    total = float(worth.sum())
    said = np.isin(teaser.words, short_hash(decoded(text).hashes))
    return float(worth[said].sum()) / total if total else 0.0


def are_alike(one: Teaser, other: Teaser, weights: WordWeights) -> bool:
    """Tell whether two teasers may tell one story: a quarter of the shorter one's words, by weight, is the other's."""
    common, left, right = np.intersect1d(one.words, other.words, assume_unique=True, return_indices=True)
    if not len(common):
        return False
    rarity = weights.weights(common)
    shared = float((rarity * np.minimum(one.counts[left], other.counts[right])).sum())
    least = min(float((each.counts * weights.weights(each.words)).sum()) for each in (one, other))
    return shared >= _ALIKE * least
