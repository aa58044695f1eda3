"""The copies of a cluster as composition sees them."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cached_property

from msgspec import Struct

from feedhub.languages import NO_SPACE_SCRIPTS
from feedhub.model import Copy, CopyStanding, Publisher, Relation, Rights

_NO_SPACE = re.compile(f"[{NO_SPACE_SCRIPTS}]")


class Former(Struct, frozen=True, kw_only=True):
    """What an entry said until it was edited."""

    copy: Copy
    until: datetime


# no slots: what follows from the text is worked out once
class Member(Struct, frozen=True, kw_only=True, dict=True):
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

    standing: CopyStanding = CopyStanding.CURRENT

    @property
    def time(self) -> datetime:
        """Return its own date, or when it was first seen."""
        return self.copy.published or self.copy.first_seen

    @property
    def outlet(self) -> str:
        """Return who publishes its source, whatever its copies said when they came."""
        return self.publisher.outlet

    @property
    def is_own(self) -> bool:
        """Return whether it comes from the agency's own feed."""
        return self.publisher.agency is not None

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """Return its place among those that could speak, aside from its text: the smallest first."""
        return (not self.pinned, not self.is_own, -self.publisher.priority)

    @cached_property
    def text(self) -> str:
        """Return the body to compare."""
        return self.copy.text

    @cached_property
    def size(self) -> float:
        """Return the length of its text in words; in scripts without spaces five signs are two words."""
        words = len(self.text.split())
        return words if self.text.isascii() else words + 0.4 * len(_NO_SPACE.findall(self.text))

    @property
    def is_free(self) -> bool:
        """Return whether its text and what is drawn from it may stand in a story."""
        return self.publisher.rights is Rights.FULL
