"""What differs between two texts sentence by sentence: numbers, names and negations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from zlib import crc32

from feedhub import languages
from feedhub.languages import NO_SPACE_SCRIPTS
from feedhub.merge import number_values

#: two sentences at least this alike are versions of one sentence
ALIGNED = 0.5
#: a source that edits a long text must not hold up all others: sentences that are compared, with so many others each,
#: and words of one
_MOST_SENTENCES, _MOST_CANDIDATES, _MOST_WORDS = 150, 6, 200
#: a part of a sentence that is divided has at least so many
_FEWEST_WORDS = 60
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
    """Compare sentences with those that they are versions of; what has no counterpart is left aside.

    Of texts that differ in very many sentences the first are compared: the rest would only say the same of them.
    """
    facts: list[Replaced] = []
    wording: list[Replaced] = []
    old, new = [part for s in old for part in _parts(s)], [part for s in new for part in _parts(s)]
    common = set(old) & set(new)
    before = [_Sentence(s) for s in old if s not in common][:_MOST_SENTENCES]
    for sentence in [s for s in new if s not in common][:_MOST_SENTENCES]:
        best = _likest(_Sentence(sentence), before)
        if best is None:
            continue
        matcher, former = best
        for is_fact, pair in _replaced(matcher, _WORD.findall(former.text), _WORD.findall(sentence)):
            (facts if is_fact else wording).append(pair)
        before.remove(former)
    return Differences(facts=tuple(dict.fromkeys(facts)), wording=tuple(dict.fromkeys(wording)))


class _Sentence:
    """A sentence with its words, taken apart once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = words_of(text)
        self.counts = Counter(self.words)


def _parts(sentence: str) -> list[str]:
    """Divide what has no full stop for very many words: two of them cost the product of their lengths.

    It is cut before certain words rather than at certain places, so that a word put in moves no other cut.
    """
    if len(sentence) <= _MOST_WORDS:
        return [sentence]
    cuts, count = [0], 0
    for match in _WORD.finditer(sentence):
        count += 1
        if count >= _MOST_WORDS or (count >= _FEWEST_WORDS and crc32(match[0].encode("utf-8", "replace")) % 16 == 0):
            cuts.append(match.start())
            count = 0
    return [part for a, b in pairwise([*cuts, len(sentence)]) if (part := sentence[a:b].strip())]


def _likest(sentence: _Sentence, others: list[_Sentence]) -> tuple[SequenceMatcher[str], _Sentence] | None:
    """Find the sentence that this one is a version of, if any is."""
    best: tuple[float, SequenceMatcher[str], _Sentence] | None = None
    shared = [
        (2 * (sentence.counts & other.counts).total() / max(1, len(sentence.words) + len(other.words)), place)
        for place, other in enumerate(others)
    ]
    likely = sorted((-share, place) for share, place in shared if share >= ALIGNED)[:_MOST_CANDIDATES]
    for _, place in likely:
        matcher = SequenceMatcher(None, others[place].words, sentence.words, autojunk=False)
        ratio = matcher.ratio()
        if ratio >= ALIGNED and (best is None or ratio > best[0]):
            best = ratio, matcher, others[place]
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
