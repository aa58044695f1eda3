"""The dateline: where, when and by whom a story was filed, at the very start of its text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from feedhub.clean.agencies import Agencies
from feedhub.clean.dates import DATE, read
from feedhub.clean.text import word_set

_DASH = r"(?:\.?-{1,3}|–|—|―|－|ー)"
_PLACE = r"(?P<place>[^\W\d_][^\d()\[\]/:;!?\"“”«»|=<>\n（）【】–—]{0,60}?(?: \([A-Za-z .]{2,20}\))?)"
_COUNTRY = r"(?:\s?\[[^\]]{2,40}\])?"
_WEEKDAY = r"(?:,\s?[^\s\d(),.\-–—]{3,14}(?=\s?\())?"
_NAME = r"[(\[/（]\s?(?P<name>[^()\[\]（）/\n]{2,40}(?:/[^()\[\]（）/\n]{2,20})?)\s?[)\]/）]"
_SEP = rf"(?P<sep>\s?[:.,।：]{{0,2}}\s?{_DASH}?\s?[:।]?)\s*"
# KABUL, March 10 (Name) - / MOSCOW, March 3. /TASS/. / (Name) - / Oct 6 (Name) -
_BRACKETED = re.compile(
    rf"(?:{_PLACE}{_COUNTRY}\s?[,.।]?\s?)??(?:(?P<date>{DATE}){_WEEKDAY}\s?[,.]{{0,2}}\s?)?(?:{_DASH}\s?)?{_NAME}{_SEP}"
)
# Place. 3 марта. NAME - / Place, March 3, NAME - / NAME - / Place, NAME –
_BARE = re.compile(
    rf"(?:{_PLACE}\s?[,.]\s?)?(?:(?P<date>{DATE})\s?[,.]?\s)?(?:{_DASH}\s)?/?\s?"
    rf"(?P<name>[^\W\d_][^\d,:;()\n–—/]{{1,30}}?)\s?/?\s?"
    rf"(?P<sep>{_DASH}|[.:/](?=\s))\s*"
)
# Washington, Oct 9 The ... / WIEN, 3. März - ...
_DATED = re.compile(rf"{_PLACE}{_COUNTRY}\s?[,.]\s?(?P<date>{DATE})(?P<sep>\s?[:.,।]?\s?{_DASH}?)\s+(?=[^\s])")
# ATHENS, Greece -- ... / CLEVELAND — ...
_PLACED = re.compile(r"(?P<place>[^\W\d_][^\d()\[\]/:;!?\"“”|=<>\n–—]{2,40}?)\s?(?P<sep>--|–|—|\s-)\s+(?=[\"“‘'\w])")
_CHINESE = re.compile(
    r"[（(【]?(?P<head>[^\d\s，。（）()、：【】]{2,16}?)(?P<date>(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日)[综綜外專专合]{0,3}[电電讯訊]"
    r"(?:\s?[（(][^）)]{1,40}[）)])?[】）)]?\s?[:：]?\s*"
)
_JAPANESE = re.compile(r"[【［\[](?P<inner>[^】］\]]{2,30})[】］\]]\s?[-－ー―]?\s*")
_KOREAN = re.compile(r"\((?P<place>[^=()\s]{1,12})=(?P<name>[^()=]{2,14})\)\s?(?:[^=.]{2,24}=\s?)?")
_SMALL = word_set(
    """
    de la las los of and del do da am an der sur en le les the bei upon di dos das e y et al el bin ben na nad
    im
    """
)
_NO_PLACE = word_set(
    """
    on in at by from since until after before monday tuesday wednesday thursday friday saturday sunday update
    updated breaking exclusive watch opinion analysis correction note warning video photos live read also more
    and but the published posted dear born died aged press release for immediate release alert interview
    explainer factbox
    """
)
_LONGEST = 130
# Without one of these an ASCII text has no dateline: a bracket, a dash, a date's digit after a comma, a slash.
_SIGN = re.compile(r"[(\[/]|--|[\w.,]\s?-\s|\w-\s|[,.]\s[^.]{0,24}\d")
_HEADS = re.compile(r"\w+")
_DASHES = ("--", " -", "–", "—")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """A dateline found: it fills text[:end]."""

    end: int
    place: str | None = None
    date: str | None = None
    name: str | None = None
    agency: str | None = None


def dateline(text: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    """The first line of a text -> its dateline, if it has one."""
    head = text[:_LONGEST]
    if head.isascii() and not _SIGN.search(head):
        return None
    for form in _FORMS:
        if found := form(head, agencies, around):
            return found
    return None


def _bracketed(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    match = _BRACKETED.match(head) if any(sign in head for sign in "([/（") else None
    if not match:
        return None
    place, name, sep = match["place"], match["name"].strip(), match["sep"].strip()
    agency, date = agencies.find_first(name), _date(match, around)
    if date is False or (place and not _is_place(place)):
        return None
    if agency is None and not (date and place and sep and _is_name(name)):
        return None
    if place and "," in place and head[match.end("place") :][:1] == ".":
        place += "."  # CARSON CITY, Nev.
    found = Dateline(end=match.end(), place=_tidy(place), date=date or None, name=name, agency=agency)
    return found if place else _continued(head, found, around)


def _continued(head: str, found: Dateline, around: datetime | None) -> Dateline:
    """(NAME) - ROMA, 03 MAR - ...: the place may follow the agency."""
    match = _DATED.match(head[found.end :])
    if not match or not match["sep"].strip() or not _is_place(match["place"]):
        return found
    date = _date(match, around)
    if date is False:
        return found
    end = found.end + match.end()
    return Dateline(end=end, place=_tidy(match["place"]), date=date or None, name=found.name, agency=found.agency)


def _bare(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    match = _BARE.match(head) if not agencies.heads.isdisjoint(_HEADS.findall(head)) else None
    # Spelled as the agency spells itself: "HARRISBURG, Pa. —" is no credit, nor is the state's code.
    if not match or not (agency := agencies.spellings.get(match["name"].strip())):
        return None
    place, date = match["place"], _date(match, around)
    if place and not date and agency in agencies.ambiguous:
        return None
    if date is False or (place and not _is_place(place)) or (match["sep"] in ".:/" and not (date or place)):
        return None
    return Dateline(end=match.end(), place=_tidy(place), date=date or None, name=match["name"].strip(), agency=agency)


def _dated(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    match = _DATED.match(head)
    if not match or not _is_place(match["place"]) or (date := _date(match, around)) is False:
        return None
    following = head[match.end()]
    if match["sep"].strip() in ("", ",") and (
        match["sep"].strip() == "," or not (following.isupper() or following in "\"“‘'")
    ):
        return None
    return Dateline(end=match.end(), place=_tidy(match["place"]), date=date or None)


def _placed(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    match = _PLACED.match(head) if head[:2].isupper() and any(dash in head for dash in _DASHES) else None
    if not match:
        return None
    city = match["place"].split(",")[0].strip()
    following = head[match.end()]
    if len(city) < 4 or not city.isupper() or not _is_place(match["place"]) or following.islower():
        return None
    return Dateline(end=match.end(), place=_tidy(match["place"]))


def _chinese(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    match = _CHINESE.match(head)
    if not match:
        return None
    name = _prefix(match["head"], agencies)
    date = _date(match, around)
    if not name or date is False:
        return None
    place = match["head"][len(name) :]
    known = place if place and "记者" not in place and "記者" not in place else None
    return Dateline(end=match.end(), place=known, date=date or None, name=name, agency=agencies.find(name))


def _japanese(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    match = _JAPANESE.match(head)
    if not match:
        return None
    inner, date = match["inner"].strip(), None
    if found := re.search(r"(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日", inner):
        date = read(found[0], around)
        inner = (inner[: found.start()] + " " + inner[found.end() :]).strip()
    name = _prefix(inner, agencies) or _suffix(inner, agencies)
    if not name:
        return None
    place = inner.replace(name, "", 1).strip(" ＝=　・-") or None
    if place and agencies.find(place):
        place = None
    return Dateline(end=match.end(), place=place, date=date or None, name=name, agency=agencies.find(name))


def _korean(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    match = _KOREAN.match(head)
    if not match:
        return None
    return Dateline(
        end=match.end(), place=match["place"], name=match["name"], agency=agencies.find_first(match["name"])
    )


_FORMS: tuple[Callable[[str, Agencies, datetime | None], Dateline | None], ...] = (
    _korean, _bracketed, _bare, _dated, _chinese, _japanese, _placed,
)  # fmt: skip


def _date(match: re.Match[str], around: datetime | None) -> str | Literal[False] | None:
    """The date of a match: None where it has none, False where what stands there is no date."""
    if match["date"] is None:
        return None
    date = read(match["date"], around)
    return False if date is None else date


def _is_place(place: str) -> bool:
    words = place.replace(",", " ").replace("-", " ").split()
    if not words or len(words) > 7 or words[0].casefold() in _NO_PLACE:
        return False
    return all(
        not w[0].islower() or w.casefold().strip(".") in _SMALL or w[:2] in ("d'", "l'", "d’", "l’") for w in words
    )


def _is_name(name: str) -> bool:
    return not name[0].islower() and not any(c.isdigit() for c in name) and len(name.split()) <= 4


def _tidy(place: str | None) -> str | None:
    return place.strip(" ,-–—/").lstrip(".") or None if place else None


def _prefix(text: str, agencies: Agencies) -> str | None:
    return next((text[:n] for n in range(min(len(text), 14), 1, -1) if agencies.find(text[:n])), None)


def _suffix(text: str, agencies: Agencies) -> str | None:
    return next((text[-n:] for n in range(min(len(text), 14), 1, -1) if agencies.find(text[-n:])), None)
