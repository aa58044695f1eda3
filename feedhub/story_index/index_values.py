"""What an index answers: stories, items, pairs, and what an add changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from feedhub.items import Rows
from feedhub.match import DedupeRow


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryChange:
    """What an add changed of one story; ids are as the items have them."""

    #: the id of the item that the story is named after; None where the story is no more
    story: Any
    #: what it was named after before the add; None for a story that began with it
    before: Any
    #: who is in it now and was not; who was in it and is not
    joined: tuple[Any, ...]
    left: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStory:
    """A story of an index: the items that tell it."""

    #: the id of the item that it is named after
    id: Any
    #: the id of the item that speaks for it
    canonical: Any
    #: a row for each item, the one that it is named after first
    rows: tuple[DedupeRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedItem:
    """An item of an index, cleaned."""

    id: Any
    title: str
    text: str
    #: its outlet; None where it has none
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPair:
    """Two items that were compared."""

    left: Any
    right: Any
    merged: bool
    score: float
    threshold: float
    #: the rules that raised the threshold or forbade the merge, by name
    rules: tuple[str, ...]
    shared_words: int
    ground: str


class Changes(Rows[StoryChange]):
    """What an add changed, a `StoryChange` a story; `errors` holds the items that could not be used."""
