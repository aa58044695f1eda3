"""Agencies that a text quotes as its source: "Yonhap news agency reported", "according to Xinhua"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from functools import cache

from feedhub import languages
from feedhub.clean.agencies import Agencies, fold
from feedhub.clean.catalogue import quotations
from feedhub.clean.name_forms import may_be_agency, names_agency

_OPENER = re.compile(rf"^(?:{'|'.join(languages.word_list('openers'))})\s")
_AROUND = 48
_HITS = 40


def cited(texts: Iterable[str], agencies: Agencies, own: frozenset[str | None]) -> tuple[str, ...]:
    """Paragraphs -> the agencies that they quote, in the order in which they appear; never one of `own`."""
    text = "\n".join(texts)
    if not (cues := agencies.signs.present_in(text)):
        return ()
    names = sorted(cues & agencies.spellings.keys())
    spans = [(at, at + len(name), agencies.spellings[name]) for name in names for at in _quoted(text, name, agencies)]
    # "Associated Press of Pakistan" is not "Associated Press".
    whole = [
        (a, b, short) for a, b, short in spans if not any(c <= a and b <= d and d - c > b - a for c, d, _ in spans)
    ]
    whole += [
        each for each in _unlisted(text, cues, agencies) if not any(a < each[1] and each[0] < b for a, b, _ in whole)
    ]
    mine = {fold(name) for name in own if name}
    return tuple(dict.fromkeys(short for _, _, short in sorted(whole) if not _is_own(short, mine)))


def _is_own(name: str, own: set[str]) -> bool:
    """Whether a name is one of `own`, in full or by its initials."""
    words = name.split()
    return fold(name) in own or (len(words) > 1 and fold("".join(word[0] for word in words)) in own)


def _unlisted(text: str, cues: Set[str], agencies: Agencies) -> Iterable[tuple[int, int, str]]:
    """Agencies that no list knows, where their name or the words beside it say what they are."""
    for cue, pattern in quotations():
        at = text.find(cue) if cue in cues else -1
        for _ in range(_HITS if at >= 0 else 0):
            for match in pattern.finditer(text, max(0, at - _AROUND), at + len(cue) + _AROUND):
                group = next(key for key, value in match.groupdict().items() if value)
                name = _OPENER.sub("", match[group].strip(" '’"))
                if name and not agencies.is_own(name) and (may_be_agency(name.split()[0]) or names_agency(name)):
                    yield match.start(group), match.end(group), agencies.find(name) or name
            if (at := text.find(cue, at + len(cue) + _AROUND)) < 0:
                break


def _quoted(text: str, name: str, agencies: Agencies) -> Iterable[int]:
    sure = agencies.spellings.get(name) in agencies.ambiguous and name == agencies.spellings.get(name)
    before, after = _patterns(sure)
    latin = name.isascii()
    at, looked = text.find(name), 0
    while at >= 0 and (looked := looked + 1) <= _HITS:
        end = at + len(name)
        whole = not latin or not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum())
        if whole and (after.match(text[end : end + _AROUND]) or before.search(text[max(0, at - _AROUND) : at])):
            yield at
        at = text.find(name, end)


@cache
def _patterns(sure: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = languages.table("citing")
    before = [*table["sure_before"], *(() if sure else table["before"])]
    after = [*table["sure_after"], *(() if sure else table["after"])]
    return (
        re.compile("(?:" + "|".join(f"(?:{p})" for p in before) + r")[«\"„“]?\s?$"),
        re.compile('[»"”]?(?:' + "|".join(f"(?:{p})" for p in after) + ")"),
    )
