"""The copies of a cluster as composition sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from feedhub.model import Copy, EntryKey, Publisher, Relation, Rights


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """What an entry said until it was edited."""

    copy: Copy
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A copy in a cluster, with its publisher and the ground on which it is there."""

    copy: Copy
    publisher: Publisher
    relation: Relation
    score: float | None = None
    ground: str = ""
    #: which accepted revision of the story it belongs to; the highest is the newest
    revision: int = 0
    #: what its entry said before, the oldest first
    formers: tuple[Former, ...] = ()
    #: a person decided that it speaks
    pinned: bool = False

    @property
    def time(self) -> datetime:
        """Its own date, or when it was first seen."""
        return self.copy.published or self.copy.first_seen

    @property
    def rank(self) -> tuple[bool, bool, int, int, datetime, EntryKey]:
        """Who speaks: a person's choice, the agency's own feed, priority, the most complete text, the earliest."""
        own, copy = self.publisher, self.copy
        return (not self.pinned, own.agency is None, -own.priority, -len(copy.text.split()), self.time, copy.key)

    @property
    def is_free(self) -> bool:
        """Whether its text and what is drawn from it may stand in a story."""
        return self.publisher.rights is Rights.FULL
