"""What differs between two texts sentence by sentence: numbers, names and negations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from zlib import crc32

from msgspec import Struct

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
#: what counting the words of two sentences and aligning them costs aside from their lengths
_SHARE_COST, _MATCHER_COST = 30, 100
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


class Differences(Struct, frozen=True, kw_only=True):
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


class SentenceList:
    """The sentences of a text in their order, the longest divided, and where each of them stands."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self._sentences = [part for sentence in sentences for part in _parts(sentence)]
        self._places: dict[str, list[int]] = {}
        for place, sentence in enumerate(self._sentences):
            self._places.setdefault(sentence, []).append(place)

    def lacking_in(self, other: SentenceList) -> list[str]:
        """Return the first of its sentences that another text does not have, at the cost of these alone."""
        lacking = self._places.keys() - other._places.keys()
        places = sorted(place for sentence in lacking for place in self._places[sentence][:_MOST_SENTENCES])
        return [self._sentences[place] for place in places[:_MOST_SENTENCES]]


class ComparisonBudget:
    """How much may still be compared: in products of two sentences' words.

    `check` is called whenever some of it is spent, and may raise to end the comparison.
    """

    def __init__(self, amount: float = float("inf"), check: Callable[[], None] = lambda: None) -> None:
        self._amount = amount
        self._check = check

    @property
    def is_spent(self) -> bool:
        """Tell whether more was asked for than there was."""
        return self._amount < 0

    def spend(self, amount: float) -> bool:
        """Take an amount off; False where there is not so much."""
        self._check()
        self._amount -= amount
        return not self.is_spent


def differences(old: Sequence[str], new: Sequence[str]) -> Differences:
    """Compare sentences with those that they are versions of; what has no counterpart is left aside.

    Of texts that differ in very many sentences the first are compared: the rest would only say the same of them.
    """
    facts: list[Replaced] = []
    wording: list[Replaced] = []
    for is_fact, pair in replacements(SentenceList(old), SentenceList(new), ComparisonBudget()):
        (facts if is_fact else wording).append(pair)
    return Differences(facts=tuple(dict.fromkeys(facts)), wording=tuple(dict.fromkeys(wording)))


def replacements(old: SentenceList, new: SentenceList, budget: ComparisonBudget) -> Iterator[tuple[bool, Replaced]]:
    """Yield each stretch in which two texts differ and whether it states other facts, while the budget lasts."""
    alignment = _Alignment(budget)
    before = [alignment.sentence(text) for text in old.lacking_in(new)]
    if not before:
        return
    for text in new.lacking_in(old):
        sentence = alignment.sentence(text)
        best = alignment.likest(sentence, before)
        if budget.is_spent:
            return
        if best is not None:
            matcher, former = best
            yield from _replaced(matcher, _WORD.findall(former.text), _WORD.findall(sentence.text))
            before.remove(former)


class _Sentence:
    """A sentence with its words, taken apart once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = words_of(text)
        self.counts = Counter(self.words)


class _Alignment:
    """Finds for a sentence of one text the one of another; what texts repeat is looked at once."""

    def __init__(self, budget: ComparisonBudget) -> None:
        self._budget = budget
        self._sentences: dict[str, _Sentence] = {}
        self._shares: dict[tuple[str, str], float] = {}
        self._matchers: dict[tuple[str, str], tuple[float, SequenceMatcher[str]]] = {}

    def sentence(self, text: str) -> _Sentence:
        """Return a sentence taken apart: the same object for the same words."""
        if text not in self._sentences:
            self._sentences[text] = _Sentence(text)
        return self._sentences[text]

    def likest(self, sentence: _Sentence, others: Sequence[_Sentence]) -> tuple[SequenceMatcher[str], _Sentence] | None:
        """Find the sentence that this one is a version of, if any is; none where the budget is spent."""
        best: tuple[float, SequenceMatcher[str], _Sentence] | None = None
        shared = [(self._share(sentence, other), place) for place, other in enumerate(others)]
        likely = sorted((-share, place) for share, place in shared if share >= ALIGNED)[:_MOST_CANDIDATES]
        for _, place in likely:
            if self._budget.is_spent:
                return None
            ratio, matcher = self._matched(others[place], sentence)
            if ratio >= ALIGNED and (best is None or ratio > best[0]):
                best = ratio, matcher, others[place]
        return None if best is None else best[1:]

    def _share(self, sentence: _Sentence, other: _Sentence) -> float:
        """Return the share of words that two sentences have in common; 0 where the budget is spent."""
        pair = (other.text, sentence.text)
        if pair not in self._shares:
            if not self._budget.spend(_SHARE_COST + len(sentence.counts) + len(other.counts)):
                return 0.0
            common = (sentence.counts & other.counts).total()
            self._shares[pair] = 2 * common / max(1, len(sentence.words) + len(other.words))
        return self._shares[pair]

    def _matched(self, other: _Sentence, sentence: _Sentence) -> tuple[float, SequenceMatcher[str]]:
        pair = (other.text, sentence.text)
        if pair not in self._matchers:
            self._budget.spend(_MATCHER_COST + len(other.words) * len(sentence.words))
            matcher = SequenceMatcher(None, other.words, sentence.words, autojunk=False)
            self._matchers[pair] = matcher.ratio(), matcher
        return self._matchers[pair]


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
