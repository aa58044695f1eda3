"""What every form of dateline is made of: the value, its place and its date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from feedhub import languages
from feedhub.clean.agencies import Agencies
from feedhub.clean.dateline_dates import read
from feedhub.clean.name_forms import bare, cased, may_be_agency, names_agency

_PARTICLES = frozenset(languages.table("forms")["particles"])
_NO_PLACE = frozenset(languages.table("forms")["no_place"]) | languages.weekdays().keys()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
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
    guess = first if agency is None and (names_agency(name) or (sure and may_be_agency(first))) else None
    return Dateline(end=end, place=tidied(place), date=date or None, name=name, agency=agency, guess=guess)


def date_in(match: re.Match[str], around: datetime | None) -> str | Literal[False] | None:
    """Return the date of a match: None where it has none, False where what stands there is no date."""
    if match["date"] is None:
        return None
    date = read(match["date"], around)
    return False if date is None else date


def is_place(place: str) -> bool:
    """Whether a text can name a place: few words, none of them small unless names have it so."""
    words = place.replace(",", " ").replace("-", " ").split()
    if not words or len(words) > 7 or words[0].casefold() in _NO_PLACE:
        return False
    return all(
        not w[0].islower() or w.casefold().strip(".") in _PARTICLES or w[:2] in ("d'", "l'", "d’", "l’") for w in words
    )


def tidied(place: str | None) -> str | None:
    """Return a place as matched without signs at its ends, in title case."""
    return cased(place.strip(" ,،-–—/").lstrip(".")) or None if place else None
