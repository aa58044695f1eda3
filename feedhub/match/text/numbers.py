"""Words -> the values they state, so that `39` and `thirty-nine`, `21:45` and `9.45 p.m.` agree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from feedhub.languages import number_words
from feedhub.match.text.hashing import token_hash
from feedhub.match.text.tokens import COUNT, Tokens, spelling_of
from feedhub.text_cache import remember_short

_UNITS = {
    token_hash(word): value
    for word, value in {"hundred": 100.0, "thousand": 1_000.0, "million": 1e6, "billion": 1e9, "dozen": 12.0}.items()
}
_SUFFIXES = {"k": 1_000.0, "m": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9, "tn": 1e12}
_AFTERNOON = frozenset(token_hash(word) for word in ("pm", "p"))
_AND, _ONE = token_hash("and"), token_hash("1")
_TENS = frozenset(float(value) for value in number_words().values() if value >= 20)
_FORM = re.compile(r"(\d+)(?:([.,:])(\d+))?([a-z]*)")


@lru_cache(maxsize=8)
def stated_values(words: Tokens) -> frozenset[float]:
    """Return the values that a text states (the guards ask for those of one pair again and again)."""
    places = np.flatnonzero(words.signs & COUNT)
    return read_numbers(places.tolist(), words.hashes[places].tolist())


def read_numbers(places: Sequence[int], hashes: Iterable[int]) -> frozenset[float]:
    """Parts of numbers read from left to right; neighbours make one number.

    `last` is the place up to which the newest one reaches.
    """
    result: list[float] = []
    last = -2
    for place, name in zip(places, hashes, strict=True):
        follows = bool(result) and place == last + 1
        if name == _AND:
            last = place if follows else last
            continue
        if name in _AFTERNOON:
            if follows:
                result[-1] = _in_the_afternoon(result[-1])
            continue
        if name in _UNITS:
            result.append((result.pop() if follows else 1.0) * _UNITS[name])
        else:
            number = 1.0 if name == _ONE else _value(spelling_of(name))
            result.append(result.pop() + number if follows and _adds(result[-1], number) else number)
        last = place
    return frozenset(result)


def _adds(before: float, number: float) -> bool:
    """`thirty nine`, `two hundred and fourteen`."""
    return (before in _TENS and 0 < number < 10) or (before >= 100 and before % 100 == 0 and 0 < number < 100)


def _in_the_afternoon(hour: float) -> float:
    """`9`, `9.45` and `9:45` (which is 9.75 by now) as hours of the day."""
    if hour >= 12:
        return hour
    whole, part = divmod(hour, 1)
    minutes = round(part * 100)
    return whole + 12 + (minutes / 60 if minutes in (15, 30, 45) else part)


@remember_short(20_000, 50)
def _value(text: str) -> float:
    """`1180`, `9.45`, `21:00`, `900bn`; what cannot be read counts by its digits alone."""
    form = _FORM.fullmatch(text)
    if form is None:
        return float("".join(c for c in text if c.isdigit())[:15] or -1)
    whole, mark, part, suffix = form.groups()
    number = float(whole) if not part else float(whole) + float(part) / 60 if mark == ":" else float(f"{whole}.{part}")
    return number * _SUFFIXES.get(suffix, 1.0)
