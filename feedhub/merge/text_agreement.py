"""Whether versions of texts say the same, where each former version of a story's copies meets each of its revisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from feedhub.merge.aligned_facts import ComparisonBudget, SentenceList, replacements, sentences, words_of
from feedhub.merge.change import LARGE
from feedhub.merge.volatile_text import steady

#: what comparing all versions of one story may cost, in products of two sentences' words: a source that edits twenty
#: long texts in one round took more than a minute
_MOST_WORK = 5_000_000


class TextAgreement:
    """Tells of pairs of texts whether they say the same; each text is taken apart once, each pair compared once.

    Where all pairs together cost too much, the rest count as not saying the same.
    """

    def __init__(self, most: float = _MOST_WORK, check: Callable[[], None] = lambda: None) -> None:
        self._budget = ComparisonBudget(most, check)
        self._texts: dict[str, _Text] = {}
        self._pairs: dict[tuple[str, str], bool] = {}

    def says_same(self, one: str, other: str) -> bool:
        """Whether two texts agree in every number, name and negation, one perhaps cut shorter than the other."""
        if one == other:
            return True
        if (one, other) not in self._pairs:
            self._pairs[one, other] = self._agree(self._text(one), self._text(other))
        return self._pairs[one, other]

    def _text(self, text: str) -> _Text:
        if text not in self._texts:
            self._texts[text] = _Text(steady(text))
        return self._texts[text]

    def _agree(self, one: _Text, other: _Text) -> bool:
        if not self._budget.spend(len(one.counts) + len(other.counts)):
            return False
        lacking = min((one.counts - other.counts).total(), (other.counts - one.counts).total())
        if lacking >= LARGE * max(1, min(one.counts.total(), other.counts.total())):
            return False
        states_other = any(is_fact for is_fact, _ in replacements(one.sentences, other.sentences, self._budget))
        return not states_other and not self._budget.is_spent


class _Text:
    """A text without what changes by itself, taken apart."""

    def __init__(self, text: str) -> None:
        self.counts = Counter(words_of(text))
        self.sentences = SentenceList(sentences(text))
