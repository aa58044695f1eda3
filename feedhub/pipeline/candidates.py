"""Which stored copies are worth comparing with one that waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from feedhub.match import Prepared, keys
from feedhub.store import Connection, index
from feedhub.store.index import Posting

#: a key that copies in more stories than this share tells nothing
COMMON = 64
#: stories compared with one copy, the best first, and copies tried in each
STORIES = 12
COPIES = 3


class Postings:
    """Everything that the index knows of the keys of some copies, read at once."""

    def __init__(self, connection: Connection, items: Mapping[int, Prepared], *, window: timedelta) -> None:
        self._connection = connection
        self._window = window
        self._items = items
        self.keys: dict[int, list[int]] = {}
        self._found: dict[int, list[Posting]] = {}
        self._span: tuple[datetime, datetime] | None = None

    def add(self, numbers: Iterable[int]) -> None:
        """Work out the keys of these copies."""
        for number in numbers:
            if number not in self.keys:
                self.keys[number] = [int(key) for key in keys(self._items[number]).view("int64")]

    def read(self, numbers: Collection[int], now: datetime) -> None:
        """Read what shares a key with these copies, around their own times and around now."""
        seen = [self._items[number].copy.first_seen for number in numbers]
        span = (min(*seen, now) - self._window, max(*seen, now) + self._window)
        wanted = {key for number in numbers for key in self.keys[number]}
        if self._span is not None and self._span[0] <= span[0] and span[1] <= self._span[1]:
            wanted -= self._found.keys()
            span = self._span
        else:
            wanted |= self._found.keys()
        self._span = span
        self._found |= {key: [] for key in wanted}
        self._found |= index.postings(self._connection, wanted, since=span[0], until=span[1])

    def of_source(self, numbers: Iterable[int], source: str, now: datetime) -> Iterable[list[int]]:
        """For each key of these copies, the copies of one source that have it within the window."""
        since, until = now - self._window, now + self._window
        for key in {key for number in numbers for key in self.keys[number]}:
            yield [p.copy for p in self._found[key] if p.source == source and since <= p.seen <= until]

    def best(self, number: int) -> list[int]:
        """The copies to compare with: of the stories that share the most uncommon keys, those that share the most."""
        seen = self._items[number].copy.first_seen
        since, until = seen - self._window, seen + self._window
        votes: Counter[int] = Counter()
        story: dict[int, int] = {}
        for key in self.keys[number]:
            others = [p for p in self._found[key] if p.copy != number and since <= p.seen <= until]
            if len(others) > COMMON and len({p.story or -p.copy for p in others}) > COMMON:
                continue
            for posting in others:
                votes[posting.copy] += 1
                story[posting.copy] = posting.story or -posting.copy
        chosen: dict[int, list[int]] = {}
        for other, _ in sorted(votes.items(), key=lambda item: (-item[1], item[0])):
            tried = chosen.setdefault(story[other], [])
            if len(tried) < COPIES and len(chosen) <= STORIES:
                tried.append(other)
        return [other for tried in chosen.values() for other in tried]
