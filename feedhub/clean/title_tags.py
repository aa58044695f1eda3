"""Tags in titles: markup goes, the name of an element that a title speaks of stays."""

from __future__ import annotations

import re

#: how often tags may stand within tags of a title
_MOST_NESTED = 8
_SCRIPT = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_NAMES = (
    "a|abbr|audio|b|base|big|blockquote|body|br|button|center|cite|code|dd|del|div|dl|dt|em|embed|figure|font|form|"
    "frame|frameset|h[1-6]|head|hr|html|i|iframe|img|input|ins|kbd|label|li|link|marquee|math|meta|noscript|object|ol|"
    "p|pre|q|s|script|select|small|source|span|strike|strong|style|sub|sup|svg|table|tbody|td|template|textarea|th|"
    "title|tr|tt|u|ul|var|video|wbr"
)
#: `<b>` alone; `<a href="x">` with more in it; comments
_BARE = re.compile(rf"<(?P<end>/?)(?P<name>{_NAMES})\s*(?P<closed>/?)>", re.IGNORECASE)
_FULL = re.compile(
    rf"</?(?:{_NAMES})(?:\s+/?|/)[^<>/\s][^<>]*>|<!--.*?-->|<!\[CDATA\[|\]\]>",
    re.IGNORECASE | re.DOTALL,
)
#: they part words, and nothing stands inside
_PARTING = frozenset("br hr p div li td tr dd dt wbr h1 h2 h3 h4 h5 h6".split())
#: titles that speak of elements name two of them, or call one so
_SPEAKS = re.compile(
    r"\b(?:tags?|elements?|html|vs\.?|versus)(?![^\W_])|<h[1-6]> (?:to|and|or|through|bis|et|y|e) <h[1-6]>",
    re.IGNORECASE,
)


def strip_title_tags(text: str) -> str:
    """Take the markup off a title, whatever its nesting.

    A tag with attributes is markup, one that is opened and closed or joined to a word, and a line break; a name in
    angle brackets alone is what the title speaks of (`The <video> element`), as are `5 < 6` and `<Unknown Corp>`.
    """
    for _ in range(_MOST_NESTED):
        if "<" not in text:
            return text
        bare = _without_pairs(_FULL.sub("", _SCRIPT.sub("", text)))
        if bare == text:
            return text
        text = bare
    # tags within tags within tags: nobody's title
    return text.replace("<", "").replace(">", "")


def _without_pairs(text: str) -> str:
    """Drop bare tags that have their other half, and those that part words."""
    tags = [(match, match["name"].lower()) for match in _BARE.finditer(text)]
    opened = {name for match, name in tags if not match["end"]}
    closed = {name for match, name in tags if match["end"]}
    paired = opened & closed
    speaks = _SPEAKS.search(text) is not None
    parts, place = [], 0
    for match, name in tags:
        if name in _PARTING and not (speaks and name not in paired and not _is_joined(text, match)):
            parts += [text[place : match.start()], " " if name != "wbr" else ""]
        elif name in paired or match["end"] or _is_joined(text, match):
            parts.append(text[place : match.start()])
        else:
            continue
        place = match.end()
    return "".join((*parts, text[place:]))


def _is_joined(text: str, match: re.Match[str]) -> bool:
    """Whether a tag stands beside a letter, a digit or another tag."""
    beside = text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]
    return any(sign.isalnum() or sign in "<>" for sign in beside)
