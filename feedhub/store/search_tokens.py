"""What a story says -> the tokens by which it is found, the same on both engines.

Words are folded (NFKC, case, Latin accents, Arabic and Hebrew points). Scripts that set no blanks between words, and
Korean, whose particles cling to its words, give every two neighbouring characters, and the last one alone: a word of
two or more is then a run of neighbouring pairs, and a single character the beginning of a pair.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from html import unescape

from feedhub.languages import NO_SPACE_SCRIPTS
from feedhub.model import Story
from feedhub.text_cache import remember_short

#: put in front of the tokens of outlets, agencies, languages and categories: private-use characters, which no text has
OUTLET, AGENCY, LANGUAGE, CATEGORY = "\ue000", "\ue001", "\ue002", "\ue003"
#: stands between two fields, so that no phrase reaches from one into the next
GAP = "\ue00f"
#: tokens of one story that are indexed; PostgreSQL numbers 16,383 places of a text
MOST_TOKENS = 12_000
#: what is longer is no word
_LONGEST = 60

_PAIRED = rf"{NO_SPACE_SCRIPTS}\u1100-\u11ff\uac00-\ud7a3"
#: signs that belong to the word before them and are no letters: vowels and accents of Indic and other scripts
_SIGNS = (
    r"\u0300-\u036f\u0483-\u0487\u0610-\u061a\u064b-\u065f\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0711\u0730-\u074a"
    r"\u07a6-\u07b0\u0816-\u082d\u0859-\u085b\u08d3-\u08ff\u0900-\u0963\u0966-\u0dff\u0f18-\u0f39\u0f71-\u0fbc"
)
#: ASCII by bytes, a blank for what is no part of a token: a third of the time that a table of characters takes
_PARTED = bytes(code if chr(code).isalnum() else ord(" ") for code in range(256))
#: marks that make most English copy more than ASCII, and part words as a blank does
_TYPOGRAPHIC = "“”’‘—–…"
#: accents and points that writers leave out as often as not
_OPTIONAL = r"[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640]"
_TAG = re.compile(r"<[^<>]*>")


def tokens(text: str, *, whole: bool = True) -> list[str]:
    """Return the tokens of a text in order; `whole` false leaves out the last character alone, as a query does."""
    return _parted(_fold(text), whole)


def _parted(folded: str, whole: bool = True) -> list[str]:
    if folded.isascii():
        words = folded.encode().translate(_PARTED).decode().split()
        return words if max(map(len, words), default=0) <= _LONGEST else [word[:_LONGEST] for word in words]
    return list(_mixed_tokens(folded, whole))


def _mixed_tokens(folded: str, whole: bool) -> Iterator[str]:
    for match in _token().finditer(folded):
        run = match[0]
        if match["paired"] is None:
            yield run[:_LONGEST]
        else:
            yield from (run[place : place + 2] for place in range(len(run) if whole else max(len(run) - 1, 1)))


def is_half_pair(token: str) -> bool:
    """Tell whether a token is one character of a script without blanks: it is found as the beginning of a pair."""
    return _half_pair().fullmatch(token) is not None


def _fold(text: str) -> str:
    if not text.isascii():
        for mark in _TYPOGRAPHIC:
            text = text.replace(mark, " ")
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFC", _optional().sub("", unicodedata.normalize("NFD", folded)))


# Large classes, which take milliseconds to compile: most processes meet no text that needs them.
@cache
def _token() -> re.Pattern[str]:
    return re.compile(rf"(?P<paired>[{_PAIRED}]+)|(?:[^\W_{_PAIRED}]|[{_SIGNS}])+")


@cache
def _half_pair() -> re.Pattern[str]:
    return re.compile(rf"[\ue000-\ue003]?[{_PAIRED}]")


@cache
def _optional() -> re.Pattern[str]:
    return re.compile(_OPTIONAL)


def searchable(story: Story) -> tuple[object, ...]:
    """Return what of a story is indexed: equal values give equal tokens."""
    copies = {(c.outlet, c.name, c.key.source, c.title, c.agency, c.language, c.categories) for c in story.copies}
    text = story.html or story.summary
    return (story.title, text, story.agency, story.agencies, story.language, story.categories, frozenset(copies))


def tokens_of(story: Story) -> list[str]:
    """Return the tokens of a story: its outlets, agencies, categories and languages, its titles, then its text."""
    return [*_named_tokens(story), *tokens(_text_of(story))][:MOST_TOKENS]


def text_with_tokens(story: Story) -> str:
    """Return a text that has the tokens of a story, parted by what is no letter, digit or sign.

    Plain ASCII is parted by the engine that reads it: it would be put together as it was before it was parted here.
    """
    named, folded = _named_tokens(story), _fold(_text_of(story))
    if len(named) + len(folded) // 2 < MOST_TOKENS and folded.isascii() and not _may_have_long_word(folded):
        return " ".join((*named, folded))
    return " ".join([*named, *_parted(folded)][:MOST_TOKENS])


def _may_have_long_word(text: str) -> bool:
    """Tell whether more than `_LONGEST` characters stand together without a blank."""
    start = 0
    while len(text) - start > _LONGEST:
        blank = text.rfind(" ", start, start + _LONGEST + 1)
        if blank < 0:
            return True
        start = blank + 1
    return False


def _text_of(story: Story) -> str:
    return plain_text(story.html) if story.html else story.summary or ""


def _named_tokens(story: Story) -> list[str]:
    """Return the tokens of a story but for its text."""
    found: list[str] = []
    for mark, values in (
        (OUTLET, {name for copy in story.copies for name in (copy.outlet, copy.name, copy.key.source)}),
        (AGENCY, {name for name in (story.agency, *story.agencies, *(copy.agency for copy in story.copies)) if name}),
        (CATEGORY, {*story.categories, *(name for copy in story.copies for name in copy.categories)}),
        (LANGUAGE, {each for copy in story.copies for each in language_forms(copy.language or story.language)}),
    ):
        for value in sorted(values):
            found += [*with_mark(mark, _name_tokens(value)), GAP]
    for title in dict.fromkeys((story.title, *(copy.title for copy in story.copies))):
        found += [*tokens(title), GAP]
    return found


@remember_short(4_096, 100)
def _name_tokens(name: str) -> tuple[str, ...]:
    """Return the tokens of a name; an outlet's, an agency's or a category's is met in story after story."""
    return tuple(tokens(name))


def with_mark(mark: str, some: Iterable[str]) -> Iterator[str]:
    """Yield tokens with the mark of what they name in front."""
    return (mark + token for token in some)


def language_forms(tag: str | None) -> tuple[str, ...]:
    """Return a language tag as it is found: whole and by its first part, without hyphens."""
    if not tag:
        return ()
    return tuple(dict.fromkeys((tag.replace("-", ""), tag.partition("-")[0])))


def plain_text(html: str) -> str:
    """Return the text of cleaned HTML."""
    return unescape(_TAG.sub(" ", html))
