"""A cluster of copies as the matcher leaves it: who has which place in the story, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from feedhub.match import Furniture, Prepared
from feedhub.model import Place
from feedhub.store.decisions import Decision
from feedhub.store.placements import StoredCopy

#: the copies of one story by their numbers
Cluster = Sequence[Place[int]]


class Neighbours(Protocol):
    """The copies that clusters are made of, and what was decided about them."""

    @property
    def stored(self) -> Mapping[int, StoredCopy]:
        """Return the copies by their numbers."""

    @property
    def decisions(self) -> Mapping[int, Decision]:
        """Return the decisions about them by number."""

    @property
    def furniture(self) -> Furniture:
        """Return what the sources are known to repeat."""

    def item(self, number: int) -> Prepared:
        """Return a copy made ready to compare."""

    def published_item(self, number: int) -> Prepared:
        """Return a copy made ready by what its feed gave alone."""

    def is_alone(self, number: int) -> bool:
        """Tell whether a copy is new and nothing is related to it."""
