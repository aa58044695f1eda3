"""Whether a story changed in a way that a reader must be told of, and what a correction changed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import unescape

from feedhub import languages
from feedhub.model import Story

#: share of a text's words that must change before the change counts by size alone
LARGE = 0.2
#: two sentences at least this alike are versions of one sentence
ALIGNED = 0.5
#: an excerpt that grows at least this much became a full text
GROWN = 2.0
#: a correction's note names at most this many changes
NAMED = 3

_SENTENCE = re.compile(r"(?<=[.!?。！？؟।])[\"'”’)\]]*\s+|\n+|(?<=[。！？])")
_WORD = re.compile(r"\w+(?:[.,:/'’-]\w+)*", re.UNICODE)
_FIGURE = re.compile(r"<figure>.*?</figure>", re.DOTALL)
_BLOCK_END = re.compile(r"</(?:p|li|h\d|blockquote|div|td|th|dt|dd|pre|figcaption)>|<br\s*/?>|<hr\s*/?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What differs between two versions of a text."""

    #: pairs (before, after) of numbers, names or negations that differ inside aligned sentences
    facts: tuple[tuple[str, str], ...] = ()
    #: share of the words that differ, 0 to 1
    share: float = 0.0
    #: an excerpt became a full text
    grown: bool = False

    @property
    def material(self) -> bool:
        """Tell whether a reader must be told of the change."""
        return bool(self.facts) or self.share >= LARGE or self.grown


def changed(before: Story, after: Story) -> Change:
    """Compare two versions of a story, title and text taken together."""
    old, new = plain(before), plain(after)
    if (before.title, old) == (after.title, new):
        return Change()
    title = _facts([before.title], [after.title])
    if old == new:
        return Change(facts=title)
    body = compare(old, new)
    return Change(facts=title + body.facts, share=body.share, grown=body.grown)


def compare(old: str, new: str) -> Change:
    """Compare two plain texts; what was only added at the end counts by its size."""
    facts = _facts(_sentences(old), _sentences(new))
    before, after = Counter(_words(old)), Counter(_words(new))
    total = max(sum(before.values()), 1)
    gone, added = sum((before - after).values()), sum((after - before).values())
    grown = sum(after.values()) >= GROWN * total and gone <= LARGE * total
    return Change(facts=facts, share=max(gone, added) / max(total, sum(after.values())), grown=grown)


def says_same(one: str, other: str) -> bool:
    """Whether two texts agree in every number, name and negation, one perhaps cut shorter than the other."""
    if one == other:
        return True
    first, second = Counter(_words(one)), Counter(_words(other))
    lacking = min(sum((first - second).values()), sum((second - first).values()))
    return lacking < LARGE * max(1, min(sum(first.values()), sum(second.values()))) and not compare(one, other).facts


def correction(change: Change | None, who: str) -> str:
    """One line, to stand after "Corrected:": what changed, as far as two versions show it, and who says so."""
    pairs = dict.fromkeys(change.facts) if change is not None else ()
    facts = [f"“{before}” is now “{after}”" for before, after in pairs if before and after]
    if not facts:
        return f"by {who}."
    return f"{'; '.join(facts[:NAMED])} ({who})."


def plain(story: Story) -> str:
    """Return what a story says, as plain text."""
    return readable(story.html or "") or (story.summary or "")


def readable(html: str) -> str:
    """Return sanitised HTML as plain text, a line a paragraph; captions are no text where there is another."""
    return _plain(_FIGURE.sub("", html)) or _plain(html)


def _plain(html: str) -> str:
    text = _BLOCK_END.sub("\n", html)
    return unescape(re.sub(r"<[^>]+>", "", text)).strip()


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in _SENTENCE.split(text) if part and part.strip()]


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _facts(old: list[str], new: list[str]) -> tuple[tuple[str, str], ...]:
    """Numbers, names and negations that differ between sentences which are versions of each other."""
    facts: list[tuple[str, str]] = []
    common = set(old) & set(new)
    before = [s for s in old if s not in common]
    after = [s for s in new if s not in common]
    for sentence in after:
        words = _words(sentence)
        best = _likest(words, before)
        if best is None:
            continue
        facts += _replaced(best[0], _WORD.findall(best[1]), _WORD.findall(sentence))
        before.remove(best[1])
    return tuple(dict.fromkeys(facts))


def _likest(words: list[str], sentences: list[str]) -> tuple[SequenceMatcher[str], str] | None:
    """Find the sentence that these words are a version of, if any is."""
    best: tuple[float, SequenceMatcher[str], str] | None = None
    for other in sentences:
        matcher = SequenceMatcher(None, _words(other), words, autojunk=False)
        threshold = ALIGNED if best is None else best[0]
        if matcher.real_quick_ratio() < threshold or matcher.quick_ratio() < threshold:
            continue
        ratio = matcher.ratio()
        if ratio >= ALIGNED and (best is None or ratio > best[0]):
            best = ratio, matcher, other
    return None if best is None else best[1:]


def _replaced(matcher: SequenceMatcher[str], old: list[str], new: list[str]) -> list[tuple[str, str]]:
    pairs = []
    for code, a, b, c, d in matcher.get_opcodes():
        if code == "equal":
            continue
        gone = [word for index, word in enumerate(old[a:b], a) if _is_fact(word, index)]
        come = [word for index, word in enumerate(new[c:d], c) if _is_fact(word, index)]
        if Counter(w.casefold() for w in gone) != Counter(w.casefold() for w in come):
            pairs.append((" ".join(old[a:b]), " ".join(new[c:d])))
    return pairs


def _is_fact(word: str, position: int) -> bool:
    """Tell whether a word is a number, a negation or a name (capitalised, and not the first of its sentence)."""
    return (
        any(c.isdigit() for c in word)
        or languages.key(word) in languages.negations()
        or word.casefold().endswith("n't")
        or (position > 0 and word[:1].isupper())
    )
