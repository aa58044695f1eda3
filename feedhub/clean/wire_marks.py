"""The wire's marks in the text: dateline, byline, credit, desk code; each is lifted out of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from feedhub import languages
from feedhub.clean.agencies import Agencies
from feedhub.clean.captions import drop_captions, drop_size_control
from feedhub.clean.dateline import Dateline, dateline
from feedhub.clean.draft import Draft
from feedhub.clean.name_forms import may_be_agency, names_agency
from feedhub.clean.revision_marks import strip_notes

_TIME = f"(?:{'|'.join(map(re.escape, languages.table('bylines')['times']))})"
# By Name | Updated: October 9, 2024 06:55 IST
_BY_DATED = re.compile(
    rf"(?:By|Von|Par|Por|Di)\s(?P<name>[^|•·\n]{{2,70}}?)\s?"
    rf"(?:[|•·,–-]\s?(?:{_TIME})\b.{{0,70}}|[|•·]\s?.{{0,24}}\d.{{0,60}})",
    re.IGNORECASE,
)
# City Herald News Desk | Updated: October 9, 2024 06:55 IST
_DESK_DATED = re.compile(rf"(?P<name>[^|\n]{{2,60}}?)\s?\|\s?{_TIME}\b.{{0,24}}\d.{{0,60}}", re.IGNORECASE)
_CAPITAL = r"[^\W\d_a-zß-öø-ÿа-я][\w.'’-]*"
_NAME = (
    rf"{_CAPITAL}(?:\s(?:{_CAPITAL}|de|la|del|van|von|der|den|da|dos|di|al|bin|and|und|et|y|e|&|in|for)|"
    rf",\s{_CAPITAL}){{0,9}}"
)
_BY = re.compile(
    rf"(?:By|BY|by|Von|Par|Por|Di|Written by|Reported by|Edited by|Автор:|Author:|作者[:：]|文[/／])\s?"
    rf"(?P<name>{_NAME})(?:\s?[|/–-]\s?(?P<name2>{_NAME}))?"
)
_BY_EAST = re.compile(
    r"[（(【]?(?:本报记者|本報記者|记者|記者|作者|文/)\s?[:：]?\s?(?P<name>[^\s，。,]{2,12})(?:\s?(?:报道|報導|报导))?[)）】]?"
)
_BY_BEFORE = re.compile(r"By ((?:[A-Z][\w.'’-]+,? (?:and )?){2,6}?)(?=[A-Z(])")
_END_CREDIT = re.compile(
    r"(?:(?<=[.!?…।。！？\"”’»\u061f])|^)\s?[(\[（【](?P<name>[^()\[\]（）【】]{2,40})[)\]）】][.।。]?$"
)
_DESK = re.compile(
    r"(?:(?<=[.!?…।。\"”’»])\s?|^)(?:[-–—]{1,3}\s?)(?P<name>[A-Z][A-Za-z.&]*(?:\s[A-Z][a-z]+){0,2})"
    r"(?:\s(?P<desk>[a-z]{1,8}(?:[/_-][a-z]{1,8})*/?))?[.।]?$"
)
# (Source: Example Wire)
_SOURCE = re.compile(r"(?:Source|Quelle|Fuente|Fonte|Источник|स्रोत|Bron|Källa|Kaynak)s?\s?[:：]\s?", re.IGNORECASE)
# (With the Associated Press), (Image via Example News): not who wrote the text
_LENT = re.compile(
    r"(?:(?P<picture>(?:Images?|Photos?|Pictures?|Pics?|Video|Foto|Bild)\b(?: (?:via|by|from|courtesy of|credit))?)|"
    r"(?:Additional reporting|With|Mit|Avec|Con|Com)\b(?: (?:reporting|material|inputs?))?(?: (?:from|by|von|de))?)"
    r"(?: the| der)?[\s:]+",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"(?:(?<=[.!?…\"”’])\s|^)(?P<name>[A-Z]{2,6})(?P<desk>(?:\s[A-Z]{2,4}){1,5})$")
_SLASHED = re.compile(r"(?P<desk>[a-z]{2,5}(?:-[a-z]{2,5})?(?:/[a-z]{1,5}){1,5})")
_BY_STARTS = tuple(languages.table("bylines")["starts"])
_CLOSING = tuple(")]）】")
_TOP = 6
_DEEP = 4
_HEAD = 80
_MOST_NAMES = 14
_IN_NAMES = frozenset(("&", "and", "van", "von", "de", "der", "da", "di", "bin", "al", "el", "la", "ter"))


def _headline(draft: Draft, agencies: Agencies) -> None:
    """Lift a headline off a page without a title: a first line marked up so, or with a byline below."""
    if draft.titles or draft.headline or len(draft.pieces) < 2:
        return
    first, second = draft.pieces[:2]
    if (
        len(first.text) <= 250
        and (first.heading or _byline(second.text, agencies))
        and not _byline(first.text, agencies)
    ):
        draft.headline = first.text
        draft.drop(0, "headline")


def _bylines(draft: Draft, agencies: Agencies) -> None:
    for index, piece in enumerate(draft.pieces[:_TOP]):
        text = piece.text
        if len(text) > 160:
            break
        if name := _byline(text, agencies):
            agency = agencies.find_first(name)
            dated = bool(_BY_DATED.fullmatch(text) or _DESK_DATED.fullmatch(text))
            draft.note(byline=name)
            draft.note_hint(agency, name if agency or dated else None)
            draft.drop(index, "byline")
            return
        if (
            len(draft.pieces) > 1
            and index < 3
            and len(text) < 60
            and (agency := agencies.find(text.strip(" -–—|()[].")))
        ):
            draft.note_hint(agency, text.strip(" -–—|()[]."))
            draft.drop(index, "credit")
            return


def _byline(text: str, agencies: Agencies) -> str | None:
    """Return the name in a line that is a byline and nothing else, else None."""
    if len(text) > 160:
        return None
    if not text.lstrip("(（【").startswith(_BY_STARTS):
        match = _DESK_DATED.fullmatch(text) if "|" in text else None
        return match["name"].strip() if match else None
    match = _BY_DATED.fullmatch(text) or _BY.fullmatch(text) or _BY_EAST.fullmatch(text)
    if not match:
        return None
    second = match.groupdict().get("name2")
    return ", ".join(part.strip() for part in (match["name"], second) if part).strip(" ,|") or None


def _dateline(draft: Draft, agencies: Agencies) -> None:
    """Lift the dateline of the first line; where labels or adverts stand above it, only one that leaves no doubt."""
    for index, piece in enumerate(draft.pieces[:_DEEP]):
        head = piece.text[:_HEAD]
        parsed = (
            dateline(piece.text, agencies, draft.around) if not index or "(" in head or not head.isascii() else None
        )
        if parsed and (index == 0 or parsed.is_full):
            _file(draft, index, 0, parsed)
            return
        if piece.signs.is_prose:
            break
    if draft.pieces[0].text.startswith("By "):
        _byline_before(draft, agencies)


def _file(draft: Draft, index: int, start: int, parsed: Dateline) -> None:
    draft.note(agency=parsed.agency, credit=parsed.name, place=parsed.place, date=parsed.date, guess=parsed.guess)
    draft.note(byline=parsed.byline)
    draft.cut(index, start + parsed.end)


def _byline_before(draft: Draft, agencies: Agencies) -> None:
    """By JO EXAMPLE CARSON CITY, Nev. (AP) -- ...: the names end where a dateline begins."""
    text = draft.pieces[0].text
    splits: list[tuple[int, str, Dateline]] = []
    for count in range(2, _MOST_NAMES) if _BY_BEFORE.search(text[:120]) else ():
        name = _names(text, count)
        rest = len(name) + 4 if name else 0
        if name and (later := dateline(text[rest:], agencies, draft.around)) and later.agency:
            splits.append((rest, name, later))
    # The place is written in capitals, or there is none. Two names before a place in small letters are one of each.
    full = [split for split in splits if split[2].place is None or _city(text[split[0] :]).isupper()]
    alone = [split for split in splits if len(split[1].split()) == 2]
    for rest, name, later in (full or alone)[:1]:
        draft.note(byline=name.strip(" ,"))
        _file(draft, 0, rest, later)


def _city(text: str) -> str:
    return re.split(r"[,(]|\s[-–—]", text, maxsplit=1)[0].strip()


def _names(text: str, count: int) -> str | None:
    words = text.split(" ")[1 : count + 1]
    is_name = len(words) == count and all(w[:1].isupper() or w in _IN_NAMES for w in words)
    return " ".join(words) if is_name and words[-1] not in _IN_NAMES else None


def _end(draft: Draft, agencies: Agencies) -> None:
    """Credit and desk code below the text or at its very end."""
    index = len(draft.pieces) - 1
    text = draft.pieces[index].text
    tail = max(0, len(text) - 60)
    if text[-2:].rstrip(".。।")[-1:] in _CLOSING and (match := _END_CREDIT.search(text, tail)):
        name = _SOURCE.sub("", match["name"].strip())
        lent = _LENT.match(name)
        agency = agencies.find_first(name[lent.end() :] if lent else name)
        own = names_agency(name) and not lent
        if lent and lent["picture"]:
            draft.drop_end(index, match.start(), "caption")
            return
        if lent and agency:
            draft.note_hint(agency, name)
            draft.cut(index, 0, match.start())
            return
        if agency or own or (re.fullmatch(r"[A-Z]{2,6}", name) and match.start() > 0):
            draft.note(agency=agency, credit=name, guess=name if own and not agency else None)
            draft.cut(index, 0, match.start())
            return
    end = text[tail:]
    if ("-" in end or "–" in end or "—" in end) and (match := _DESK.search(text, tail)):
        agency, desk = agencies.find(match["name"]), match["desk"]
        signed = bool(desk and "/" in desk and match["name"].isupper() and may_be_agency(match["name"]))
        if agency or signed:
            guess = None if agency else match["name"]
            draft.note(agency=agency, credit=match["name"], desk=desk, guess=guess)
            draft.cut(index, 0, match.start())
            return
    if text[-2:].isupper() and (match := _INITIALS.search(text, tail)) and (agency := agencies.find(match["name"])):
        draft.note(agency=agency, credit=match["name"], desk=match["desk"].strip())
        draft.cut(index, 0, match.start())
    elif index and len(text) < 60 and (agency := agencies.find(text.strip(" -–—()[]."))):
        draft.note(agency=agency, credit=text.strip(" -–—()[]."))
        draft.drop(index, "credit")
    elif index and (match := _SLASHED.fullmatch(text)):
        draft.note(desk=match["desk"])
        draft.drop(index, "desk")


def _notes(draft: Draft, agencies: Agencies) -> None:
    strip_notes(draft)


#: what lifts out whatever the wire left at the top and at the end of a text that has lines
MARK_STEPS: tuple[Callable[[Draft, Agencies], None], ...] = (
    drop_size_control,
    _headline,
    _bylines,
    _notes,
    _dateline,
    drop_captions,
    _end,
)
