"""What the text of one line tells by itself: which rules of the catalogue it matches, whether it is prose.

Each line is looked at in every round of cleaning, in the summary as in the content, and a site repeats many of them:
what a line tells is found out once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from feedhub.clean.appeals import appeals_of
from feedhub.clean.catalogue import Appeal, FurnitureRule, rules
from feedhub.clean.phrase_search import PhraseSet
from feedhub.text_cache import remember_short

_FIRST_WORD = re.compile(r"\W*(\w+)")
_ENDS = frozenset(".!?。！？।؟…")
_ENDING = re.compile(r"(?:[.!?。！？।؟…]|\.{3})[\"'”’»)\]」』]*$")
# Scripts without spaces say in a third of the signs what Latin letters say.
_DENSE = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_SIGNS = frozenset("(©[【")
_LONGEST_HEADING = 90
_SHORTEST_PROSE = 70
#: what is remembered of the lines of all sources: lines, and characters of each
_REMEMBERED, _LONGEST_REMEMBERED = 512, 600

RuleMatch = tuple[FurnitureRule, re.Match[str]]


class LineSigns(NamedTuple):
    """What a line tells, wherever it stands."""

    #: the first rule for any place that matches the line
    rule: RuleMatch | None
    #: the first rule for any place or for the top that matches it
    top_rule: RuleMatch | None
    #: the rule for headings of lists that matches it
    list_rule: FurnitureRule | None
    #: the kinds of appeal that it is
    appeals: tuple[Appeal, ...]
    is_prose: bool


@remember_short(_REMEMBERED, _LONGEST_REMEMBERED)
def signs_of(text: str) -> LineSigns:
    """Return what a line of text tells by itself."""
    begun = _begun_so(text)
    return LineSigns(
        rule=_first_match(begun, text, "any") if begun else None,
        top_rule=_first_match(begun, text, "any", "top") if begun else None,
        list_rule=list_rule(text) if len(text) <= _LONGEST_HEADING else None,
        appeals=appeals_of(text),
        is_prose=is_prose(text),
    )


def list_rule(text: str) -> FurnitureRule | None:
    """Return the rule for headings of lists that a line matches."""
    return next((rule for rule in _lists() if rule.pattern.compiled.fullmatch(text)), None)


@lru_cache(_REMEMBERED)
def tail_rules(end: str) -> tuple[FurnitureRule, ...]:
    """Return the rules for furniture glued to a line of which a cue stands in the line's end."""
    return _tails().with_cue_in(end.casefold())


def end_rule(text: str) -> RuleMatch | None:
    """Return the first rule for any place or for the end that matches the whole line, and its match."""
    return _first_match((*_begun_so(text), *_unstarted().with_cue_in(text.casefold())), text, "any", "end")


def _first_match(some: Iterable[FurnitureRule], text: str, *places: str) -> RuleMatch | None:
    length, folded = len(text), ""
    for rule in some:
        if rule.where not in places or length > rule.longest:
            continue
        if rule.cues and not any(map((folded := folded or text.casefold()).__contains__, rule.cues)):
            continue
        if match := rule.pattern.compiled.fullmatch(text):
            return rule, match
    return None


def is_prose(text: str) -> bool:
    """Tell whether a line reads like a paragraph: long, and ending as a sentence does."""
    return is_ended(text) and len(text) * weight(text) >= _SHORTEST_PROSE


def is_ended(text: str) -> bool:
    """Tell whether a line ends as a sentence does."""
    return text[-1:] in _ENDS or bool(_ENDING.search(text[-8:]))


def weight(text: str) -> int:
    """Return how many Latin letters say what a sign of the text says."""
    return 1 if text.isascii() or not _DENSE.search(text[:200]) else 3


class _CuedRules:
    """Rules of which those with a cue in a text are found in one pass."""

    def __init__(self, some: Iterable[FurnitureRule]) -> None:
        self._rules = tuple(some)
        self._without = tuple(rule for rule in self._rules if not rule.cues)
        self._cues = PhraseSet(cue for rule in self._rules for cue in rule.cues)

    def with_cue_in(self, folded: str) -> tuple[FurnitureRule, ...]:
        """Return the rules of which a cue stands in a text in lower case, and those without cues."""
        if not (cues := self._cues.present_in(folded)):
            return self._without
        return tuple(rule for rule in self._rules if not rule.cues or not cues.isdisjoint(rule.cues))


def _begun_so(text: str) -> tuple[FurnitureRule, ...]:
    """Return the rules for lines that begin as this one does."""
    return _by_start().get(_start(text), ())


def _start(text: str) -> str:
    """Return the first word of a line, or the sign that counts as one."""
    if text[:1] in _SIGNS and (sign := next((s for s in ("©", "((") if s in text[:2]), None)):
        return sign
    match = _FIRST_WORD.match(text)
    if not match:
        return ""
    word = match[1].casefold()
    return word if word.isascii() or not _DENSE.match(word) else word[:2]


@cache
def _by_start() -> dict[str, tuple[FurnitureRule, ...]]:
    table: dict[str, tuple[FurnitureRule, ...]] = {}
    for rule in rules():
        for start in rule.starts:
            key = _start(start)
            if rule not in table.get(key, ()):
                table[key] = (*table.get(key, ()), rule)
    return table


@cache
def _unstarted() -> _CuedRules:
    """Return the rules for lines of any beginning; they hold for the end only, so that most lines are spared them."""
    return _CuedRules(rule for rule in rules() if rule.where == "end" and not rule.starts)


@cache
def _lists() -> tuple[FurnitureRule, ...]:
    return tuple(rule for rule in rules() if rule.action == "list")


@cache
def _tails() -> _CuedRules:
    return _CuedRules(rule for rule in rules() if rule.where == "tail")
