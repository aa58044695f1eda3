"""News items made up for measuring: a Zipf vocabulary, sources with furniture, and planted copies of six kinds."""

from __future__ import annotations

import json
import random
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

WORDS, VOCABULARY, SOURCES = 300, 30_000, 200
#: one item in so many is a copy of one of the newest; all kinds equally often
COPY_EVERY, RECENT = 5, 500
KINDS = ("exact", "edit5", "edit15", "half", "relead", "brief80")
#: seconds between two items
APART = 40
#: one source in so many adds nothing of its own
PLAIN_EVERY = 4
_BARE = str.maketrans("", "", ".“”")
_CONSONANTS, _VOWELS = "bcdfghklmnprstvw", "aeiou"


class Maker:
    """Items one after the other, the same for the same seed."""

    def __init__(self, seed: int = 7) -> None:
        self._rng = np.random.default_rng(seed)
        self._dice = random.Random(seed)
        self.vocabulary = np.array(_vocabulary(self._dice))
        shares = 1 / (np.arange(VOCABULARY) + 2.7)
        self._steps = np.cumsum(shares / shares.sum())
        self._pool: deque[str] = deque()
        self._furniture = [self._prose(40) if n % PLAIN_EVERY else [] for n in range(SOURCES)]

    def items(self, count: int) -> Iterator[tuple[dict[str, str], str, int]]:
        """Items, each with its kind (`fresh` for one of its own) and the number of the one that it copies."""
        recent: deque[tuple[int, int, list[str], str]] = deque(maxlen=RECENT)
        for number in range(count):
            source = self._dice.randrange(SOURCES)
            if recent and self._dice.randrange(COPY_EVERY) == 0:
                origin, theirs, words, title = self._dice.choice(recent)
                kind = self._dice.choice(KINDS)
                source = source if source != theirs else (source + 1) % SOURCES
                title = title if self._dice.random() < 0.5 else self._title(words)
                yield self._item(number, source, title, self._copied(words, kind)), kind, origin
                continue
            words = self._prose(WORDS)
            title = self._title(words)
            recent.append((number, source, words, title))
            yield self._item(number, source, title, words), "fresh", number

    def _item(self, number: int, source: int, title: str, words: list[str]) -> dict[str, str]:
        when = datetime(2031, 5, 6, tzinfo=UTC) + timedelta(seconds=APART * number)
        text = _paragraphs(words)
        furniture = " ".join(self._furniture[source])
        if furniture:
            text = f"{furniture}\n{text}" if source % 2 else f"{text}\n{furniture}"
        return {
            "id": str(number),
            "title": title,
            "text": text,
            "source": f"paper-{source}",
            "published": when.isoformat(),
            "url": f"https://paper-{source}.example/{number}",
        }

    def _title(self, words: list[str]) -> str:
        """Eight words of a text's beginning: what a headline says, the text says too."""
        return " ".join(self._dice.sample(words[:80], 8)).translate(_BARE).capitalize()

    def _copied(self, words: list[str], kind: str) -> list[str]:
        if kind in ("edit5", "edit15"):
            share = 0.05 if kind == "edit5" else 0.15
            return [self._other(word) if self._dice.random() < share else word for word in words]
        if kind == "relead":
            return self._prose(40) + words[20:-30]
        return words[: {"half": len(words) // 2, "brief80": 80}.get(kind, len(words))]

    def _other(self, word: str) -> str:
        """A plain word replaced: an edit that put in other numbers and names would tell another story."""
        return self._draw(1)[0].lower() if word.isalpha() and word.islower() else word

    def _prose(self, count: int) -> list[str]:
        """Words in sentences: capitals, full stops, now and then a number or a quotation."""
        words = self._draw(count)
        start = 0
        while start < count:
            end = min(count, start + self._dice.randint(8, 24))
            words[start] = words[start].capitalize()
            words[end - 1] += "."
            if self._dice.random() < 0.3 and end - start > 2:
                words[start + 1] = str(self._dice.randint(2, 2000))
            if self._dice.random() < 0.12:
                words[start], words[end - 1] = "“" + words[start], words[end - 1] + "”"
            start = end
        return words

    def _draw(self, count: int) -> list[str]:
        """Words by their frequency; drawn many at once, for they are many."""
        while len(self._pool) < count:
            self._pool.extend(self.vocabulary[np.searchsorted(self._steps, self._rng.random(100_000))].tolist())
        return [self._pool.popleft() for _ in range(count)]


def _vocabulary(dice: random.Random) -> list[str]:
    """Distinct invented words, the frequent ones short; one in twelve of the rare ones is a name."""
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        syllables = 1 if len(found) < 60 else 2 if len(found) < 2000 else dice.choice((2, 3, 3, 4))
        word = "".join(dice.choice(_CONSONANTS) + dice.choice(_VOWELS) for _ in range(syllables))
        word += dice.choice(("", "n", "r", "s", "t"))
        found[word.capitalize() if len(found) > 500 and dice.random() < 1 / 12 else word] = None
    return list(found)


def _paragraphs(words: list[str]) -> str:
    """Words as paragraphs of fifty or a little more, ended where a sentence ends."""
    found: list[list[str]] = [[]]
    for word in words:
        found[-1].append(word)
        if len(found[-1]) >= 50 and word.rstrip("”").endswith("."):
            found.append([])
    return "\n".join(" ".join(paragraph) for paragraph in found if paragraph)


def write(path: Path, count: int) -> list[tuple[str, int]]:
    """Write so many items as JSON lines; return of each its kind and the number of the one that it copies."""
    truth = []
    with path.open("w", encoding="utf-8") as file:
        for item, kind, origin in Maker().items(count):
            file.write(json.dumps(item, ensure_ascii=False) + "\n")
            truth.append((kind, origin))
    return truth
