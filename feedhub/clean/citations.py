"""Agencies that a text quotes as its source: "Yonhap news agency reported", "according to Xinhua"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from feedhub.clean.agencies import Agencies
from feedhub.clean.catalogue import words

_CAPITALISED = re.compile(r"[A-Z]\w+")
_AROUND = 48
_HITS = 40


def cited(texts: Iterable[str], agencies: Agencies, own: frozenset[str | None]) -> tuple[str, ...]:
    """Paragraphs -> the agencies that they quote, in the order in which they appear; never one of `own`."""
    text = "\n".join(texts)
    names = list(_candidates(text, agencies))
    spans = [(at, at + len(name), agencies.spellings[name]) for name in names for at in _quoted(text, name, agencies)]
    # "Associated Press of Pakistan" is not "Associated Press".
    whole = [
        (a, b, short) for a, b, short in spans if not any(c <= a and b <= d and d - c > b - a for c, d, _ in spans)
    ]
    return tuple(dict.fromkeys(short for _, _, short in sorted(whole) if short not in own))


def _candidates(text: str, agencies: Agencies) -> Iterable[str]:
    latin, other = _spellings(tuple(agencies.spellings))
    for head in latin.keys() & set(_CAPITALISED.findall(text)):
        yield from (name for name in latin[head] if name in text)
    for name in other if text.isascii() is False else ():
        if name in text:
            yield name
    if "dpa" in text:
        yield "dpa"


@cache
def _spellings(names: tuple[str, ...]) -> tuple[dict[str, list[str]], list[str]]:
    """Spellings by their first word, and those that have no capital to look for."""
    latin: dict[str, list[str]] = {}
    other: list[str] = []
    for name in names:
        match = _CAPITALISED.match(name)
        if "." in name and " " not in name:
            continue
        if match:
            latin.setdefault(match[0], []).append(name)
        elif not name.isascii():
            other.append(name)
    return latin, other


def _quoted(text: str, name: str, agencies: Agencies) -> Iterable[int]:
    sure = agencies.spellings.get(name) in agencies.ambiguous and name == agencies.spellings.get(name)
    before, after = _patterns(sure)
    latin = name.isascii()
    at, looked = text.find(name), 0
    while at >= 0 and (looked := looked + 1) <= _HITS:
        end = at + len(name)
        whole = not latin or not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum())
        if whole and (before.search(text[max(0, at - _AROUND) : at]) or after.match(text[end : end + _AROUND])):
            yield at
        at = text.find(name, end)


@cache
def _patterns(sure: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = words("citing")
    before = [*table["sure_before"], *(() if sure else table["before"])]
    after = [*table["sure_after"], *(() if sure else table["after"])]
    return (
        re.compile("(?:" + "|".join(f"(?:{p})" for p in before) + r")[«\"„“]?\s?$"),
        re.compile('[»"”]?(?:' + "|".join(f"(?:{p})" for p in after) + ")"),
    )
