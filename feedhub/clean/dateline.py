"""The dateline: where, when and by whom a story was filed, at the very start of its text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from feedhub.clean.agencies import Agencies
from feedhub.clean.asian_datelines import arabic, chinese, house, japanese, korean, persian, thai
from feedhub.clean.dateline_dates import DATE
from feedhub.clean.dateline_parts import Dateline, begins_sentence, date_in, filed, is_place, is_spaceless, tidied
from feedhub.clean.name_forms import bare, is_acronym, is_body, is_city, is_medium, may_be_agency, names_agency
from feedhub.structs import replace

__all__ = ["Dateline", "dateline"]

_DASH = r"(?:\.?-{1,3}|–|—|―|－|ー)"
# with a slash between two in capitals: BEIJING/SEOUL
_PLACE = (
    r"(?P<place>[^\W\d_][^\d()\[\]/:;!?\"“”«»|=<>\n（）【】–—]{0,60}?"
    r"(?:/[A-Z]{2,}(?:[ '-][A-Z]{2,}){0,3}){0,3}(?: \([A-Za-z .]{2,20}\))?)"
)
_COUNTRY = r"(?:\s?\[[^\]]{2,40}\])?"
_WEEKDAY = r"(?:,\s?[^\s\d(),.\-–—]{3,14}(?=\s?\())?"
_NAME = r"[(\[/（]\s?(?P<name>[^()\[\]（）/\n]{2,40}(?:/[^()\[\]（）/\n]{2,20})?)\s?[)\]/）]"
_SEP = rf"(?P<sep>\s?[:.,।：]{{0,2}}\s?{_DASH}?\s?[:।]?)\s*"
# KABUL, March 10 (Name) - / MOSCOW, March 3. /TASS/. / (Name) - / Oct 6 (Name) -
_BRACKETED = re.compile(
    rf"(?:{_PLACE}{_COUNTRY}\s?[,.।،]?\s?)??(?:(?P<date>{DATE}){_WEEKDAY}\s?[,.]{{0,2}}\s?)?(?:{_DASH}\s?)?{_NAME}{_SEP}"
)
# Place. 3 марта. NAME - / Place, March 3, NAME - / NAME - / Place, NAME –
_BARE = re.compile(
    rf"(?:{_PLACE}\s?[,.،]\s?)?(?:(?P<date>{DATE})\s?[,.]?\s)?(?:{_DASH}\s)?/?\s?"
    rf"(?P<name>[^\W\d_][^\d,:;()\n–—/]{{1,30}}?)\s?/?\s?"
    rf"(?P<sep>{_DASH}|[.:/](?=\s))\s*"
)
# Washington, Oct 9 The ... / WIEN, 3. März - ...
_DATED = re.compile(rf"{_PLACE}{_COUNTRY}\s?[,.،]\s?(?P<date>{DATE})(?P<sep>\s?[:.,।]?\s?{_DASH}?)\s+(?=[^\s])")
# ATHENS, Greece -- ... / CLEVELAND — ...
_PLACED = re.compile(r"(?P<place>[^\W\d_][^\d()\[\]/:;!?\"“”|=<>\n–—]{2,40}?)\s?(?P<sep>--|–|—|\s-)\s+(?=[\"“‘'\w])")
_LONGEST = 130
# Without one of these an ASCII text has no dateline: a bracket, a dash, a date's digit after a comma, a slash.
_SIGN = re.compile(r"[(\[/\d]|--|\s-|-\s")
#: what is in each sign: most texts have none of it, and one set of characters is found fast
_OF_SIGNS = re.compile(r"[(\[/\d-]")
_HEADS = re.compile(r"\w+")
_DASHES = ("--", " -", "–", "—")


def dateline(text: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    """Return the dateline at the start of a text's first line, else None."""
    head = text[:_LONGEST]
    latin = head[:40].isascii()
    if latin and not _has_sign(head) and (head.isascii() or not any(dash in head for dash in _DASHES)):
        return None
    for form in _WESTERN if latin else _FORMS:
        if parsed := form(head, agencies, around):
            return _without_house(parsed, agencies) if begins_sentence(text[parsed.end :]) else None
    return None


def _has_sign(head: str) -> bool:
    return bool(_OF_SIGNS.search(head) and _SIGN.search(head))


def _without_house(parsed: Dateline, agencies: Agencies) -> Dateline:
    """Take the source's own name out of a dateline: it is no place ("ECONOMYNEXT –")."""
    is_house = parsed.place and agencies.is_own(parsed.place) and not is_city(parsed.place)
    return replace(parsed, place=None) if is_house else parsed


def _bracketed(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    match = _BRACKETED.match(head) if any(sign in head for sign in "([/（") else None
    date = date_in(match, around) if match else False
    if not match or date is False:
        return None
    place, name, sep = _without_agency(match["place"], agencies), match["name"].strip(), match["sep"].strip()
    if place and not is_place(place):
        return None
    if place and "," in place and head[match.end("place") :][:1] == ".":
        place += "."  # CARSON CITY, Nev.
    dated = date is not None and place is not None
    parsed = filed(
        match.end(), agencies, name=name, place=place, date=date, sure=dated or _is_signed(match, head) or not place
    )
    # in scripts without spaces only a headline and its credit look so: 見出し（ロイター）
    if place and not (dated or sep) and is_spaceless(place):
        return None
    if place is None:
        parsed = _continued(head, parsed, around)
        return parsed if parsed.agency or (parsed.guess and parsed.place) else None
    if parsed.agency or (parsed.guess and (dated or sep)):
        return parsed if parsed.agency or sep or _opens(head[match.end() :]) else None
    return parsed if dated and sep and _is_name(name) else None


def _is_signed(match: re.Match[str], head: str) -> bool:
    """Whether PLACE (Name) - without a date is a dateline: in capitals, or the name in letters as agencies sign."""
    place, name, sep = match["place"], bare(match["name"].split("/")[0]), match["sep"].strip()
    if not place or not sep or not _opens(head[match.end() :]):
        return False
    city = place.split(",")[0]
    if name.islower():
        return is_acronym(name) and sep != ":"
    return city.isupper() and len(city) > 2 and any(sign in sep for sign in "-–—―－") and not is_body(city)


def _without_agency(place: str | None, agencies: Agencies) -> str | None:
    """Drop an agency's name in front of a place: `Canadian Press - HALIFAX (CP) -`."""
    name, dash, rest = (place or "").partition(" - ")
    return rest if dash and rest and agencies.find(name) else place


def _opens(rest: str) -> bool:
    """Whether a sentence begins here."""
    return bool(rest) and begins_sentence(rest) and rest[0] not in ",.;:)"


def _continued(head: str, parsed: Dateline, around: datetime | None) -> Dateline:
    """(NAME) - ROMA, 03 MAR - ...: the place may follow the agency."""
    match = _DATED.match(head[parsed.end :])
    if not match or not match["sep"].strip() or not is_place(match["place"]):
        return parsed
    date = date_in(match, around)
    if date is False:
        return parsed
    return replace(parsed, end=parsed.end + match.end(), place=tidied(match["place"]), date=date or None)


def _bare(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    known = not agencies.heads.isdisjoint(_HEADS.findall(head))
    match = _BARE.match(head) if known or any(c.isdigit() for c in head[:40]) else None
    if not match:
        return None
    # Spelled as the agency spells itself: "HARRISBURG, Pa. —" is no credit, nor is the state's code.
    agency = agencies.spellings.get(match["name"].strip())
    place, date = match["place"], date_in(match, around)
    if agency is None and not (place and date and names_agency(match["name"].strip())):
        return None
    if place and not date and agency in agencies.ambiguous:
        return None
    if date is False or (place and not is_place(place)) or (match["sep"] in ".:/" and not (date or place)):
        return None
    parsed = filed(match.end(), agencies, name=match["name"].strip(), place=place, date=date)
    return replace(parsed, agency=agency)


def _dated(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    match = _DATED.match(head)
    if not match or not is_place(match["place"]) or (date := date_in(match, around)) is False:
        return None
    following = head[match.end()]
    if match["sep"].strip() in ("", ",") and (
        match["sep"].strip() == "," or not (following.isupper() or following in "\"“‘'")
    ):
        return None
    return Dateline(end=match.end(), place=tidied(match["place"]), date=date or None)


def _placed(head: str, agencies: Agencies, around: datetime | None) -> Dateline | None:
    """Read a place in capitals before a dash. Nothing else confirms it, so a word that may be an acronym is none."""
    match = _PLACED.match(head) if head[:2].isupper() and any(dash in head for dash in _DASHES) else None
    if not match:
        return None
    city, comma, _ = match["place"].partition(",")
    following = head[match.end()]
    if agencies.is_own(city) and not is_city(city):
        return Dateline(end=match.end())
    if len(city) < 4 or not city.isupper() or not is_place(match["place"]) or following.islower():
        return None
    # a headline in capitals, and a medium's own name
    if head[match.end() :].isupper() or is_medium(city):
        return None
    if not comma and (is_body(city) or any(is_body(word) for word in city.split() if len(word) > 5)):
        return None
    return Dateline(end=match.end(), place=tidied(match["place"]))


def _is_name(name: str) -> bool:
    return (
        not name[0].islower()
        and not any(c.isdigit() for c in name)
        and len(name.split()) <= 4
        and (may_be_agency(name) or len(name.split()) > 1)
    )


_Form = Callable[[str, Agencies, datetime | None], Dateline | None]
_WESTERN: tuple[_Form, ...] = (_bracketed, _bare, _dated, _placed)
_FORMS: tuple[_Form, ...] = (
    korean,
    thai,
    persian,
    arabic,
    _bracketed,
    _bare,
    _dated,
    chinese,
    house,
    japanese,
    _placed,
)
