"""What stands in a text and changes by itself: counters, adverts, "5 minutes ago". It is no news when it does."""

from __future__ import annotations

import re
from functools import cache

from feedhub import languages

_BLOCK_END = re.compile(r"</(?:p|li|h\d|blockquote|div|tr|td|dd|dt|figcaption)>|<br\s*/?>", re.IGNORECASE)
#: a block that is one link and nothing else
_LINKED = re.compile(r"^\s*(?:<(?:p|li|div|h\d)[^>]*>\s*)?<a\s[^>]*>(?:(?!</a>).)*</a>[\s.»›→>]*$", re.DOTALL)
_TAG = re.compile(r"<[^<>]+>")
_PART = re.compile(r"\s[|•·–—-]\s|(?:[|•·;\t]|[/,](?!\d))\s*|\s{2,}")
_NUMBER = r"[\d][\d.,\u202f\u00a0']*(?:\s?(?:k|m|tsd\.?|mil|тыс\.?|万|千)(?!\w))?\+?"
#: hearts, thumbs, arrows and speech bubbles beside a number
_SIGNS = "[\u2190-\u21ff\u25a0-\u27bf\u2b00-\u2bff\ufe0f\u200d\U0001f300-\U0001faff]"
#: what some languages put behind the number of a counter
_TIMES = "件|회|개|次|回|条|條|則|fois|veces|volte|vezes|keer|kali|times|mal|kez|x|ครั้ง|раз|gånger|ganger|razy|krát"
_MINUTES = r"min(?:\.|utes?|uten|uti|utos|uuttia|uta?)?|мин\.?|хв\.?|dk\.?|dakika|分钟|分鐘|分|분|دقائق|דקות|मिनट"
#: labels of so few letters are other words too, but for those in brackets or alone in their line
_SHORT_LABEL = 3
#: behind letters that set spaces between words
_WORD_END = r"(?![a-zà-öø-ÿа-яё])"
#: words that are not linked: with fewer, links are what the text is about
_LEAST_WORDS = 12


def without_linked(html: str) -> str:
    """Drop the blocks of sanitised HTML that are one link each, where a text stands beside them.

    They are adverts and "read also" lines, which a site turns over at each visit.
    """
    if "<a " not in html:
        return html
    blocks = re.split(rf"(?<=>)(?=<p|<li|<h\d|<div)|(?:{_BLOCK_END.pattern})", html)
    kept = [block for block in blocks if not _LINKED.match(block)]
    words = sum(len(_TAG.sub(" ", block).split()) for block in kept)
    return "\n".join(kept) if len(kept) < len(blocks) and words >= _LEAST_WORDS else html


def steady(text: str) -> str:
    """Return a plain text, a line a paragraph, without what changes by itself."""
    if not any(sign.isdigit() for sign in text) and not _advert().search(text):
        return text
    lines = []
    for line in text.split("\n"):
        if line.strip() and (_advert().match(line) or _is_counter(line)):
            continue
        lines.append(_within().sub("", line))
    return "\n".join(lines)


def _is_counter(line: str) -> bool:
    """Whether a line holds counters and times and nothing else: `10 points by ada | 3 comments | 5 minutes ago`."""
    if len(line) > 160 or not any(sign.isdigit() for sign in line):
        return False
    parts = [part for part in _PART.split(line.strip(" #()[]")) if part and part.strip()]
    return bool(parts) and all(_counts_only(part.strip(" #()[].:")) for part in parts)


def _counts_only(part: str) -> bool:
    """Whether a part of a line is one counter or several in a row (Like 3 Share 4)."""
    place = 0
    while match := _counter().match(part, place):
        place = match.end()
        if place >= len(part):
            return True
        if part[place] != " ":
            return False
        place += 1
    return False


@cache
def _counter() -> re.Pattern[str]:
    words = sorted({word for row in languages.table("counters").values() for word in row}, key=len, reverse=True)
    what = "|".join(map(re.escape, words))
    ago = "|".join((*languages.table("ago")["within"], *languages.table("ago")["alone"]))
    return re.compile(
        rf"(?:{_SIGNS}{{0,3}}\s?(?:(?:view|show|see|read)\sall\s)?[#(\[]?\s?{_NUMBER}\s?(?:\S{{1,12}}\s)?(?:{what})(?:\s(?:by|von|par|por|von|от)\s\S{{1,30}})?"
        rf"|(?:{what})(?:\s\S{{1,12}})?\s?[:：(]?\s?#?{_NUMBER}\s?(?:(?:{_TIMES}|{_MINUTES})(?![^\W\d_]))?\)?"
        rf"|{_SIGNS}{{1,3}}\s?{_NUMBER}(?!\S)"
        rf"|(?:\S{{1,20}}\s)?(?:{ago}){_WORD_END})",
        re.IGNORECASE,
    )


@cache
def _within() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(languages.table('ago')['within'])}){_WORD_END}", re.IGNORECASE)


@cache
def _advert() -> re.Pattern[str]:
    names = sorted(map(str, languages.word_list("adverts")), key=len, reverse=True)
    any_name, long = ("|".join(map(re.escape, some)) for some in (names, [n for n in names if len(n) > _SHORT_LABEL]))
    return re.compile(
        rf"^[^\S\n]*(?:[\[(【（［]\s?(?:{any_name})\s?[\])】）］]|(?:{any_name})\s*$|(?:{long})\s?[:：|–—-]\s)",
        re.IGNORECASE | re.MULTILINE,
    )
