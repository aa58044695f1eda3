"""What a headline says of its item and of another: days, denials, names, words that the other never says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from feedhub.match.text.hashing import token_hash
from feedhub.match.text.overlap import among
from feedhub.match.text.prepare import Prepared
from feedhub.match.text.spelling import fold, tokens
from feedhub.match.text.tokens import CHAR, DAY, NAME, NEGATION, NUMBER, U64, WORD, Flags, Tokens, spellings

#: letters that must be alike where one word lengthens another
_STEM = 5


def days(title: Tokens) -> set[int]:
    """The days of the week that a headline names."""
    return set(title.hashes[(title.signs & DAY) != 0].tolist())


def denies(title: Tokens) -> bool:
    """Whether a headline has a negation."""
    return bool((title.signs & NEGATION).any())


def lonely(p: Prepared, other: Prepared) -> list[int]:
    """Positions of weighty headline words that occur nowhere in the other item."""
    heavy = (p.title.weights > 0.5).nonzero()[0]
    wanted = p.title.hashes[heavy]
    lone: list[int] = heavy[~_said(other, wanted)].tolist()
    if not lone:
        return lone
    longer = _lengthening(p, lone, other)
    return [place for place in lone if place not in longer]


def _lengthening(p: Prepared, places: Sequence[int], other: Prepared) -> set[int]:
    """Those headline words that only lengthen one that the other item has: `Koreans`, a firm's name in full."""
    words = spellings(p.copy.title[:1000])
    folded = {place: fold(words[place]) for place in places if p.title.kinds[place] in (WORD, NAME)}
    stems = [(place, token_hash(word[:end])) for place, word in folded.items() for end in range(_STEM, len(word))]
    said = _said(other, np.array([stem for _, stem in stems], dtype=np.uint64))
    return {place for (place, _), is_said in zip(stems, said.tolist(), strict=True) if is_said}


def _said(p: Prepared, hashes: U64) -> Flags:
    """Which of these words occur in an item."""
    return among(p.title.hashes, hashes) | among(p.body.hashes, hashes)


def is_name(p: Prepared, place: int) -> bool:
    """Whether a headline word is a name: its own body writes it with a capital, never without."""
    kind = p.title.kinds[place]
    if kind == NUMBER:
        return False
    at = (p.body.hashes == p.title.hashes[place]).nonzero()[0]
    if kind == CHAR:
        # no capitals to go by: what the headline and its own body say, and the other item nowhere, is a name enough
        return bool(len(at))
    if len(at):
        return bool((p.body.kinds[at] == NAME).all())
    plain = np.count_nonzero((p.title.kinds != NAME) & (p.title.weights > 0.5))
    return bool(kind == NAME and plain >= 2)


def owns_headline(p: Prepared, other: Prepared) -> bool:
    """Whether a headline shares at least a word's beginning with its own text or the other."""
    if not len(p.title) or not len(p.body):
        return True
    wanted = p.title.hashes[p.title.weights > 0.5]
    if not len(wanted) or among(p.body.hashes, wanted).any() or among(other.body.hashes, wanted).any():
        return True
    stems = _stems(p.copy.text[:5000]) | _stems(other.copy.text[:5000])
    return not stems.isdisjoint(_stems(p.copy.title))


def _stems(text: str) -> set[str]:
    """The beginnings of a text's longer words."""
    if text.isascii():
        return {token[:4] for token in tokens(text.lower()) if len(token) > 3}
    return {fold(token)[:4] for token in tokens(text) if len(token) > 3}
