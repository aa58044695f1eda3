"""Recognise blocks in which a site speaks to its readers (consent, offers, its own conduct) by their vocabulary."""

from __future__ import annotations

import re
from functools import cache

from feedhub import languages
from feedhub.clean.catalogue import Appeal, appeals
from feedhub.clean.phrase_search import PhraseSet

_LONGEST = 1200
_SHORTEST = 40


def appeals_of(text: str) -> tuple[Appeal, ...]:
    """Return the kinds of appeal that a line is if it stands where they do, none where it tells news."""
    if not _SHORTEST <= len(text) <= _LONGEST or not (cues := _cues().present_in(folded := text.casefold())):
        return ()
    return tuple(kind for kind in appeals() if not cues.isdisjoint(kind.cues) and _is_one(kind, folded))


def _is_one(kind: Appeal, folded: str) -> bool:
    if _telling().search(folded):
        return False
    addressed = bool(_address().search(folded))
    if kind.addressed and not addressed:
        return False
    return addressed + sum(bool(term.compiled.search(folded)) for term in kind.terms) >= kind.needs


@cache
def _cues() -> PhraseSet:
    return PhraseSet(cue for kind in appeals() for cue in kind.cues)


@cache
def _address() -> re.Pattern[str]:
    return re.compile("|".join(languages.table("speech")["address"]))


@cache
def _telling() -> re.Pattern[str]:
    return re.compile("|".join(languages.table("speech")["telling"]))
