"""What a headline says of its item and of another: days, denials, names, words that the other never says."""

from __future__ import annotations

import numpy as np

from feedhub.match.compare import among
from feedhub.match.hashing import hash_of
from feedhub.match.prepare import Prepared
from feedhub.match.spelling import fold, tokens
from feedhub.match.words import CHAR, DAY, NAME, NEGATION, NUMBER, WORD, Words, spelled

#: letters that must be alike where one word lengthens another
_STEM = 5


def days(title: Words) -> set[int]:
    """The days of the week that a headline names."""
    return set(title.hashes[(title.signs & DAY) != 0].tolist())


def denies(title: Words) -> bool:
    """Whether a headline has a negation."""
    return bool((title.signs & NEGATION).any())


def lonely(p: Prepared, other: Prepared) -> list[int]:
    """Positions of weighty headline words that occur nowhere in the other item."""
    heavy = (p.title.weights > 0.5).nonzero()[0]
    wanted = p.title.hashes[heavy]
    lone: list[int] = heavy[~(among(other.title.hashes, wanted) | among(other.body.hashes, wanted))].tolist()
    return [place for place in lone if not _lengthens(p, place, other)] if lone else lone


def _lengthens(p: Prepared, place: int, other: Prepared) -> bool:
    """Whether a headline word only lengthens one that the other item has: `Koreans`, a firm's name in full."""
    if p.title.kinds[place] not in (WORD, NAME):
        return False
    word = fold(spelled(p.copy.title[:1000])[place])
    stems = np.array([hash_of(word[:end]) for end in range(_STEM, len(word))], dtype=np.uint64)
    return bool((among(other.title.hashes, stems) | among(other.body.hashes, stems)).any())


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
