"""Drop what stands above a text and is none of it: the captions of pictures, the buttons for the size of letters."""

from __future__ import annotations

import re
from functools import cache

from feedhub import languages
from feedhub.clean.agencies import Agencies
from feedhub.clean.draft import Draft
from feedhub.clean.line_signs import is_prose

_TOP = 4
_CONTROL_TOP, _LONGEST_BUTTON = 12, 30
_LONGEST = 400
#: signs of a credit at the end of a caption
_LONGEST_CREDIT = 90
_NAME = r"[^\W\d_a-zß-öø-ÿа-я][\w.'’-]*"
# Who took a picture, and for whom: `Al Nother/Example Wire`, `EXAMPLE WIRE/Al Nother/File Photo`
_SLASHED = re.compile(
    rf"(?:^|(?<=[.!?:;,)\]”\"])\s|\s[|•–—-]\s|\bby\s|\s(?=[A-Z]{{2,}}/))"
    rf"(?P<first>{_NAME}(?:\s{_NAME}){{0,3}})\s?/\s?(?P<second>{_NAME}(?:\s{_NAME}){{0,3}})"
    rf"(?:\s?/\s?(?P<third>[\w .'’-]{{2,40}}))?\.?$"
)
#: agencies that only sell pictures, and how a caption ends or begins
_PICTURES = re.compile(
    r"(?:Getty Images?|Shutterstock|iStock|Alamy|Picture Alliance|EPA(?:-EFE)?|Zuma Press|Handout|File|Pool|Archive|"
    r"Archiv|imago(?: images)?)",
    re.IGNORECASE,
)
# a caption as far as the last stroke of its credit
_GLUED = re.compile(
    rf"(?:[^/\n]{{1,300}}?[.!?:)”\"]\s)?{_NAME}(?:\s{_NAME}){{1,3}}\s?/(?:\s?{_NAME}(?:\s{_NAME}){{0,2}}\s?(?:/|\svia\s))?\s?"
)
#: words of an agency's name at most
_LONGEST_AGENCY = 3
_OPENING = re.compile(r"(?:FILE PHOTO|File photo|FILE -|FILE —|FILE –|File picture|Archivbild|Foto de archivo)\b[:\s]?")


def drop_captions(draft: Draft, agencies: Agencies) -> None:
    """Drop captions above the text: lines that end with who took the picture and for which agency.

    The last line stays whatever it is, and so does a line over which nothing that is prose follows.
    """
    _cut_glued(draft, agencies)
    for index, piece in enumerate(draft.pieces[:_TOP]):
        if piece.fixed or len(piece.text) > _LONGEST:
            return
        if _is_caption(piece.text, agencies):
            if any(later.signs.is_prose for later in draft.pieces[index + 1 :]):
                draft.drop(index, "caption")
            return
        if piece.signs.is_prose:
            return


def _cut_glued(draft: Draft, agencies: Agencies) -> None:
    """Cut a caption that ends with its credit off the first line, where the text goes on behind it.

    `Chief Jo Example. Al Nother/Example Wire/Getty Images The council met ...`
    """
    text = draft.pieces[0].text
    match = _GLUED.match(text) if "/" in text[:_LONGEST] and not draft.pieces[0].fixed else None
    if match is None:
        return
    rest = text[match.end() :]
    for count in range(_LONGEST_AGENCY, 0, -1):
        name = " ".join(rest.split(" ", count)[:count])
        behind = rest[len(name) :].lstrip()
        if not (agencies.find(name) or _PICTURES.fullmatch(name)):
            continue
        if behind[:1].isupper() and is_prose(behind):
            draft.dropped["caption"] += 1
            draft.cut(0, len(text) - len(behind))
        return


def _is_caption(text: str, agencies: Agencies) -> bool:
    match = _SLASHED.search(text) if "/" in text[-_LONGEST_CREDIT:] else None
    parts = [part.strip() for part in match.groups() if part] if match else []
    return any(agencies.find(part) or _PICTURES.fullmatch(part) for part in parts) or bool(
        _OPENING.match(text) and not text.endswith((":", "?"))
    )


def drop_size_control(draft: Draft, agencies: Agencies) -> None:
    """Drop the buttons by which a site sets the size of its letters: `AA`, `Text Size`, `Small`, `Medium`, `Large`."""
    # a long line is no button
    if all(
        len(piece.text) > _LONGEST_BUTTON and piece.text == piece.text.strip() for piece in draft.pieces[:_CONTROL_TOP]
    ):
        return
    shown = (piece.text.strip() for piece in draft.pieces[:_CONTROL_TOP])
    texts = [text.casefold() if len(text) <= _LONGEST_BUTTON else "" for text in shown]
    at = next((number for number, text in enumerate(texts) if text.rstrip(":") in _names()), None)
    if at is None:
        return
    first, last = at, at
    while first and texts[first - 1] in _buttons():
        first -= 1
    while last + 1 < len(texts) and texts[last + 1] in _buttons():
        last += 1
    for _ in range(first, last + 1 if last + 1 < len(draft.pieces) else last):
        draft.drop(first, "text size")


@cache
def _names() -> frozenset[str]:
    return frozenset(name.casefold() for name in languages.table("text_size")["names"])


@cache
def _buttons() -> frozenset[str]:
    return frozenset(name.casefold() for name in languages.table("text_size")["buttons"])
