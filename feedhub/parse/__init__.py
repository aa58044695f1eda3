"""Fetched bytes -> Feed of Entry..., or one line saying what they are instead; pure, and meant for `workers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedhub.exports import load_on_use

if TYPE_CHECKING:
    from feedhub.parse.documents import combine, html_page, is_json, is_small, parse
    from feedhub.parse.fast_reader import parse_fast
    from feedhub.parse.guid import distrusted, shared
    from feedhub.parse.slices import cut

__all__ = ["combine", "cut", "distrusted", "html_page", "is_json", "is_small", "parse", "parse_fast", "shared"]

__getattr__ = load_on_use(
    __name__,
    {
        "documents": ("combine", "html_page", "is_json", "is_small", "parse"),
        "fast_reader": ("parse_fast",),
        "guid": ("distrusted", "shared"),
        "slices": ("cut",),
    },
)
