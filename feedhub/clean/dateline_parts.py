"""What every form of dateline is made of: the value, its place and its date."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import Literal

from msgspec import Struct

from feedhub import languages
from feedhub.clean.agencies import Agencies, fold, is_party
from feedhub.clean.dateline_dates import read
from feedhub.clean.name_forms import bare, cased, may_be_agency, names_agency

#: a site's name (CBN.com) is no place
_DOMAIN = re.compile(r"\w\.[a-z]{2,6}$")
_NEVER_WITHIN = frozenset(languages.table("forms")["no_place_within"])
#: behind a longer word a full stop ends a sentence, not an abbreviation (St. Louis)
_SENTENCE_END = re.compile(r"[^\W\d_]{5}\.\s+\S")
#: a place in a script without spaces is short and holds no mark of a sentence: what is longer is a headline
_SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_LONGEST_SPACELESS = 14
_MARK = re.compile(r"[\s、。，＝=「」『』？！?!…]")
_PARTICLES = frozenset(languages.table("forms")["particles"])
_NO_PLACE = frozenset(languages.table("forms")["no_place"]) | languages.weekdays().keys()


class Dateline(Struct, frozen=True, kw_only=True):
    """A dateline found: it fills text[:end]."""

    end: int
    place: str | None = None
    date: str | None = None
    name: str | None = None
    agency: str | None = None
    #: the name of an agency that no list knows, where the form leaves no doubt
    guess: str | None = None
    byline: str | None = None

    @property
    def is_full(self) -> bool:
        """Whether it names an agency, and a place or date: nothing in prose looks so."""
        return bool((self.agency or self.guess) and (self.place or self.date is not None))


def filed(
    end: int, agencies: Agencies, *, name: str, place: str | None = None, date: str | None = None, sure: bool = False
) -> Dateline:
    """Build a dateline with a name; `sure`: the form is an agency's, so a name that may be one is one."""
    agency = agencies.find_first(name)
    first = bare(name.split("/")[0])
    unlisted = agency is None and not is_party(first) and not agencies.is_own(first)
    guess = first if unlisted and (names_agency(name) or (sure and may_be_agency(first))) else None
    return Dateline(end=end, place=tidied(place), date=date or None, name=name, agency=agency, guess=guess)


def date_in(match: re.Match[str], around: datetime | None) -> str | Literal[False] | None:
    """Return the date of a match: None where it has none, False where what stands there is no date."""
    if match["date"] is None:
        return None
    date = read(match["date"], around)
    return False if date is None else date


def begins_sentence(rest: str) -> bool:
    """Tell whether a sentence begins here: not with a small letter, unless it is a name's (eBay, al-Azhar, d'Orsay)."""
    word = re.match(r"[^\s]*", rest)
    return not rest[:1].islower() or bool(word and any(letter.isupper() for letter in word[0]))


def is_spaceless(text: str) -> bool:
    """Tell whether a text is Chinese or Japanese."""
    return bool(_SPACELESS.search(text))


def is_place(place: str) -> bool:
    """Whether a text can name a place: few words, none of them small unless names have it so."""
    words = place.replace(",", " ").replace("-", " ").split()
    if not words or len(words) > 7 or words[0].casefold() in _NO_PLACE:
        return False
    if _DOMAIN.search(place) or _SENTENCE_END.search(place) or any(w.casefold() in _NEVER_WITHIN for w in words):
        return False
    if _SPACELESS.search(place) and (len(place) > _LONGEST_SPACELESS or _MARK.search(place)):
        return False
    return all(
        not w[0].islower() or w.casefold().strip(".") in _PARTICLES or w[:2] in ("d'", "l'", "d’", "l’") for w in words
    )


def tidied(place: str | None) -> str | None:
    """Return a place as matched without signs at its ends and a section's label in front, in title case."""
    label, comma, rest = (place or "").partition(",")
    if comma and rest.strip() and fold(label) in _labels():
        place = rest
    *front, last = (place or "").split(",")
    if front and last.strip().casefold() in languages.weekdays():
        place = ",".join(front)
    return cased(place.strip(" ,،-–—/").lstrip(".")) or None if place else None


@cache
def _labels() -> frozenset[str]:
    """Return the names of sections, folded; one of a country may be its place and is none here."""
    kinds = ("news", "sports", "sport", "business", "entertainment", "cricket", "football")
    return frozenset(kinds) | {fold(f"{kind} news") for kind in kinds}
