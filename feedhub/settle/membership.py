"""A cluster of copies as the matcher leaves it: who has which place in the story, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from feedhub.model import Relation
from feedhub.store.decisions import Decision
from feedhub.store.placements import StoredCopy


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A copy's place in a cluster, and why."""

    copy: int
    relation: Relation
    matched: int | None = None
    score: float | None = None
    ground: str = ""
    #: number of the accepted revision that it tells
    revision: int = 0


Cluster = Sequence[Seat]


class Near(Protocol):
    """The copies that clusters are made of, and what was decided about them."""

    @property
    def stored(self) -> Mapping[int, StoredCopy]: ...

    @property
    def words(self) -> Mapping[int, Decision]: ...

    def is_alone(self, number: int) -> bool: ...
