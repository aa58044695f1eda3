"""Poll news feeds, recognise the copies of one agency story, and serve each story once.

What stands in `__all__` is the public interface; everything else may change from one version to the next.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from feedhub.clean.plain_item import CleanItem
    from feedhub.clean.plain_item import clean_text as clean
    from feedhub.embedding import EmbeddedHub as Hub
    from feedhub.embedding import PlainHub
    from feedhub.errors import ConfigError, EnvironmentFailed, FeedhubError, ItemError, UsageError
    from feedhub.items import ErrorPolicy, Rows, dedupe
    from feedhub.match import DedupeRow
    from feedhub.model import MatchWindows, Relation, Story
    from feedhub.story_index import Changes, Index, IndexedItem, ItemPair, ItemStory, StoryChange

    __version__: str

__all__ = [
    "Changes",
    "CleanItem",
    "ConfigError",
    "DedupeRow",
    "EnvironmentFailed",
    "ErrorPolicy",
    "FeedhubError",
    "Hub",
    "Index",
    "IndexedItem",
    "ItemError",
    "ItemPair",
    "ItemStory",
    "MatchWindows",
    "PlainHub",
    "Relation",
    "Rows",
    "Story",
    "StoryChange",
    "UsageError",
    "__version__",
    "clean",
    "dedupe",
]

#: where the public names are; loaded on first use: the command line should not pay for numpy to print its help
_HOMES = {
    **dict.fromkeys(("Changes", "Index", "IndexedItem", "ItemPair", "ItemStory", "StoryChange"), "feedhub.story_index"),
    "CleanItem": "feedhub.clean",
    "DedupeRow": "feedhub.match",
    "MatchWindows": "feedhub.model",
    "PlainHub": "feedhub.embedding",
    "Relation": "feedhub.model",
    "Story": "feedhub.model",
    "ErrorPolicy": "feedhub.items",
    "Rows": "feedhub.items",
    "dedupe": "feedhub.items",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("feedhub")
    if name == "Hub":
        return import_module("feedhub.embedding").EmbeddedHub
    if name == "clean":
        return import_module("feedhub.clean")
    if name in __all__:
        return getattr(import_module(_HOMES.get(name, "feedhub.errors")), name)
    raise AttributeError(f"module 'feedhub' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
