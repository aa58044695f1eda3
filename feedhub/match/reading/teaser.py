"""Copy -> the telling words of its headline and of the beginning of its text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from feedhub.match.reading.word_weights import F32, U32, WordWeights
from feedhub.match.text.hashing import hash64
from feedhub.match.text.tokens import U64, decoded

#: words of a text that a feed would give as its teaser
TEASER_WORDS = 80
#: a text of so many words decides by itself, and its page is not asked for
ENOUGH_WORDS = 120
#: a word of the headline counts twice
_HEADLINE = 2.0
#: words below this weight class (`to`, `is`) tell nothing
_SHORT_WORD = 0.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Teaser:
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
