"""Two versions of a text of which one came with cut characters: the damage is no news."""

from __future__ import annotations

import re

#: what bytes are replaced by that are none of their charset's
_DAMAGE = "\ufffd"
#: a text with more of them came in another charset altogether
_MOST = 40
# begins at the first sign of a word alone: from each of them, a long word would take its square
_DAMAGED_WORD = re.compile(rf"(?<!\S)[^\s{_DAMAGE}]*(?:{_DAMAGE}+[^\s{_DAMAGE}]*)+")


def mended(one: str, other: str) -> tuple[str, str]:
    """Return two texts with each damaged word as the other text has it whole, where only one word of it fits."""
    if not 0 < one.count(_DAMAGE) + other.count(_DAMAGE) <= _MOST:
        return one, other
    return _mended(one, other), _mended(other, one)


def _mended(text: str, model: str) -> str:
    words = dict.fromkeys(word for word in model.split() if _DAMAGE not in word)

    def whole(damaged: re.Match[str]) -> str:
        # a cut character leaves one mark, what was left of it may leave more or nothing
        parts = (re.escape(part) for part in re.split(f"{_DAMAGE}+", damaged[0]))
        form = re.compile(r"\S{0,4}".join(parts))
        fits = [word for word in words if form.fullmatch(word)]
        return fits[0] if len(fits) == 1 else damaged[0]

    return _DAMAGED_WORD.sub(whole, text) if _DAMAGE in text else text
