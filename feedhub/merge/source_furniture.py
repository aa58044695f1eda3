"""Lines that a source repeats in every entry: they are furniture and leave what is published.

What a line says decides, not where it stands: the same text, in nearly all of a source's last entries, under headlines
that differ. The matcher's learned furniture is another thing: three entries suffice there, since nothing is lost by it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from html import unescape
from itertools import chain
from math import ceil
from typing import TypeVar

from feedhub.model import Copy, Story
from feedhub.structs import replace
from feedhub.text_cache import remember_short

T = TypeVar("T")

#: entries of a source that must be known, and the share of them that must have a line
FEWEST, NEARLY_ALL = 5, 0.8
#: entries more than may lack a line, by which most sources are known to repeat none
_EXTRA_ENTRIES = 4
#: a longer line is hardly one that a source repeats, and is not remembered
_CACHED = 1_000
#: the last entries of a source that are looked at
LATEST = 40
#: a line of fewer words is too short for the matcher to learn
SHORT = 4
#: an entry that would lose more of its words keeps them, unless all of these lines are known to the matcher, too
MOST = 1 / 3

_NAMES = "p|li|h[2-6]|dt|dd|figcaption|blockquote"
#: an innermost block: none of these begins inside
_BLOCK = re.compile(rf"<({_NAMES})\b([^<>]*)>((?:(?!<(?:{_NAMES})\b).)*?)</\1>", re.DOTALL)
_WORD = re.compile(r"\w+")
#: of an ASCII text what stands in no word becomes a blank, a capital a small letter, byte by byte: a sixth of the time
#: of the pattern
_ONLY_WORDS = bytes(ord(chr(c).lower()) if chr(c).isalnum() or chr(c) == "_" else ord(" ") for c in range(128))
_ONLY_WORDS += bytes(128)
_BREAK = re.compile(r"<br\s*/?>")
_TAG = re.compile(r"<[^<>]+>")
_EMPTY = re.compile(r"<(ul|ol|dl|blockquote)\b[^>]*>\s*</\1>\s*")
#: with one of these in it a block is more than its words
_SEEN = re.compile(r"<(?:img|video|audio)\b")


@remember_short(4096, _CACHED)
def line_key(line: str) -> str:
    """Return a line as it is compared: its letters and digits, case-folded."""
    if line.isascii():
        return b" ".join(line.encode().translate(_ONLY_WORDS).split()).decode() or line.lower().strip()
    text = unicodedata.normalize("NFKC", line).casefold()
    return " ".join(_WORD.findall(text)) or text.strip()


def keys_of(copy: Copy) -> frozenset[str]:
    """Return the lines of a copy as they are compared."""
    return frozenset(map(line_key, copy.paragraphs))


def repeated(entries: Sequence[tuple[Hashable, Collection[T]]]) -> frozenset[T]:
    """Return the lines that nearly all of these entries of one source have.

    An entry is its headline (`line_key`, or what stands for that) and its lines, each once; entries under one headline
    are one.
    """
    distinct = list(dict(entries).values())
    if len(distinct) < FEWEST:
        return frozenset()
    least = ceil(NEARLY_ALL * len(distinct))
    # a line that so many have is lacking in few of the first, and most sources repeat none
    lacking = len(distinct) - least
    first = Counter(chain.from_iterable(distinct[: lacking + _EXTRA_ENTRIES]))
    if max(first.values(), default=0) < min(_EXTRA_ENTRIES, least):
        return frozenset()
    counts = Counter(chain.from_iterable(distinct))
    return frozenset(line for line, count in counts.items() if count >= least)


def may_repeat(entries: Sequence[tuple[Hashable, Collection[T]]], unread: int) -> bool:
    """Tell whether `repeated` could name a line of these entries and of so many before them that were not read."""
    distinct = dict(entries)
    if len(distinct) + unread < FEWEST:
        return False
    counts = Counter(chain.from_iterable(distinct.values()))
    # at best, each of those has a headline of its own, and the line
    return max(counts.values(), default=0) + unread >= NEARLY_ALL * (len(distinct) + unread)


def without(copy: Copy, lines: frozenset[str], sure: Callable[[], frozenset[str]] = frozenset) -> Copy:
    """Return a copy without these lines; the copy itself where it would lose all, or too much without a second sign.

    `sure` tells the lines that the matcher, too, has learned to be the source's furniture; it is asked where much goes.
    """
    keys = [line_key(line) for line in copy.paragraphs]
    remaining = tuple(line for line, key in zip(copy.paragraphs, keys, strict=True) if key not in lines)
    if len(remaining) == len(copy.paragraphs) or not remaining:
        return copy
    lost = 1 - _words(remaining) / max(1, _words(copy.paragraphs))
    if lost > MOST and not {key for key in keys if key in lines and _words([key]) >= SHORT} <= sure():
        return copy
    html = without_blocks(copy.html, lines) if copy.html else copy.html
    count = len(copy.paragraphs) - len(remaining)
    return replace(copy, paragraphs=remaining, html=html, dropped={**copy.dropped, "repeated by the source": count})


def story_without(story: Story, lines: frozenset[str]) -> Story:
    """Return a story as it would be without these lines: what was published before they were known."""
    html = without_blocks(story.html, lines) if story.html and lines else story.html
    return replace(story, html=html) if html and html != story.html else story


def without_blocks(html: str, lines: frozenset[str]) -> str:
    """Return sanitised HTML without the blocks, and the lines within blocks, that say these lines."""

    def shorter(match: re.Match[str]) -> str:
        tag, attributes, inside = match.groups()
        parts = _BREAK.split(inside)
        stays = [part for part in parts if _SEEN.search(part) or line_key(_text(part)) not in lines]
        if len(stays) == len(parts):
            return match[0]
        return f"<{tag}{attributes}>{'<br>'.join(stays)}</{tag}>" if stays else ""

    if not lines:
        return html
    made = _BLOCK.sub(shorter, html)
    while (bare := _EMPTY.sub("", made)) != made:
        made = bare
    return re.sub(r"\n{2,}", "\n", made).strip("\n") if made != html else html


def _text(markup: str) -> str:
    return unescape(_TAG.sub("", markup))


def _words(lines: Iterable[str]) -> int:
    """Words, in scripts without spaces signs."""
    return sum(max(len(line.split()), len(line) // 6) for line in lines)
