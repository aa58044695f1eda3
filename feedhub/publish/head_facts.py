"""What the head of a document says of its items: it stands in front of them, and they are seen once and not kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from feedhub.model import Media, OutputItem
from feedhub.publish.media_files import files_of
from feedhub.publish.safe_text import language


class HeadFacts:
    """Gathers from items what the head of their document says of them all."""

    def __init__(self) -> None:
        #: of the stories
        self.ids: set[str] = set()
        #: the files of each item that is an episode
        self.episodes: list[Sequence[Media]] = []
        self._languages: set[str | None] = set()

    @classmethod
    def of(cls, items: Iterable[OutputItem]) -> HeadFacts:
        """Return the facts of these items."""
        facts = cls()
        for one in items:
            facts.add(one)
        return facts

    def add(self, one: OutputItem) -> None:
        """Take one more item."""
        self.ids.add(one.story.id)
        self._languages.add(language(one.story.language))
        if any(file.episode for file in one.story.media):
            self.episodes.append(files_of(one.story.media))

    @property
    def language(self) -> str | None:
        """Return the language of all items, None where they differ or one has none."""
        return next(iter(self._languages)) if len(self._languages) == 1 else None


def distinct(items: Iterable[OutputItem]) -> tuple[OutputItem, ...]:
    """Return the items, each story once: entries with one id would be one entry to a reader (RFC 4287, 4.1.1)."""
    first: dict[str, OutputItem] = {}
    for one in items:
        first.setdefault(one.story.id, one)
    return tuple(first.values())
