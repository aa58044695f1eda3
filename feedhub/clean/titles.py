"""A headline as the feed gives it -> the headline: no tags, revision mark, agency or outlet's name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Set
from functools import lru_cache

from msgspec import Struct

from feedhub import languages
from feedhub.clean.agencies import Agencies, fold
from feedhub.clean.dateline_parts import begins_sentence
from feedhub.clean.draft import Draft
from feedhub.clean.name_forms import is_city
from feedhub.clean.revision_marks import has_notice, strip_marks
from feedhub.clean.text import tidy
from feedhub.clean.title_tags import strip_title_tags
from feedhub.model import Revision, RevisionKind

_SUFFIX = re.compile(
    r"^(?P<rest>.*\S)\s*(?:\s[-–—|:·•»/]{1,2}\s|\s?\|\s?|\s?[｜＿]\s?)(?P<name>[^|｜]{2,60})$", re.DOTALL
)
_PREFIX = re.compile(r"^(?P<name>[^|:]{2,40}?)\s?(?:\||:|\s[-–—]\s)\s?(?P<rest>\S.*)$", re.DOTALL)
_PARENS = re.compile(r"^(?P<rest>.*\S)\s?[(\[（【](?P<name>[^()\[\]（）【】]{2,40})[)\]）】]$", re.DOTALL)
_LEADING = re.compile(r"^[(\[（【](?P<name>[^()\[\]（）【】]{2,30})[)\]）】]\s?(?:[-–—:]\s)?(?P<rest>\S.*)$", re.DOTALL)
_WIRE_PREFIX = re.compile(r"^(?P<name>[A-Z][\w. ]{1,24}?)\s[-–—]{1,2}\s(?P<rest>\S.*)$", re.DOTALL)
_PARTS = re.compile(r"\s[-–—|:·•»/]+\s|\s?[|｜]\s?")
#: what parts an outlet's name from a headline
_APART = "-|:–—·•»/｜＿"
_STEPS = 6
#: signs by which a teaser that repeats a headline may differ from it in length: what parts the outlet's name, entities
_MARGIN = 40
#: what outlets add to their names
_KINDS = ("news", "online", "com", "tv")
#: titles that must be known, and the share of them that must end so, before their end is an outlet's name
_FEWEST_TITLES, _NEARLY_ALL = 8, 0.8
_LONGEST_NAME = 5
#: words, in other scripts signs, of what stands before it
_HEADLINE_WORDS, _HEADLINE_SIGNS = 3, 8
_IN_NAMES = frozenset(languages.table("forms")["particles"])
# No headline is longer than this; some feeds put a whole post into the title, attackers put anything.
_LONGEST = 2000
_LONGEST_MARKED = 500


class Headline(Struct, frozen=True, kw_only=True):
    """A title and what was lifted out of it."""

    text: str
    agency: str | None = None
    credit: str | None = None
    revisions: tuple[Revision, ...] = ()


def headline(raw: str, agencies: Agencies, outlet: Iterable[str | None] = (), *, agency: str | None = None) -> Headline:
    """Read a title as written; `outlet` are its outlet's names, `agency` is the text's own agency.

    The mark of a kill is told and stays: over an article ("WITHDRAWN: Baby milk recalled") it is the headline's own.
    """
    text = clean_title(raw)
    names = _names(tuple(outlet))
    known, credit, revisions, is_bare = agency, None, [], False
    for _ in range(_STEPS if len(text) <= _LONGEST_MARKED else 0):
        before = text
        text, marks = strip_marks(text, notices=False)
        revisions += marks
        text, name = _wire(text, agencies)
        if name:
            known, credit = known or agencies.find_first(name), credit or name
        text = _outlet(text, names | {fold(known)} if known else names, agencies, known)
        if is_bare := text == before:
            break
    if not is_bare or has_notice(text):
        revisions += [mark for mark in strip_marks(text)[1] if mark.kind is RevisionKind.KILL]
    return Headline(text=text, agency=known if credit else None, credit=credit, revisions=tuple(revisions))


def common_suffix(titles: Iterable[str]) -> str | None:
    """Return the name with which nearly all titles of a document end (`Headline - Outlet`), else None.

    A name has capitals and no figures, and what stands before it is a headline that differs from title to title:
    `Northern line - Severe delays` ends with none.
    """
    matches = [_SUFFIX.match(clean_title(title)) for title in titles]
    if len(matches) < _FEWEST_TITLES:
        return None
    counts = Counter(match["name"] for match in matches if match and _is_outlet(match["name"]))
    name, count = counts.most_common(1)[0] if counts else ("", 0)
    headlines = {match["rest"] for match in matches if match and match["name"] == name and _says_enough(match["rest"])}
    return name if len(headlines) >= max(count - 1, _NEARLY_ALL * len(matches)) else None


def _is_outlet(name: str) -> bool:
    words = name.split()
    if len(words) > _LONGEST_NAME or any(sign.isdigit() for sign in name):
        return False
    return all(not word[0].islower() or word.casefold() in _IN_NAMES or "." in word for word in words)


def _says_enough(headline: str) -> bool:
    return len(headline.split()) >= _HEADLINE_WORDS or (not headline.isascii() and len(headline) >= _HEADLINE_SIGNS)


def named_outlet(title: str, teaser: str) -> str | None:
    """Return the outlet that an aggregator names: `Headline - Outlet` above a teaser `Headline Outlet`, else None."""
    # most teasers are longer than their headline
    if abs(len(teaser) - len(title)) > _MARGIN:
        return None
    match = _SUFFIX.match(clean_title(title))
    text = tidy(teaser)
    if not match or text != f"{match['rest']} {match['name']}" or match["name"][0].islower():
        return None
    return match["name"]


def drop_repeated_title(draft: Draft, raw: str, title: str, names: Iterable[str | None]) -> None:
    """Drop a text that only repeats a headline and one of its outlet's names, as aggregators write: it says nothing.

    `raw` is the headline as it was written, `title` what was left of it.
    """
    if len(draft.pieces) != 1:
        return
    repeated, whole = fold(draft.pieces[0].text), fold(clean_title(raw))
    for name in filter(None, map(fold, filter(None, names))):
        if repeated in (fold(title) + name, whole + name) or (repeated == whole and whole.endswith(name)):
            draft.drop(0, "headline")
            return


def clean_title(raw: str) -> str:
    """Return a title as one line of plain text."""
    return _cleaned(raw[:_LONGEST])


# every title is looked at with all of its document's, for itself and for the text below it
@lru_cache(maxsize=512)
def _cleaned(raw: str) -> str:
    # tags first: what is escaped in markup is text (`The &lt;select&gt; element, <em>again</em>`)
    text = tidy(strip_title_tags(raw))
    while "<" in text and (bare := tidy(strip_title_tags(text))) != text:
        text = bare
    return text


def _wire(text: str, agencies: Agencies) -> tuple[str, str | None]:
    """(Reuters) at either end, and `AP - ` in front."""
    if text[-1:] in ")]）】" and (match := _PARENS.match(text)) and agencies.find_first(match["name"]):
        return match["rest"].rstrip(" -–—|"), match["name"]
    if text[:1] in "([（【" and (match := _LEADING.match(text)) and agencies.find_first(match["name"]):
        return (match["rest"], match["name"]) if begins_sentence(match["rest"]) else (text, None)
    if (match := _WIRE_PREFIX.match(text)) and agencies.find(match["name"]) and begins_sentence(match["rest"]):
        return match["rest"], match["name"]
    return text, None


@lru_cache(maxsize=1024)
def _names(outlet: tuple[str | None, ...]) -> frozenset[str]:
    """Return the names of an outlet and their parts, folded."""
    return frozenset(fold(part) for name in outlet if name for part in (name, *_PARTS.split(name))) - {""}


def _outlet(text: str, names: Set[str], agencies: Agencies, own: str | None) -> str:
    if not any(sign in text for sign in _APART):
        return text
    match = _SUFFIX.match(text)
    if match and _is_name(match["name"], names, agencies, own) and _is_headline(match["rest"]):
        return match["rest"].rstrip(" -–—|:·•»/")
    match = _PREFIX.match(text)
    # an outlet of a city's name may speak of the city: Boston: Two die in fire
    if match and fold(match["name"]) in names and not is_city(match["name"]) and _is_headline(match["rest"]):
        return match["rest"] if begins_sentence(match["rest"]) else text
    return text


def _is_name(name: str, names: Set[str], agencies: Agencies, own: str | None) -> bool:
    folded = fold(name)
    if folded in names or (own is not None and agencies.find(name) == own):
        return True
    # BBC News of bbc.co.uk
    return any(folded.endswith(kind) and folded.removesuffix(kind) in names for kind in _KINDS)


def _is_headline(rest: str) -> bool:
    """Whether enough is left to be the headline itself."""
    return len(rest.split()) >= 2 or len(rest) >= 8 or not rest.isascii()
