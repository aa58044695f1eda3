"""Recognise blocks in which a site speaks to its readers (consent, offers, its own conduct) by their vocabulary."""

from __future__ import annotations

import re
from functools import cache

from feedhub import languages
from feedhub.clean.catalogue import Appeal, appeals
from feedhub.clean.phrase_search import PhraseSet

_LONGEST = 1200
_SHORTEST = 40


def possible_appeals(texts: list[str], last: int) -> tuple[Appeal, ...]:
    """Return the kinds of appeal whose cues stand in `texts` (those for the end: in its `last` lines); mostly none."""
    found = _cues().present_in("\n".join(texts).casefold())
    if not found:
        return ()
    end = "\n".join(texts[-last:]).casefold()
    return tuple(
        kind for kind in appeals() if not found.isdisjoint(kind.cues) and (kind.where == "any" or _has_cue(kind, end))
    )


def appeal_name(text: str, kinds: tuple[Appeal, ...], *, at_end: bool) -> str | None:
    """Return the name of the one of `kinds` that a line is, None where it tells news."""
    if not kinds or not _SHORTEST <= len(text) <= _LONGEST:
        return None
    folded = text.casefold()
    for kind in kinds:
        if (at_end or kind.where == "any") and _has_cue(kind, folded) and _is_one(kind, folded):
            return kind.name
    return None


def _has_cue(kind: Appeal, folded: str) -> bool:
    return any(map(folded.__contains__, kind.cues))


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
