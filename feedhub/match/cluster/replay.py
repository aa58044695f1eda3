"""A finite stream run again, to be asked why: the same furniture, the same windows, the same stories."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from feedhub.match.cluster.rows import DedupeRow
from feedhub.match.cluster.stream import Stream
from feedhub.match.index.learned_furniture import Furniture
from feedhub.match.text.prepare import Prepared
from feedhub.match.verdict.explanation import Explanation, explain_pair
from feedhub.match.verdict.judge import judge
from feedhub.model import Copy, MatchWindows, Verdict


class Replay:
    """What `match_stream` would do with these copies, kept at hand; close it when done."""

    def __init__(self, copies: Iterable[Copy], windows: MatchWindows) -> None:
        self._stream = Stream(windows, lambda stage, done, total: None)
        try:
            self._stream.read(copies)
            self._stream.learn()
            self._left, self._right = self._stream.pair()
        except BaseException:
            self._stream.close()
            raise
        self._places = {key.guid: number for number, key in enumerate(self._stream.items.keys())}
        self._rows: dict[str, DedupeRow] | None = None

    def __contains__(self, name: str) -> bool:
        return name in self._places

    @property
    def furniture(self) -> Furniture:
        """Return what the sources were learned to repeat."""
        return self._stream.furniture

    @property
    def windows(self) -> MatchWindows:
        """Return the windows of the run."""
        return self._stream.windows

    def story(self, name: str) -> str:
        """Return the id of the story that an item is in."""
        return str(self.row(name).story)

    def item(self, name: str) -> Prepared:
        """Return an item made ready to compare; raise KeyError where there is none of the name."""
        return self._stream.items.get(self._places[name])

    def explain(self, first: str, second: str) -> Explanation:
        """Lay out the comparison of two items as the run makes it."""
        return explain_pair(self.item(first), self.item(second), self._stream.furniture, self._stream.windows)

    def nearest(self, name: str) -> list[Verdict]:
        """Return the verdicts on an item and what the run holds against it: what merges, then what came nearest."""
        number = self._places[name]
        beside = np.concatenate([self._right[self._left == number], self._left[self._right == number]])
        verdicts = [
            judge(self.item(name), self._stream.items.get(other), self._stream.furniture, self._stream.windows)
            for other in beside.tolist()
        ]
        worth = [match for match in verdicts if match.merged or match.shared_words > 0]
        return sorted(worth, key=lambda match: (not match.merged, match.threshold - match.score, match.right))

    def row(self, name: str) -> DedupeRow:
        """Return where the run puts an item."""
        if self._rows is None:
            self._rows = {row.id: row for row in self._stream.rows(self._stream.stories(self._left, self._right))}
        return self._rows[name]

    def close(self) -> None:
        """Give the disk back."""
        self._stream.close()
