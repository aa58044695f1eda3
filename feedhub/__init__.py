"""feedhub: polls news sources, recognises copies of one agency story, and serves each story once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from feedhub.items import BadItem, dedupe
    from feedhub.match import Row

__all__ = ["BadItem", "Row", "dedupe"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: the command line should not pay for numpy to print its help.
    if name in ("BadItem", "dedupe"):
        from feedhub import items

        return getattr(items, name)
    if name == "Row":
        from feedhub.match import Row

        return Row
    raise AttributeError(f"module 'feedhub' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
