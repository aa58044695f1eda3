"""Copy -> Prepared: everything that a comparison needs, worked out once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from feedhub.match.text.tokens import CHAR, U64, Flags, Tokens, codes, codes_of, decoded
from feedhub.match.text.word_flags import among, spread
from feedhub.model import Copy, EntryKey

#: words in a gram (3, 4 and 5 do equally well on judged pairs; 4 keeps the index short)
SHINGLE = 4
#: the lead: words of a text's beginning
LEAD = 40
#: characters, and words, of a headline that are compared
MOST_OF_HEADLINE = 1_000
#: words of one text that are looked at; a text of 10 MB is judged by its first part
MOST_WORDS = 20_000
MOST_CHARACTERS = 200_000
#: paragraphs with an "@name" that are longer than this are no tweets
_TWEET_WORDS = 60
_FACTORS = tuple(map(np.uint64, (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)))


class Prepared(Struct, frozen=True, kw_only=True, eq=False):
    """A copy ready to compare."""

    copy: Copy
    key: EntryKey
    outlet: str
    title: Tokens
    body: Tokens
    #: hash of the four words that begin at each place
    shingles: U64
    #: the same, sorted
    sorted_shingles: U64
    #: length in words; a character of a script without spaces counts as 0.6
    size: float
    #: seconds since 1970; None in a stream, where only published dates are known
    seen: float | None
    #: None where no credible date is known
    published: float | None
    #: until when a document of its source listed it; infinity while it does, None where that is not known
    listed_until: float | None = None
    #: which words of its beginning say its own headline again; None where none does
    repeated_headline: Flags | None = None


#: headline and body as numbers
Coded = tuple[U64, U64]


def prepare(copy: Copy) -> Prepared:
    """Prepare a copy as the arrays that comparison and look-up need."""
    return prepare_coded(copy, coded([copy])[0])


def prepare_coded(copy: Copy, code: Coded) -> Prepared:
    """Return the same where the copy's words are numbers already."""
    return assemble(copy, *code, seen=copy.first_seen.timestamp(), published=published(copy))


def coded(copies: Sequence[Copy]) -> list[Coded]:
    """Headlines and bodies as numbers: what `assemble` starts from."""
    parts = [(copy.title[:MOST_OF_HEADLINE], copy.text[:MOST_CHARACTERS]) for copy in copies]
    result = codes_of([part for both in parts for part in both])
    words = zip(result[::2], result[1::2], strict=True)
    return [(title[:MOST_OF_HEADLINE], body[:MOST_WORDS]) for title, body in words]


def published(copy: Copy) -> float | None:
    """When a copy was published, in seconds; None where no credible date is known."""
    return copy.published.timestamp() if copy.published is not None and not copy.date_doubtful else None


def assemble(copy: Copy, title_codes: U64, body_codes: U64, *, seen: float | None, published: float | None) -> Prepared:
    """Prepare a copy with its coded headline and body."""
    body = decoded(body_codes)
    text = copy.text
    if "(@" in text or "pic.twitter.com" in text:
        body.quoted[:] |= _tweets(text[:MOST_CHARACTERS], body)
    title, grams = decoded(title_codes), shingles_of(body.hashes)
    return Prepared(
        copy=copy,
        key=copy.key,
        outlet=copy.outlet,
        title=title,
        body=body,
        shingles=grams,
        sorted_shingles=np.sort(grams),
        repeated_headline=_repeated_headline(title, grams, len(body)),
        size=len(body) - 0.4 * int(np.count_nonzero(body.kinds == CHAR)),
        seen=seen,
        published=published,
    )


def shingles_of(hashes: U64) -> U64:
    """Return the hash of each run of four words; of the whole where there are fewer."""
    n = max(len(hashes) - SHINGLE + 1, 1 if len(hashes) else 0)
    grams = np.zeros(n, dtype=np.uint64)
    for k, factor in enumerate(_FACTORS):
        part = hashes[k : k + n]
        grams[: len(part)] += part * factor
    grams ^= grams >> np.uint64(31)
    return grams


def _repeated_headline(title: Tokens, grams: U64, total: int) -> Flags | None:
    """Return which words at the beginning of a text say its headline again, None where none does."""
    if len(title) < SHINGLE:
        return None
    again = among(shingles_of(title.hashes), grams[:LEAD])
    return spread(again, SHINGLE, min(LEAD + SHINGLE, total)) if again.any() else None


def _tweets(text: str, body: Tokens) -> Flags:
    """Return the words of paragraphs that are embedded tweets: quotations without marks."""
    inside = np.zeros(len(body), dtype=bool)
    start = 0
    for paragraph in text.split("\n"):
        end = start + len(decoded(codes(paragraph)))
        if "pic.twitter.com" in paragraph or ("(@" in paragraph and end - start < _TWEET_WORDS):
            inside[start:end] = True
        start = end
    return inside
