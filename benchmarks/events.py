"""How well stories are grouped into events: `benchmarks/events.py FOLDER [SET ...]`.

A set is a folder as for `accuracy.py`; headline and summary (else 40 words) are shown. To be grouped: the judged pairs
of kind same_event, followup and their like, and the same stories, all within 72 hours. To be kept apart: pairs of
other outlets from one day whose full texts (else teasers) share next to nothing (tf-idf cosine below .08), up to
150,000 of them. Beside it: pairs joined by plain tf-idf cosine at the threshold that is best in hindsight, and by the
first two tiers of NewsBlur's rule for headlines. 1 where the goal of a set is missed.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from accuracy import rows

from feedhub.match import Teaser, WordWeights, codes, group_events, teaser_of

KINDS = frozenset({"same_event", "followup", "follow_up", "same_event_or_topic"})
WINDOW = 72 * 3600.0
STOP_WORDS = frozenset(
    "a about after all an and are as at be been but by can for from had has have he her his how if in into is it its "
    "more new no not now of off on or out over s said say says she so than that the their them they this to up us was "
    "we were what when who why will with you your".split()
)
UNLIKE, SAMPLE = 0.08, 150_000
PRECISION = 0.95
#: set -> recall that must be reached at that precision
GOALS = {"odu": 0.75}
HEADER = f"{'set':10}{'way':24}{'grouped':>12}{'recall':>8}{'wrong':>14}{'precision':>11}{'us/item':>9}"

Pair = tuple[int, int]
Vector = dict[int, float]


class EventSet:
    """A set, with the pairs that belong together and those that do not."""

    def __init__(self, folder: Path) -> None:
        self.items = list(rows(folder / "items.jsonl"))
        self.times = [_time(item) for item in self.items]
        place = {item["id"]: at for at, item in enumerate(self.items)}
        judged = [p for p in rows(folder / "pairs.jsonl") if p["label"] == 1 or p["kind"] in KINDS]
        pairs = [_pair(place[p["a"]], place[p["b"]]) for p in judged if p["a"] in place and p["b"] in place]
        self.alike = [pair for pair in pairs if self._near(pair)]
        self.unlike = self._unlike(set(pairs))

    def teasers(self) -> list[Teaser]:
        """What a page shows of each item, as words."""
        return [self._teaser(at, item, _teaser(item)) for at, item in enumerate(self.items)]

    def _teaser(self, at: int, item: dict[str, Any], text: str) -> Teaser:
        outlet = item["source"] or item["id"]
        time = self.times[at]
        return teaser_of(
            at, codes(item["title"] or ""), codes(text), outlet=outlet, time=time, agency=None, has_page=True
        )

    def _near(self, pair: Pair) -> bool:
        one, other = (self.times[at] for at in pair)
        return one is None or other is None or abs(one - other) <= WINDOW

    def _unlike(self, judged: set[Pair]) -> list[Pair]:
        days: dict[str, list[int]] = defaultdict(list)
        for at, item in enumerate(self.items):
            days[(item["published"] or "")[:10]].append(at)
        every = [
            (a, b)
            for day in days.values()
            for n, b in enumerate(day)
            for a in day[:n]
            if (a, b) not in judged and self.items[a]["source"] != self.items[b]["source"]
        ]
        chosen = random.Random(1).sample(every, min(SAMPLE, len(every)))
        texts = [self._teaser(at, item, item.get("text") or _teaser(item)) for at, item in enumerate(self.items)]
        vectors = weighed(texts)
        return [pair for pair in chosen if cosine(vectors[pair[0]], vectors[pair[1]]) < UNLIKE]


def weighed(teasers: Sequence[Teaser]) -> list[Vector]:
    """The tf-idf vectors of length one."""
    weights = WordWeights()
    weights.learn([each.words for each in teasers])
    made = []
    for each in teasers:
        worth = each.counts * weights.weights(each.words)
        length = float(np.sqrt((worth * worth).sum())) or 1.0
        made.append(dict(zip(each.words.tolist(), (worth / length).tolist(), strict=True)))
    return made


def cosine(one: Vector, other: Vector) -> float:
    """The cosine of two vectors of length one."""
    less, more = sorted((one, other), key=len)
    return sum(worth * more[word] for word, worth in less.items() if word in more)


def line(name: str, way: str, right: int, of: int, wrong: int, among: int, cost: float | None) -> str:
    """A line of the table."""
    precision = right / (right + wrong) if right + wrong else 1.0
    micros = "" if cost is None else f"{cost:9.0f}"
    return f"{name:10}{way:24}{right:>5} of {of:<4}{right / of:>8.2f}{wrong:>5} of {among:<7}{precision:>10.3f}{micros}"


def by_threshold(name: str, way: str, scores: Iterable[float], others: Iterable[float]) -> str:
    """The line of a rule that joins pairs, at the threshold where it finds most at the wanted precision."""
    right, wrong = sorted(scores, reverse=True), np.sort(np.array(list(others)))
    best = (0, 0)
    for count, score in enumerate(right, start=1):
        false = len(wrong) - int(np.searchsorted(wrong, score, side="left"))
        if count / (count + false) >= PRECISION:
            best = (count, false)
    return line(name, way, best[0], len(right), best[1], len(wrong), None)


def newsblur(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """NewsBlur's first two tiers: equal headlines, or most of the words of the shorter one, three at least."""
    a, b = _significant(one), _significant(other)
    if len(" ".join(a)) >= 10 and a == b:
        return True
    words, others = set(a), set(b)
    shared = len(words & others)
    return min(len(words), len(others)) >= 5 and shared >= 3 and shared >= 0.6 * min(len(words), len(others))


def _significant(item: dict[str, Any]) -> list[str]:
    words = re.sub(r"[^\w\s]", "", re.sub(r"[-/]", " ", (item["title"] or "").lower())).split()
    named = set((item["source"] or "").lower().split())
    return [w.removesuffix("s") for w in words if w not in STOP_WORDS | named and not w.isdecimal()]


def measure(folder: Path) -> bool:
    """Print the lines of a set; whether it reaches its goal."""
    made = EventSet(folder)
    name = folder.name
    begun = process_time()
    teasers = made.teasers()
    groups = group_events(teasers, WINDOW)
    cost = (process_time() - begun) * 1e6 / len(teasers)
    event = {at: number for number, group in enumerate(groups) for at in group}
    right = sum(a in event and event[a] == event.get(b) for a, b in made.alike)
    wrong = sum(a in event and event[a] == event.get(b) for a, b in made.unlike)
    print(line(name, "feedhub", right, len(made.alike), wrong, len(made.unlike), cost))
    vectors = weighed(teasers)
    scores, others = ([cosine(vectors[a], vectors[b]) for a, b in pairs] for pairs in (made.alike, made.unlike))
    print(by_threshold(name, "tf-idf, pairs", scores, others))
    joined, false = ([newsblur(made.items[a], made.items[b]) for a, b in pairs] for pairs in (made.alike, made.unlike))
    print(line(name, "NewsBlur's, pairs", sum(joined), len(joined), sum(false), len(false), None), flush=True)
    precise = right / max(1, right + wrong) >= PRECISION
    return precise and right >= GOALS.get(name, 0.0) * len(made.alike)


def _pair(one: int, other: int) -> Pair:
    return min(one, other), max(one, other)


def _teaser(item: dict[str, Any]) -> str:
    return item.get("summary") or " ".join((item.get("text") or "").split()[:40])


def _time(item: dict[str, Any]) -> float | None:
    return datetime.fromisoformat(item["published"].replace("Z", "+00:00")).timestamp() if item["published"] else None


def main() -> int:
    """Measure the sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="*", default=["odu", "newsflick", "lknews"])
    chosen = parser.parse_args()
    print(HEADER)
    return 0 if all([measure(chosen.folder / name) for name in chosen.sets]) else 1


if __name__ == "__main__":
    sys.exit(main())
