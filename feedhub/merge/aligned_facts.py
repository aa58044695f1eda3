"""What differs between two texts sentence by sentence: numbers, names and negations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from feedhub import languages
from feedhub.languages import NO_SPACE_SCRIPTS
from feedhub.merge import number_values

#: two sentences at least this alike are versions of one sentence
ALIGNED = 0.5
#: in scripts without spaces a negation in a longer stretch is part of another word
_LONGEST_DENIAL = 4
#: a word on either side shows what was put in or taken out
_AROUND = 1

_SENTENCE = re.compile(r"(?<=[.!?。！？؟।])[\"'”’)\]]*\s+|\n+|(?<=[。！？])")
_SPACELESS = re.compile(f"[{NO_SPACE_SCRIPTS}]")
# a sign a word in scripts without spaces; their numerals and figures stay together, and Thai stays whole
_HAN_NUMERAL = "〇零一二三四五六七八九十百千万萬億亿兩两"
_WORD = re.compile(
    rf"[{_HAN_NUMERAL}]+[人名个個件年月日時时分歳岁円元票台艘隻棟校頭条亡死]?|[\u0e00-\u0e7f]+"
    rf"|[{NO_SPACE_SCRIPTS}]|(?:(?![{NO_SPACE_SCRIPTS}])\w)+(?:[.,:/'’-](?:(?![{NO_SPACE_SCRIPTS}])\w)+)*"
)

#: what stood there and what stands there now
Replaced = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """The stretches in which aligned sentences differ, in the order of the newer text."""

    #: those in which a number, a name or a negation differs
    facts: tuple[Replaced, ...] = ()
    #: all others
    wording: tuple[Replaced, ...] = ()


def words_of(text: str) -> list[str]:
    """Return the words of a text, case-folded; a sign a word in scripts without spaces."""
    return [word.casefold() for word in _WORD.findall(text)]


def sentences(text: str) -> list[str]:
    """Return the sentences of a plain text."""
    return [part.strip() for part in _SENTENCE.split(text) if part and part.strip()]


def differences(old: Sequence[str], new: Sequence[str]) -> Differences:
    """Compare sentences with those that they are versions of; what has no counterpart is left aside."""
    facts: list[Replaced] = []
    wording: list[Replaced] = []
    common = set(old) & set(new)
    before = [s for s in old if s not in common]
    for sentence in (s for s in new if s not in common):
        best = _likest(words_of(sentence), before)
        if best is None:
            continue
        matcher, former = best
        for is_fact, pair in _replaced(matcher, _WORD.findall(former), _WORD.findall(sentence)):
            (facts if is_fact else wording).append(pair)
        before.remove(former)
    return Differences(facts=tuple(dict.fromkeys(facts)), wording=tuple(dict.fromkeys(wording)))


def _likest(words: list[str], others: list[str]) -> tuple[SequenceMatcher[str], str] | None:
    """Find the sentence that these words are a version of, if any is."""
    best: tuple[float, SequenceMatcher[str], str] | None = None
    for other in others:
        matcher = SequenceMatcher(None, words_of(other), words, autojunk=False)
        threshold = ALIGNED if best is None else best[0]
        if matcher.real_quick_ratio() < threshold or matcher.quick_ratio() < threshold:
            continue
        ratio = matcher.ratio()
        if ratio >= ALIGNED and (best is None or ratio > best[0]):
            best = ratio, matcher, other
    return None if best is None else best[1:]


def _replaced(matcher: SequenceMatcher[str], old: list[str], new: list[str]) -> list[tuple[bool, Replaced]]:
    """Return each stretch that differs, and whether it states other facts."""
    pairs = []
    for code, a, b, c, d in matcher.get_opcodes():
        if code == "equal":
            continue
        is_fact = _states_other(old, new, slice(a, b), slice(c, d))
        if code == "replace":
            pairs.append((is_fact, (_joined(old[a:b]), _joined(new[c:d]))))
        else:
            left = min(_AROUND, a, c)
            pairs.append((is_fact, (_joined(old[a - left : b + _AROUND]), _joined(new[c - left : d + _AROUND]))))
    return pairs


def _states_other(old: list[str], new: list[str], at: slice, now: slice) -> bool:
    """Whether a stretch states other numbers, denies what the other does not, or names others."""
    gone, come = old[at], new[now]
    if number_values.differ(gone, come):
        return True
    signs = sum(map(len, gone)) + sum(map(len, come))
    if any(map(_SPACELESS.match, (*gone, *come))) and signs > _LONGEST_DENIAL:
        denials = (False, False)
    else:
        denials = any(map(_denies, gone)), any(map(_denies, come))
    if denials[0] != denials[1]:
        return True
    return _names(gone, at.start) != _names(come, now.start)


def _denies(word: str) -> bool:
    folded = word.casefold()
    return languages.key(word) in languages.negations() or folded.endswith(("n't", "n’t"))


def _names(words: list[str], start: int) -> list[str]:
    """Capitalised words that do not begin their sentence; a number in words is no name."""
    return sorted(
        word.casefold()
        for place, word in enumerate(words, start)
        if place > 0 and word[:1].isupper() and not number_values.is_number(word)
    )


def _joined(words: list[str]) -> str:
    """Words as they stand in a text: scripts without spaces set none."""
    text = ""
    for word in words:
        blank = text and not (_SPACELESS.match(word) and _SPACELESS.match(text[-1]))
        text += f" {word}" if blank else word
    return text
