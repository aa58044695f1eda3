"""Whether a story changed in a way that a reader must be told of, and what a correction changed."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

from msgspec import Struct

from feedhub.merge.aligned_facts import Differences, Replaced, differences, sentences, words_of
from feedhub.merge.damaged_text import mended
from feedhub.merge.volatile_text import steady, without_linked
from feedhub.model import BARE_CORRECTION, Story
from feedhub.structs import replace

#: share of a text's words that must change before the change counts by size alone
LARGE = 0.2
#: an excerpt that grows at least this much became a full text
GROWN = 2.0
#: a correction's note names at most this many changes, each of so many words at most
NAMED, LONGEST = 3, 14

_FIGURE = re.compile(r"<figure>.*?</figure>", re.DOTALL)
_BLOCK = re.compile(
    r"</?(?:p|div|ul|ol|li|dl|dt|dd|h\d|blockquote|pre|table|tr|td|th|figure|figcaption|hr|br)\b[^>]*>(?:\s*\n)?"
)


class Change(Struct, frozen=True, kw_only=True):
    """What differs between two versions of a text."""

    #: pairs (before, after) of numbers, names or negations that differ inside aligned sentences
    facts: tuple[Replaced, ...] = ()
    #: pairs of other words that differ there
    wording: tuple[Replaced, ...] = ()
    #: share of the words that differ, 0 to 1
    share: float = 0.0
    #: an excerpt became a full text
    grown: bool = False

    @property
    def material(self) -> bool:
        """Tell whether a reader must be told of the change."""
        return bool(self.facts) or self.share >= LARGE or self.grown


def changed(before: Story, after: Story) -> Change:
    """Compare two versions of a story, title and text taken together; what changes by itself is left aside."""
    if (before.title, plain(before)) == (after.title, plain(after)):
        return Change()
    headlines = mended(before.title, after.title)
    title = differences([headlines[0]], [headlines[1]])
    old, new = mended(_steady(before), _steady(after))
    if old == new:
        return Change(facts=title.facts, wording=title.wording)
    body = compare(old, new)
    return replace(body, facts=title.facts + body.facts, wording=title.wording + body.wording)


def compare(old: str, new: str) -> Change:
    """Compare two plain texts; what was only added at the end counts by its size."""
    found: Differences = differences(sentences(old), sentences(new))
    before, after = Counter(words_of(old)), Counter(words_of(new))
    total = max(sum(before.values()), 1)
    gone, added = sum((before - after).values()), sum((after - before).values())
    grown = sum(after.values()) >= GROWN * total and gone <= LARGE * total
    share = max(gone, added) / max(total, sum(after.values()))
    return Change(facts=found.facts, wording=found.wording, share=share, grown=grown)


def correction(change: Change | None, who: str) -> str:
    """Return the note of a correction: what changed, as far as two versions show it, and who says so.

    `“34” is now “36” (A Wire).`, or a sentence of its own where no two versions show it.
    """
    shown = [pair for pair in dict.fromkeys(change.facts or change.wording) if all(pair)] if change is not None else []
    notes = [f"“{before}” is now “{after}”" for before, after in shown if _is_short(before) and _is_short(after)]
    if not notes:
        return f"{who} {BARE_CORRECTION}"
    return f"{'; '.join(notes[:NAMED])} ({who})."


def _is_short(text: str) -> bool:
    return len(words_of(text)) <= LONGEST


def _steady(story: Story) -> str:
    """Return what a story says without what changes by itself."""
    return steady(readable(without_linked(story.html or "")) or (story.summary or ""))


def plain(story: Story) -> str:
    """Return what a story says, as plain text."""
    return readable(story.html or "") or (story.summary or "")


def readable(html: str) -> str:
    """Return sanitised HTML as plain text, a line a paragraph; captions are no text where there is another."""
    return _plain(_FIGURE.sub("", html)) or _plain(html)


def _plain(html: str) -> str:
    text = re.sub(r"<[^<>]+>", "", _BLOCK.sub("\n", html))
    return unescape(re.sub(r"\n{2,}", "\n", text)).strip()
