"""What a headline says of its item and of another: days, denials, names, words that the other never says."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np

from feedhub.match.text.hashing import token_hash
from feedhub.match.text.prepare import Prepared
from feedhub.match.text.spelling import fold, tokens, without_marks
from feedhub.match.text.tokens import (
    CHAR,
    DAY,
    NAME,
    NEGATION,
    NUMBER,
    U64,
    WORD,
    Flags,
    Tokens,
    codes,
    decoded,
    spellings,
)
from feedhub.match.text.word_flags import among
from feedhub.match.verdict.thresholds import Thresholds
from feedhub.text_cache import remember_short

#: signs of a text by which its script is told
_FIRST_LINES = 400
#: letters that must be alike where one word lengthens another
_STEM = 5


def days(title: Tokens) -> set[int]:
    """Return the days of the week that a headline names."""
    return set(title.hashes[(title.signs & DAY) != 0].tolist())


def denies(title: Tokens) -> bool:
    """Whether a headline has a negation."""
    return bool((title.signs & NEGATION).any())


def lonely(p: Prepared, other: Prepared) -> list[int]:
    """Positions of weighty headline words that occur nowhere in the other item."""
    heavy = p.title.weighty.nonzero()[0]
    wanted = p.title.hashes[heavy]
    lone: list[int] = heavy[~_has_stems(other, wanted)].tolist()
    if not lone:
        return lone
    longer = _lengthening(p, lone, other)
    return [place for place in lone if place not in longer]


def _lengthening(p: Prepared, places: Sequence[int], other: Prepared) -> set[int]:
    """Those headline words that only lengthen one that the other item has: `Koreans`, a firm's name in full."""
    words = spellings(p.copy.title[:1000])
    folded = {place: without_marks(fold(words[place])) for place in places if p.title.kinds[place] in (WORD, NAME)}
    stems = [(place, token_hash(word[:end])) for place, word in folded.items() for end in range(_STEM, len(word))]
    said = _has_stems(other, np.array([stem for _, stem in stems], dtype=np.uint64))
    return {place for (place, _), is_said in zip(stems, said.tolist(), strict=True) if is_said}


def _has_stems(p: Prepared, hashes: U64) -> Flags:
    """Which of these words occur in an item."""
    known = among(p.title.hashes, hashes)
    missing = (~known).nonzero()[0]
    if len(missing):
        known[missing] = among(p.body.hashes, hashes[missing])
    return known


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
    plain = np.count_nonzero((p.title.kinds != NAME) & p.title.weighty)
    return bool(kind == NAME and plain >= 2)


def owns_headline(p: Prepared, other: Prepared) -> bool:
    """Whether a headline shares at least a word's beginning with its own text or the other."""
    if not len(p.title) or not len(p.body):
        return True
    wanted = p.title.hashes[p.title.weighty]
    if not len(wanted) or among(p.body.hashes, wanted).any() or among(other.body.hashes, wanted).any():
        return True
    stems = _stems(p.copy.text[:5000]) | _stems(other.copy.text[:5000])
    return not stems.isdisjoint(_stems(p.copy.title))


def _stems(text: str) -> set[str]:
    """Return the beginnings of a text's longer words."""
    if text.isascii():
        return {token[:4] for token in tokens(text.lower()) if len(token) > 3}
    return {fold(token)[:4] for token in tokens(text) if len(token) > 3}


# ---------------------------------------------------------------- headline and text


#: words of a quotation that make it one
_QUOTED = 3
_QUOTATION = re.compile(r"[“\"‘'«「『„](?P<said>[^”\"»」』“„]{8,}?)[”\"’'»」』“](?!\w)")


def quotes_what_is_nowhere(p: Prepared, other: Prepared) -> bool:
    """Whether a headline quotes words of which neither its own text nor the other item says the most."""
    quoted = _QUOTATION.search(p.copy.title)
    if quoted is None:
        return False
    said = decoded(codes(quoted["said"]))
    heavy = said.hashes[said.weighty]
    if len(heavy) < _QUOTED:
        return False
    known = _has_stems(other, heavy) | among(p.body.hashes, heavy)
    return bool(known.mean() < 0.5)


def tells_its_own(p: Prepared, other: Prepared, t: Thresholds) -> bool:
    """Whether weighty words of a headline stand in its own text, and nowhere in the other item."""
    heavy = int(np.count_nonzero(p.title.weighty))
    alone = lonely(p, other)
    if len(alone) < t.own_words or len(alone) < t.own_part * heavy:
        return False
    stands = among(p.body.hashes, p.title.hashes[alone])
    return int(np.count_nonzero(stands)) >= max(t.own_words, t.own_part * heavy)


# ---------------------------------------------------------------- scripts


def other_script(a: Prepared, b: Prepared) -> bool:
    """Return whether two items are written in different scripts, by the letters of their headlines and first lines."""
    one, other = (f"{p.copy.title} {p.copy.text[:_FIRST_LINES]}" for p in (a, b))
    if one.isascii() and other.isascii():
        return False
    scripts = _script(one), _script(other)
    return None not in scripts and scripts[0] != scripts[1]


@remember_short(1024, 2_000)
def _script(text: str) -> str | None:
    """Return the script of most letters of a text; None where no script has most of them."""
    counted = Counter(_block(c) for c in text if c.isalpha())
    if not counted:
        return None
    name, count = counted.most_common(1)[0]
    return name if 2 * count > counted.total() else None


@cache
def _block(letter: str) -> str:
    """Return the script of a letter, by the first word of its Unicode name; Chinese and Japanese are one."""
    name = unicodedata.name(letter, "").split(" ")[0]
    return "CJK" if name in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA") else name
