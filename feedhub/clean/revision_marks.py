"""Revision marks: which version of a story a title or its first lines say this is."""

from __future__ import annotations

import re
from functools import cache

from feedhub.clean.catalogue import Mark, marks
from feedhub.clean.draft import Draft
from feedhub.model import Revision, RevisionKind

# Lines in which the wire tells editors what changed: (Adds details, quotes) / Eds: Updates with ...
_NOTE = re.compile(
    r"[(\[](?:(?P<fix>corrects?|corrected|corrige|corrigiert|korrigiert)|"
    r"(?P<new>updates?|updated|adds?|recasts?|rewrites?|releads?|"
    r"refiles?|rectifies|incorporates|changes|actualiza|añade|ajoute|actualise|aktualisiert|neu|atualiza|aggiunge))"
    r"\b[^()\[\]]{0,240}[)\]]",
    re.IGNORECASE,
)
# The same without brackets: no full stop, and it speaks of parts of a text.
_BARE_NOTE = re.compile(
    r"(?:(?P<fix>Corrects|Corrected)|(?P<new>Updates|Adds|Recasts|Rewrites|Releads|Refiles|Changes))\s[^.]{0,160}?"
    r"\b(?:throughout|para(?:graph)?s?|headline|dateline|byline|lede?|details?|quotes?|quotation|background|comments?|"
    r"spelling|name|names|first reference|bullets?|slug|toll|prices?|context|share movement)\b[^.]{0,80}"
)
_EDS = re.compile(r"(?:Eds|EDS|EDITORS?|Eds note)\s?[:.].{0,300}")
_SLUG = re.compile(
    r"(?:AM|PM|BC|AP)-[A-Z][\w'-]+.{0,80}|.{0,60}\b\d{1,2}(?:st|nd|rd|th) (?:Ld|Lead|LD|LEAD)-Writethru\b.{0,60}"
)
# COUNTRY-TOPIC/SUBTOPIC (UPDATE 3, PIX)
_STROKED = re.compile(
    r"[A-Z][A-Z0-9&'.]*(?:[ -][A-Z0-9&'.]+){0,6}/(?:[A-Z0-9][A-Z0-9 &'.-]{0,30})?"
    r"(?P<marks>(?:\s?\([A-Z][^()]{1,60}\)){0,3})"
)
# What any mark needs; most titles have none of it.
_MAYBE = re.compile(r"^[(\[【（+\d]|^.{2,26}?[-:–—：|/]|^[A-ZÄÖÜ.]{2,}\s|[)\]）]$|(?i:write-?thru)|^[^\x00-\x7f]")
#: what a mark behind a title ends with, unless it is the word for write-through
_CLOSING = tuple(")]）\n")
_VERBS = ("Corrects", "Corrected", "Updates", "Adds", "Recasts", "Rewrites", "Releads", "Refiles", "Changes")
_OPENING = frozenset("123456789(+[【（")
_CAPITAL_MARK = re.compile("Correct|Update|Eil|Korrekt")


def strip_marks(title: str, *, notices: bool = True) -> tuple[str, list[Revision]]:
    """Return a title without its revision marks, and what they say; without `notices` those of kills stay."""
    revisions: list[Revision] = []
    while _MAYBE.search(title):
        for mark in marks():
            if not notices and mark.kind is RevisionKind.KILL:
                continue
            match = search_mark(mark, title)
            if match and not _is_time(title, match) and (bare := title[: match.start()] + title[match.end() :]).strip():
                if mark.kind:
                    revisions.append(_revision(mark, match))
                title = bare.strip()
                break
        else:
            break
    return title, revisions


def has_notice(title: str) -> bool:
    """Tell whether a title from which all other marks were taken may have the mark of a kill."""
    return bool(_MAYBE.search(title)) and any(search_mark(mark, title) for mark in _notices())


def search_mark(mark: Mark, title: str) -> re.Match[str] | None:
    """Find a mark in a title, without looking through all of it where it can only stand at the beginning."""
    is_behind = title.endswith(_CLOSING) or "thru" in title.lower()
    return mark.pattern.search(title) if is_behind else mark.pattern.match(title)


@cache
def _notices() -> tuple[Mark, ...]:
    return tuple(mark for mark in marks() if mark.kind is RevisionKind.KILL)


def _is_time(title: str, match: re.Match[str]) -> bool:
    """Whether what looks like a numbered mark is a time of day: UPDATE 6:30pm."""
    return bool(re.search(r"\d:$", match[0])) and title[match.end() : match.end() + 1].isdigit()


def strip_notes(draft: Draft) -> None:
    """Drop slugs and notes to editors above the text, and the mark at the start of its first line."""
    for index, piece in enumerate(draft.pieces[:3]):
        if len(draft.pieces) > 1 and (revisions := _note(piece.text)) is not None:
            _remember(draft, revisions)
            draft.drop(index, "note")
            return
    if draft.pieces:
        _strip_opening(draft)


def _strip_opening(draft: Draft) -> None:
    text = draft.pieces[0].text
    if match := _NOTE.match(text):
        _remember(draft, [Revision(kind=_kind(match))])
        draft.cut(0, match.end())
    elif text[:1] in _OPENING or text[:2].isupper() or not text[:1].isascii() or _CAPITAL_MARK.match(text):
        bare, revisions = strip_marks(text[:80])
        if revisions and text.endswith(bare + text[80:]):
            draft.cut(0, len(text) - len(bare + text[80:]))
            for revision in revisions:
                draft.note_revision(revision)


def _remember(draft: Draft, revisions: list[Revision]) -> None:
    for revision in revisions:
        if revision == Revision(kind=RevisionKind.UPDATE):
            draft.editors_revision = revision
        else:
            draft.note_revision(revision)


def _note(text: str) -> list[Revision] | None:
    """Return the revisions of a line that is a slug or a note to editors and nothing else, else None."""
    if len(text) > 330:
        return None
    if text[:1] in "([" and (match := _NOTE.fullmatch(text)):
        return [Revision(kind=_kind(match))]
    if text.startswith(_VERBS) and (match := _BARE_NOTE.fullmatch(text)):
        return [Revision(kind=_kind(match))]
    if text[:2].isupper() and "/" in text and (match := _STROKED.fullmatch(text)):
        return strip_marks(f"{match['marks'].strip()} x")[1]
    if not (text.startswith(("E", "AM-", "PM-", "BC-", "AP-")) or "rit" in text):
        return None
    if _EDS.fullmatch(text):
        fixed = re.search("correct", text, re.IGNORECASE)
        return [Revision(kind=RevisionKind.CORRECTION if fixed else RevisionKind.UPDATE)]
    if "writethru" in text.casefold() and _SLUG.fullmatch(text):
        return [Revision(kind=RevisionKind.WRITETHRU, number=_number(text))]
    return None


def _kind(match: re.Match[str]) -> RevisionKind:
    return RevisionKind.CORRECTION if match["fix"] else RevisionKind.UPDATE


def _number(text: str) -> int | None:
    match = re.search(r"\b(\d{1,2})(?:st|nd|rd|th) (?:Ld|Lead|LD|LEAD)-", text)
    return int(match[1]) if match else None


def _revision(mark: Mark, match: re.Match[str]) -> Revision:
    assert mark.kind is not None
    number = next((value for value in match.groupdict().values() if value), None)
    return Revision(kind=mark.kind, number=int(number) if number else None)
