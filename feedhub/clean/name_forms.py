"""What a name says by its form alone: whether it is an agency that no list knows, and how a place is written."""

from __future__ import annotations

import re
from functools import cache

from feedhub import languages
from feedhub.clean.agencies import fold

_QUOTED = re.compile(r"\S{2,20}\s[«\"„“](?P<inner>[^«»\"„“”]{2,30})[»\"“”]")
_SIGN = re.compile(r"[()\[\]{}/\\|:;,!?\"“”«»<>=*#@%$]")
_LONGEST = 40
_SHORT = 5
_WORD = re.compile(r"[^\W\d_]+(?:[.'’][^\W\d_]+)*\.?")
# Turkish capitals that lose their form in the common lower case.
_TURKISH = str.maketrans({"İ": "i", "I": "ı"})
_PARTICLES = frozenset((*languages.table("forms")["particles"], *languages.table("forms")["linking"]))


def bare(name: str) -> str:
    """Return the bare name of a credit: `Агентство «Север»` is Север."""
    match = _QUOTED.fullmatch(name.strip())
    return match["inner"] if match else name.strip()


def names_agency(name: str) -> bool:
    """Whether a name says of itself that it is an agency's: "... News Agency", "...通讯社"."""
    return len(name) <= _LONGEST and bool(_agency().search(name)) and fold(name) not in _never()


def may_be_agency(name: str) -> bool:
    """Whether a name in an agency's place can be an agency's: one word that is no label, country, state or day."""
    name = bare(name)
    if fold(name) in _never() or _SIGN.search(name):
        return False
    if names_agency(name):
        return True
    if len(name.split()) > 1 or not 2 <= len(name) <= 20 or any(c.isdigit() for c in name):
        return False
    return len(name) <= _SHORT if name[0].islower() else len(name) > 2


def is_acronym(name: str) -> bool:
    """Tell whether a name is a few letters, all small or all capital, as agencies sign: dpa, AFP."""
    return name.isalpha() and 2 < len(name) <= _SHORT and (name.islower() or name.isupper())


def is_body(word: str) -> bool:
    """Whether a word in capitals is an organisation or a label sooner than a place."""
    short = word.isalpha() and len(word) <= _SHORT
    return fold(word) in _bodies() or (short and fold(word) not in _cities())


def is_city(name: str) -> bool:
    """Tell whether a name is a city's, which an outlet may have too (Boston, Metz)."""
    return fold(name) in _cities() or fold(name) in _namesakes()


def is_medium(name: str) -> bool:
    """Tell whether a name in capitals is a medium's by its end: ECONOMYNEXT, NEWSWIRE, CITY TIMES."""
    return fold(name).endswith(tuple(languages.table("forms")["media"]))


def cased(place: str) -> str:
    """HARBOUR CITY, Nev. -> Harbour City, Nev.; what is not all capitals keeps its case."""
    head, comma, rest = place.partition(",")
    if not head.isupper() or len(head) < 3:
        return place
    tail = rest if not rest.isupper() or len(rest.strip()) <= 2 else _WORD.sub(_titled, rest)
    first = _WORD.match(head)
    begun = first.end() if first else 0
    start = _capitalised(head[:begun]) if begun else ""
    return start + _WORD.sub(_titled, head[begun:]) + comma + tail


def _titled(match: re.Match[str]) -> str:
    word = match[0]
    return word.lower() if word.lower() in _PARTICLES else _capitalised(word)


def _capitalised(word: str) -> str:
    if re.fullmatch(r"(?:\w\.)+\w?\.?", word) and len(word) > 2:
        return word  # D.C., U.N.
    lower = word[1:].translate(_TURKISH) if any(c in "İŞĞ" for c in word) else word[1:]
    joined = re.sub(r"(?<=['’])\w", lambda m: m[0].upper(), lower.lower()) if word[1:2] in "'’" else lower.lower()
    return word[0] + joined


@cache
def _agency() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in languages.table("forms")["agency"]))


@cache
def _never() -> frozenset[str]:
    listed = (word for part in languages.table("forms")["never"].values() for word in part)
    return frozenset(map(fold, (*listed, *languages.weekdays(), *languages.short_weekdays())))


@cache
def _bodies() -> frozenset[str]:
    return frozenset(fold(word) for word in languages.table("forms")["bodies"])


@cache
def _cities() -> frozenset[str]:
    return frozenset(fold(word) for word in languages.table("forms")["short"])


@cache
def _namesakes() -> frozenset[str]:
    return frozenset(fold(word) for word in languages.table("forms")["cities"])
