"""Many fixed texts looked for in one pass, so that a rule costs nothing where no cue of it stands."""

from __future__ import annotations

from collections.abc import Iterable

from ahocorasick_rs import AhoCorasick, Implementation


class PhraseSet:
    """Fixed texts, as they are written, in any script."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = tuple(sorted(set(phrases)))
        self._automaton = AhoCorasick(self._phrases, implementation=Implementation.DFA)

    def present_in(self, text: str) -> set[str]:
        """Those of them that stand anywhere in a repaired text."""
        hits = self._automaton.find_matches_as_indexes(text, overlapping=True)
        return {self._phrases[number] for number, _, _ in hits} if hits else set()
